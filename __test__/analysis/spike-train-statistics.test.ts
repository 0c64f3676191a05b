// Statistics of spike trains through the public interface. Their numbers are compared with elephant's and PySpike's by
// vectors.test.ts, with closed forms in the engine's tests.
import test from 'ava';
import * as analysis from '../../src-ts/doors/analysis.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, type ErrorCode, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const trains = analysis.spikeTrains([[1, 3, 5, 9], [2, 4], []], { stop: 10 });

test('spikes in any order give the same numbers', async (t) => {
  const shuffled = {
    times: Float64Array.of(9, 2, 1, 5, 4, 3),
    ids: Uint32Array.of(0, 1, 0, 0, 1, 0),
    neurons: 3,
    stop: 10,
  };
  for (const train of [trains, shuffled]) {
    t.deepEqual(await analysis.rates(train), Float64Array.of(400, 200, 0));
    const { values, offsets } = await analysis.intervals(train);
    t.deepEqual([...values], [2, 2, 4, 2]);
    t.deepEqual([...offsets], [0, 3, 4, 4]);
    t.deepEqual([...(await analysis.cv(train))].map(Number.isNaN), [false, true, true]);
  }
});

test('matrices are symmetric and carry their shape and mean', async (t) => {
  for (const { values, shape, mean } of [
    await analysis.vanRossum(trains, { tau: 5 }),
    await analysis.victorPurpura(trains, { q: 0.1 }),
    await analysis.isiDistance(trains),
    await analysis.spikeDistance(trains),
    await analysis.spikeSynchronization(trains),
  ]) {
    t.deepEqual(shape, [3, 3]);
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      t.is(values[3 * i + j], values[3 * j + i]);
    t.true(mean >= Math.min(...values) && mean <= Math.max(...values));
  }
  t.deepEqual(
    (await analysis.victorPurpura(trains, { q: 0 })).values,
    Float64Array.of(0, 2, 4, 2, 0, 2, 4, 2, 0),
  );
});

test('histograms carry their edges', async (t) => {
  const whole = await analysis.psth(trains, { bin: 5 });
  t.deepEqual(whole, { counts: Float64Array.of(4, 2), edges: Float64Array.of(0, 5, 10) });
  const around = await analysis.psth(trains, { bin: 2, events: [2, 4], window: [-2, 2] });
  t.deepEqual(around, { counts: Float64Array.of(3, 4), edges: Float64Array.of(-2, 0, 2) });
  const { values, shape } = await analysis.binned(trains, { bin: 2.5, binary: true });
  t.deepEqual(shape, [3, 4]);
  t.deepEqual([...values], [1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0]);
});

test('some trains, and a part of the time', async (t) => {
  const some = analysis.select(trains, [1, 0]);
  t.deepEqual([some.neurons, ...some.times], [2, 1, 3, 5, 9, 2, 4]);
  t.deepEqual([...some.ids], [1, 1, 1, 1, 0, 0]);
  const later = analysis.within(trains, { start: 3, stop: 9 });
  t.deepEqual([...later.times, later.start, later.stop], [3, 5, 4, 3, 9]);
  t.deepEqual(await analysis.rates(later), Float64Array.of(2 / 0.006, 1 / 0.006, 0));
});

test('the spikes of a model that has been run', async (t) => {
  const [steps, batch, neurons] = [50, 2, 3];
  using model = await sequential(dense(4, neurons), lif({ beta: 0.9 })).compile({ seed: 2 });
  const x = new Float32Array(steps * batch * 4).fill(1);
  const { spikes } = await model.run({ x, shape: [steps, batch, 4] });
  const inputTrains = analysis.fromRaster(spikes!, [steps, batch, neurons], { dt: 2 });
  t.deepEqual([inputTrains.neurons, inputTrains.stop], [6, 100]);
  const rates = await analysis.rates(inputTrains);
  for (let train = 0; train < 6; train++) {
    let count = 0;
    for (let step = 0; step < steps; step++) count += spikes![step * 6 + train]!;
    t.is(rates[train], count / 0.1);
  }
  t.true(rates.some((rate) => rate > 0));
});

test('a hundred thousand trains', async (t) => {
  const [neurons, spikes] = [100_000, 1_000_000];
  const times = Float64Array.from({ length: spikes }, (_, k) => k / 1000);
  const ids = Uint32Array.from({ length: spikes }, (_, k) => (k * 7919) % neurons);
  const many = { times, ids, neurons, stop: 1000 };
  const rates = await analysis.rates(many);
  t.true(rates.every((rate) => rate === 10));
  const cv = await analysis.cv(many);
  t.true(cv.every((value) => value < 1e-9));
  const failed = await failure(() => analysis.isiDistance({ ...many, neurons: 2 ** 24 }));
  t.is(failed?.code, 'too-large');
});

test('canceled', async (t) => {
  const error = await failure(() => analysis.spikeDistance(trains, { signal: AbortSignal.abort('enough') }));
  t.is(error?.name, 'AbortError');
  t.is(error?.cause, 'enough');
});

const other = { times: Float64Array.of(1, 2), ids: Uint32Array.of(0, 1), neurons: 2, stop: 10 };
const refused: readonly (readonly [what: string, call: () => unknown, code: ErrorCode, name?: string])[] = [
  ['no trains', () => analysis.rates(undefined as never), 'invalid-parameter', 'trains'],
  [
    'times that are a list',
    () => analysis.rates({ ...other, times: [1, 2] as never }),
    'invalid-parameter',
    'times',
  ],
  ['fewer ids', () => analysis.rates({ ...other, ids: Uint32Array.of(0) }), 'invalid-parameter', 'ids'],
  ['an id too large', () => analysis.rates({ ...other, neurons: 1 }), 'invalid-parameter', 'ids[1]'],
  ['a spike too late', () => analysis.rates({ ...other, stop: 1.5 }), 'invalid-parameter', 'times[1]'],
  [
    'NaN',
    () => analysis.rates({ ...other, times: Float64Array.of(1, Number.NaN) }),
    'invalid-parameter',
    'times[1]',
  ],
  [
    'twice one spike',
    () => analysis.rates({ ...other, times: Float64Array.of(1, 1), ids: Uint32Array.of(0, 0) }),
    'invalid-parameter',
    'times',
  ],
  ['no time', () => analysis.rates({ ...other, start: 10 }), 'invalid-parameter', 'stop'],
  [
    'a negative number of trains',
    () => analysis.rates({ ...other, neurons: -1 }),
    'invalid-parameter',
    'neurons',
  ],
  ['an unknown option', () => analysis.cv(other, { tau: 1 } as never), 'unknown-name'],
  ['tau 0', () => analysis.vanRossum(other, { tau: 0 }), 'invalid-parameter', 'tau'],
  ['no tau', () => analysis.vanRossum(other, {} as never), 'invalid-parameter', 'tau'],
  ['a negative cost', () => analysis.victorPurpura(other, { q: -1 }), 'invalid-parameter', 'q'],
  ['a bin of nothing', () => analysis.binned(other, { bin: 0 }), 'invalid-parameter', 'bin'],
  ['a bin too long', () => analysis.correlation(other, { bin: 11 }), 'invalid-parameter', 'bin'],
  [
    'a train that is not there',
    () => analysis.spikeProfile(other, { pair: [0, 2] }),
    'invalid-parameter',
    'pair[1]',
  ],
  [
    'lags between bins',
    () => analysis.crossCorrelogram(other, { pair: [0, 1], bin: 2, window: [-1, 2] }),
    'invalid-parameter',
    'window[0]',
  ],
  [
    'an event at the edge',
    () => analysis.psth(other, { bin: 1, events: [9.5], window: [0, 1] }),
    'invalid-parameter',
    'events[0]',
  ],
  [
    'a window without events',
    () => analysis.psth(other, { bin: 1, window: [0, 1] }),
    'invalid-parameter',
    'window',
  ],
  [
    'events without a window',
    () => analysis.psth(other, { bin: 1, events: [2] }),
    'invalid-parameter',
    'window',
  ],
  [
    'a segment too long',
    () => analysis.powerSpectrum(other, { bin: 1, segment: 11 }),
    'invalid-parameter',
    'segment',
  ],
  [
    'overlap of all',
    () => analysis.powerSpectrum(other, { bin: 1, overlap: 1 }),
    'invalid-parameter',
    'overlap',
  ],
  [
    'an unknown taper',
    () => analysis.powerSpectrum(other, { bin: 1, taper: 'han' as never }),
    'unknown-name',
  ],
  ['a train twice', () => analysis.select(other, [0, 0]), 'invalid-parameter', 'ids[1]'],
  ['beyond the trains', () => analysis.within(other, { start: 2, stop: 11 }), 'invalid-parameter', 'stop'],
  [
    'a list that is none',
    () => analysis.spikeTrains([[1], 2 as never], { stop: 5 }),
    'invalid-parameter',
    'lists[1]',
  ],
  // Each looks like a number to a typed array.
  ...[['5'], [null], [true], [[3]], [1, Number.NaN]].map((list): (typeof refused)[number] => [
    `a time that is ${JSON.stringify(list)}`,
    () => analysis.spikeTrains([[1], list as never], { stop: 5 }),
    'invalid-parameter',
    `lists[1][${list.length - 1}]`,
  ]),
  [
    'a list of less than nothing',
    () => analysis.spikeTrains([{ length: -1 }], { stop: 5 }),
    'invalid-parameter',
    'lists[0]',
  ],
  [
    'times that no number of JavaScript holds',
    () => analysis.spikeTrains([BigInt64Array.of(1n, 2n ** 60n)], { stop: 5 }),
    'invalid-parameter',
    'lists[0][1]',
  ],
  ['a raster of another shape', () => analysis.fromRaster(new Uint8Array(5), [2, 3]), 'shape-mismatch'],
];

for (const [what, call, code, name] of refused) {
  test(`refused: ${what}`, async (t) => {
    const error = await failure(call);
    t.is(error?.code, code);
    if (name !== undefined) t.like(error?.details, { name });
  });
}
