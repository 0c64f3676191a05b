// Training that is interrupted and resumed ends in the same bits as training that is not.
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  adamw,
  dense,
  type FitOptions,
  loadCheckpoint,
  loss,
  Model,
  type Schedule,
  sequential,
  sgd,
  type TrainingBatch,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [samples, channels, classes, steps] = [90, 12, 4, 6];
const x = uniform(samples * channels, 1, 0, 1);
const y = labels(samples, 2, classes);
const network = sequential(
  dense(channels, 20),
  lif({ beta: 0.9, learn: ['beta'] }),
  dense(20, classes),
  lif({ beta: 0.8 }),
);

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lapicque-resume-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const file = () => join(folder, `${files++}.safetensors`);

const loader = () =>
  new DataLoader({ x, y, shape: [samples, channels] }, { batchSize: 16, shuffle: true, seed: 7 });
const objective = loss.crossEntropyMembrane();

const cases: Record<string, Partial<FitOptions>> = {
  Adam: { optimizer: adam({ lr: 5e-3 }) },
  'AdamW in groups': {
    optimizer: adamw({
      lr: 5e-3,
      groups: [{ parameters: ['dense2'], lr: 1e-2, weightDecay: 0.1 }],
      maxNorm: 0.5,
    }),
  },
  'SGD with Nesterov momentum': {
    optimizer: sgd({ lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 1e-4 }),
  },
  'accumulated batches': { optimizer: adam({ lr: 5e-3 }), accumulate: 4, clipValue: 0.1 },
  'a schedule over epochs': {
    // biome-ignore lint/suspicious/noThenProperty: what the schedule calls the one after it
    schedule: { kind: 'warm-up', steps: 2, then: { kind: 'cosine', period: 6 } } satisfies Schedule,
  },
  'a schedule over steps': { schedule: { kind: 'exponential', gamma: 0.95 }, scheduleBy: 'step' },
  'a schedule that waits for a plateau': {
    schedule: { kind: 'reduce-on-plateau', patience: 0, factor: 0.5, threshold: 0.5 },
  },
  regularizers: {
    regularizers: [{ layer: 'lif1', penalty: { kind: 'rate-band', lambda: 0.1, low: 0.05, high: 0.2 } }],
    segment: 2,
  },
};

test('every checkpoint of an epoch leads to the same end, that after its last batch too', async (t) => {
  const work = { loss: objective, steps, optimizer: adam({ lr: 5e-3 }), epochs: 3 };
  const kept: Uint8Array<ArrayBuffer>[] = [];
  using whole = await network.compile({ seed: 3 });
  const write = async (bytes: Uint8Array<ArrayBuffer>) => {
    kept.push(bytes);
  };
  const full = await whole.fit(loader(), { ...work, checkpoint: { write, everyBatches: 1 } });
  // Six batches an epoch, and its end.
  t.is(kept.length, 3 * 7);
  for (const [i, bytes] of kept.entries()) {
    const { model, training } = await loadCheckpoint(bytes);
    using rest = model;
    const { history } = await rest.fit(loader(), { ...work, resume: training! });
    t.is(rest.updates, whole.updates, `checkpoint ${i}`);
    t.is(await rest.weightsSha256(), await whole.weightsSha256(), `checkpoint ${i}`);
    t.deepEqual(
      history.map(({ loss, accuracy }) => ({ loss, accuracy })),
      full.history.map(({ loss, accuracy }) => ({ loss, accuracy })),
      `checkpoint ${i}`,
    );
  }
});

for (const [name, options] of Object.entries(cases)) {
  test(`${name}: 3 epochs and 3 more are 6`, async (t) => {
    const work = { loss: objective, steps, ...options };
    using whole = await network.compile({ seed: 3 });
    const full = await whole.fit(loader(), { ...work, epochs: 6 });
    const path = file();
    using first = await network.compile({ seed: 3 });
    await first.fit(loader(), { ...work, epochs: 3, checkpoint: { path } });
    const { model, training } = await loadCheckpoint(path);
    using second = model;
    t.is(await second.weightsSha256(), await first.weightsSha256());
    const rest = await second.fit(loader(), { ...work, epochs: 6, resume: training! });
    t.is(await second.weightsSha256(), await whole.weightsSha256());
    t.is(second.updates, whole.updates);
    const withoutTimes = ({ history }: typeof full) => history.map(({ seconds: _, ...record }) => record);
    t.deepEqual(withoutTimes(rest), withoutTimes(full));
  });

  test(`${name}: aborted in the middle of an epoch, resumed from its checkpoint`, async (t) => {
    const work = { loss: objective, steps, ...options };
    using whole = await network.compile({ seed: 3 });
    await whole.fit(loader(), { ...work, epochs: 3 });
    const path = file();
    using broken = await network.compile({ seed: 3 });
    const controller = new AbortController();
    const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
      if (epoch === 2 && batch === 5) controller.abort();
    };
    const error = await failure(() =>
      broken.fit(loader(), {
        ...work,
        epochs: 3,
        checkpoint: { path, everyBatches: options.accumulate ?? 2 },
        signal: controller.signal,
        callbacks: { onBatch },
      }),
    );
    t.like(error, { code: 'aborted', name: 'AbortError' });
    const { model, training } = await loadCheckpoint(path);
    using resumed = model;
    t.like(training, { epoch: 1, batch: 4 });
    await resumed.fit(loader(), { ...work, epochs: 3, resume: training! });
    t.is(await resumed.weightsSha256(), await whole.weightsSha256());
  });
}

/** Batches in a fixed order from an iterable that tells neither its length nor where it stands. */
const plain: AsyncIterable<TrainingBatch> = {
  async *[Symbol.asyncIterator]() {
    for (let first = 0; first < samples; first += 16) {
      const last = Math.min(first + 16, samples);
      yield {
        x: x.subarray(first * channels, last * channels),
        y: y.subarray(first, last),
        shape: [last - first, channels],
      };
    }
  },
};

test('data without a length or a place resume too', async (t) => {
  const work = { loss: objective, steps, accumulate: 4 };
  using whole = await network.compile({ seed: 3 });
  await whole.fit(plain, { ...work, epochs: 4 });
  t.is(whole.updates, 8, 'the incomplete group at an epoch’s end is a step too');
  using listed = await network.compile({ seed: 3 });
  const inOrder = new DataLoader({ x, y, shape: [samples, channels] }, { batchSize: 16 });
  await listed.fit(inOrder, { ...work, epochs: 4 });
  t.is(await listed.weightsSha256(), await whole.weightsSha256());
  for (const stop of [4, 6]) {
    const path = file();
    using broken = await network.compile({ seed: 3 });
    const controller = new AbortController();
    const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
      if (epoch === 2 && batch === stop) controller.abort();
    };
    const checkpoint = { path, everyBatches: 2 };
    await failure(() =>
      broken.fit(plain, {
        ...work,
        epochs: 4,
        checkpoint,
        signal: controller.signal,
        callbacks: { onBatch },
      }),
    );
    const { model, training } = await loadCheckpoint(path);
    using resumed = model;
    await resumed.fit(plain, { ...work, epochs: 4, resume: training! });
    t.is(await resumed.weightsSha256(), await whole.weightsSha256(), `stopped at batch ${stop}`);
  }
});

test('a checkpoint that comes due between two steps is written after the next', async (t) => {
  const work = { loss: objective, steps, accumulate: 4, epochs: 2 };
  using whole = await network.compile({ seed: 3 });
  await whole.fit(plain, work);
  const path = file();
  using broken = await network.compile({ seed: 3 });
  const controller = new AbortController();
  const onBatch = ({ batch }: { batch: number }) => {
    if (batch === 5) controller.abort();
  };
  const checkpoint = { path, everyBatches: 3 };
  const { signal } = controller;
  await failure(() => broken.fit(plain, { ...work, checkpoint, signal, callbacks: { onBatch } }));
  const { model, training } = await loadCheckpoint(path);
  t.like(training, { epoch: 0, batch: 4, updates: 1 });
  using resumed = model;
  await resumed.fit(plain, { ...work, resume: training! });
  t.is(await resumed.weightsSha256(), await whole.weightsSha256());
});

test('early stopping ends with the best weights, also of an epoch before the checkpoint', async (t) => {
  const work = {
    loss: objective,
    steps,
    // Learns for two epochs, then does harm.
    optimizer: adam({ lr: 2e-2 }),
    schedule: { kind: 'multi-step', milestones: [2], gamma: 40 } satisfies Schedule,
    earlyStopping: { metric: 'loss', patience: 2 } as const,
  };
  using whole = await network.compile({ seed: 3 });
  const full = await whole.fit(loader(), { ...work, epochs: 20 });
  t.is(full.stopped, 'early');
  t.true(full.bestEpoch <= 3);
  const path = file();
  using first = await network.compile({ seed: 3 });
  await first.fit(loader(), { ...work, epochs: full.bestEpoch + 1, checkpoint: { path } });
  const { model, training } = await loadCheckpoint(path);
  using second = model;
  const rest = await second.fit(loader(), { ...work, epochs: 20, resume: training! });
  t.is(rest.bestEpoch, full.bestEpoch);
  t.is(await second.weightsSha256(), await whole.weightsSha256());
});

test('values that are no numbers survive a checkpoint', async (t) => {
  const values = uniform(samples * classes, 5, 0, 1);
  const data = () =>
    new DataLoader(
      { x, y: values, shape: [samples, channels], yShape: [samples, classes] },
      { batchSize: 30 },
    );
  const path = file();
  using model = await network.compile();
  await model.fit(data(), { loss: loss.meanSquaredRate(), steps, epochs: 1, checkpoint: { path } });
  const { model: again, training } = await loadCheckpoint(path);
  using resumed = again;
  t.is(training!.history[0]!.accuracy, Number.NaN);
  const { history } = await resumed.fit(data(), {
    loss: loss.meanSquaredRate(),
    steps,
    epochs: 2,
    resume: training!,
  });
  t.deepEqual(
    history.map(({ accuracy }) => accuracy),
    [Number.NaN, Number.NaN],
  );
});

test('a checkpoint is a model, a model is no checkpoint', async (t) => {
  const path = file();
  using model = await network.compile({ seed: 3 });
  await model.fit(loader(), { loss: objective, steps, epochs: 1, checkpoint: { path } });
  using loaded = await Model.load(path);
  t.is(await loaded.weightsSha256(), await model.weightsSha256());
  t.is(loaded.updates, model.updates);
  await model.save(path);
  const { model: plainModel, training } = await loadCheckpoint(path);
  plainModel.dispose();
  t.is(training, undefined);
  const temporary = (await readdir(folder)).filter((name) => name.startsWith(`.${basename(path)}.`));
  t.deepEqual(temporary, []);
  t.true((await stat(path)).size > 1000);
});

test('a checkpoint of other data is refused', async (t) => {
  const path = file();
  using model = await network.compile();
  await model.fit(loader(), { loss: objective, steps, epochs: 1, checkpoint: { path } });
  const { model: again, training } = await loadCheckpoint(path);
  using resumed = again;
  const other = new DataLoader(
    { x, y, shape: [samples, channels] },
    { batchSize: 10, shuffle: true, seed: 7 },
  );
  const error = await failure(() =>
    resumed.fit(other, { loss: objective, steps, epochs: 2, resume: training! }),
  );
  t.like(error, { code: 'invalid-parameter', expected: '16, as in this loader'.replace('16', '10') });
});
