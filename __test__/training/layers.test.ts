// Layers without a state against torch (see fixtures/layers), and against themselves: sessions, files, chunks, threads.
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import test from 'ava';
import { operations } from '../../src-ts/doors/chip.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  attention,
  avgPool1d,
  avgPool2d,
  batchNorm,
  concat,
  conv2d,
  dense,
  dropout,
  embedding,
  flatten,
  globalAvgPool,
  globalMaxPool,
  globalSumPool,
  graph,
  type InputTensor,
  input,
  join,
  type Layer,
  layerNorm,
  loss,
  Model,
  maxPool1d,
  maxPool2d,
  multiply,
  type Network,
  type NetworkOptions,
  pointwise,
  residual,
  sequential,
  setThreads,
  sumPool1d,
  sumPool2d,
  unflatten,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import * as lapicque from '../support/library.ts';
import { deviation, labels, spikes, uniform } from '../support/numbers.ts';

const all = sequential as (...layers: readonly Layer[]) => Network;
const makers = lapicque as unknown as Readonly<Record<string, (...args: never[]) => Layer>>;

interface Case {
  name: string;
  layers: [string, ...never[]][];
  shape: number[];
  x: number[];
  weights: Record<string, number[]>;
  output: number[];
  outputShape: number[];
  target: number[];
  loss: number;
  inputGradient: number[];
  gradients: Record<string, number[]>;
  running?: Record<string, number[]>;
  /** Of the whole network. */
  options?: NetworkOptions;
  trained?: { lr: number; weights: Record<string, number[]>; output: number[] };
}

function layerOf([kind, ...args]: [string, ...never[]]): Layer {
  const list = (layers: unknown) => (layers as [string, ...never[]][]).map(layerOf);
  if (kind === 'residual') return residual(list(args[0]));
  if (kind === 'concat') return concat(...args.map(list));
  if (kind === 'multiply') return multiply(...args.map(list));
  if (kind === 'attention') return attention(list(args[0]), list(args[1]), list(args[2]), args[3]);
  return makers[kind]!(...args);
}

/** A leaky integrator that forgets at once passes on what enters. */
const networkOf = (c: Case) =>
  all(input(...c.shape.slice(2)), ...c.layers.map(layerOf), li({ beta: 0, name: 'out' }));
const weightsOf = (c: Case) =>
  Object.fromEntries(Object.entries(c.weights).map(([name, values]) => [name, Float64Array.from(values)]));

const { cases } = JSON.parse(readFileSync('__test__/training/fixtures/layers/torch.json', 'utf8')) as {
  cases: Case[];
};

for (const c of cases) {
  for (const kind of ['values', 'bytes'] as const) {
    if (kind === 'bytes' && c.x.some((x) => x !== 0 && x !== 1)) continue;
    test(`torch: ${c.name}${kind === 'bytes' ? ' as bytes' : ''}`, async (t) => {
      using model = await networkOf(c).compile({ precision: 'f64', ...c.options });
      await model.setWeights(weightsOf(c));
      const x = kind === 'bytes' ? Uint8Array.from(c.x) : Float64Array.from(c.x);
      const batch = { x, shape: c.shape, y: Float32Array.from(c.target) };
      const close = (ours: ArrayLike<number>, theirs: ArrayLike<number>, what: string) =>
        t.true(deviation(ours, theirs) < 1e-6, `${what}: ${deviation(ours, theirs)}`);
      const report = await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true });
      close([report.loss], [c.loss], 'loss');
      close(report.inputGradient!, c.inputGradient, 'input');
      const gradients = await model.gradients();
      for (const [name, values] of Object.entries(c.gradients)) close(gradients[name]!, values, name);
      for (const [name, values] of Object.entries(c.running ?? {})) {
        close((await model.weights())[name]!, values, name);
      }
      // Statistics of the batch are those of training.
      if (c.running === undefined) close((await model.run(batch)).v, c.output, 'output');
      else t.pass();
    });
  }
}

for (const c of cases) {
  const { trained } = c;
  if (trained === undefined) continue;
  test(`torch: three steps of Adam: ${c.name}`, async (t) => {
    using model = await networkOf(c).compile({ precision: 'f64', ...c.options });
    await model.setWeights(weightsOf(c));
    const batch = { x: Float64Array.from(c.x), shape: c.shape, y: Float64Array.from(c.target) };
    const optimizer = { kind: 'adam', lr: trained.lr } as const;
    for (let i = 0; i < 3; i++) await model.trainStep(batch, { loss: loss.meanSquaredMembrane(), optimizer });
    const weights = await model.weights();
    for (const [name, values] of Object.entries(trained.weights)) {
      t.true(deviation(weights[name]!, values) < 1e-8, `${name}: ${deviation(weights[name]!, values)}`);
    }
    t.true(deviation((await model.run(batch)).v, trained.output) < 1e-8, 'output');
  });
}

test('pools over a line, and the largest of all pixels', async (t) => {
  const [rows, channels, width] = [6, 3, 7];
  const x = uniform(rows * channels * width, 21, -1, 1);
  const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);
  const line = (row: number) => x.subarray(row * width, (row + 1) * width);
  // Windows of three pixels, two apart, the first of which begins with a pixel of padding.
  const windows = (values: Float32Array) =>
    [0, 1, 2, 3].map((i) => values.slice(Math.max(0, 2 * i - 1), 2 * i + 2));
  const options = { stride: 2, padding: 1 };
  const cases: Record<string, [Layer, (values: Float32Array) => number[]]> = {
    avgPool1d: [avgPool1d(3, options), (values) => windows(values).map((window) => sum(window) / 3)],
    sumPool1d: [sumPool1d(3, options), (values) => windows(values).map(sum)],
    maxPool1d: [maxPool1d(3, options), (values) => windows(values).map((window) => Math.max(...window))],
    globalMaxPool: [globalMaxPool(), (values) => [Math.max(...values)]],
    globalAvgPool: [globalAvgPool(), (values) => [sum(values) / width]],
    globalSumPool: [globalSumPool(), (values) => [sum(values)]],
  };
  for (const [name, [layer, expected]] of Object.entries(cases)) {
    using model = await all(input(channels, width), layer, li({ beta: 0 })).compile({ precision: 'f64' });
    const { v } = await model.run({ x, shape: [rows, 1, channels * width] });
    const reference = Array.from({ length: rows * channels }, (_, row) => expected(line(row))).flat();
    t.true(deviation(v, reference) < 1e-12, name);
    t.is(v.length, reference.length);
  }
});

/** One network of every kind of layer. */
const mixed = (rate = 0) =>
  all(
    input(2, 9, 8),
    conv2d(2, 6, 3),
    batchNorm({ scale: 0.8 }),
    maxPool2d(2),
    lif({ beta: 0.7, vThreshold: 0.4, recurrent: { kind: 'conv', kernel: 3 } }),
    dropout(rate),
    residual([conv2d(6, 6, 3, { padding: 1, groups: 3 }), lif({ beta: 0.6, vThreshold: 0.2 })]),
    attention([pointwise(6, 4), lif({ beta: 0.5, vThreshold: 0.1 })], [pointwise(6, 4)], [], { heads: 2 }),
    multiply([], [pointwise(6, 6), globalSumPool()]),
    concat([], [conv2d(6, 4, 1)], [li({ beta: 0.5 }), avgPool2d(3, { stride: 1, padding: 1 })]),
    layerNorm({ groups: 4 }),
    layerNorm({ over: 'channels' }),
    layerNorm(),
    sumPool2d([3, 1]),
    flatten(),
    dense(48, 20),
    unflatten([5, 2, 2]),
    conv2d(5, 5, 2, { transposed: true }),
    batchNorm({ over: 'step' }),
    batchNorm({ over: 'step', steps: 12, bias: false }),
    dense(45, 30, { bias: false }),
    lif({ beta: 0.8, recurrent: 'dense', vThreshold: 0.3 }),
    dense(30, 5),
    li({ beta: 0.9 }),
  );

const size = [12, 21, 144];
const elements = 12 * 21 * 144;
const spikeInput = { x: spikes(elements, 3), shape: size };
const inputs: Record<string, InputTensor & { steps?: number }> = {
  spikes: spikeInput,
  values: { x: uniform(elements, 4), shape: size },
  constant: { x: uniform(21 * 144, 5), shape: size.slice(1), steps: 12 },
};

for (const [kind, { steps, ...batch }] of Object.entries(inputs)) {
  test(`a session gives the bits of a run: ${kind}`, async (t) => {
    using model = await mixed().compile({ seed: 3 });
    await model.trainStep({ ...batch, y: labels(21, 1, 5) }, { steps, loss: loss.crossEntropyMembrane() });
    const { v } = await model.run(batch, { steps });
    using session = await model.session();
    const sample = 17;
    for (let step = 0; step < 12; step++) {
      const row = (steps === undefined ? step * 21 : 0) + sample;
      const now = batch.x.subarray(row * 144, (row + 1) * 144);
      session.push(
        now instanceof Uint8Array
          ? Uint32Array.from(now.keys()).filter((i) => now[i] === 1)
          : Float32Array.from(now),
      );
      t.deepEqual(
        session.membrane(),
        v.slice((step * 21 + sample) * 5, (step * 21 + sample + 1) * 5) as Float32Array,
      );
    }
  });

  test(`the bits do not depend on threads: ${kind}`, async (t) => {
    const hashes = [];
    for (const threads of [1, 2, 3]) {
      setThreads(threads);
      using model = await mixed(0.3).compile({ seed: 3 });
      for (let step = 0; step < 2; step++) {
        const options = { steps, loss: loss.crossEntropyMembrane(), optimizer: { kind: 'adam', lr: 0.01 } };
        await model.trainStep({ ...batch, y: labels(21, 1, 5) }, options as never);
      }
      hashes.push(await model.weightsSha256());
    }
    setThreads(2);
    t.deepEqual(hashes, [hashes[0], hashes[0], hashes[0]]);
  });
}

test('a convolution that only a pool reads is pooled as it comes, and kept where it is recorded', async (t) => {
  const [channels, height, width] = [7, 6, 5];
  using model = await all(
    input(2, 8, 6),
    conv2d(2, channels, [3, 2]),
    maxPool2d(3, { stride: 2, padding: 1 }),
    lif({ beta: 0.7, vThreshold: 0.3 }),
    flatten(),
    dense(channels * 9, 5),
    li({ beta: 0.9 }),
  ).compile({ seed: 4 });
  const batch = { x: spikes(6 * 3 * 96, 8), shape: [6, 3, 96] };
  const plain = await model.run(batch);
  const { v, recordings, shapes } = await model.run(batch, {
    record: ['conv1.values', 'lif1.v', 'pool1.values'],
  });
  t.deepEqual(v, plain.v);
  // 7 channels of 6 x 5 pixels, pooled to 3 x 3.
  t.deepEqual(shapes, { 'conv1.values': [6, 3, 210], 'lif1.v': [6, 3, 63], 'pool1.values': [6, 3, 63] });
  const [before, after] = [recordings['conv1.values']!, recordings['pool1.values']!];
  for (let image = 0; image < 6 * 3 * channels; image++) {
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 3; x++) {
        let largest = Number.NEGATIVE_INFINITY;
        for (let i = Math.max(0, 2 * y - 1); i < Math.min(height, 2 * y + 2); i++) {
          for (let j = Math.max(0, 2 * x - 1); j < Math.min(width, 2 * x + 2); j++) {
            largest = Math.max(largest, before[(image * height + i) * width + j]!);
          }
        }
        t.is(after[(image * 3 + y) * 3 + x], largest);
      }
    }
  }
});

test('a file keeps running averages and the number of dropped batches, and training goes on bit for bit', async (t) => {
  using one = await mixed(0.3).compile({ seed: 3 });
  const batch = { ...spikeInput, y: labels(21, 1, 5) };
  const options = { loss: loss.crossEntropyMembrane(), optimizer: { kind: 'sgd', lr: 0.01 } } as never;
  await one.trainStep(batch, options);
  const file = path(tmpdir(), `lapicque-layers-${process.pid}.safetensors`);
  await one.save(file);
  using two = await Model.load(file);
  t.is(await two.weightsSha256(), await one.weightsSha256());
  t.deepEqual((await two.run(batch)).v, (await one.run(batch)).v);
  await one.trainStep(batch, options);
  await two.trainStep(batch, options);
  t.is(await two.weightsSha256(), await one.weightsSha256());
  t.not((await one.weights())['batchNorm1.runningMean']![0], 0);
  t.is((await one.weights())['dropout1.draws']![0], 2);
});

test('dropout: the same elements at every step, a share of them, none outside training', async (t) => {
  const [steps, batch, channels] = [5, 8, 500];
  using model = await all(dropout(0.25), li({ beta: 0, neurons: channels })).compile({ inputs: channels });
  const x = new Float32Array(steps * batch * channels).fill(1);
  const inputBatch = { x, shape: [steps, batch, channels] };
  t.deepEqual((await model.run(inputBatch)).v, x);
  const masks = [];
  for (let pass = 0; pass < 2; pass++) {
    const { v } = await model.forward(inputBatch);
    const mask = v.slice(0, batch * channels);
    for (let step = 1; step < steps; step++) {
      t.deepEqual(v.slice(step * batch * channels, (step + 1) * batch * channels), mask);
    }
    const kept = mask.filter((value) => value !== 0);
    t.true(kept.every((value) => Math.abs(value - 4 / 3) < 1e-6));
    t.true(Math.abs(kept.length / mask.length - 0.75) < 0.03);
    t.notDeepEqual(mask.slice(0, channels), mask.slice(channels, 2 * channels));
    masks.push(mask);
  }
  t.notDeepEqual(masks[0], masks[1]);
});

test('an embedding gives the rows of its table, and its gradient goes to the rows looked up', async (t) => {
  using model = await sequential(embedding(7, 3), li({ beta: 0 })).compile();
  const numbers = [0, 6, 3, 3, 1, 0];
  const batch = { x: Float32Array.from(numbers), shape: [3, 2, 1] };
  const table = (await model.weights())['embedding1.weight']!;
  const rows = numbers.flatMap((row) => [...table.subarray(row * 3, row * 3 + 3)]);
  const pass = await model.forward(batch);
  t.deepEqual([...pass.v], rows);
  await pass.backward({ v: new Float32Array(18).fill(1) });
  const counts = [2, 1, 0, 2, 0, 0, 1].flatMap((count) => [count, count, count]);
  t.deepEqual([...(await model.gradients())['embedding1.weight']!], counts);
  const wrong = await failure(() => model.run({ x: Float32Array.of(0, 7), shape: [2, 1, 1] }));
  t.is(wrong?.message, 'input[1]: expected the number of one of the 7 rows of embedding1 but got 7');
});

test('a graph of several sources is the network that it describes', async (t) => {
  const weights = { bias: false, initial: { kind: 'constant', value: 0.5 } } as const;
  using model = await graph({
    inputs: [2],
    nodes: {
      a: dense(2, 3, weights),
      b: dense(2, 1, weights),
      both: join('concat'),
      twice: join('add'),
      out: li({ beta: 0 }),
      silent: lif({ beta: 0.5 }),
    },
    edges: [
      ['input', 'a'],
      ['input', 'b'],
      ['input', 'both'],
      ['b', 'both'],
      ['a', 'twice'],
      ['both', 'twice'],
      ['twice', 'out'],
      ['both', 'silent'],
    ],
    output: 'out',
  }).compile();
  const { v, recordings } = await model.run(
    { x: Float32Array.of(1, 2), shape: [1, 1, 2] },
    { record: ['both.values', 'silent.spikes', 'b.values'] },
  );
  t.deepEqual([...recordings['both.values']!], [1, 2, 1.5]);
  t.deepEqual([...v], [2.5, 3.5, 3]);
  t.deepEqual([...recordings['silent.spikes']!], [0, 1, 1]);
  t.true(model.summary().includes('both'));
});

test('wrong layers are errors that name the layer and what would be right', async (t) => {
  const fails = async (work: () => unknown, code: string, text: string) => {
    const error = await failure(work);
    t.is(error?.code, code as never, error?.message);
    t.true(error?.message.includes(text), error?.message);
  };
  await fails(
    async () => conv2d(1, 2, 3, { stride: 0 }),
    'invalid-parameter',
    'conv2d.stride: expected an integer',
  );
  await fails(async () => dropout(1), 'invalid-parameter', 'dropout.rate');
  const spiking = lif({ beta: 0.9 });
  const compile =
    (...layers: Layer[]) =>
    () =>
      all(...layers).compile();
  await fails(compile(conv2d(1, 2, 3), spiking), 'invalid-parameter', 'input(1, height, width) first');
  await fails(
    compile(input(2, 5, 5), conv2d(1, 2, 3), spiking),
    'shape-mismatch',
    'conv1: expected shape [1, height, width] but got [2, 5, 5]',
  );
  await fails(compile(input(1, 5, 5), conv2d(1, 2, 7), spiking), 'invalid-parameter', 'conv1');
  await fails(compile(input(1, 5), conv2d(1, 2, 3), spiking), 'shape-mismatch', 'conv');
  await fails(
    compile(input(4, 5, 5), conv2d(4, 6, 3, { groups: 4 }), spiking),
    'invalid-parameter',
    'conv1.groups: expected a common divisor of 4 and 6 channels',
  );
  await fails(compile(input(2, 5, 5), residual([conv2d(2, 2, 3)]), spiking), 'shape-mismatch', 'add1');
  await fails(compile(input(2, 5, 5), concat([], [maxPool2d(2)]), spiking), 'shape-mismatch', 'concat1');
  await fails(
    compile(input(2, 5, 5), maxPool2d(2, { padding: 2 }), spiking),
    'invalid-parameter',
    'pool1.padding',
  );
  await fails(compile(dense(3, 4), dense(4, 5)), 'invalid-parameter', 'the last layer');
  const around = graph({
    inputs: [2],
    nodes: { a: dense(2, 2), b: dense(2, 2) },
    edges: [
      ['a', 'b'],
      ['b', 'a'],
    ],
    output: 'a',
  });
  await fails(() => around.compile(), 'invalid-parameter', 'delayed: true');
  using model = await all(batchNorm(), li({ beta: 0.5, neurons: 3 })).compile({ inputs: 3 });
  const batch = { x: uniform(24, 1), shape: [4, 2, 3], y: labels(2, 1, 3) };
  await fails(
    () => model.trainStep(batch, { loss: loss.crossEntropyMembrane(), segment: 2 }),
    'unsupported',
    'batchNorm1',
  );
});

test('operations of a convolution are those of its windows', async (t) => {
  const ones = { bias: false, initial: { kind: 'constant', value: 1 } } as const;
  using model = await all(input(1, 4, 4), conv2d(1, 3, 3, ones), li({ beta: 0.5 })).compile();
  // A corner is in one window, the middle four pixels are in all four.
  const x = new Uint8Array(16);
  x[0] = 1;
  x[5] = 1;
  const counted = await operations(model, { x, shape: [1, 1, 16] });
  t.is(counted.effectiveAcs, (1 + 4) * 3);
  t.is(counted.dense, 4 * 9 * 3);
});

test('what a layer norm goes over: groups divide the channels, and stand alone', async (t) => {
  t.is((await failure(() => layerNorm({ over: 'pixels' as never })))?.code, 'unknown-name');
  t.is((await failure(() => layerNorm({ groups: 0 })))?.code, 'invalid-parameter');
  const both = sequential(input(6, 4, 4), layerNorm({ groups: 2, over: 'channels' }), li({ beta: 0 }));
  t.regex(
    (await failure(() => both.compile()))!.message,
    /layerNorm1\.groups: expected nothing beside the channels/,
  );
  const network = sequential(input(6, 4, 4), layerNorm({ groups: 4 }), li({ beta: 0 }));
  t.regex(
    (await failure(() => network.compile()))!.message,
    /layerNorm1\.groups: expected a divisor of 6 channels but got 4/,
  );
});

test('dropout of channels zeroes or keeps all pixels of one, at all steps, a share of them', async (t) => {
  const [steps, batch, channels, pixels, rate] = [3, 40, 25, 6, 0.3];
  using model = await sequential(
    input(channels, 3, 2),
    dropout(rate, { over: 'channels' }),
    li({ beta: 0 }),
  ).compile({ seed: 2 });
  const ones = {
    x: new Float32Array(steps * batch * channels * pixels).fill(1),
    shape: [steps, batch, channels * pixels],
  };
  const { v, backward } = await model.forward(ones);
  const width = channels * pixels;
  let zeroed = 0;
  for (let sample = 0; sample < batch; sample++) {
    for (let channel = 0; channel < channels; channel++) {
      const first = v[sample * width + channel * pixels]!;
      t.true(first === 0 || Math.abs(first - 1 / (1 - rate)) < 1e-6);
      if (first === 0) zeroed += 1;
      for (let step = 0; step < steps; step++) {
        const at = (step * batch + sample) * width + channel * pixels;
        t.deepEqual(v.slice(at, at + pixels), new Float64Array(pixels).fill(first));
      }
    }
  }
  // Four standard deviations of a binomial number.
  const [count, spread] = [batch * channels, Math.sqrt(batch * channels * rate * (1 - rate))];
  t.true(Math.abs(zeroed - rate * count) < 4 * spread, `${zeroed} of ${count}`);
  await backward({ v });
  t.deepEqual((await model.run(ones)).v, ones.x, 'nothing is dropped outside of training');
  const label = { ...ones, y: new Uint8Array(batch) };
  const { inputGradient } = await model.trainStep(label, {
    loss: loss.crossEntropySumMembrane(),
    inputGradient: true,
  });
  for (let channel = 0; channel < channels; channel++) {
    const row = inputGradient!.slice(channel * pixels, (channel + 1) * pixels);
    t.true(row.every((g) => g === 0) || row.every((g) => g !== 0), 'its gradient is dropped with it');
  }
  t.is((await failure(() => dropout(0.5, { over: 'pixels' as never })))?.code, 'unknown-name');
});
