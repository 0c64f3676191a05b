// Each row of a sweep over hyper-parameters is, bit for bit, what compile and fit give.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { trainMany } from '../../src-ts/doors/study.ts';
import { adam, dense, LapicqueError, loss, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const [steps, samples, inputs, classes] = [12, 48, 10, 3];
const y = Uint8Array.from({ length: samples }, (_, i) => i % classes);
const x = Uint8Array.from({ length: steps * samples * inputs }, (_, i) => {
  const [sample, input] = [Math.floor(i / inputs) % samples, i % inputs];
  return (i * 7919 + sample * 31) % 10 < (input % classes === y[sample] ? 6 : 2) ? 1 : 0;
});

const data = (seed: number) =>
  new DataLoader(
    { x, y, shape: [steps, samples, inputs], timeMajor: true },
    { batchSize: 16, shuffle: true, seed },
  );
const model = (beta: number, vThreshold: number) =>
  sequential(dense(inputs, 20), lif({ beta, vThreshold }), dense(20, classes), li({ beta: 0.9 }));
const training = (lr: number) => ({
  epochs: 2,
  loss: loss.crossEntropyMeanMembrane(),
  optimizer: adam({ lr }),
  validation: data(99),
});

test('rows equal models of their own, however many are trained at a time', async (t) => {
  const axes = { lr: [1e-3, 1e-2], beta: [0.8], vThreshold: [0.7, 1] };
  let expected: string[] | undefined;
  for (const parallel of [1, 2, 4]) {
    const hashes: string[] = [];
    const sweep = await trainMany({
      axes,
      seeds: [1, 2],
      model: (row) => model(row.beta, row.vThreshold),
      data: ({ seed }) => data(seed),
      fit: ({ lr }) => training(lr),
      parallel,
      onModel: async (trained, { row }) => {
        hashes[row] = await trained.weightsSha256();
      },
    });
    t.is(sweep.rows, 8);
    t.deepEqual(sweep.failed, []);
    if (expected === undefined) {
      expected = [];
      for (let row = 0; row < sweep.rows; row++) {
        const number = (name: keyof typeof axes) => sweep.axes[name][row]!;
        using alone = await model(number('beta'), number('vThreshold')).compile({ seed: sweep.seeds[row]! });
        const { history, bestEpoch } = await alone.fit(data(sweep.seeds[row]!), training(number('lr')));
        expected.push(await alone.weightsSha256());
        const last = history.at(-1)!;
        t.is(sweep.columns.loss[row], last.loss);
        t.is(sweep.columns.accuracy[row], last.accuracy);
        t.is(sweep.columns.validationLoss[row], last.validationLoss);
        t.is(sweep.columns.epochs[row], 2);
        t.is(sweep.columns.bestEpoch[row], bestEpoch);
      }
      t.is(new Set(expected).size, 8, 'rows must differ');
    }
    t.deepEqual(hashes, expected);
  }
});

test('a row that fails is told and the others go on', async (t) => {
  const sweep = await trainMany({
    axes: { lr: [1e-3, -1, 1e-2] },
    model: () => model(0.9, 1),
    data: ({ row }) => {
      if (row === 2) throw new Error('no data');
      return data(0);
    },
    fit: ({ lr }) => training(lr),
  });
  t.deepEqual(
    sweep.failed.map(({ row, error }) => [row, error instanceof LapicqueError ? error.code : error.message]),
    [
      [1, 'invalid-parameter'],
      [2, 'no data'],
    ],
  );
  t.deepEqual([...sweep.columns.loss].map(Number.isNaN), [false, true, true]);
});

test('what is wrong with all rows, or with the sweep, is refused', async (t) => {
  const valid = { axes: {}, model: () => model(0.9, 1), data: () => data(0), fit: () => training(1e-3) };
  const wrong: [object, RegExp][] = [
    [{ ...valid, axes: { seed: [1] } }, /another name/],
    [{ ...valid, axes: { lr: ['fast'] } }, /axes\['lr'\]\[0\]/],
    [{ ...valid, model: () => 3 }, /a network/],
    [{ ...valid, fit: undefined }, /a function/],
    [{ ...valid, fits: 1 }, /fits/],
  ];
  for (const [options, message] of wrong) {
    const error = await failure(() => trainMany(options as never));
    t.regex(error?.message ?? 'succeeded', message);
  }
  const controller = new AbortController();
  const sweep = trainMany({
    ...valid,
    seeds: [1, 2, 3],
    fit: () => ({ ...training(1e-3), epochs: 1e6 }),
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 50);
  t.is((await t.throwsAsync(sweep))?.name, 'AbortError');
});
