// What `fit` promises beside learning: what it leaves behind, where it begins, how it ends.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DataLoader, encode } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  type FitOptions,
  loadCheckpoint,
  loss,
  Model,
  sequential,
  sgd,
  type TrainingBatch,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-fit-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const file = () => join(folder, `${files++}.safetensors`);

const [samples, channels, classes, steps] = [24, 6, 3, 5];
const x = uniform(samples * channels, 1, 0, 2);
const y = labels(samples, 2, classes);
const shape = [samples, channels];
const network = sequential(dense(channels, 8), lif({ beta: 0.9 }), dense(8, classes), lif({ beta: 0.9 }));
const compile = () => network.compile({ seed: 1 });
const loader = (batchSize = 4) => new DataLoader({ x, y, shape }, { batchSize });
const work = { steps, loss: loss.crossEntropyMembrane(), optimizer: sgd({ lr: 0.1 }) };

const isClear = async (model: Model) =>
  Object.values(await model.gradients()).every((values) => values.every((g) => g === 0));

/** What ends a fit after the first of three batches whose gradients are added. */
const endings: Record<string, (model: Model) => Promise<unknown>> = {
  'a callback that throws': (model) => {
    const onBatch = () => {
      throw new RangeError('mine');
    };
    return model.fit(loader(), { ...work, epochs: 1, accumulate: 3, callbacks: { onBatch } });
  },
  'an abort': (model) => {
    const controller = new AbortController();
    const callbacks = { onBatch: () => controller.abort() };
    const { signal } = controller;
    return model.fit(loader(), { ...work, epochs: 1, accumulate: 3, callbacks, signal });
  },
  'data that throw': (model) => {
    async function* batches(): AsyncGenerator<TrainingBatch> {
      yield { x, y, shape };
      throw new RangeError('disk');
    }
    return model.fit(batches(), { ...work, epochs: 1, accumulate: 3 });
  },
  'a label out of range': (model) => {
    const wrong = y.map((label, i) => (i === 6 ? 9 : label));
    return model.fit(new DataLoader({ x, y: wrong, shape }, { batchSize: 4 }), {
      ...work,
      epochs: 1,
      accumulate: 3,
    });
  },
};
for (const [name, end] of Object.entries(endings)) {
  test(`${name} leaves no gradients to the next training`, async (t) => {
    using model = await compile();
    await t.throwsAsync(() => end(model));
    t.true(await isClear(model));
    using other = await compile();
    t.deepEqual(await model.weights(), await other.weights());
    for (const each of [model, other]) await each.fit(loader(), { ...work, epochs: 1 });
    t.deepEqual(await model.weights(), await other.weights());
  });
}

test('gradients that were there before are not of the training', async (t) => {
  using model = await compile();
  using other = await compile();
  await model.trainStep({ x, y, shape }, { steps, loss: work.loss });
  t.false(await isClear(model));
  for (const each of [model, other]) await each.fit(loader(), { ...work, epochs: 1 });
  t.deepEqual(await model.weights(), await other.weights());
});

test('what a callback throws is what fit rejects with', async (t) => {
  const mine = new RangeError('mine');
  const fail = () => {
    throw mine;
  };
  for (const callbacks of [
    { onBatch: fail },
    { onBatch: async () => fail() },
    { onEpoch: fail },
    { onEpoch: async () => fail() },
  ]) {
    using model = await compile();
    t.is(await t.throwsAsync(() => model.fit(loader(), { ...work, epochs: 2, callbacks })), mine);
    await model.fit(loader(), { ...work, epochs: 1 });
  }
});

test('onEpoch ends training by false, and by nothing else', async (t) => {
  for (const [answer, epochs] of [
    [false, 2],
    [0, 4],
    [undefined, 4],
    ['', 4],
  ] as const) {
    using model = await compile();
    const onEpoch = ({ epoch }: { epoch: number }) => (epoch === 2 ? answer : true);
    const result = await model.fit(loader(), { ...work, epochs: 4, callbacks: { onEpoch } });
    t.is(result.history.length, epochs);
    t.is(result.stopped, epochs === 2 ? 'callback' : 'done');
  }
  using model = await compile();
  const onEpoch = async () => false;
  t.like(await model.fit(loader(), { ...work, epochs: 4, callbacks: { onEpoch } }), { stopped: 'callback' });
});

test('two trainings of one epoch are one of two', async (t) => {
  for (const optimizer of [adam({ lr: 0.01 }), sgd({ lr: 0.1, momentum: 0.9 })]) {
    using model = await compile();
    using other = await compile();
    const first = await model.fit(loader(), { ...work, optimizer, epochs: 1 });
    const second = await model.fit(loader(), { ...work, optimizer, epochs: 1 });
    const { history } = await other.fit(loader(), { ...work, optimizer, epochs: 2 });
    t.deepEqual(await model.weights(), await other.weights());
    t.deepEqual(
      [...first.history, ...second.history].map((record) => record.loss),
      history.map((record) => record.loss),
    );
    t.is(second.history[0]!.epoch, 1);
  }
});

test('a schedule over steps begins with each training', async (t) => {
  const scheduled: FitOptions = {
    ...work,
    epochs: 2,
    schedule: { kind: 'exponential', gamma: 0.5 },
    scheduleBy: 'step',
  };
  // Six steps an epoch: the factor of the last one is that of five, and eleven, steps before it.
  const expected = [0.5 ** 5, 0.5 ** 11];
  const factors = async (model: Model) =>
    (await model.fit(loader(), scheduled)).history.map(({ lrFactor }) => lrFactor);
  using model = await compile();
  t.deepEqual(await factors(model), expected);
  t.deepEqual(await factors(model), expected, 'the second');
  const path = file();
  await model.save(path);
  using loaded = await Model.load(path);
  t.deepEqual(await factors(loaded), expected, 'of a loaded model');
  await loaded.fit(loader(), { ...scheduled, epochs: 1, checkpoint: { path } });
  const { model: again, training } = await loadCheckpoint(path);
  using resumed = again;
  const { history } = await resumed.fit(loader(), { ...scheduled, resume: training! });
  t.deepEqual(
    history.map(({ lrFactor }) => lrFactor),
    expected,
    'resumed',
  );
});

test('a schedule of your own is a factor by what is done', async (t) => {
  const epochs = 3;
  for (const scheduleBy of ['epoch', 'step'] as const) {
    using known = await compile();
    using own = await compile();
    const expected = await known.fit(loader(), {
      ...work,
      epochs,
      scheduleBy,
      schedule: { kind: 'exponential', gamma: 0.5 },
    });
    const progress: number[] = [];
    const schedule = (done: number) => {
      progress.push(done);
      return 0.5 ** done;
    };
    const { history } = await own.fit(loader(), { ...work, epochs, scheduleBy, schedule });
    t.deepEqual(
      history.map(({ lrFactor }) => lrFactor),
      expected.history.map(({ lrFactor }) => lrFactor),
    );
    t.deepEqual(await own.weights(), await known.weights(), scheduleBy);
    const last = scheduleBy === 'epoch' ? epochs - 1 : (epochs * samples) / 4 - 1;
    t.is(progress.at(-1), last);
  }
  using model = await compile();
  for (const wrong of [Number.NaN, -1, undefined]) {
    const error = await failure(() =>
      model.fit(loader(), { ...work, epochs: 1, schedule: () => wrong as number }),
    );
    t.is(error?.message, `schedule(0): expected a finite number at least 0 but got ${wrong}`);
  }
});

const reductions: Record<string, FitOptions['loss']> = {
  mean: loss.crossEntropyMembrane(),
  sum: loss.crossEntropyMembrane({ reduction: 'sum' }),
  'weighted sum': loss.crossEntropyMembrane({ reduction: 'sum', classWeights: [1, 5, 2] }),
  'squared error, mean': loss.meanSquaredMembrane(),
  'squared error, none': loss.meanSquaredMembrane({ reduction: 'none' }),
};
for (const [name, objective] of Object.entries(reductions)) {
  test(`the loss is a mean over samples, whatever the batches: ${name}`, async (t) => {
    using model = await compile();
    const { perSample, byCount } = await model.evaluateStep({ x, y, shape }, { steps, loss: objective });
    // Of an unreduced squared error each class has a number of its own: their mean is the mean over samples, too.
    const mean = perSample.reduce((sum, value) => sum + value, 0) / perSample.length;
    const right = [...byCount].filter((label, i) => label === y[i]).length / samples;
    for (const batchSize of [1, 5, 24]) {
      const evaluation = await model.evaluate(loader(batchSize), { steps, loss: objective });
      t.true(
        Math.abs(evaluation.loss / mean - 1) < 1e-12,
        `evaluate, ${batchSize}: ${evaluation.loss} for ${mean}`,
      );
      t.like(evaluation, { samples, accuracy: right });
      const still = { steps, loss: objective, optimizer: sgd({ lr: 0 }), epochs: 1 };
      const { history } = await model.fit(loader(batchSize), still);
      t.true(Math.abs(history[0]!.loss / mean - 1) < 1e-12, `fit, ${batchSize}`);
      t.is(history[0]!.accuracy, right);
    }
  });
}

test('a mean penalty beside a sum is a mean over samples, too', async (t) => {
  using model = await compile();
  const lambda = 3;
  const objective = loss.crossEntropyMembrane({ reduction: 'sum' });
  const { perSample, spikes } = await model.evaluateStep({ x, y, shape }, { steps, loss: objective });
  const mean = perSample.reduce((sum, value) => sum + value, 0) / samples;
  // Spikes a step of a neuron of the eight.
  const expected = mean + (lambda * spikes[0]!) / (samples * 8 * steps);
  const regularizers = [{ layer: 'lif1', penalty: { kind: 'l1-rate', lambda } as const }];
  for (const batchSize of [1, 5, 24]) {
    const evaluation = await model.evaluate(loader(batchSize), { steps, loss: objective, regularizers });
    t.true(
      Math.abs(evaluation.loss / expected - 1) < 1e-6,
      `${batchSize}: ${evaluation.loss} for ${expected}`,
    );
  }
});

/** Random spikes that the epoch and the batch decide. */
const noisy = (base: number) =>
  new DataLoader(
    { x: x.map((value) => value / 2), y, shape },
    {
      batchSize: 8,
      shuffle: base === 0,
      transform: async ({ x, y, shape }, { epoch, batch }) => ({
        ...(await encode.rate({ x, shape }, { steps, seed: 1, stream: base + epoch * 100 + batch })),
        y,
      }),
    },
  );

test('validation data go on where they stood', async (t) => {
  const noise = () => ({
    loss: loss.crossEntropyMembrane(),
    optimizer: adam({ lr: 0.02 }),
    validation: noisy(1e6),
    earlyStopping: { patience: 2 },
  });
  using whole = await compile();
  const full = await whole.fit(noisy(0), { ...noise(), epochs: 8 });
  for (const everyBatches of [undefined, 1]) {
    const path = file();
    using first = await compile();
    const controller = new AbortController();
    const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
      if (epoch === 3 && batch === 2) controller.abort();
    };
    const error = await failure(() =>
      first.fit(noisy(0), {
        ...noise(),
        epochs: 8,
        checkpoint: { path, ...(everyBatches === undefined ? {} : { everyBatches }) },
        callbacks: { onBatch },
        signal: controller.signal,
      }),
    );
    t.is(error?.code, 'aborted');
    const { model, training } = await loadCheckpoint(path);
    using second = model;
    const rest = await second.fit(noisy(0), { ...noise(), epochs: 8, resume: training! });
    const withoutTimes = ({ history }: typeof full) => history.map(({ seconds: _, ...record }) => record);
    t.deepEqual(withoutTimes(rest), withoutTimes(full));
    t.like(rest, { stopped: full.stopped, bestEpoch: full.bestEpoch });
    t.deepEqual(await second.weights(), await whole.weights());
  }
});

test('training that early stopping had ended is not taken up again', async (t) => {
  const path = file();
  // Learns nothing: the first epoch is the best, and two more are waited for.
  const stopping = { ...work, optimizer: sgd({ lr: 0 }), earlyStopping: { patience: 1 } };
  using model = await compile();
  const full = await model.fit(loader(), { ...stopping, epochs: 9, checkpoint: { path } });
  t.like(full, { stopped: 'early', bestEpoch: 1 });
  t.is(full.history.length, 3);
  const { model: again, training } = await loadCheckpoint(path);
  using resumed = again;
  const rest = await resumed.fit(loader(), { ...stopping, epochs: 9, resume: training! });
  t.like(rest, { stopped: 'early', bestEpoch: 1 });
  t.is(rest.history.length, 3);
  t.is(resumed.updates, model.updates);
  t.deepEqual(await resumed.weights(), await model.weights());
  const patient = { ...stopping, earlyStopping: { patience: 3 } };
  const more = await resumed.fit(loader(), { ...patient, epochs: 9, resume: training! });
  t.is(more.history.length, 5, 'but with more patience');
});

const running = { samples: 0, loss: 0, correct: 0 };
const record = { epoch: 1, loss: 1, accuracy: 0, lrFactor: 1, seconds: 1 };
const standing = { epoch: 1, batch: 0, history: [record], watched: [1], running };
const nonsense: Record<string, unknown> = {
  'an empty history alone': { history: [] },
  'a record that is none': { ...standing, history: [null] },
  'a record of another epoch': { ...standing, history: [{ ...record, epoch: 2 }] },
  'a record without a loss': { ...standing, history: [{ ...record, loss: undefined }] },
  'a record with a word': { ...standing, history: [{ ...record, accuracy: 'good' }] },
  'a record too few': { ...standing, epoch: 2 },
  'a value too many': { ...standing, watched: [1, 2] },
  'a value that is none': { ...standing, watched: ['1'] },
  'a function': { ...standing, f() {} },
  'half a batch': { ...standing, batch: 0.5 },
  'no sums': { ...standing, running: undefined },
  'sums of nothing': { ...standing, running: {} },
  'an optimizer that is none': { ...standing, optimizer: 'nonesuch' },
  'steps that are none': { ...standing, updates: -1 },
  'a place that is none': { ...standing, loader: 3 },
  'a place of a function': { ...standing, loader: { f() {} } },
  'a list': [],
  'a number': 3,
};
for (const [name, resume] of Object.entries(nonsense)) {
  test(`training is not resumed from ${name}`, async (t) => {
    using model = await compile();
    const error = await failure(() => model.fit(loader(), { ...work, epochs: 2, resume: resume as never }));
    t.true(error?.code === 'invalid-parameter' || error?.code === 'unknown-name', error?.code);
    t.is(model.updates, 0);
  });
}

test('training is resumed from what is whole', async (t) => {
  using model = await compile();
  const { history } = await model.fit(loader(), { ...work, epochs: 2, resume: standing });
  t.is(history.length, 2);
  t.deepEqual(history[0], record);
});

test('an accuracy that the data do not have is not waited for', async (t) => {
  const values = uniform(samples * classes, 3);
  const data = () => new DataLoader({ x, y: values, shape, yShape: [samples, classes] }, { batchSize: 8 });
  const regression = { steps, loss: loss.meanSquaredMembrane(), epochs: 9 };
  using model = await compile();
  const early = async (metric: 'accuracy' | 'validationAccuracy') => {
    const earlyStopping = { metric, patience: 2 };
    return failure(() => model.fit(data(), { ...regression, earlyStopping, validation: data() }));
  };
  t.like(await early('accuracy'), { code: 'invalid-parameter', value: '"accuracy"' });
  t.is(model.updates, 0, 'before a step is taken');
  t.like(await early('validationAccuracy'), { code: 'invalid-parameter', value: '"validationAccuracy"' });
  const earlyStopping = { metric: 'loss', patience: 2 } as const;
  t.is((await model.fit(data(), { ...regression, epochs: 2, earlyStopping })).history.length, 2);
  const each = { x, shape, y: Uint32Array.from(labels(samples * steps, 4, classes)) };
  async function* perStep() {
    yield each;
  }
  const error = await failure(() =>
    model.fit(perStep(), { ...work, epochs: 1, earlyStopping: { metric: 'accuracy' } }),
  );
  t.like(error, { code: 'invalid-parameter', value: '"accuracy"' });
});

test('a training is the same after batches were looked at, and after epochs that were set back', async (t) => {
  const x = Float32Array.from({ length: 40 * 3 }, (_, i) => ((i * 7) % 11) / 11);
  const y = Uint32Array.from({ length: 40 }, (_, i) => i % 2);
  const trained = async (before: (loader: DataLoader<never>) => Promise<void>) => {
    const data = new DataLoader({ x, y, shape: [40, 3] }, { batchSize: 8, shuffle: true, seed: 5 });
    await before(data as never);
    using model = await sequential(dense(3, 6), lif({ beta: 0.9 }), dense(6, 2), lif({ beta: 0.9 })).compile({
      seed: 1,
    });
    await model.fit(data, { epochs: 3, steps: 4, loss: loss.crossEntropyRate() });
    return model.weightsSha256();
  };
  const fresh = await trained(async () => {});
  t.is(
    await trained(async (loader) => {
      for await (const _ of loader.at(0)) break;
      for await (const _ of loader.at(7));
    }),
    fresh,
  );
  t.is(
    await trained(async (loader) => {
      for await (const _ of loader) break;
      loader.setEpoch(0);
    }),
    fresh,
  );
});
