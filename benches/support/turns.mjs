// What programs share that run us and a peer in turns.
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';

/** The last line that a program prints, as JSON. */
export async function run(program, args, cwd, environment) {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    // The peers' folder may be read-only.
    env: { ...process.env, ...environment, PYTHONDONTWRITEBYTECODE: '1' },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const code = await new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', settle);
  });
  if (code !== 0) fail(`${program} ${args.join(' ')} ended with ${code}:\n${err.trim()}`);
  return JSON.parse(out.trim().split('\n').at(-1));
}

export function median(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** To three digits. */
export function rounded(x) {
  return Number(x.toPrecision(3));
}

/** Medians of training steps and runs, ms, beside those of a peer and how many times as long it takes, where it ran. */
export function trainingRow(ours, peers, peer) {
  const of = (all, key) => median(all.map((figures) => figures[key]));
  const row = {};
  for (const key of ['train_ms', 'run_ms']) {
    row[key] = rounded(of(ours, key));
    if (peers.length === 0) continue;
    row[`${peer}_${key}`] = rounded(of(peers, key));
    row[key.replace('ms', 'ratio')] = rounded(of(peers, key) / of(ours, key));
  }
  return row;
}

/** Numbers of [0, 1) by a small congruential generator: the peers' scripts draw as many spikes, not the same. */
export function generator() {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The whole number from 1 that an option is. */
export function positive(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) fail(`--${name}: expected a whole number from 1`);
  return value;
}

/** How busy the machine is: processes that want to run, averaged over a minute. */
export function load() {
  return Number(loadavg()[0].toFixed(1));
}

export function print(object) {
  console.log(JSON.stringify(object));
}

export function fail(message) {
  console.error(message);
  process.exit(1);
}
