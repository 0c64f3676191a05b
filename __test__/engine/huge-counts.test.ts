// Counts that a caller gives (threads, neurons, synapses, steps, batches, delays, recorders, samples, sub-steps, bins …) far beyond
// what a machine has: refused with a typed error, at once, before memory or threads are taken.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { library } from '../support/process.ts';

const prelude = `
import * as lapicque from ${JSON.stringify(library)};
const { adam, analysis, connect, conv2d, dense, distribution, encode, gapJunctions, iafPscExp, izhikevich, layout, lif, loss, circuit, poisson, population, psn, rule, sequential, synapse } = lapicque;
const P = (n = 100) => population(iafPscExp, n, { name: 'P' });
const built = (net, options = {}) => net.compile({ dt: 0.1, ...options });
const onto = (p, wiring, more = {}) => built(circuit(p, connect(p, p, wiring, { weight: 1, delay: 1, ...more })));
const small = () => sequential(dense(4, 3), lif({ beta: 0.9 })).compile();
const input = { x: new Float32Array(4), shape: [1, 4] };
const labeled = { ...input, y: Uint8Array.of(0) };
const training = { loss: loss.crossEntropyCount(), optimizer: adam() };
const intensities = { x: new Float32Array(100).fill(0.5), shape: [1, 100] };
const one = (stop) => analysis.spikeTrains([[1, 2]], { start: 0, stop });
`;

/** What is asked for, by name; each of them is more than any machine has. */
const calls: Record<string, string> = {
  'threads of a simulation': `built(circuit(P()), { threads: 1000 })`,
  'threads of the process': `lapicque.setThreads(1000)`,
  'running tasks': `lapicque.setEngineLimits({ running: 1e6 })`,
  neurons: `built(circuit(P(2 ** 30)))`,
  'neurons of a layout': `layout.grid([2 ** 15, 2 ** 15, 1])`,
  'places drawn': `layout.random(2 ** 30)`,
  'neurons with synapses': `(() => { const p = P(3e8); return onto(p, rule.oneToOne({ autapses: true })); })()`,
  'in-degree': `onto(P(), rule.fixedInDegree(2 ** 31))`,
  'in-degree, learning': `onto(P(), rule.fixedInDegree(1e9), { model: synapse.stdp() })`,
  'out-degree': `onto(P(), rule.fixedOutDegree(1e9))`,
  'synapses in all': `onto(P(), rule.fixedTotalNumber(1e13))`,
  'all pairs': `onto(P(1e6), rule.allToAll(), { weight: distribution.uniform(0, 1) })`,
  'gap junctions': `(() => { const p = P(2e5); return built(circuit(p, gapJunctions(p, p, rule.fixedInDegree(1e5), { conductance: 1 }))); })()`,
  'steps of delay': `onto(P(), rule.fixedInDegree(5), { delay: 1e9 })`,
  'steps of drawn delays': `onto(P(), rule.fixedInDegree(5), { delay: distribution.uniform(1, 1e8) })`,
  'steps of a delay that learns': `onto(P(), rule.fixedInDegree(5), { delay: 1e6, model: synapse.stdp() })`,
  'steps of a run': `(async () => (await built(circuit(P()))).run(1e15))()`,
  'events of a Poisson train': `(() => { const p = P(); return built(circuit(p, connect(poisson(1e12), p, { weight: 1 }))); })()`,
  samples: `distribution.draw(distribution.normal(0, 1), 2 ** 53 - 1, 0)`,
  'sub-steps of a population': `built(circuit(population(izhikevich, 100, { subSteps: 1e9 })))`,
  'sub-steps of a layer': `sequential(dense(4, 3), izhikevich({ subSteps: 1e9 })).compile()`,
  ...Object.fromEntries(
    ['rate', 'poisson', 'latency', 'direct'].map((kind) => [
      `steps of encode.${kind}`,
      `encode.${kind}(intensities, { steps: 1e12 })`,
    ]),
  ),
  classes: `lapicque.encodeTargets(new Uint32Array(10), 2 ** 52, { code: 'rate', steps: 10 })`,
  'steps of targets': `lapicque.encodeTargets(new Uint32Array(10), 2 ** 24, { code: 'rate', steps: 1e6 })`,
  'steps of a model': `(async () => (await small()).run(input, { steps: 2 ** 40 }))()`,
  'steps of training': `(async () => (await small()).trainStep(labeled, { steps: 1e11, ...training }))()`,
  'steps of training in segments': `(async () => (await small()).trainStep(labeled, { steps: 1e11, segment: 1, ...training }))()`,
  'steps of a pass': `(async () => (await small()).forward(input, { steps: 1e11 }))()`,
  'classes that vote': `(async () => (await small()).predict(input, { steps: 3, populationClasses: 1e9 }))()`,
  weights: `sequential(dense(2 ** 24, 2 ** 24), lif({ beta: 0.9 })).compile()`,
  'neurons behind a convolution': `sequential(lapicque.input(1, 1000, 1000), conv2d(1, 1e6, 1), lif({ beta: 0.9 })).compile()`,
  'steps of a parallel neuron': `sequential(dense(4, 3), psn(65_537)).compile()`,
  'order of a Legendre memory': `lapicque.legendreMemory(2 ** 30, 1)`,
  'delay of a layer': `sequential(dense(4, 3, { delay: { max: 1e9 } }), lif({ beta: 0.9 })).compile()`,
  'bins of a histogram': `analysis.psth(one(1e12), { bin: 1e-3 })`,
  trains: `analysis.cv({ times: new Float64Array(1), ids: new Uint32Array(1), neurons: 2 ** 32, start: 0, stop: 1 })`,
  'batches read ahead': `new lapicque.DataLoader({ x: new Float32Array(4), y: new Uint8Array(1), shape: [1, 4] }, { prefetch: 1e9 })`,
};

for (const [name, call] of Object.entries(calls)) {
  test(`${name}: refused at once`, async (t) => {
    const script = `${prelude}
const before = process.resourceUsage().maxRSS;
const begun = performance.now();
let error;
try {
  await ${call};
} catch (thrown) {
  error = thrown;
}
const { threads } = lapicque.engineStatus();
console.log(JSON.stringify({ code: error?.code ?? error?.message, message: error?.message, ms: performance.now() - begun, kibibytes: process.resourceUsage().maxRSS - before, threads }));
process.exit();
`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 120_000,
    });
    const { code, message, ms, kibibytes, threads } = JSON.parse(stdout);
    t.log(`${message} (${ms.toFixed(0)} ms)`);
    t.true(['invalid-parameter', 'too-large', 'shape-mismatch'].includes(code), `${code}: ${message}`);
    t.true(kibibytes < 200 * 1024, `${kibibytes} KiB`);
    t.true(threads <= 64, `${threads} threads`);
    // Minutes, where it began.
    t.true(ms < 20_000, `${ms} ms`);
  });
}
