import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import { DataLoader, type LoaderOptions, type LoaderState } from '../../src-ts/data/loader.ts';
import { shuffledOrder } from '../../src-ts/data/order.ts';
import { outcomeNow } from '../support/errors.ts';
import { countTurns } from '../support/turns.ts';

/** `[samples, 2]`, both features of sample i are i; its target is 10 i. */
const source = (samples: number) => ({
  x: Float32Array.from({ length: 2 * samples }, (_, i) => Math.floor(i / 2)),
  y: Int32Array.from({ length: samples }, (_, i) => 10 * i),
  shape: [samples, 2],
});

const collect = async <B>(loader: AsyncIterable<B>): Promise<B[]> => {
  const batches: B[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
};

const order = async (loader: AsyncIterable<{ indices: Uint32Array }>): Promise<number[]> =>
  (await collect(loader)).flatMap(({ indices }) => [...indices]);

test('batches come in order, with targets, shape and a smaller last one', async (t) => {
  const loader = new DataLoader(source(5), { batchSize: 2 });
  t.is(loader.length, 3);
  t.is(loader.samples, 5);
  const batches = await collect(loader);
  t.deepEqual(batches[1], {
    x: Float32Array.of(2, 2, 3, 3),
    y: Int32Array.of(20, 30),
    shape: [2, 2],
    size: 2,
    indices: Uint32Array.of(2, 3),
  });
  t.deepEqual(batches[2]?.shape, [1, 2]);
  const full = new DataLoader(source(5), { batchSize: 2, dropLast: true });
  t.is(full.length, 2);
  t.deepEqual(await order(full), [0, 1, 2, 3]);
});

test('time-major sequences keep their layout', async (t) => {
  // [time 3, sample 4, feature 2]; the value is 100 time + 10 sample + feature
  const x = Float32Array.from(
    { length: 24 },
    (_, i) => 100 * Math.floor(i / 8) + 10 * (Math.floor(i / 2) % 4) + (i % 2),
  );
  const loader = new DataLoader({ x, shape: [3, 4, 2], timeMajor: true }, { batchSize: 3 });
  const [first, second] = await collect(loader);
  t.deepEqual(first?.shape, [3, 3, 2]);
  t.deepEqual(
    [...(first?.x ?? [])],
    [0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121, 200, 201, 210, 211, 220, 221],
  );
  t.deepEqual([...(second?.x ?? [])], [30, 31, 130, 131, 230, 231]);
  t.is(first?.y, undefined);
});

test('targets may have a shape of their own', async (t) => {
  const y = Float32Array.of(0, 1, 2, 3, 4, 5);
  const loader = new DataLoader({ ...source(3), y, yShape: [3, 2] }, { batchSize: 2 });
  t.deepEqual(
    (await collect(loader)).map((batch) => [...batch.y]),
    [
      [0, 1, 2, 3],
      [4, 5],
    ],
  );
});

test('lists of samples and datasets, also asynchronous ones, give lists', async (t) => {
  t.deepEqual(await collect(new DataLoader(['a', 'b', 'c'], { batchSize: 2 })), [['a', 'b'], ['c']]);
  const dataset = {
    length: 4,
    async get(index: number) {
      await delay(4 - index);
      return index * index;
    },
  };
  t.deepEqual(await collect(new DataLoader(dataset, { batchSize: 3, prefetch: 2 })), [[0, 1, 4], [9]]);
});

test('a shuffle is a permutation, of its own in each epoch, that the seed decides', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.maxSafeNat(),
      async (samples, batchSize, seed) => {
        const make = () => new DataLoader(source(samples), { batchSize, shuffle: true, seed });
        const [one, other] = [make(), make()];
        const epochs = [await order(one), await order(one)];
        t.deepEqual(epochs, [await order(other), await order(other)]);
        for (const epoch of epochs)
          t.deepEqual(
            epoch.toSorted((a, b) => a - b),
            [...Array(samples).keys()],
          );
      },
    ),
    { numRuns: 40 },
  );
  const loader = new DataLoader(source(100), { batchSize: 10, shuffle: true, seed: 1 });
  t.notDeepEqual(await order(loader), await order(loader));
});

test('the order is uniform: each sample is about equally often in each place', (t) => {
  const [samples, epochs] = [6, 6000];
  const counts = Array.from({ length: samples }, () => Array<number>(samples).fill(0));
  for (let epoch = 0; epoch < epochs; epoch++) {
    shuffledOrder(samples, 5, epoch).forEach((sample, position) => {
      counts[sample]![position]!++;
    });
  }
  const expected = epochs / samples;
  const chiSquared = counts.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 25 degrees of freedom: 52.6 is exceeded with probability 0.001
  t.true(chiSquared < 52.6, `chi-squared ${chiSquared}`);
});

test('the order of a seed is part of the contract: it never changes', (t) => {
  // Computed in Python from the published xoroshiro128+ (Blackman & Vigna 2018), low 32 bits, and Fisher–Yates.
  t.deepEqual([...shuffledOrder(10, 0, 0)], [9, 8, 6, 0, 7, 5, 1, 3, 2, 4]);
  t.deepEqual([...shuffledOrder(10, 2 ** 40 + 5, 3)], [0, 5, 8, 6, 2, 7, 4, 9, 1, 3]);
});

test('a long shuffle leaves others their turn, and many samples in order cost nothing', async (t) => {
  const samples = 400_000;
  const loader = new DataLoader(
    { length: samples, get: (i: number) => i },
    { batchSize: 5, shuffle: true, seed: 3 },
  );
  using loop = countTurns();
  const first = await loader[Symbol.asyncIterator]().next();
  t.true(loop.turns > 10, `${loop.turns} turns`);
  t.deepEqual(first.value, [...shuffledOrder(samples, 3, 0).slice(0, 5)]);

  const most = 2 ** 32 - 1;
  const long = new DataLoader({ length: most, get: (i: number) => i }, { batchSize: 2 ** 30 - 1 });
  long.restore({ ...long.state(), batch: long.length - 1 });
  const [last] = await collect(long);
  t.deepEqual(last, [most - 3, most - 2, most - 1]);
  t.is(
    outcomeNow(() => new DataLoader({ length: most + 1, get: (i: number) => i }, { batchSize: 1 })),
    'invalid-parameter: source.length: expected an integer from 1 to 4294967295 but got 4294967296',
  );
  t.regex(
    outcomeNow(() => loader.restore(undefined as never)),
    /^invalid-parameter: state: expected/,
  );
});

test('reading ahead changes nothing but when things are read', async (t) => {
  const run = async (prefetch: number) => {
    let reading = 0;
    let most = 0;
    const loader = new DataLoader(source(40), {
      batchSize: 4,
      shuffle: true,
      prefetch,
      transform: async (batch, { epoch, batch: number, seed }) => {
        most = Math.max(most, ++reading);
        await delay(1);
        reading--;
        return { ...batch, key: [seed, epoch, number] };
      },
    });
    const batches = await collect(loader);
    return { batches, most };
  };
  const [none, some] = [await run(0), await run(3)];
  t.deepEqual(none.batches, some.batches);
  t.is(none.most, 1);
  t.true(some.most > 1 && some.most <= 4);
  t.deepEqual(none.batches[9]?.key, [0, 0, 9]);
});

test('a loader restored at any batch goes on as if it had never stopped', async (t) => {
  const options: LoaderOptions = { batchSize: 3, shuffle: true, seed: 11, prefetch: 2 };
  const whole = new DataLoader(source(10), options);
  const expected = [...(await order(whole)), ...(await order(whole)), ...(await order(whole))];
  for (let stop = 0; stop <= 8; stop++) {
    const before = new DataLoader(source(10), options);
    const seen: number[] = [];
    let state: LoaderState = before.state();
    for (let left = stop; left > 0; ) {
      for await (const { indices } of before) {
        seen.push(...indices);
        state = structuredClone(before.state());
        if (--left === 0) break;
      }
    }
    const after = new DataLoader(source(10), options);
    after.restore(JSON.parse(JSON.stringify(state)));
    while (after.epoch < 3) seen.push(...(await order(after)));
    t.deepEqual(seen, expected, `stopped after ${stop} batches`);
  }
});

test('leaving a loop early ends the epoch', async (t) => {
  const loader = new DataLoader(source(6), { batchSize: 2 });
  t.is(loader.epoch, 0);
  for await (const _ of loader) break;
  t.is(loader.epoch, 1);
  t.deepEqual(await order(loader), [0, 1, 2, 3, 4, 5]);
  t.is(loader.epoch, 2);
});

test('a failure is thrown in its turn, once, and the batches before it arrive', async (t) => {
  const loader = new DataLoader([0, 1, 2, 3], {
    batchSize: 1,
    prefetch: 4,
    transform: ([sample]) => {
      if (sample === 2) throw new Error('sample 2 is broken');
      return sample;
    },
  });
  const seen: unknown[] = [];
  await t.throwsAsync(
    async () => {
      for await (const sample of loader) seen.push(sample);
    },
    { message: 'sample 2 is broken' },
  );
  t.deepEqual(seen, [0, 1]);
});

test('wrong sources and options are refused where they are made', (t) => {
  const { x, y, shape } = source(4);
  const make = (from: unknown, options: unknown = { batchSize: 2 }) =>
    outcomeNow(() => new DataLoader(from as never, options as never));
  t.regex(
    make({ x, shape: [4, 3] }),
    /^shape-mismatch: source.x: expected shape \[4, 3\] \(12 elements\) but got 8 elements/,
  );
  t.regex(make({ x, y: new Uint8Array(3), shape }), /^shape-mismatch: source.y/);
  t.regex(make({ x, y, shape, yShape: [3] }), /^shape-mismatch: source.yShape/);
  t.regex(make({ x: [1, 2], shape: [2] }), /^invalid-parameter: source.x: expected one of Float32Array/);
  t.regex(
    make({ x, shape: [8], timeMajor: true }),
    /^shape-mismatch: source.shape: expected shape \[time, sample, …\]/,
  );
  t.regex(make({ x, labels: y, shape }), /^unknown-name: unknown option of source "labels"/);
  t.regex(make([]), /^invalid-parameter: source.length/);
  t.regex(make({ length: 2.5, get: () => 0 }), /^invalid-parameter: source.length/);
  t.regex(make(x), /^invalid-parameter: source: expected an array of samples/);
  t.regex(make({ x, shape }, { batchSize: 0 }), /^invalid-parameter: batchSize/);
  t.regex(
    make({ x, shape }, { batchSize: 5, dropLast: true }),
    /^invalid-parameter: batchSize: expected at most 4/,
  );
  t.regex(make({ x, shape }, { batchSize: 2, seed: -1 }), /^invalid-parameter: seed/);
  t.regex(make({ x, shape }, { batchSize: 2, shuffel: true }), /did you mean "shuffle"/);
  t.regex(
    make({ x, shape }, { batchSize: 2, transform: 3 }),
    /^invalid-parameter: transform: expected a function/,
  );
  t.regex(
    make({ x, shape }, {}),
    /^invalid-parameter: batchSize: expected an integer at least 1 but got undefined/,
  );
});

test('a state of another loader is refused', (t) => {
  const loader = new DataLoader(source(6), { batchSize: 2, seed: 1 });
  const state = loader.state();
  const restore = (changes: object) => outcomeNow(() => loader.restore({ ...state, ...changes }));
  t.is(
    restore({ batchSize: 3 }),
    'invalid-parameter: state.batchSize: expected 2, as in this loader but got 3',
  );
  t.regex(restore({ seed: 2 }), /^invalid-parameter: state.seed/);
  t.regex(restore({ batch: 4 }), /^invalid-parameter: state.batch/);
  t.regex(restore({ epoch: -1 }), /^invalid-parameter: state.epoch/);
  t.regex(restore({ extra: 1 }), /^unknown-name/);
});

for (const [name, shape] of [
  ['rows', [4000, 1000]],
  ['single values', [300_000]],
] as const) {
  test(`the event loop turns while a large batch is copied: ${name}`, async (t) => {
    const x = new Float32Array(shape.reduce((product, size) => product * size, 1)).map((_, i) => i % 7919);
    const loader = new DataLoader({ x, shape: [...shape] }, { batchSize: shape[0] });
    using loop = countTurns();
    for await (const batch of loader) t.deepEqual(batch.x, x);
    t.true(loop.turns >= 3, `${loop.turns} turns`);
    // Memory that goes away in the middle is told of; it would leave zeros.
    const reading = loader[Symbol.asyncIterator]().next();
    setImmediate(() => structuredClone(x, { transfer: [x.buffer as ArrayBuffer] }));
    await t.throwsAsync(async () => void (await reading), { message: /^source\.x: .*transferred/ });
  });
}

test('looking at an epoch moves nothing, and the epoch that is next can be set', async (t) => {
  const make = () => new DataLoader(source(20), { batchSize: 6, shuffle: true, seed: 3 });
  const reference = make();
  const epochs = [await order(reference), await order(reference), await order(reference)];
  const loader = make();
  // Whole epochs, and parts of them, before and during a loop.
  for (const epoch of [2, 0, 1, 0]) t.deepEqual(await order(loader.at(epoch)), epochs[epoch]);
  for await (const { indices } of loader.at(0)) {
    t.deepEqual([...indices], epochs[0]!.slice(0, 6));
    break;
  }
  t.is(loader.epoch, 0);
  const seen: number[] = [];
  for await (const { indices } of loader) {
    seen.push(...indices);
    for await (const _ of loader.at(2)) break;
    t.is(loader.state().batch, Math.ceil(seen.length / 6));
  }
  t.deepEqual(seen, epochs[0]);
  t.is(loader.epoch, 1);
  // A loop that is left early is an epoch, as documented; setEpoch takes it back.
  for await (const _ of loader) break;
  t.is(loader.epoch, 2);
  loader.setEpoch(0);
  t.deepEqual([await order(loader), await order(loader)], epochs.slice(0, 2));
  // Also within a loop, which goes on as it was.
  const within: number[] = [];
  for await (const { indices } of loader) {
    within.push(...indices);
    if (within.length === 6) loader.setEpoch(1);
  }
  t.deepEqual(within, epochs[2]);
  t.is(loader.epoch, 1);
  t.deepEqual(await order(loader), epochs[1]);
  for (const wrong of [-1, 1.5, 2 ** 32, Number.NaN, '1', undefined]) {
    t.throws(() => loader.at(wrong as number), { code: 'invalid-parameter' });
    t.throws(() => loader.setEpoch(wrong as number), { code: 'invalid-parameter' });
  }
});
