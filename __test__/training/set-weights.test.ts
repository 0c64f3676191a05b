// What parameters cannot be: numbers that a layer would refuse are refused as weights too, and none is changed.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readTensors, tensorBytes } from '../../src-ts/doors/files.ts';
import { li } from '../../src-ts/doors/neurons.ts';
import { batchNorm, dense, dropout, loss, psn, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const network = sequential(
  dense(2, 2),
  batchNorm(),
  ...psn(4, { order: 2, lambda: 0.5, name: 'psn' }),
  dropout(0.5),
  dense(2, 2),
  li({ beta: 0.5 }),
);
const bad: [name: string, values: number[], says: RegExp][] = [
  [
    'psn.time.lambda',
    [2],
    /^invalid-parameter: psn\.time\.lambda\[0\]: expected a number from 0 to 1 but got 2$/,
  ],
  ['psn.time.lambda', [-1], /^invalid-parameter: psn\.time\.lambda\[0\]: .*but got -1$/],
  [
    'batchNorm1.runningVariance',
    [1, -1],
    /^invalid-parameter: batchNorm1\.runningVariance\[1\]: expected a number of at least 0/,
  ],
  [
    'dropout1.draws',
    [1e30],
    /^invalid-parameter: dropout1\.draws\[0\]: expected a whole number from 0 to \d+ but got/,
  ],
  ['dropout1.draws', [1.5], /^invalid-parameter: dropout1\.draws\[0\]: .*but got 1\.5$/],
  ['dropout1.draws', [-1], /^invalid-parameter: dropout1\.draws/],
  ['dense2.weight', [1, 2, 3], /^shape-mismatch: dense2\.weight/],
];
for (const precision of ['f32', 'f64'] as const) {
  test(`what layers refuse is refused as a weight, and changes nothing: ${precision}`, async (t) => {
    using model = await network.compile({ precision });
    const before = await model.weightsSha256();
    const first = {
      'dense1.weight': Float64Array.of(1, 2, 3, 4),
      'batchNorm1.runningMean': Float32Array.of(3, 4),
    };
    for (const [name, values, says] of bad) {
      t.regex(await outcome(() => model.setWeights({ ...first, [name]: Float64Array.from(values) })), says);
      t.is(await model.weightsSha256(), before, name);
    }
    const good = {
      'psn.time.lambda': [1],
      'batchNorm1.runningVariance': [0, 2],
      'batchNorm1.runningMean': [-1, 2],
      'dropout1.draws': [7],
    };
    await model.setWeights(
      Object.fromEntries(Object.entries(good).map(([n, x]) => [n, Float64Array.from(x)])),
    );
    const weights = await model.weights();
    for (const [name, values] of Object.entries(good)) t.deepEqual([...weights[name]!], values);
  });
}

test('masks go on changing where f32 no longer counts', async (t) => {
  using model = await sequential(dense(2, 64), dropout(0.5), dense(64, 2), li({ beta: 0.5 })).compile();
  const last = 2 ** 24 - 1;
  await model.setWeights({ 'dropout1.draws': Float32Array.of(last - 1) });
  t.regex(await outcome(() => model.setWeights({ 'dropout1.draws': Float32Array.of(last + 1) })), /16777215/);
  const x = { x: new Float32Array(4).fill(1), shape: [2, 1, 2], y: Uint32Array.of(1) } as const;
  const seen: [number, number][] = [];
  for (let step = 0; step < 4; step++) {
    const { loss: value } = await model.trainStep(x, { loss: loss.crossEntropyMembrane() });
    seen.push([(await model.weights())['dropout1.draws']![0]!, value]);
  }
  t.deepEqual(
    seen.map(([draws]) => draws),
    [last, 0, 1, 2],
  );
  t.is(new Set(seen.map(([, value]) => value)).size, 4);
});

test('what a file holds fits as it was read, with its shapes', async (t) => {
  const small = sequential(dense(2, 3), li({ beta: 0.5 }));
  using from = await small.compile({ seed: 1 });
  using to = await small.compile({ seed: 2 });
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-weights-'));
  try {
    const file = join(folder, 'weights.safetensors');
    await from.save(file);
    const { tensors } = await readTensors(file);
    await to.setWeights(tensors);
    t.is(await to.weightsSha256(), await from.weightsSha256());
    const { data } = tensors.get('dense1.weight')!;
    await to.setWeights({ 'dense1.weight': { data, shape: [3, 2] }, 'dense1.bias': new Float32Array(3) });
    const failing = (weights: unknown) => outcome(() => to.setWeights(weights as never));
    // As many elements, but transposed.
    t.is(
      await failing({ 'dense1.weight': { data, shape: [2, 3] } }),
      'shape-mismatch: dense1.weight: expected shape [3, 2] but got [2, 3]',
    );
    t.is(
      await failing({ 'dense1.weight': { data, shape: [3, 2], dtyp: 'F32' } }),
      'unknown-name: unknown option of dense1.weight "dtyp"; did you mean "dtype"?',
    );
    t.regex(await failing({ 'dense1.weight': { shape: [3, 2] } }), /^invalid-parameter: dense1.weight.data/);
    t.regex(
      await failing(new Map([['fc.weight', data]])),
      /^unknown-name: unknown parameter "fc.weight"; known/,
    );
    t.regex(
      await failing({ 'dense1.weight': [1, 2, 3] }),
      /^invalid-parameter: dense1.weight: expected one of/,
    );
    t.regex(await failing(data), /^invalid-parameter: weights: expected an object or a map/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the shape that an array carries is compared, wherever arrays with a shape are taken', async (t) => {
  using model = await sequential(dense(3, 2), li({ beta: 0.5 })).compile();
  using other = await sequential(dense(2, 3), li({ beta: 0.5 })).compile();
  const own = await model.weights();
  t.deepEqual(own['dense1.weight']!.shape, [2, 3]);
  await model.setWeights(own);
  const before = await other.weightsSha256();
  // As many numbers, in another shape.
  const weight = own['dense1.weight']!;
  for (const given of [weight, { data: weight, shape: [2, 3] }])
    t.regex(
      await outcome(() => other.setWeights({ 'dense1.weight': given })),
      /^shape-mismatch: dense1\.weight: expected shape \[3, 2\] but got \[2, 3\]$/,
    );
  t.is(await other.weightsSha256(), before);
  // An array without a shape is taken by its length; so is a copy, which has none.
  await other.setWeights({ 'dense1.weight': weight.slice() });
  const wrong = Object.assign(new Float32Array(6), { shape: [4, 2] });
  const noShape = Object.assign(new Float32Array(6), { shape: '2,3' });
  for (const [name, taken] of [
    ['setWeights', (x: Float32Array) => model.setWeights({ 'dense1.weight': x })],
    ['importWeights', (x: Float32Array) => model.importWeights({ 'dense1.weight': x } as never)],
    ['tensorBytes', (x: Float32Array) => tensorBytes({ 'dense1.weight': x })],
  ] as const) {
    t.regex(
      await outcome(() => taken(wrong)),
      /^shape-mismatch: .*dense1\.weight: expected shape \[4, 2\] \(8 elements\) but got 6/,
      name,
    );
    t.regex(await outcome(() => taken(noShape)), /^invalid-parameter: .*dense1\.weight\.shape/, name);
  }
});
