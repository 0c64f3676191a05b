// Frozen batch norm normalizes by its running averages in training, too, and leaves them.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  loss,
  type Model,
  sequential,
  sgd,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const [steps, batch, inputs, channels] = [4, 6, 5, 3];
const numbers = (count: number, seed = 1) =>
  Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) * 1.3);
const x = numbers(steps * batch * inputs);
const shape = [steps, batch, inputs];
const statistics = {
  'bn.runningMean': Float64Array.of(0.3, -0.2, 0.9),
  'bn.runningVariance': Float64Array.of(0.5, 2, 1.3),
};
const affine = { 'bn.weight': Float64Array.of(1.5, 0.7, -0.4), 'bn.bias': Float64Array.of(0.1, 0.2, -0.3) };
type Norm = Parameters<typeof batchNorm>[0];
/** What leaves batch norm is the membrane: li of beta 0 holds what enters. */
const plain = (norm: Norm) =>
  sequential(dense(inputs, channels, { name: 'fc' }), batchNorm({ name: 'bn', ...norm }), li({ beta: 0 }));

async function compiled(norm: Norm): Promise<Model> {
  const model = await plain(norm).compile({ precision: 'f64', seed: 2 });
  await model.setWeights({ ...statistics, ...(norm?.affine === false ? {} : affine) });
  return model;
}
const running = async (model: Model) => {
  const weights = await model.weights();
  return [weights['bn.runningMean']!, weights['bn.runningVariance']!].map((values) => [...values]);
};
const untouched = [[...statistics['bn.runningMean']], [...statistics['bn.runningVariance']]];

/** By hand: normalized by these averages. */
function byHand(model: Record<string, ArrayLike<number>>, of: number[][]): Float64Array {
  const out = new Float64Array(steps * batch * channels);
  for (let row = 0; row < steps * batch; row++)
    for (let c = 0; c < channels; c++) {
      let sum = model['fc.bias']![c]!;
      for (let i = 0; i < inputs; i++) sum += model['fc.weight']![c * inputs + i]! * x[row * inputs + i]!;
      const normal = (sum - of[0]![c]!) / Math.sqrt(of[1]![c]! + 1e-5);
      out[row * channels + c] = normal * (model['bn.weight']?.[c] ?? 1) + (model['bn.bias']?.[c] ?? 0);
    }
  return out;
}
const close = (a: ArrayLike<number>, b: ArrayLike<number>, within = 1e-9) =>
  Array.from(b).every((value, i) => Math.abs(a[i]! - value) <= within * (1 + Math.abs(value)));

const y = numbers(batch * channels, 3);
const data = [{ x, shape, y }];
const objective = loss.meanSquaredMembrane();
const frozen = (...parameters: string[]) => sgd({ lr: 0.01, groups: [{ parameters, frozen: true }] });

test('trainable: false normalizes by the running averages and leaves them', async (t) => {
  for (const norm of [
    { trainable: false },
    { trainable: false, affine: false },
    { statistics: 'running' },
  ] as const) {
    using model = await compiled(norm);
    const expected = byHand(await model.weights(), untouched);
    const pass = await model.forward({ x, shape });
    t.true(close(pass.v, expected));
    // Averages are constants: what enters has the gradient of what leaves, scaled.
    const coefficients = numbers(expected.length, 7);
    await pass.backward({ v: coefficients });
    const gradients = await model.gradients();
    const weights = await model.weights();
    const bias = Array.from({ length: channels }, (_, c) => {
      let sum = 0;
      for (let row = 0; row < steps * batch; row++) sum += coefficients[row * channels + c]!;
      const factor = weights['bn.weight']?.[c] ?? 1;
      return (sum * factor) / Math.sqrt(untouched[1]![c]! + 1e-5);
    });
    t.true(close(gradients['fc.bias']!, bias));
    await model.fit(data, { epochs: 3, loss: objective, optimizer: adam({ lr: 0.01 }) });
    t.deepEqual(await running(model), untouched);
    const after = await model.weights();
    t.notDeepEqual(after['fc.weight'], weights['fc.weight']);
    if ('trainable' in norm) t.deepEqual(after['bn.weight'], weights['bn.weight']);
    else t.notDeepEqual(after['bn.weight'], weights['bn.weight']);
    t.true(close((await model.run({ x, shape })).v, byHand(after, untouched)));
  }
});

test("statistics: 'batch' is torch's training, also where factor and offset are fixed", async (t) => {
  using model = await compiled({ trainable: false, statistics: 'batch' });
  const weights = await model.weights();
  // The mean and variance of what enters, from what leaves without them.
  const entering = byHand({ ...weights, 'bn.weight': [1, 1, 1], 'bn.bias': [0, 0, 0] }, [
    [0, 0, 0],
    [1 - 1e-5, 1 - 1e-5, 1 - 1e-5],
  ]);
  const n = steps * batch;
  const of = (c: number) => Array.from({ length: n }, (_, row) => entering[row * channels + c]!);
  const means = [0, 1, 2].map((c) => of(c).reduce((a, b) => a + b, 0) / n);
  const squares = [0, 1, 2].map((c) => of(c).reduce((a, b) => a + (b - means[c]!) ** 2, 0));
  const pass = await model.forward({ x, shape });
  t.true(close(pass.v, byHand(weights, [means, squares.map((s) => s / n)])));
  const [mean, variance] = await running(model);
  t.true(
    close(
      mean!,
      means.map((m, c) => 0.9 * untouched[0]![c]! + 0.1 * m),
    ),
  );
  t.true(
    close(
      variance!,
      squares.map((s, c) => 0.9 * untouched[1]![c]! + (0.1 * s) / (n - 1)),
    ),
  );
});

test('a group of the optimizer that freezes all of it does the same, in every way to train', async (t) => {
  const own = ({ v }: { v: Float64Array }) => ({ loss: 1, gradV: v.map((value) => value / v.length) });
  const ways: Record<string, (model: Model, optimizer: ReturnType<typeof sgd>) => Promise<unknown>> = {
    trainStep: (model, optimizer) => model.trainStep(data[0]!, { loss: objective, optimizer }),
    fit: (model, optimizer) => model.fit(data, { epochs: 2, loss: objective, optimizer }),
    'fit that accumulates': (model, optimizer) =>
      model.fit([...data, ...data, ...data], { epochs: 2, loss: objective, optimizer, accumulate: 2 }),
    'a loss of one’s own': (model, optimizer) => model.trainStep(data[0]!, { loss: own, optimizer }),
    'fit with a loss of one’s own': (model, optimizer) =>
      model.fit([...data, ...data], { epochs: 1, loss: own, optimizer, accumulate: 2 }),
    truncated: (model, optimizer) =>
      model.fit(data, { epochs: 1, loss: objective, optimizer, truncate: 2 } as never),
    'in segments': (model, optimizer) =>
      model.fit(data, { epochs: 1, loss: objective, optimizer, segment: 2 }),
  };
  for (const [name, train] of Object.entries(ways)) {
    for (const parameters of [['bn'], ['bn.weight', 'bn.bias']]) {
      using model = await compiled({});
      await train(model, frozen(...parameters));
      t.deepEqual(await running(model), untouched, `${name}: ${parameters}`);
      t.deepEqual((await model.weights())['bn.weight'], affine['bn.weight'] as never);
    }
    if (name === 'truncated' || name === 'in segments') continue;
    // Frozen in part it still learns; and what is told to use the batch does.
    for (const [norm, parameters] of [
      [{}, ['bn.bias']],
      [{}, ['fc']],
      [{ statistics: 'batch' }, ['bn']],
    ] as const) {
      using model = await compiled(norm);
      await train(model, frozen(...parameters));
      t.notDeepEqual(await running(model), untouched, `${name}: ${parameters}`);
    }
    using bare = await compiled({ affine: false });
    await train(bare, frozen('bn'));
    t.deepEqual(await running(bare), untouched, name);
  }
  // The next training without a frozen group learns again.
  using model = await compiled({});
  await ways.fit!(model, frozen('bn'));
  await ways.fit!(model, sgd({ lr: 0.01 }));
  const learned = await running(model);
  t.notDeepEqual(learned, untouched);
  // And once more frozen, with the buffers of the batch before.
  await ways.fit!(model, frozen('bn'));
  t.deepEqual(await running(model), learned);
});

test('training by running averages has the gradient of the evaluation, by finite differences', async (t) => {
  const image = { x: numbers(2 * 3 * 2 * 4 * 4), shape: [2, 3, 2, 4, 4] };
  const expected = numbers(3 * 2, 5);
  const cases: Record<string, Layer[]> = {
    // Between a convolution and the one population that reads it, nothing is kept.
    applied: [
      conv2d(2, 3, 3, { padding: 1 }),
      batchNorm({ name: 'bn', statistics: 'running' }),
      lif({ beta: 0.8, smoothed: 3 }),
    ],
    kept: [
      batchNorm({ name: 'bn', statistics: 'running' }),
      conv2d(2, 3, 3, { padding: 1 }),
      lif({ beta: 0.8, smoothed: 3 }),
    ],
    frozen: [
      conv2d(2, 3, 3, { padding: 1 }),
      batchNorm({ name: 'bn', trainable: false }),
      lif({ beta: 0.8, smoothed: 3 }),
    ],
    'by step': [
      conv2d(2, 3, 3, { padding: 1 }),
      batchNorm({ name: 'bn', trainable: false, over: 'step', steps: 2 }),
      lif({ beta: 0.8, smoothed: 3 }),
    ],
  };
  for (const [name, layers] of Object.entries(cases)) {
    const all = [input(2, 4, 4), ...layers, flatten(), dense(48, 2), li({ beta: 0.5 })];
    using model = await sequential(...(all as never[] as [])).compile({ precision: 'f64', seed: 3 });
    const weights = { ...(await model.weights()) };
    for (const key of Object.keys(weights))
      if (key.startsWith('bn.running'))
        weights[key] = Float64Array.from(weights[key]!, (_, i) => 0.7 + 0.1 * i);
    await model.setWeights(weights);
    const one = { ...image, y: expected };
    await model.trainStep(one, { loss: objective });
    const gradients = await model.gradients();
    const h = 1e-5;
    for (const { name: key, trainable } of model.info.parameters.filter(
      ({ name }) => !name.includes('running'),
    )) {
      for (const i of [0, (weights[key]!.length - 1) >> 1, weights[key]!.length - 1]) {
        const at = async (shift: number) => {
          await model.setWeights({
            [key]: Float64Array.from(weights[key]!, (w, j) => (i === j ? w + shift : w)),
          });
          return (await model.evaluateStep(one, { loss: objective })).loss;
        };
        const slope = ((await at(h)) - (await at(-h))) / (2 * h);
        await model.setWeights({ [key]: weights[key]! });
        const found = trainable ? gradients[key]![i]! : 0;
        if (trainable)
          t.true(
            Math.abs(found - slope) < 1e-6 * (1 + Math.abs(slope)),
            `${name} ${key}[${i}]: ${found} ${slope}`,
          );
      }
    }
  }
});

test('statistics of one value are refused as torch refuses them', async (t) => {
  const step = (norm: Norm, sizes: [number, number]) =>
    outcome(async () => {
      using model = await compiled(norm);
      const [time, samples] = sizes;
      const own = { x: numbers(time * samples * inputs), shape: [time, samples, inputs] };
      await model.forward(own);
      await model.trainStep({ ...own, y: numbers(samples * channels) }, { loss: objective });
    });
  const refused =
    /^shape-mismatch: bn: expected shape more than one value for each channel and statistic in training/;
  t.regex(await step({}, [1, 1]), refused);
  t.regex(await step({ over: 'step' }, [4, 1]), refused);
  t.is(await step({}, [2, 1]), 'succeeded');
  t.is(await step({}, [1, 2]), 'succeeded');
  t.is(await step({ over: 'step' }, [1, 2]), 'succeeded');
  t.is(await step({ trainable: false }, [1, 1]), 'succeeded');
  // Outside training one value is enough.
  using model = await compiled({});
  await model.run({ x: numbers(inputs), shape: [1, 1, inputs] });
  const image = sequential(input(2, 3, 3), batchNorm(), li({ beta: 0 }));
  using wide = await image.compile();
  await wide.forward({ x: numbers(18), shape: [1, 1, 2, 3, 3] });
  t.regex(
    await outcome(() => batchNorm({ statistics: 'none' as never })),
    /^(invalid-parameter|unknown-name): .*statistics/,
  );
});

test('a cross-entropy of one output is refused, whatever the loss, and a prediction is not', async (t) => {
  const one = { x: numbers(2 * 3 * 2), shape: [2, 3, 2], y: new Uint32Array(3) };
  const { crossEntropyRate, crossEntropyCount, crossEntropyMeanRate, crossEntropyFirstSpike } = loss;
  const { crossEntropyMembrane, crossEntropyMaxMembrane, crossEntropyMeanMembrane, crossEntropySumMembrane } =
    loss;
  const ofSpikes = [crossEntropyRate, crossEntropyCount, crossEntropyMeanRate, crossEntropyFirstSpike];
  const all = [
    ...ofSpikes,
    crossEntropyMembrane,
    crossEntropyMaxMembrane,
    crossEntropyMeanMembrane,
    crossEntropySumMembrane,
  ];
  using model = await sequential(dense(2, 1), lif({ beta: 0.9 })).compile();
  for (const make of all) {
    const lossOption = { loss: make() };
    for (const call of [
      () => model.trainStep(one, lossOption),
      () => model.evaluateStep(one, lossOption),
      () => model.fit([one], { ...lossOption, epochs: 1 }),
      () => model.evaluate([one], lossOption),
    ])
      t.regex(
        await outcome(call),
        /^invalid-parameter: loss: expected a cross-entropy of at least 2 outputs/,
        make().kind,
      );
  }
  t.is(await outcome(() => model.trainStep(one, { loss: loss.meanSquaredMembrane() })), 'succeeded');
  t.deepEqual([...(await model.predict(one))], [0, 0, 0]);
  // Of classes into which several outputs are pooled likewise.
  using pooled = await sequential(dense(2, 4), lif({ beta: 0.9 })).compile();
  t.regex(
    await outcome(() => pooled.trainStep(one, { loss: crossEntropyCount({ populationClasses: 1 }) })),
    /at least 2 outputs/,
  );
});
