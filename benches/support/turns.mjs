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
