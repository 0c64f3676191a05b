// Sequences of samples in a loader, and sequences longer than a batch: states that go from pass to pass.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { loaders } from '../../src-ts/cli/recipe-data.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif, neuron } from '../../src-ts/doors/neurons.ts';
import { addon, unwrap } from '../../src-ts/engine/native.ts';
import {
  dense,
  dropout,
  evaluateLoss,
  type Layer,
  type LossOutputs,
  loss,
  type Model,
  psn,
  sequential,
  sgd,
  timeFilter,
} from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

const collect = async <B>(loader: AsyncIterable<B>): Promise<B[]> => {
  const batches: B[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
};

test('batches of sequences have the time first, their lengths with them', async (t) => {
  // x[sample][time][channel] = 100 sample + 10 time + channel
  const [samples, steps, channels] = [5, 3, 2];
  const number = (i: number) =>
    100 * Math.floor(i / (steps * channels)) + 10 * (Math.floor(i / channels) % steps) + (i % channels);
  const source = {
    x: Float32Array.from({ length: samples * steps * channels }, (_, i) => number(i)),
    shape: [samples, steps, channels],
    y: Uint8Array.from({ length: samples * steps }, (_, i) => 10 * Math.floor(i / steps) + (i % steps)),
    yShape: [samples, steps],
    sequences: true,
    ySequences: true,
    lengths: Uint32Array.of(3, 1, 2, 3, 1),
  };
  const batches = await collect(new DataLoader(source, { batchSize: 2, shuffle: true, seed: 3 }));
  t.deepEqual(batches.flatMap(({ indices }) => [...indices]).sort(), [0, 1, 2, 3, 4]);
  for (const { x, y, shape, lengths, indices } of batches) {
    t.deepEqual(shape, [steps, indices.length, channels]);
    const expected = [0, 1, 2].flatMap((time) =>
      [...indices].flatMap((sample) => [0, 1].map((channel) => 100 * sample + 10 * time + channel)),
    );
    t.deepEqual([...x], expected);
    t.deepEqual(
      [...y],
      [0, 1, 2].flatMap((time) => [...indices].map((sample) => 10 * sample + time)),
    );
    t.deepEqual(
      [...lengths!],
      [...indices].map((sample) => source.lengths[sample]!),
    );
  }
});

test('a loader of sequences trains as one of the same data with the time first', async (t) => {
  const [samples, steps, channels] = [12, 6, 4];
  const value = (sample: number, time: number, channel: number) =>
    (sample * 7 + time * 5 + channel * 3) % 4 === 0 ? 1 : 0;
  const fill = (order: (i: number) => [number, number, number]) =>
    Float32Array.from({ length: samples * steps * channels }, (_, i) => value(...order(i)));
  const inner = (i: number) => i % channels;
  const sampleFirst = fill((i) => [
    Math.floor(i / (steps * channels)),
    Math.floor(i / channels) % steps,
    inner(i),
  ]);
  const timeFirst = fill((i) => [
    Math.floor(i / channels) % samples,
    Math.floor(i / (samples * channels)),
    inner(i),
  ]);
  const y = Uint8Array.from({ length: samples }, (_, i) => i % 2);
  const lengths = Uint32Array.from({ length: samples }, (_, i) => 3 + (i % 4));
  const hashes = [];
  for (const source of [
    { x: sampleFirst, shape: [samples, steps, channels], sequences: true, y, lengths },
    { x: timeFirst, shape: [steps, samples, channels], timeMajor: true, y, lengths },
  ]) {
    const model = await sequential(
      dense(channels, 8),
      lif({ beta: 0.9 }),
      dense(8, 2),
      li({ beta: 0.9 }),
    ).compile();
    // As many samples as steps: what was once taken for one another without a word.
    const loader = new DataLoader(source, { batchSize: steps, shuffle: true });
    await model.fit(loader, { epochs: 2, loss: loss.crossEntropyMeanMembrane() });
    hashes.push(await model.weightsSha256());
  }
  t.is(hashes[0], hashes[1]);
});

test('a recipe reads sequences from a file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  try {
    const path = join(folder, 'data.safetensors');
    const [x, y] = [Float32Array.from({ length: 4 * 3 * 2 }, (_, i) => i), Int32Array.of(0, 1, 0, 1)];
    const bytes = (array: Float32Array | Int32Array) => new Uint8Array(array.buffer);
    const tensors = [
      { name: 'x', dtype: 'F32', shape: [4, 3, 2], data: bytes(x) },
      { name: 'y', dtype: 'I32', shape: [4], data: bytes(y) },
      { name: 'train', dtype: 'I32', shape: [2], data: bytes(Int32Array.of(3, 1)) },
    ];
    unwrap((await addon.writeTensors(path, undefined, [], tensors, undefined)) as never);
    const spec = { kind: 'tensors', path, train: 'train', sequences: true, shuffle: false } as const;
    const { train, constant } = await loaders(spec, { folder, seed: 0, steps: undefined });
    t.is(constant, undefined);
    const [batch] = await collect(train);
    t.deepEqual(batch!.shape, [3, 2, 2]);
    // Samples 3 and 1, step by step.
    t.deepEqual([...batch!.x], [18, 19, 6, 7, 20, 21, 8, 9, 22, 23, 10, 11]);
    t.deepEqual([...batch!.y], [1, 1]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('samples without a time axis are refused where a time axis is needed', async (t) => {
  const [samples, steps, channels] = [8, 4, 3];
  const source = {
    x: new Float32Array(samples * steps * channels),
    shape: [samples, steps, channels],
    y: new Uint8Array(samples),
  };
  const model = await sequential(dense(channels, 2), lif({ beta: 0.9 })).compile();
  // As many samples in a batch as steps: every shape fits.
  const training = model.fit(new DataLoader(source, { batchSize: steps }), {
    epochs: 1,
    loss: loss.crossEntropyRate(),
  });
  await t.throwsAsync(training, { code: 'shape-mismatch', message: /sequences: true.*got \[4, 4, 3\]/ });
  const flat = await sequential(dense(steps * channels, 2), lif({ beta: 0.9 })).compile();
  const loader = new DataLoader(source, { batchSize: steps });
  await t.notThrowsAsync(flat.fit(loader, { epochs: 1, steps: 2, loss: loss.crossEntropyRate() }));
});

test('what does not fit a source of sequences is refused', (t) => {
  const x = new Float32Array(24);
  const make = (more: object) => () => new DataLoader({ x, shape: [4, 3, 2], ...more }, { batchSize: 2 });
  t.throws(make({ sequences: true, timeMajor: true }), {
    message: /source\.sequences: expected false, because timeMajor is true/,
  });
  t.throws(make({ shape: [24], sequences: true }), {
    message: /source\.shape: expected shape \[sample, time, …\]/,
  });
  t.throws(make({ sequences: 1 }), { code: 'invalid-parameter' });
  t.throws(make({ lengths: new Uint32Array(3) }), { message: /source\.lengths: expected shape \[4\]/ });
  t.throws(make({ lengths: [1, 2, 3, 3] }), {
    message: /source\.lengths: expected integers in a typed array, such as a Uint32Array/,
  });
  const y = new Uint8Array(12);
  t.throws(make({ y, yShape: [3, 4], ySequences: true }), {
    message: /source\.yShape: expected shape \[4, time, …\]/,
  });
  t.throws(make({ y: new Uint8Array(4), ySequences: true }), { message: /source\.yShape/ });
});

const [channels, batch] = [3, 2];
const noisy = neuron({
  state: { v: 0, z: 0 },
  params: { leak: 0.8, sigma: 0.2 },
  update: 'v[t] = leak*v[t-1] + i - z[t-1] + sigma*xi; z[t] = 0',
  spike: 'v > 0.5',
  reset: 'z = 1',
  detachReset: false,
});
const body = (delay: number | { max: number } = 2): Layer[] => [
  dense(channels, 6, { delay }),
  noisy({ learn: ['leak'], recurrent: 'dense' }),
  timeFilter([1, 0.5, 0.25]),
  dense(6, 2),
];
const stream = (steps: number, from = 0) =>
  Float32Array.from({ length: steps * batch * channels }, (_, i) => (((i + from) * 37) % 11) / 5 - 0.5);

test('a readout that goes on from a state has the gradient of its own steps', async (t) => {
  const beta = 0.9;
  const net = sequential(dense(1, 1, { bias: false }), li({ beta }));
  const model = await net.compile({ precision: 'f64' });
  await model.setWeights({ 'dense1.weight': Float64Array.of(2) });
  const [first, second] = [
    [1, 2, 3],
    [4, 5],
  ];
  const pass = (x: number[], state?: never) =>
    model.forward({ x: Float64Array.from(x), shape: [x.length, 1, 1] }, { state });
  const { state } = await pass(first!);
  const out = await pass(second!, state as never);
  // v goes on from what the first three steps left …
  const left = 2 * (1 * beta ** 2 + 2 * beta + 3);
  const expected = [beta * left + 8, beta * (beta * left + 8) + 10];
  t.true(deviation([...out.v], expected) < 1e-14);
  // … and the weight's gradient is that of the last two alone: d v[1] / d w = beta 4 + 5.
  await out.backward({ v: Float64Array.of(0, 1) });
  t.true(Math.abs((await model.gradients())['dense1.weight']![0]! - (beta * 4 + 5)) < 1e-14);
});

for (const precision of ['f32', 'f64'] as const) {
  test(`passes that go on from one another are a whole one, and truncated back-propagation: ${precision}`, async (t) => {
    const make = () =>
      sequential(...(body({ max: 3 }) as [Layer]), li({ beta: 0.9 })).compile({ precision, seed: 4 });
    const [steps, piece] = [12, 4];
    const x = stream(steps);
    const batchOf = { x, shape: [steps, batch, channels], y: Uint8Array.of(0, 1) };
    // A loss that is a sum over steps, so that pieces add up to it.
    const objective = loss.crossEntropyMembrane({ perStep: 'sum' });
    const whole = await make();
    await whole.trainStep(batchOf, { loss: objective, truncate: piece });
    const pieces = await make();
    let state: Awaited<ReturnType<Model['forward']>>['state'] | undefined;
    const v: number[] = [];
    for (let from = 0; from < steps; from += piece) {
      const part = x.subarray(from * batch * channels, (from + piece) * batch * channels);
      const out = await pieces.forward(
        { x: part, shape: [piece, batch, channels] },
        // The second one is cut into segments too.
        { state, ...(from === piece ? { segment: 3 } : {}) },
      );
      v.push(...out.v);
      const { gradV } = await evaluateLoss(objective, out, batchOf.y);
      await out.backward({ v: gradV! });
      state = out.state;
    }
    const passed = await (await make()).forward(batchOf);
    t.deepEqual(v, [...passed.v]);
    t.deepEqual(state!.toArrays(), passed.state.toArrays());
    const [a, b] = [await whole.gradients(), await pieces.gradients()];
    for (const name of Object.keys(a)) {
      t.true(deviation([...b[name]!], [...a[name]!]) < (precision === 'f64' ? 1e-13 : 1e-5), name);
    }
    await pieces.step(sgd({ lr: 0.1 }));
  });
}

test('a pass gives back the state that a run gives, whatever the chunks', async (t) => {
  const model = await sequential(...(body() as [Layer]), li({ beta: 0.9 })).compile();
  const x = stream(5);
  const input = { x, shape: [5, batch, channels] };
  const { state } = await model.run(input);
  const [ran, passed] = [await model.run(input, { state }), await model.forward(input, { state })];
  t.deepEqual(passed.state.toArrays(), ran.state.toArrays());
  // What is needed for the way back is still that of the pass.
  await passed.backward({ v: new Float32Array(passed.v.length).fill(1) });
  const first = await model.gradients();
  const again = await model.forward(input, { state, segment: 2 });
  await again.backward({ v: new Float32Array(again.v.length).fill(1) });
  const both = await model.gradients();
  for (const name of Object.keys(first)) {
    t.true(
      deviation(
        [...both[name]!],
        [...first[name]!].map((g) => 2 * g),
      ) < 1e-5,
      name,
    );
  }
});

test('states that a pass cannot begin from are refused', async (t) => {
  const model = await sequential(...(body() as [Layer]), dropout(0.2), li({ beta: 0.9 })).compile();
  const input = { x: stream(3), shape: [3, batch, channels] };
  const { state } = await model.forward(input);
  const one = { x: stream(3).subarray(0, 3 * channels), shape: [3, 1, channels] };
  await t.throwsAsync(model.forward(one, { state }), { code: 'shape-mismatch' });
  await t.throwsAsync(model.forward(input, { state: {} as never }), { message: /expected a ModelState/ });
  const double = await sequential(...(body() as [Layer]), li({ beta: 0.9 })).compile({ precision: 'f64' });
  await t.throwsAsync(double.forward(input, { state }), { code: 'invalid-parameter' });
  const parallel = await sequential(dense(channels, 4), ...psn(3), dense(4, 2), li({ beta: 0.9 })).compile();
  const ended = await parallel.forward(input);
  await t.notThrowsAsync(parallel.forward(input, { state: ended.state }));
  const out = await model.forward(input);
  await t.throwsAsync(out.backward({ v: new Float32Array(12) }, { gradient: true } as never), {
    code: 'unknown-name',
  });
});

test('a loss of what forward gives is computed in its precision', async (t) => {
  const model = await sequential(dense(2, 3), li({ beta: 0.9 })).compile({ precision: 'f64' });
  const out = await model.forward({ x: Float64Array.of(1, 2, 3, -1), shape: [2, 1, 2] });
  const y = Uint8Array.of(2);
  const { loss: value, gradV } = await evaluateLoss(loss.crossEntropyMeanMembrane(), out, y);
  const mean = [0, 1, 2].map((k) => (out.v[k]! + out.v[3 + k]!) / 2);
  const sum = mean.reduce((all, m) => all + Math.exp(m), 0);
  t.true(Math.abs(value - (Math.log(sum) - mean[2]!)) < 1e-14);
  t.true(gradV instanceof Float64Array);
  const expected = mean.map((m, k) => (Math.exp(m) / sum - Number(k === 2)) / 2);
  t.true(deviation([...gradV!], [...expected, ...expected]) < 1e-15);
  // Single precision stays single.
  const single = { v: Float32Array.from(out.v), shape: out.shape };
  t.true((await evaluateLoss(loss.crossEntropyMeanMembrane(), single, y)).gradV instanceof Float32Array);
  // Spikes as forward and run give them.
  const spiking = await sequential(dense(2, 3), lif({ beta: 0.9 })).compile();
  const input = { x: Float32Array.of(3, 2, 3, -1), shape: [2, 1, 2] };
  const [passed, ran] = [await spiking.forward(input), await spiking.run(input)];
  const [a, b] = await Promise.all(
    [passed, ran].map((outputs) =>
      evaluateLoss(loss.crossEntropyCount(), outputs as LossOutputs<Float32Array | Float64Array>, y),
    ),
  );
  const counts = [0, 1, 2].map((k) => passed.spikes[k]! + passed.spikes[3 + k]!);
  const all = counts.reduce((total, count) => total + Math.exp(count), 0);
  t.true(Math.abs(a!.loss - (Math.log(all) - counts[2]!)) < 1e-12);
  t.true(Math.abs(a!.loss - b!.loss) < 1e-6);
  await t.throwsAsync(evaluateLoss(loss.crossEntropyCount(), out, y), {
    code: 'invalid-parameter',
    message: /^outputs\.spikes: expected values, because cross-entropy-count is a loss of spikes/,
  });
  await t.throwsAsync(evaluateLoss(loss.crossEntropyCount(), { ...single, w: 1 } as never, y), {
    code: 'unknown-name',
  });
});

test('a group of parameters by what several layers have', async (t) => {
  const model = await sequential(
    dense(2, 3),
    lif({ beta: 0.9, recurrent: 'dense' }),
    dense(3, 2),
    li({ beta: 0.9 }),
  ).compile();
  const before = await model.weights();
  const batchOf = { x: Float32Array.of(3, 2, 3, -1), shape: [2, 1, 2], y: Uint8Array.of(1) };
  const optimizer = sgd({ lr: 1, groups: [{ parameters: ['*.bias'], frozen: true }] });
  await model.trainStep(batchOf, { loss: loss.crossEntropyMembrane(), optimizer });
  const after = await model.weights();
  for (const [name, values] of Object.entries(before)) {
    if (name.endsWith('.bias')) t.deepEqual(after[name], values, name);
  }
  t.notDeepEqual(after['dense2.weight'], before['dense2.weight']);
  const wrong = sgd({ lr: 1, groups: [{ parameters: ['bias'] }] });
  await t.throwsAsync(model.trainStep(batchOf, { loss: loss.crossEntropyMembrane(), optimizer: wrong }), {
    message: /unknown parameter "bias"; did you mean "\*\.bias"\?/,
  });
});
