// What random encoders draw: anew in each call, by the seed; in a loader by seed, epoch and sample.
import { join } from 'node:path';
import test from 'ava';
import { DataLoader, encode, encodeTargets } from '../../src-ts/doors/data.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import {
  dense,
  environment,
  loadCheckpoint,
  loss,
  sequential,
  setSeed,
  setThreads,
} from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { folder } from '../support/program.ts';

const [samples, width, steps] = [12, 70, 20];
/** The same everywhere, so that only what is drawn tells trains apart. */
const half = (rows: number) => ({ x: new Float32Array(rows * width).fill(0.5), shape: [rows, width] });
const inTime = (rows: number) => ({
  x: new Float32Array(steps * rows * width).fill(0.5),
  shape: [steps, rows, width],
});

interface Drawing {
  seed?: number;
  stream?: number;
}
/** Every encoder that draws: half of its values are 1. */
const encoders: Record<string, (rows: number, options?: Drawing) => Promise<Float32Array>> = {
  rate: async (rows, options = {}) => (await encode.rate(half(rows), { steps, ...options })).x,
  'rate in time': async (rows, options = {}) => (await encode.rate(inTime(rows), options)).x,
  poisson: async (rows, options = {}) => {
    const { x, shape } = half(rows);
    // exp(-rate dt) is a half.
    const rates = { x: x.fill(1000 * Math.LN2), shape };
    return (await encode.poisson(rates, { steps, ...options })).x;
  },
  targets: async (rows, { seed } = {}) => {
    const code = {
      code: 'rate',
      steps,
      firingPattern: 'poisson',
      correctRate: 0.5,
      incorrectRate: 0.5,
    } as const;
    const labels = new Uint32Array(rows);
    return (await encodeTargets(labels, width, { ...code, ...(seed === undefined ? {} : { seed }) })).x;
  },
};

/** Trains `[time, sample, width]` of one sample. */
const of = (x: Float32Array, rows: number, row: number) =>
  Float32Array.from(
    { length: steps * width },
    (_, i) => x[(Math.floor(i / width) * rows + row) * width + (i % width)]!,
  );

/** The share of values in which two trains agree: of independent ones a half, with a deviation of 1 / (2 sqrt n). */
function agreement(a: Float32Array, b: Float32Array): number {
  let equal = 0;
  a.forEach((value, i) => {
    if (value === b[i]) equal += 1;
  });
  return equal / a.length;
}
const independent = (a: Float32Array, b: Float32Array) =>
  Math.abs(agreement(a, b) - 0.5) < 5.5 / (2 * Math.sqrt(a.length));

for (const [name, draw] of Object.entries(encoders)) {
  test.serial(`${name}: calls differ, and a seed repeats them`, async (t) => {
    const call = async () => draw(2);
    setSeed(7);
    const first = [await call(), await call(), await call()];
    for (const [i, a] of first.entries())
      for (const b of first.slice(i + 1)) t.true(independent(a, b), `${agreement(a, b)}`);
    setSeed(7);
    t.deepEqual([await call(), await call(), await call()], first);
    setSeed(8);
    t.true(independent(await call(), first[0]!));
    // Calls that are under way together draw in the order in which they were made.
    setSeed(7);
    t.deepEqual(await Promise.all([call(), call(), call()]), first);
    // A seed of its own gives the same spikes each time, whatever was drawn before.
    const own = await draw(2, { seed: 3 });
    t.deepEqual(await draw(2, { seed: 3 }), own);
    t.true(independent(own, await draw(2, { seed: 4 })));
    if (name !== 'targets') {
      t.deepEqual(await draw(2, { seed: 3, stream: 0 }), own);
      t.true(independent(await draw(2, { seed: 3, stream: 1 }), own));
    }
    // Without, a stream is that of the process's seed.
    setSeed(3);
    t.deepEqual(await call(), own);
    setSeed(0);
  });

  /** The trains of each epoch and sample of a loader. */
  const epochs = async (options: object, count = 2, drawing: Drawing = {}) => {
    const data = new DataLoader(
      { ...half(samples), y: Uint32Array.from({ length: samples }, (_, i) => i) },
      {
        batchSize: 4,
        ...options,
        transform: async ({ y }: { y: Uint32Array }) => ({ y, x: await draw(y.length, drawing) }),
      },
    );
    const all: Float32Array[][] = [];
    for (let epoch = 0; epoch < count; epoch++) {
      const trains: Float32Array[] = [];
      for await (const { x, y } of data)
        for (const [row, sample] of y.entries()) trains[sample] = of(x, y.length, row);
      all.push(trains);
    }
    return all;
  };

  test.serial(`${name}: in a loader by seed, epoch and sample`, async (t) => {
    const trains = await epochs({ seed: 5 });
    const flat = trains.flat();
    for (const [i, a] of flat.entries())
      for (const b of flat.slice(i + 1)) t.true(independent(a, b), `${i}: ${agreement(a, b)}`);
    // Whatever batch a sample is in, and whatever was drawn elsewhere.
    await draw(3);
    for (const options of [
      { batchSize: 5 },
      { batchSize: 1 },
      { shuffle: true },
      { prefetch: 0 },
      { prefetch: 3 },
    ])
      t.deepEqual(await epochs({ seed: 5, ...options }), trains, JSON.stringify(options));
    const { threads } = environment();
    for (const n of [1, 3]) {
      setThreads(n);
      t.deepEqual(await epochs({ seed: 5 }), trains);
    }
    setThreads(threads);
    const other = await epochs({ seed: 6 });
    t.true(independent(other[0]![0]!, trains[0]![0]!));
    // A seed of the encoder's own takes the place of the loader's.
    t.deepEqual(await epochs({ seed: 6 }, 2, { seed: 5 }), trains);
    if (name === 'targets') return;
    // A stream of its own is what it says.
    const fixed = await epochs({ seed: 5 }, 2, { stream: 9 });
    t.deepEqual(fixed[0], fixed[1]);
  });
}

test('a transform that encodes twice draws twice', async (t) => {
  const data = new DataLoader(half(samples), {
    batchSize: 6,
    transform: async ({ size }: { size: number }) => [await encoders.rate!(size), await encoders.rate!(size)],
  });
  for await (const [a, b] of data) t.true(independent(a!, b!));
});

test('data sets and collate draw by sample, too, each by itself', async (t) => {
  const one = async () =>
    (await encode.rate({ x: new Float32Array(width).fill(0.5), shape: [width] }, { steps })).x;
  const runs = async (options: object) => {
    const source = { length: samples, get: async (index: number) => ({ index, got: await one() }) };
    const data = new DataLoader(source, {
      batchSize: 4,
      ...options,
      collate: async (list: { index: number; got: Float32Array }[]) => {
        const x = await encoders.rate!(list.length);
        return list.map(({ index, got }, row) => ({ index, got, collated: of(x, list.length, row) }));
      },
      transform: async (list: { index: number; got: Float32Array; collated: Float32Array }[]) => {
        const x = await encoders.rate!(list.length);
        return list.map((sample, row) => ({ ...sample, transformed: of(x, list.length, row) }));
      },
    });
    const trains: Float32Array[] = [];
    for (let epoch = 0; epoch < 2; epoch++)
      for await (const list of data)
        for (const { index, got, collated, transformed } of list)
          for (const [i, train] of [got, collated, transformed].entries())
            trains[(epoch * samples + index) * 3 + i] = train;
    return trains;
  };
  const trains = await runs({});
  t.is(trains.length, 2 * 3 * samples);
  for (const [i, a] of trains.entries())
    for (const b of trains.slice(i + 1)) t.true(independent(a, b), `${i}: ${agreement(a, b)}`);
  t.deepEqual(await runs({ batchSize: 5, shuffle: true, prefetch: 2 }), trains);
});

test('one sample after the other within a transform draws differently, and repeats', async (t) => {
  const run = async () => {
    const data = new DataLoader(half(samples), {
      batchSize: 4,
      transform: async ({ size }: { size: number }) => {
        const trains: Float32Array[] = [];
        for (let i = 0; i < size; i++)
          trains.push(
            (await encode.rate({ x: new Float32Array(width).fill(0.5), shape: [width] }, { steps })).x,
          );
        return trains;
      },
    });
    const all: Float32Array[] = [];
    for await (const trains of data) all.push(...trains);
    return all;
  };
  const trains = await run();
  for (const [i, a] of trains.entries())
    for (const b of trains.slice(i + 1)) t.true(independent(a, b), `${i}`);
  t.deepEqual(await run(), trains);
});

test('training goes on from a checkpoint with the spikes that would have followed', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const network = sequential(dense(width, 10), lif({ beta: 0.9 }));
  const loader = () =>
    new DataLoader(
      { ...half(samples), y: Uint32Array.from({ length: samples }, (_, i) => i % 10) },
      {
        batchSize: 5,
        shuffle: true,
        seed: 2,
        transform: async ({
          x,
          y,
          shape,
        }: {
          x: Float32Array;
          y: Uint32Array;
          shape: readonly number[];
        }) => ({
          ...(await encode.rate({ x, shape }, { steps })),
          y,
        }),
      },
    );
  const options = { loss: loss.crossEntropyCount() };
  using whole = await network.compile({ seed: 1 });
  await whole.fit(loader(), { ...options, epochs: 3 });
  using first = await network.compile({ seed: 1 });
  const checkpoint = { path: join(path, 'checkpoint.safetensors'), everyBatches: 1 };
  const stop = new AbortController();
  const onBatch = ({ epoch, batch }: { epoch: number; batch: number }) => {
    if (epoch === 2 && batch === 2) stop.abort();
  };
  await t.throwsAsync(
    first.fit(loader(), { ...options, epochs: 3, checkpoint, callbacks: { onBatch }, signal: stop.signal }),
  );
  const { model, training } = await loadCheckpoint(checkpoint.path);
  await model.fit(loader(), { ...options, epochs: 3, resume: training! });
  t.is(await model.weightsSha256(), await whole.weightsSha256());
  model.dispose();
});

test('seeds and streams that are none', async (t) => {
  t.regex(await outcome(() => setSeed(-1)), /^invalid-parameter: seed/);
  t.regex(await outcome(() => encode.rate(half(1), { steps, seed: 0.5 })), /^invalid-parameter: seed/);
  t.regex(await outcome(() => encode.rate(half(1), { steps, stream: -1 })), /^invalid-parameter: stream/);
  const targets = { code: 'rate', steps, firingPattern: 'poisson', seed: -1 } as const;
  t.regex(await outcome(() => encodeTargets(Uint32Array.of(1), 2, targets)), /^invalid-parameter: seed/);
});
