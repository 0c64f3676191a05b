// What a network is said to need before it is built is what building it takes, within a tenth.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

const script = `
import { connect, distribution, iafPscExp, network, population, rule } from './dist/index.js';
const [made, precision] = process.argv.slice(1);
const P = population(iafPscExp, 20_000, { name: 'P' });
const rules = { out: rule.fixedOutDegree(2000), in: rule.fixedInDegree(1000) };
const synapse = { weight: distribution.normal(10, 1), delay: distribution.uniform(1, 3) };
const circuit = network(connect(P, P, rules[made], synapse));
const before = process.memoryUsage().rss;
const { bytes, synapses } = await circuit.compile({ dt: 0.1, precision, threads: 2 });
console.log(JSON.stringify({ bytes, synapses, taken: process.resourceUsage().maxRSS * 1024 - before }));
`;

const onLinux = process.platform === 'linux' ? test.serial : test.serial.skip;

for (const [rule, precision] of [
  ['out', 'f32'],
  ['in', 'f32'],
  ['in', 'f64'],
] as const) {
  onLinux(`memory of a network by the rule ${rule} in ${precision}`, async (t) => {
    const args = ['--input-type=module', '-e', script, rule, precision];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { bytes, taken, synapses } = JSON.parse(stdout);
    t.log(`${(bytes / 1e6).toFixed(1)} MB said, ${(taken / 1e6).toFixed(1)} MB taken, ${synapses} synapses`);
    t.true(Math.abs(bytes / taken - 1) < 0.1, `${bytes} for ${taken}`);
  });
}
