// Losses of your own, as functions, wherever a loss is taken.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  batchNorm,
  dense,
  dropout,
  evaluateLoss,
  loss,
  type OwnLoss,
  sequential,
  sgd,
  type TrainingBatch,
} from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

const [samples, steps, channels, classes] = [24, 6, 4, 3];
const y = Uint8Array.from({ length: samples }, (_, i) => i % classes);
const x = Float32Array.from({ length: samples * steps * channels }, (_, i) => {
  const sample = Math.floor(i / (steps * channels));
  return Number((i * 7 + sample) % 5 < 2 || i % channels === y[sample]);
});
const lengths = Uint32Array.from({ length: samples }, (_, i) => 3 + (i % 4));
const source = { x, y, shape: [samples, steps, channels], sequences: true, lengths };
const make = (options = {}) =>
  sequential(
    dense(channels, 12),
    batchNorm(),
    lif({ beta: 0.9 }),
    dropout(0.2),
    dense(12, classes),
    li({ beta: 0.8 }),
  ).compile({ seed: 3, precision: 'f64', ...options });

/** What the engine computes itself, as a function. */
const same: OwnLoss = async (outputs, batch) => {
  const { v, shape } = outputs;
  return evaluateLoss(loss.crossEntropyMeanMembrane(), { v, shape }, batch.y, batch.lengths);
};

test('one value by hand: a weight after a step of gradient descent', async (t) => {
  // v = w x; the loss is the mean of (v - 3)^4 over three samples, their gradient 4 (v - 3)^3 / 3.
  const [w, inputs] = [0.5, [1, 2, -1]];
  const model = await sequential(dense(1, 1, { bias: false }), li({ beta: 0 })).compile({ precision: 'f64' });
  await model.setWeights({ 'dense1.weight': Float64Array.of(w) });
  const fourth: OwnLoss = ({ v, shape }) => ({
    loss: v.reduce((sum, value) => sum + (value - 3) ** 4, 0) / shape[1],
    gradV: v.map((value) => (4 * (value - 3) ** 3) / shape[1]),
  });
  const batch = { x: Float64Array.from(inputs), shape: [1, 3, 1], y: new Float32Array(3) };
  const report = await model.trainStep(batch, { loss: fourth, optimizer: sgd({ lr: 0.01 }) });
  const value = inputs.reduce((sum, input) => sum + (w * input - 3) ** 4, 0) / 3;
  t.true(Math.abs(report.loss - value) < 1e-13);
  const gradient = inputs.reduce((sum, input) => sum + (4 * (w * input - 3) ** 3 * input) / 3, 0);
  const after = (await model.weights())['dense1.weight']![0]!;
  t.true(Math.abs(after - (w - 0.01 * gradient)) < 1e-14);
  t.is(model.updates, 1);
});

test('a step reports what one with the engine’s loss does', async (t) => {
  const [own, built] = [await make(), await make()];
  const batch: TrainingBatch = { x: x.subarray(0, 4 * 6 * 4), shape: [6, 4, 4], y: y.subarray(0, 4) };
  const optimizer = adam({ lr: 0.01, maxNorm: 1 });
  for (const lengths of [undefined, Uint32Array.of(2, 6, 1, 4)]) {
    const a = await own.trainStep({ ...batch, lengths }, { loss: same, optimizer });
    const b = await built.trainStep(
      { ...batch, lengths },
      { loss: loss.crossEntropyMeanMembrane(), optimizer },
    );
    t.true(Math.abs(a.loss - b.loss) < 1e-14);
    t.true(Math.abs(a.gradientNorm! - b.gradientNorm!) < 1e-12);
    const { loss: _a, gradientNorm: _b, perSample: __, ...others } = a;
    for (const [key, value] of Object.entries(others)) t.deepEqual(value, b[key as keyof typeof b], key);
    t.true(deviation(a.perSample, b.perSample) < 1e-13);
    const c = await own.evaluateStep({ ...batch, lengths }, { loss: same });
    const d = await built.evaluateStep({ ...batch, lengths }, { loss: loss.crossEntropyMeanMembrane() });
    t.true(Math.abs(c.loss - d.loss) < 1e-13);
    for (const key of ['labels', 'byCount', 'byMembrane', 'spikes', 'inputEvents'] as const) {
      t.deepEqual(c[key], d[key], key);
    }
  }
  const [a, b] = [await own.weights(), await built.weights()];
  for (const name of Object.keys(a)) t.true(deviation(a[name]!, b[name]!) < 1e-12, name);
});

test('fit and evaluate as with the engine’s loss: accumulation, schedule, early stopping, validation', async (t) => {
  const [own, built] = [await make(), await make()];
  const results = [];
  for (const [model, objective] of [
    [own, same],
    [built, loss.crossEntropyMeanMembrane()],
  ] as const) {
    const validation = new DataLoader(source, { batchSize: 10 });
    const result = await model.fit(new DataLoader(source, { batchSize: 5, shuffle: true }), {
      epochs: 5,
      loss: objective,
      optimizer: adam({ lr: 0.02 }),
      accumulate: 2,
      schedule: { kind: 'cosine', period: 15 },
      scheduleBy: 'step',
      clipValue: 0.5,
      validation,
      earlyStopping: { patience: 2 },
    });
    results.push({ ...result, evaluation: await model.evaluate(validation, { loss: objective }) });
  }
  const [a, b] = results as [(typeof results)[0], (typeof results)[0]];
  t.is(a.history.length, b.history.length);
  for (const [i, { loss: value, accuracy, validationLoss, validationAccuracy }] of a.history.entries()) {
    t.true(Math.abs(value - b.history[i]!.loss) < 1e-11);
    t.true(Math.abs(validationLoss! - b.history[i]!.validationLoss!) < 1e-11);
    t.deepEqual([accuracy, validationAccuracy], [b.history[i]!.accuracy, b.history[i]!.validationAccuracy]);
  }
  t.deepEqual({ ...a.evaluation, loss: 0 }, { ...b.evaluation, loss: 0 });
  t.is(own.updates, built.updates);
  const [c, d] = [await own.weights(), await built.weights()];
  for (const name of Object.keys(c)) t.true(deviation(c[name]!, d[name]!) < 1e-9, name);
});

test('a loss sees the batch as it came, and a spiking output', async (t) => {
  const model = await sequential(dense(channels, classes), lif({ beta: 0.9 })).compile({ precision: 'f64' });
  const teacher = Float64Array.of(1, 2, 3, 4);
  const seen: unknown[] = [];
  const own: OwnLoss = ({ spikes, v, shape }, batch) => {
    seen.push((batch as TrainingBatch & { teacher: Float64Array }).teacher, spikes!.length, v.length, shape);
    return { loss: 1, gradSpikes: Float32Array.from(spikes!, () => 1), perSample: Float64Array.of(0.5, 1.5) };
  };
  const batch = { x: x.subarray(0, 48), shape: [6, 2, 4], y: y.subarray(0, 2), teacher };
  const report = await model.trainStep(batch, { loss: own });
  t.deepEqual(seen, [teacher, 36, 36, [6, 2, 3]]);
  t.deepEqual([...report.perSample], [0.5, 1.5]);
  const { spikes } = await model.run(batch);
  t.is(
    report.spikes[0],
    spikes!.reduce((sum, s) => sum + s, 0),
  );
});

test('steps that are asked for at once are taken one after the other', async (t) => {
  const [together, apart] = [await make(), await make()];
  const batches = [0, 1, 2].map((k) => ({
    x: x.subarray(96 * k, 96 * (k + 1)),
    shape: [6, 4, 4],
    y: y.subarray(4 * k, 4 * k + 4),
  }));
  const options = { loss: same, optimizer: adam({ lr: 0.01 }) };
  await Promise.all(batches.map((batch) => together.trainStep(batch, options)));
  for (const batch of batches) await apart.trainStep(batch, options);
  t.is(await together.weightsSha256(), await apart.weightsSha256());
});

test('what a loss of your own leaves no room for is refused, what it throws is passed on', async (t) => {
  const model = await make();
  const batch = { x: x.subarray(0, 96), shape: [6, 4, 4], y: y.subarray(0, 4) };
  // Running averages are taken in with the forward pass.
  const learned = async () => [...(await model.weights())['dense1.weight']!];
  const before = await learned();
  const optimizer = sgd({ lr: 1 });
  const penalty = { layer: 'lif1', penalty: { kind: 'l1-rate', lambda: 1 } } as const;
  const step = (more: object, own: OwnLoss = same) =>
    model.trainStep(batch, { loss: own, optimizer, ...more });
  await t.throwsAsync(step({ truncate: 2 }), {
    message: /truncate: expected no value, because the loss is a function/,
  });
  await t.throwsAsync(step({ method: 'e-prop' }), { message: /method: expected "bptt", the only method/ });
  await t.throwsAsync(step({ regularizers: [penalty] }), { message: /regularizers/ });
  const value =
    (result: object): OwnLoss =>
    () =>
      result as never;
  const gradV = new Float64Array(72);
  await t.throwsAsync(step({}, value({ loss: 1 })), { message: /gradV or gradSpikes/ });
  await t.throwsAsync(step({}, value({ loss: Number.NaN, gradV })), { code: 'invalid-parameter' });
  await t.throwsAsync(step({}, value({ loss: 1, gradV: new Float64Array(71) })), {
    message: /gradV.*72 elements/,
  });
  await t.throwsAsync(step({}, value({ loss: 1, gradV: gradV.with(3, Number.NaN) })), {
    code: 'invalid-parameter',
  });
  await t.throwsAsync(step({}, value({ loss: 1, gradW: gradV })), { message: /did you mean "gradV"/ });
  await t.throwsAsync(
    step({}, () => undefined as never),
    { message: /an object \{ loss, gradV, gradSpikes \}/ },
  );
  await t.throwsAsync(step({ by: 'count' }), { message: /by: expected "membrane" or "max-membrane"/ });
  const own = new Error('mine');
  await t.throwsAsync(
    step({}, () => {
      throw own;
    }),
    { is: own },
  );
  t.deepEqual(await learned(), before);
  t.is(model.updates, 0);
  await t.notThrowsAsync(step({}));
});

test('an abort does not wait for a loss that never comes back', async (t) => {
  const model = await make();
  const batch = (await new DataLoader(source, { batchSize: samples })[Symbol.asyncIterator]().next())
    .value as TrainingBatch;
  // Running statistics and the draws of dropout count passes forward in any case.
  const dense1 = async () => (await model.weights())['dense1.weight'];
  const before = await dense1();
  const works = [
    (never: OwnLoss, signal: AbortSignal) =>
      model.fit(new DataLoader(source, { batchSize: 8 }), { epochs: 1, loss: never, signal }),
    (never: OwnLoss, signal: AbortSignal) =>
      model.trainStep(batch, { loss: never, optimizer: sgd({ lr: 0.1 }), signal }),
    (never: OwnLoss, signal: AbortSignal) =>
      model.evaluate(new DataLoader(source, { batchSize: 8 }), { loss: never, signal }),
  ];
  for (const work of works) {
    const stop = new AbortController();
    const never: OwnLoss = () => {
      setTimeout(() => stop.abort('hangs'), 5);
      return new Promise(() => {});
    };
    await t.throwsAsync(work(never, stop.signal), { code: 'aborted', name: 'AbortError' });
  }
  t.deepEqual(await dense1(), before);
  await model.trainStep(batch, { loss: same, optimizer: sgd({ lr: 0.1 }) });
  t.notDeepEqual(await dense1(), before);
});

test('a step that is refused leaves no gradients behind', async (t) => {
  const model = await make();
  const zero: OwnLoss = (outputs) => ({ loss: 1, gradV: new Float64Array(outputs.v.length) });
  const one: OwnLoss = (outputs) => ({ loss: 1, gradV: new Float64Array(outputs.v.length).fill(1) });
  const batch = (await new DataLoader(source, { batchSize: samples })[Symbol.asyncIterator]().next())
    .value as TrainingBatch;
  // Dropout counts its draws in any case.
  const dense1 = async () => (await model.weights())['dense1.weight'];
  const before = await dense1();
  await t.throwsAsync(model.trainStep(batch, { loss: one, optimizer: { kind: 'nix' } as never }));
  await t.throwsAsync(model.trainStep(batch, { loss: one, optimizer: sgd({ lr: 0.1 }), clipValue: -1 }));
  await model.trainStep(batch, { loss: zero, optimizer: sgd({ lr: 0.1 }) });
  t.deepEqual(await dense1(), before);
});

test('targets that are not one label a sample have no accuracy, and need not be there', async (t) => {
  // A network that is to give back what enters: v = w x, loss (v - x)² of one value.
  const model = await sequential(dense(1, 1, { bias: false }), li({ beta: 0 })).compile({ precision: 'f64' });
  const inputs = Float64Array.of(1, 2, -1);
  const batch = (fields: object) => ({ x: inputs, shape: [1, 3, 1], ...fields }) as unknown as TrainingBatch;
  const itself: OwnLoss = ({ v }, { x }) => ({
    loss: v.reduce((sum, value, i) => sum + (value - x[i]!) ** 2 / 3, 0),
    gradV: v.map((value, i) => (2 * (value - x[i]!)) / 3),
  });
  for (const targets of [
    {},
    { y: inputs },
    { y: Uint8Array.of(0, 7, 0) }, // labels of other classes than the outputs
    { y: Uint8Array.of(0, 0) },
    { y: ['a', 'b', 'c'] },
    { y: Int32Array.of(0, -1, 0) },
  ]) {
    await model.setWeights({ 'dense1.weight': Float64Array.of(0.5) });
    const how = { loss: itself };
    // 0.5² (1 + 4 + 1) / 3
    const before = await model.evaluate([batch(targets)], how);
    t.like(before, { accuracy: Number.NaN, confusion: [], samples: 3 });
    t.true(Math.abs(before.loss - 0.5) < 1e-15);
    const { history } = await model.fit([batch(targets)], { ...how, epochs: 1, optimizer: sgd({ lr: 0.1 }) });
    t.like(history[0], { loss: before.loss, accuracy: Number.NaN });
    // w -= 0.1 · 2 (w - 1) (1 + 4 + 1) / 3
    t.true(Math.abs((await model.weights())['dense1.weight']![0]! - 0.7) < 1e-14);
  }
  const labeled = await model.evaluate([batch({ y: new Uint8Array(3) })], { loss: itself });
  t.like(labeled, { accuracy: 1, confusion: [[3]] });
});
