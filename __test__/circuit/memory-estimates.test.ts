// What a network is said to need before it is built is what building it takes, within a tenth.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const script = `
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, distribution, gapJunctions, circuit, population, rule, synapse } from './dist/circuit.js';
import { iafPscExp } from './dist/neurons.js';
const [made, precision, size] = process.argv.slice(1);
const n = Number(size);
// Kept: what is free again beforehand is what the network would be built in.
const kept = [];
const filled = (array, of) => {
  for (let i = 0; i < array.length; i++) array[i] = of(i);
  kept.push(array);
  return array;
};
const each = (from) => filled(new Float64Array(n), (i) => from + i / n);
const firing = made === 'learned' ? { iBias: 600 } : {};
const differ = made === 'neurons' ? { iBias: each(100), tauMem: each(10), initial: { v: each(-70) } } : firing;
const P = population(iafPscExp, n, { name: 'P', ...differ });
const drawn = { weight: distribution.normal(10, 1), delay: distribution.uniform(1, 3) };
const elements = {
  out: () => connect(P, P, rule.fixedOutDegree(size / 10), drawn),
  in: () => connect(P, P, rule.fixedInDegree(size / 20), drawn),
  stdp: () => connect(P, P, rule.fixedInDegree(size / 40), { ...drawn, model: synapse.stdp() }),
  // Every synapse has passed a spike, so that all its variables are in memory.
  learned: () => connect(P, P, rule.fixedInDegree(size / 5), { weight: 1, delay: 1.5, model: synapse.tsodyksMarkram({ tauPsc: 3 }) }),
  list: () => {
    const neurons = (factor) => filled(new Uint32Array(100 * n), (i) => (Math.imul(i + 1, factor) >>> 3) % n);
    const values = filled(new Float64Array(100 * n), (i) => 1 + (i % 30) / 10);
    const pairs = rule.list(neurons(2654435761), neurons(2246822519));
    return connect(P, P, pairs, { weight: values, delay: values });
  },
  neurons: () => [],
  structural: () => {
    const growth = { curve: 'linear', rate: 0.01, epsilon: 1 };
    const structural = { axonal: growth, dendritic: growth, interval: 100 };
    return connect(P, P, rule.fixedInDegree(size / 100), { weight: 1, delay: 1, structural });
  },
  gaps: () => gapJunctions(P, P, rule.fixedInDegree(size / 200), { conductance: 1 }),
};
const built = circuit(P, elements[made]());
// From here on: what came before, and the process that started this one, have had other peaks.
const status = (key) => 1024 * Number(readFileSync('/proc/self/status', 'utf8').match(key + ':\\\\s+(\\\\d+)')[1]);
// V8 gives the memory of arrays that nobody holds back a while after it has found them.
globalThis.gc();
await new Promise((resolve) => setTimeout(resolve, 500));
writeFileSync('/proc/self/clear_refs', '5');
const [before, code] = [status('VmRSS'), status('RssFile')];
const simulation = await built.compile({ dt: 0.1, precision, threads: 2 });
if (made === 'learned') await simulation.run(60);
const { bytes, synapses } = simulation;
// Pages of files are the engine's code, which is read as it is used.
const taken = status('VmHWM') - before - (status('RssFile') - code);
console.log(JSON.stringify({ bytes, synapses, taken }));
`;

const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip;

// Networks of a few megabytes are not here: a process takes more or less than they do by itself.
for (const [rule, precision, size] of [
  ['out', 'f32', 20_000],
  ['in', 'f32', 20_000],
  ['in', 'f64', 20_000],
  ['out', 'f32', 5_000],
  ['stdp', 'f32', 20_000],
  ['learned', 'f32', 5_000],
  ['gaps', 'f32', 20_000],
  ['list', 'f32', 60_000],
  ['list', 'f64', 60_000],
  ['neurons', 'f32', 2_000_000],
  ['neurons', 'f64', 2_000_000],
  ['structural', 'f32', 30_000],
] as const) {
  onLinux(`memory of ${size} neurons, ${rule}, in ${precision}`, async (t) => {
    const args = ['--expose-gc', '--input-type=module', '-e', script, rule, precision, String(size)];
    // What the process takes besides varies by some megabytes, and is never less than what the network takes: where a run is off by more than
    // nine tenths of the bound, the least of up to three counts.
    const measure = async () =>
      JSON.parse((await promisify(execFile)(process.execPath, args)).stdout) as {
        bytes: number;
        taken: number;
        synapses: number;
      };
    const runs = [await measure()];
    while (runs.length < 3 && Math.abs(runs.at(-1)!.bytes / runs.at(-1)!.taken - 1) > 0.09)
      runs.push(await measure());
    const { bytes, taken, synapses } = runs.reduce((least, run) => (run.taken < least.taken ? run : least));
    t.log(`${(bytes / 1e6).toFixed(1)} MB said, ${(taken / 1e6).toFixed(1)} MB taken, ${synapses} synapses`);
    t.true(Math.abs(bytes / taken - 1) < 0.1, `${bytes} for ${taken}`);
  });
}
