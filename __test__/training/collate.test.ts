// Samples that are objects become batches.
import test from 'ava';
import { collate, DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential } from '../../src-ts/index.ts';
import { outcomeNow } from '../support/errors.ts';

const collect = async <B>(loader: AsyncIterable<B>): Promise<B[]> => {
  const batches: B[] = [];
  for await (const batch of loader) batches.push(batch);
  return batches;
};

test('fields of samples are brought together, each by its kind', (t) => {
  const sample = (i: number) => ({
    x: Float32Array.of(i, i + 0.5, -i, 7),
    shape: [2, 2],
    y: i,
    weight: i / 2,
    text: `sample ${i}`,
    also: { data: Int16Array.of(i), code: [i], inner: { y: 2 * i } },
  });
  t.deepEqual(collate([sample(1), sample(3)]), {
    x: Float32Array.of(1, 1.5, -1, 7, 3, 3.5, -3, 7),
    shape: [2, 2, 2],
    y: Uint32Array.of(1, 3),
    weight: Float64Array.of(0.5, 1.5),
    text: ['sample 1', 'sample 3'],
    also: { data: Int16Array.of(1, 3), shape: [2, 1], code: [[1], [3]], inner: { y: Uint32Array.of(2, 6) } },
  });
  class Sample {
    x = Uint8Array.of(1, 0, 1);
  }
  t.deepEqual(collate([new Sample(), new Sample()]), { x: Uint8Array.of(1, 0, 1, 1, 0, 1), shape: [2, 3] });
});

test('sequences of different lengths have the time first, zeros behind them, and their lengths', (t) => {
  const long = { x: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2], y: Uint8Array.of(7, 8, 9) };
  const short = { x: Float32Array.of(10, 20), shape: [1, 2], y: Uint8Array.of(5) };
  const { y, ...rest } = collate([long, short], { sequences: true, ySequences: true });
  t.deepEqual(rest, {
    x: Float32Array.of(1, 2, 10, 20, 3, 4, 0, 0, 5, 6, 0, 0),
    shape: [3, 2, 2],
    lengths: Uint32Array.of(3, 1),
  });
  t.deepEqual(y, Uint8Array.of(7, 5, 8, 0, 9, 0));
  const channel = collate([{ x: Float32Array.of(1, 2) }, { x: Float32Array.of(3) }], { sequences: true });
  t.deepEqual(channel, { x: Float32Array.of(1, 3, 2, 0), shape: [2, 2, 1], lengths: Uint32Array.of(2, 1) });
});

test('a loader of objects gives what one of a tensor with the same samples gives', async (t) => {
  const [samples, channels] = [11, 3];
  const x = Float32Array.from({ length: samples * channels }, (_, i) => Math.sin(i));
  const y = Uint32Array.from({ length: samples }, (_, i) => i % 2);
  const list = Array.from({ length: samples }, (_, i) => ({
    x: x.slice(i * channels, (i + 1) * channels),
    y: y[i]!,
  }));
  const options = { batchSize: 4, shuffle: true, seed: 3, prefetch: 2 };
  const expected = (await collect(new DataLoader({ x, y, shape: [samples, channels] }, options))).map(
    ({ x, y, shape }) => ({ x, y, shape }),
  );
  t.deepEqual(await collect(new DataLoader(list, options)), expected);
  const dataset = { length: samples, get: async (i: number) => list[i]! };
  t.deepEqual(await collect(new DataLoader(dataset, options)), expected);
});

test('a network learns from objects as from a tensor, padded or not', async (t) => {
  const compiled = () =>
    sequential(dense(2, 5), lif({ beta: 0.9 }), dense(5, 2), li({ beta: 0.8 })).compile({ seed: 1 });
  const objective = { epochs: 2, loss: loss.crossEntropyMeanMembrane() };
  const [samples, most] = [10, 6];
  const lengths = Uint32Array.from({ length: samples }, (_, i) => 2 + (i % 5));
  const y = Uint32Array.from({ length: samples }, (_, i) => i % 2);
  const x = new Float32Array(samples * most * 2);
  const list = Array.from(lengths, (steps, i) => {
    const values = Float32Array.from({ length: steps * 2 }, (_, j) => 2 * Math.abs(Math.cos(i + 3 * j)));
    x.set(values, i * most * 2);
    return { x: values, shape: [steps, 2], y: y[i]! };
  });
  using one = await compiled();
  using other = await compiled();
  await one.fit(new DataLoader(list, { batchSize: 4, sequences: true }), objective);
  const source = { x, y, shape: [samples, most, 2], sequences: true, lengths };
  await other.fit(new DataLoader(source, { batchSize: 4 }), objective);
  t.deepEqual(await one.weights(), await other.weights());
  const report = t.throwsAsync(
    one.fit(new DataLoader([{ x: Float32Array.of(1, 2), shape: [2, 1], y: 0 }], { batchSize: 1 }), objective),
  );
  t.regex((await report).message, /samples without a time axis/);
});

test('predictions leave out what a sequence was filled up with', async (t) => {
  // Of the steps that are filled up the second neuron is the larger one: 0.3 beside 0.
  using model = await sequential(dense(1, 2), li({ beta: 0 })).compile();
  await model.setWeights({ 'dense1.weight': Float32Array.of(1, 0), 'dense1.bias': Float32Array.of(0, 0.3) });
  const samples = Array.from({ length: 12 }, (_, i) => ({
    x: new Float32Array(i + 1).fill(Number(i % 2 === 0)),
  }));
  const together = collate(samples, { sequences: true });
  const expected = samples.map((_, i) => i % 2);
  t.deepEqual([...(await model.predict(together))], expected);
  const { x, shape } = together;
  t.deepEqual([...(await model.predict({ x, shape }))], [1, 1, 1, ...expected.slice(3)]);
});

test('a collate of its own gets the samples and the context; the transform gets what it made', async (t) => {
  const loader = new DataLoader([{ a: 1 }, { a: 2 }, { a: 3 }], {
    batchSize: 2,
    seed: 9,
    collate: async (samples, { seed, batch }) => [...samples.map(({ a }) => a), seed, batch],
    transform: (numbers, { epoch }) => ({ numbers, epoch }),
  });
  t.deepEqual(await collect(loader), [
    { numbers: [1, 2, 9, 0], epoch: 0 },
    { numbers: [3, 9, 1], epoch: 0 },
  ]);
  const summed = new DataLoader([{ y: 1 }, { y: 2 }], {
    batchSize: 2,
    transform: ({ y }) => y.reduce((sum, label) => sum + label, 0),
  });
  t.deepEqual(await collect(summed), [3]);
});

test('samples that do not fit together are refused, by their number in the source', async (t) => {
  const fails = (samples: object[], options?: object) => outcomeNow(() => collate(samples, options));
  const x = Float32Array.of(1, 2);
  t.regex(
    fails([{ x }, { x: Float32Array.of(1) }]),
    /^shape-mismatch: samples\[1\]\.x: .*\[2\], as samples\[0\]\.x \(.*sequences: true/,
  );
  t.regex(
    fails([{ x }, { x: Float64Array.of(1, 2) }]),
    /samples\[1\]\.x: expected a Float32Array, as samples\[0\]\.x/,
  );
  t.regex(fails([{ x }, { x, y: 1 }]), /samples\[1\]\.y: expected the same fields as samples\[0\]: x/);
  t.regex(fails([{ x, y: 1 }, { x }]), /samples\[1\]\.y: expected the same fields as samples\[0\]: x, y/);
  t.regex(fails([{ x }, 3 as never]), /samples\[1\]: expected an object such as/);
  t.regex(
    fails([
      { x, y: 1 },
      { x, y: 0.5 },
    ]),
    /samples\[1\]\.y: expected a label.*Float32Array\.of/,
  );
  t.regex(fails([{ a: 1 }, { a: '1' }]), /samples\[1\]\.a: expected a number/);
  t.regex(fails([{ x, shape: [3] }]), /^shape-mismatch: samples\[0\]\.x: expected shape \[3\]/);
  t.regex(
    fails([
      { x, shape: [2, 1] },
      { x, shape: [1, 2] },
    ]),
    /samples\[1\]\.shape: .*\[2, 1\]/,
  );
  t.regex(fails([{ x: [1, 2] }], { sequences: true }), /samples\[0\]\.x: expected a typed array/);
  t.regex(fails([3 as never], { sequences: true }), /samples\[0\]: expected an object such as/);
  t.regex(
    fails(
      [
        { x, shape: [2, 1] },
        { x, shape: [1, 2] },
      ],
      { sequences: true },
    ),
    /\[time, 1\], as samples\[0\]/,
  );
  t.regex(
    fails([{ x, shape: [2, 1], y: Uint8Array.of(1, 2, 3) }], { sequences: true, ySequences: true }),
    /samples\[0\]\.y: .*\[2, …\], as many steps as x/,
  );
  t.regex(
    fails([{ x, y: x }], { ySequences: true }),
    /ySequences: expected false, because sequences is not set/,
  );
  t.regex(fails([]), /samples\.length/);
  t.regex(fails([{ x }], { sequence: true }), /did you mean "sequences"/);

  const list = [{ x }, { x }, { x: Float32Array.of(1) }];
  const loader = new DataLoader(list, { batchSize: 3 });
  await t.throwsAsync(collect(loader), { message: /samples\[2\]\.x/ });
  const make = (source: unknown, options: object) =>
    outcomeNow(() => new DataLoader(source as never, { batchSize: 1, ...options }));
  t.regex(
    make({ x, shape: [2, 1] }, { collate: () => 1 }),
    /^invalid-parameter: collate: expected no value, because the source/,
  );
  t.regex(
    make({ x, shape: [2, 1] }, { sequences: true }),
    /^invalid-parameter: sequences: expected no value, because the source/,
  );
  t.regex(make(list, { collate: 3 }), /^invalid-parameter: collate: expected a function/);
  t.regex(
    make(list, { collate: () => 1, sequences: true }),
    /sequences: expected false, because collate is given/,
  );
  const numbers = new DataLoader([1, 2], { batchSize: 1, sequences: true });
  await t.throwsAsync(collect(numbers), { message: /samples\[0\]: expected an object/ });
});
