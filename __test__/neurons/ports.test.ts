// Populations with several ports, states as signals and cycles of populations: how they are written, kept in files,
// streamed, and refused.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { iafCondExp, li, lif, rateUnit, slstm } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  type Edge,
  type ErrorCode,
  type GraphSpec,
  graph,
  type Layer,
  loss,
  Model,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [T, B, channels] = [12, 3, 4];
const x = uniform(T * B * channels, 1, 0, 1);
const batch = { x, shape: [T, B, channels] };

test('a projection is cut over the gates, whose rows are in the order of torch', async (t) => {
  const network = sequential(dense(channels, 4 * 5), slstm({ recurrent: 'dense', name: 'memory' }));
  t.deepEqual(network.description.nodes[1], {
    kind: 'dynamics',
    name: 'memory',
    neurons: 5,
    dynamics: { model: 'slstm', params: {}, options: {} },
  });
  using model = await network.compile();
  t.deepEqual(model.info.layers[0]!.ports, ['i', 'f', 'g', 'o']);
  t.deepEqual(model.info.parameters.find(({ name }) => name === 'memory.recurrent.weight')!.shape, [20, 5]);
  const {
    'dense1.weight': w,
    'dense1.bias': b,
    'memory.recurrent.weight': v,
    'memory.recurrent.bias': c,
  } = await model.weights();
  const run = await model.run(batch, { record: ['memory.v', 'memory.c'] });
  // Written out for the first sample, in double precision.
  const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));
  let [h, cell] = [new Array<number>(5).fill(0), new Array<number>(5).fill(0)];
  for (let step = 0; step < T; step++) {
    const gate = (port: number, n: number) => {
      const row = port * 5 + n;
      let z = b![row]! + c![row]!;
      for (let i = 0; i < channels; i++) z += w![row * channels + i]! * x[step * B * channels + i]!;
      for (let i = 0; i < 5; i++) z += v![row * 5 + i]! * h[i]!;
      return z;
    };
    const next = h.map((_, n) => {
      const c1 = sigmoid(gate(1, n)) * cell[n]! + sigmoid(gate(0, n)) * Math.tanh(gate(2, n));
      return [sigmoid(gate(3, n)) * Math.tanh(c1), c1] as const;
    });
    [h, cell] = [next.map(([h1]) => h1), next.map(([, c1]) => c1)];
    for (let n = 0; n < 5; n++) {
      const at = step * B * 5 + n;
      t.true(Math.abs(run.recordings['memory.v']![at]! - h[n]!) < 1e-6);
      t.true(Math.abs(run.recordings['memory.c']![at]! - cell[n]!) < 1e-6);
    }
  }
});

const weights = { initial: { kind: 'uniform', low: 5, high: 40 } } as const;
const conductances: GraphSpec = {
  inputs: [channels],
  nodes: {
    e: dense(channels, 6, weights),
    i: dense(channels, 6, weights),
    neurons: iafCondExp({ neurons: 6 }),
    out: dense(6, 3),
    last: li({ beta: 0.9 }),
  },
  edges: [
    ['input', 'e'],
    ['input', 'i'],
    ['e', 'neurons', { port: 'excitatory' }],
    ['i', 'neurons', { port: 'inhibitory' }],
    ['neurons', 'out'],
    ['out', 'last'],
  ],
  output: 'last',
};

test('edges enter ports by name: what inhibits silences what excites', async (t) => {
  using model = await graph(conductances).compile({ dt: 0.5 });
  const spikes = async () => (await model.run(batch)).spikeCounts.neurons!;
  const { 'i.weight': w, 'i.bias': b } = await model.weights();
  await model.setWeights({ 'i.weight': w!.map(() => 0), 'i.bias': b!.map(() => 0) });
  t.true((await spikes()) > 0);
  await model.setWeights({ 'i.weight': w!.map(() => 4000) });
  t.is(await spikes(), 0);
});

/** A relay reads what a hidden population gave before, which reads the relay now. */
const cycle = (back: Edge): GraphSpec => ({
  inputs: [channels],
  nodes: {
    in: dense(channels, 5),
    relay: rateUnit({ neurons: 5 }),
    forth: dense(5, 7),
    hidden: lif({ beta: 0.8, vThreshold: 0.3 }),
    back: dense(7, 5),
    read: dense(7, 3),
    last: li({ beta: 0.9 }),
  },
  edges: [
    ['input', 'in'],
    ['in', 'relay'],
    ['relay', 'forth'],
    ['forth', 'hidden'],
    back,
    ['back', 'relay'],
    ['hidden', 'read', { state: 'v' }],
    ['read', 'last'],
  ],
  output: 'last',
});

for (const [what, back] of [
  ['spikes', ['hidden', 'back', { delayed: true }]],
  ['a state', ['hidden', 'back', { delayed: true, state: 'v' }]],
] as const) {
  test(`a cycle that returns ${what} runs, streams, trains and comes back from a file`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'lapicque-ports-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    using model = await graph(cycle(back)).compile({ seed: 2 });
    const whole = await model.run(batch);
    const session = await model.session();
    for (let step = 0; step < T; step++) {
      session.push(x.slice(step * B * channels, step * B * channels + channels));
      const last = session.save().toArrays().layers.at(-1)!;
      t.deepEqual([...last.states[0]!], [...whole.v.subarray(step * B * 3, step * B * 3 + 3)]);
    }
    session.dispose();
    const report = await model.trainStep(
      { ...batch, y: labels(B, 3, 3) },
      { loss: loss.crossEntropyMembrane() },
    );
    t.true(Number.isFinite(report.loss));
    t.true((await model.gradients())['back.weight']!.some((g) => g !== 0));
    const file = join(folder, 'cycle.safetensors');
    await model.save(file);
    using loaded = await Model.load(file);
    t.deepEqual((await loaded.run(batch)).v, whole.v);
    t.deepEqual(loaded.description.edges, model.description.edges);
  });
}

test('a population that a convolution of the step before feeds has the shape of its image', async (t) => {
  const [first, second] = [conv2d(1, 2, 3, { padding: 1 }), conv2d(2, 3, 3, { stride: 2, padding: 1 })];
  using model = await graph({
    inputs: [1, 4, 4],
    nodes: { c: first, p: lif({ beta: 0.9 }), k: second, q: rateUnit() },
    edges: [
      ['input', 'c'],
      ['c', 'p'],
      ['p', 'k', { delayed: true }],
      ['k', 'q'],
    ],
    output: 'q',
  }).compile({ seed: 4 });
  t.deepEqual(model.info.layers.find(({ name }) => name === 'q')!.shape, [3, 2, 2]);
  const images = uniform(T * B * 16, 3, 0, 3);
  const { v, recordings } = await model.run({ x: images, shape: [T, B, 16] }, { record: ['p.spikes'] });
  // The second convolution alone, on the spikes of the step before.
  using alone = await sequential(second, rateUnit()).compile({ inputs: [2, 4, 4] });
  const weights = await model.weights();
  await alone.setWeights({ 'conv1.weight': weights['k.weight']!, 'conv1.bias': weights['k.bias']! });
  const before = new Float32Array(T * B * 32);
  before.set(Float32Array.from(recordings['p.spikes']!).subarray(0, (T - 1) * B * 32), B * 32);
  t.true(before.includes(1));
  t.deepEqual(v, (await alone.run({ x: before, shape: [T, B, 32] })).v);
});

test('what does not fit is told', async (t) => {
  const all = sequential as (...layers: Layer[]) => ReturnType<typeof sequential>;
  const fails = async (make: () => { compile: () => Promise<Model> }, code: ErrorCode, words: string) => {
    const error = await failure(() => make().compile());
    t.is(error?.code, code, error?.message);
    t.true(error!.message.includes(words), `${error?.message} without ${words}`);
  };
  const changed = (edge: Edge) =>
    graph({ ...conductances, edges: [...conductances.edges.filter(([from]) => from !== 'i'), edge] });
  await fails(() => all(dense(4, 10), slstm()), 'shape-mismatch', 'a multiple of 4');
  await fails(() => changed(['i', 'neurons', { port: 'inhibitry' }]), 'unknown-name', 'inhibitory');
  await fails(() => changed(['i', 'neurons']), 'shape-mismatch', '6 for each of 3 ports');
  await fails(
    () => changed(['i', 'out', { port: 'inhibitory' }]),
    'invalid-parameter',
    'number of incoming edges',
  );
  await fails(() => graph(cycle(['hidden', 'back'])), 'invalid-parameter', 'delayed: true');
  await fails(
    () => graph(cycle(['hidden', 'back', { delayed: true, state: 'w' }])),
    'unknown-name',
    'state of hidden',
  );
  await fails(() => graph(cycle(['hidden', 'back', { delay: 1 } as never])), 'unknown-name', 'delay');
});
