// Layers that compute with the weights of another: gradients are summed, tensors are counted, saved and loaded once. Values and gradients
// against torch are in layers.test.ts (fixtures/layers).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  conv3d,
  dense,
  flatten,
  graph,
  input,
  type Layer,
  layerNorm,
  loss,
  Model,
  type Network,
  sequential,
  setThreads,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { deviation, spikes, uniform } from '../support/numbers.ts';

const all = sequential as (...layers: readonly Layer[]) => Network;
const [T, B] = [4, 19];

/** Convolutions, projections between populations, recurrent ones and norms, each with one that has its weights. */
const network = all(
  input(2, 5, 4),
  conv2d(2, 2, 3, { padding: 1, name: 'a' }),
  layerNorm({ over: 'channels', name: 'n' }),
  conv2d(2, 2, 3, { padding: 1, name: 'b' }),
  layerNorm({ over: 'channels', name: 'm' }),
  lif({ beta: 0.6, vThreshold: 0.2 }),
  flatten(),
  dense(40, 40, { name: 'c' }),
  lif({ beta: 0.7, vThreshold: 0.2, recurrent: { kind: 'dense', name: 'r' } }),
  dense(40, 40, { name: 'd' }),
  lif({ beta: 0.8, vThreshold: 0.2, recurrent: { kind: 'dense', name: 's' } }),
  dense(40, 6, { name: 'e' }),
  li({ beta: 0.9, name: 'out' }),
);
const sharedWeights = { b: 'a', m: 'n', d: 'c', s: 'r' };
const kept = (names: readonly string[]) => names.filter((name) => !/^[bmds]\./.test(name));
const batch = { x: spikes(T * B * 40, 3), shape: [T, B, 40], y: uniform(T * B * 6, 4) };
const work = { loss: loss.meanSquaredMembrane() };

test('gradients are the sums of those of layers with weights of their own', async (t) => {
  using apart = await network.compile({ precision: 'f64', seed: 1 });
  using shared = await network.compile({ precision: 'f64', seed: 1, sharedWeights });
  const weights = await shared.weights();
  t.deepEqual(Object.keys(weights).sort(), kept(Object.keys(await apart.weights())).sort());
  const copied = Object.entries(sharedWeights).flatMap(([user, owner]) =>
    ['weight', 'bias']
      .filter((part) => weights[`${owner}.${part}`] !== undefined)
      .map((part) => [`${user}.${part}`, weights[`${owner}.${part}`]!]),
  );
  await apart.setWeights({ ...weights, ...Object.fromEntries(copied) });
  const [one, two] = [await shared.trainStep(batch, work), await apart.trainStep(batch, work)];
  t.is(one.loss, two.loss);
  const [sums, single] = [await shared.gradients(), await apart.gradients()];
  for (const [name, values] of Object.entries(sums)) {
    const [layer, part] = name.split('.') as [string, string];
    const user = Object.entries(sharedWeights).find(([, owner]) => owner === layer)?.[0];
    const other = user === undefined ? undefined : single[`${user}.${part}`];
    const expected = single[name]!.map((x, i) => x + (other?.[i] ?? 0));
    t.true(deviation(values, expected) < 1e-12, name);
  }
});

test('tensors are counted, saved and loaded once', async (t) => {
  using apart = await network.compile();
  using model = await network.compile({ seed: 1, sharedWeights });
  t.is(apart.parameterCount - model.parameterCount, 2 * 2 * 9 + 2 + 4 + (40 * 40 + 40) + (40 * 40 + 40));
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  try {
    const file = join(folder, 'model.safetensors');
    await model.save(file);
    using loaded = await Model.load(file);
    t.deepEqual(loaded.description.sharedWeights, sharedWeights);
    t.deepEqual(Object.keys(await loaded.weights()), Object.keys(await model.weights()));
    t.is(await loaded.weightsSha256(), await model.weightsSha256());
    t.deepEqual((await loaded.run(batch)).v, (await model.run(batch)).v);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('a session and any number of threads give the same bits', async (t) => {
  const hashes: string[] = [];
  for (const threads of [1, 2]) {
    setThreads(threads);
    using model = await network.compile({ seed: 1, sharedWeights });
    for (let step = 0; step < 2; step++) {
      await model.trainStep(batch, { ...work, optimizer: { kind: 'adam', lr: 0.01 } });
    }
    hashes.push(await model.weightsSha256());
    const { v } = await model.run(batch);
    using session = await model.session();
    for (let step = 0; step < T; step++) {
      const row = batch.x.subarray((step * B + 17) * 40, (step * B + 18) * 40);
      session.push(Uint32Array.from(row.keys()).filter((n) => row[n] === 1));
      t.deepEqual(session.membrane(), v.slice((step * B + 17) * 6, (step * B + 18) * 6) as Float32Array);
    }
  }
  setThreads(2);
  t.is(hashes[0], hashes[1]);
});

test('in a graph, of a layer with a definition', async (t) => {
  const spec = {
    inputs: [2, 3, 3, 3],
    nodes: {
      a: conv3d(2, 2, 3, { padding: 1 }),
      b: conv3d(2, 2, 3, { padding: 1 }),
      out: li({ beta: 0.5 }),
    },
    edges: [
      ['input', 'a'],
      ['a', 'b'],
      ['b', 'out'],
    ] as const,
    output: 'out',
  };
  using model = await graph(spec).compile({ sharedWeights: { b: 'a' } });
  t.is(model.parameterCount, 2 * 2 * 27 + 2);
});

const pair = all(
  dense(4, 4, { name: 'a' }),
  lif({ beta: 0.5 }),
  dense(4, 4, { name: 'b' }),
  li({ beta: 0.5 }),
);
const refused: [string, Network, unknown, RegExp][] = [
  [
    'other shapes',
    network,
    { e: 'c' },
    /^shape-mismatch: e: expected shape weight \[40, 40\], bias \[40\], as of c but got weight \[6, 40\]/,
  ],
  ['a layer that does not exist', pair, { c: 'a' }, /^unknown-name: .*"c"/],
  ['an owner that does not exist', pair, { b: 'A' }, /^unknown-name: .*"A".*"a"/],
  ['a later owner', pair, { a: 'b' }, /^invalid-parameter: sharedWeights\.a/],
  ['itself', pair, { a: 'a' }, /^invalid-parameter: sharedWeights\.a/],
  ['a layer without weights', pair, { lif1: 'a' }, /^unknown-name: .*"lif1"/],
  ['no name', pair, { b: 3 }, /^invalid-parameter: sharedWeights\.b/],
  ['no object', pair, ['a'], /^invalid-parameter: sharedWeights/],
  ['null', pair, null, /^invalid-parameter: /],
  [
    'one with a bias and one without',
    all(
      dense(4, 4, { name: 'a' }),
      lif({ beta: 0.5 }),
      dense(4, 4, { name: 'b', bias: false }),
      li({ beta: 0.5 }),
    ),
    { b: 'a' },
    /^shape-mismatch: b: .*no bias/,
  ],
  [
    'one that is trained and one that is not',
    all(
      dense(4, 4, { name: 'a' }),
      lif({ beta: 0.5 }),
      dense(4, 4, { name: 'b', trainable: false }),
      li({ beta: 0.5 }),
    ),
    { b: 'a' },
    /^invalid-parameter: sharedWeights\.b.*trainable/,
  ],
];
for (const [what, made, shared, pattern] of refused) {
  test(`refused: ${what}`, async (t) => {
    t.regex(await outcome(() => made.compile({ sharedWeights: shared as never })), pattern);
  });
}
