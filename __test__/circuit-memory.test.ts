// What a network is said to need before it is built is what building it takes, within a tenth.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const script = `
import { readFileSync } from 'node:fs';
import { connect, distribution, gapJunctions, iafPscExp, network, population, rule, synapse } from './dist/index.js';
const [made, precision, size] = process.argv.slice(1);
const P = population(iafPscExp, Number(size), { name: 'P' });
const drawn = { weight: distribution.normal(10, 1), delay: distribution.uniform(1, 3) };
const elements = {
  out: () => connect(P, P, rule.fixedOutDegree(size / 10), drawn),
  in: () => connect(P, P, rule.fixedInDegree(size / 20), drawn),
  stdp: () => connect(P, P, rule.fixedInDegree(size / 40), { ...drawn, model: synapse.stdp() }),
  gaps: () => gapJunctions(P, P, rule.fixedInDegree(size / 200), { conductance: 1 }),
};
const circuit = network(elements[made]());
// Node's own figure of the peak begins with that of the process which started this one.
const status = (key) => 1024 * Number(readFileSync('/proc/self/status', 'utf8').match(key + ':\\\\s+(\\\\d+)')[1]);
const before = status('VmRSS');
const { bytes, synapses } = await circuit.compile({ dt: 0.1, precision, threads: 2 });
console.log(JSON.stringify({ bytes, synapses, taken: status('VmHWM') - before }));
`;

const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip;

// Networks of a few megabytes are not here: a process takes more or less than they do by itself.
for (const [rule, precision, size] of [
  ['out', 'f32', 20_000],
  ['in', 'f32', 20_000],
  ['in', 'f64', 20_000],
  ['out', 'f32', 5_000],
  ['stdp', 'f32', 20_000],
  ['gaps', 'f32', 20_000],
] as const) {
  onLinux(`memory of ${size} neurons, ${rule}, in ${precision}`, async (t) => {
    const args = ['--input-type=module', '-e', script, rule, precision, String(size)];
    // What the process takes beside comes and goes by some megabytes: the least of three is nearest.
    const runs: { bytes: number; taken: number; synapses: number }[] = [];
    for (let i = 0; i < 3; i++) {
      const { stdout } = await promisify(execFile)(process.execPath, args);
      runs.push(JSON.parse(stdout));
    }
    const { bytes, taken, synapses } = runs.reduce((least, run) => (run.taken < least.taken ? run : least));
    t.log(`${(bytes / 1e6).toFixed(1)} MB said, ${(taken / 1e6).toFixed(1)} MB taken, ${synapses} synapses`);
    t.true(Math.abs(bytes / taken - 1) < 0.1, `${bytes} for ${taken}`);
  });
}
