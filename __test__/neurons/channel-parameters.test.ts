// Parameters of neurons that the pixels of a channel share.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Description } from '../../src-ts/doors/files.ts';
import { li, lif, neuron, parametricLif, surrogate } from '../../src-ts/doors/neurons.ts';
import { compile, conv2d, dense, flatten, input, Model, sequential, sgd } from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

test('the gradient of a channel’s decay is the sum over its pixels', async (t) => {
  // v[0] = x[0], v[1] = beta v[0] + x[1]: d sum(v[1]) / d beta of a channel is the sum of x[0] over its pixels.
  const betas = [0.5, 0.25];
  const network = sequential(input(2, 1, 3), li({ beta: betas, learn: ['beta'] }));
  const model = await network.compile({ precision: 'f64' });
  t.deepEqual(
    model.info.parameters.map(({ name, shape }) => [name, [...shape]]),
    [['li1.beta', [2]]],
  );
  t.is(model.parameterCount, 2);
  const x = Float64Array.of(1, 2, 3, 40, 50, 60, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6);
  const out = await model.forward({ x, shape: [2, 1, 6] });
  const expected = [0.6, 1.2, 1.8, 10.4, 13, 15.6];
  t.true(deviation(out.v.subarray(6), expected) < 1e-15);
  const cotangent = new Float64Array(12).fill(1, 6);
  await out.backward({ v: cotangent });
  t.deepEqual([...(await model.gradients())['li1.beta']!], [6, 150]);
  await model.step(sgd({ lr: 0.001 }));
  const after = [...(await model.weights())['li1.beta']!];
  t.true(deviation(after, [0.5 - 0.006, 0.25 - 0.15]) < 1e-15);
  // The new values reach every pixel.
  const { v } = await model.run({ x, shape: [2, 1, 6] });
  t.true(
    deviation(
      v.subarray(6),
      [1, 2, 3, 40, 50, 60].map((value, i) => after[i < 3 ? 0 : 1]! * value + x[6 + i]!),
    ) < 1e-15,
  );
});

const gated = neuron({
  state: { v: 0, z: 0 },
  params: { a: 0.9, b: 1 },
  update: 'v[t] = sigmoid(a)*v[t-1] + i - b*z[t-1]; z[t] = 0',
  spike: 'v > 1',
  reset: 'z = 1',
  detachReset: false,
});
/** Values for each channel, or the same for each of its 9 pixels. */
const values = (list: number[], each: boolean) =>
  each ? list.flatMap((value) => new Array(9).fill(value)) : list;
const make = (each: boolean, precision: 'f32' | 'f64' = 'f64') =>
  sequential(
    input(1, 5, 5),
    conv2d(1, 4, 3),
    lif({
      beta: values([0.9, 0.8, 0.7, 0.6], each),
      vThreshold: values([1, 0.5, 0.7, 0.9], each),
      learn: ['beta', 'vThreshold'],
      surrogate: surrogate.sigmoid({ slope: 3 }),
    }),
    conv2d(4, 3, 3, { padding: 1 }),
    gated({ a: values([1, 2, 3], each), b: values([1, 0.8, 0.6], each), learn: ['a', 'b'] }),
    conv2d(3, 2, 1),
    parametricLif({ tauInit: values([2, 3], each) }),
    flatten(),
    dense(18, 2),
    li({ beta: 0.9 }),
  ).compile({ seed: 5, precision });
const batch = {
  x: Float32Array.from({ length: 6 * 3 * 25 }, (_, i) => ((i * 13) % 7) / 3),
  shape: [6, 3, 25],
};

test('a value for each channel is that value for each of its pixels, and the gradients add up', async (t) => {
  const [shared, own] = [await make(false), await make(true)];
  const passes = [await shared.forward(batch), await own.forward(batch)];
  t.deepEqual(passes[0]!.v, passes[1]!.v);
  const v = Float64Array.from(passes[0]!.v, (_, i) => Math.sin(i));
  for (const { backward } of passes) await backward({ v });
  const [a, b] = [await shared.gradients(), await own.gradients()];
  let compared = 0;
  for (const [name, gradient] of Object.entries(a)) {
    const other = Float64Array.from(b[name]!);
    const run = other.length / gradient.length;
    const sums = Array.from(gradient, (_, c) =>
      other.subarray(c * run, (c + 1) * run).reduce((sum, g) => sum + g, 0),
    );
    t.true(deviation(gradient, sums) < 1e-12, name);
    if (run === 9) compared += 1;
  }
  t.is(compared, 5);
});

test('files, descriptions and sessions keep them', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  try {
    const model = await make(false, 'f32');
    const { backward } = await model.forward(batch);
    await backward({ v: new Float32Array(6 * 3 * 2).fill(0.1) });
    await model.step(sgd({ lr: 0.1 }));
    const path = join(folder, 'model.safetensors');
    await model.save(path);
    const loaded = await Model.load(path);
    t.is(await loaded.weightsSha256(), await model.weightsSha256());
    const described = await compile(
      JSON.parse(JSON.stringify(await model.currentDescription())) as Description,
    );
    const learned = ({ name }: { name: string }) => /beta|vThreshold|custom|parametric/.test(name);
    for (const { name } of model.info.parameters.filter(learned)) {
      t.deepEqual((await described.weights())[name], (await model.weights())[name], name);
    }
    const one = { x: batch.x.subarray(0, 150), shape: [6, 1, 25] };
    const { v } = await loaded.run(one);
    const session = await loaded.session();
    for (let step = 0; step < 6; step++) {
      session.push(one.x.slice(25 * step, 25 * (step + 1)));
      t.deepEqual([...session.membrane()], [...v.subarray(2 * step, 2 * (step + 1))]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('lists of other lengths and wrong descriptions are refused', async (t) => {
  await t.throwsAsync(
    sequential(input(2, 2, 2), lif({ beta: [0.9, 0.8, 0.7] }), dense(8, 1), li({ beta: 0.9 })).compile(),
    {
      code: 'shape-mismatch',
    },
  );
  // A line of neurons has no channels.
  await t.throwsAsync(
    sequential(dense(2, 8), lif({ beta: [0.9, 0.8] }), dense(8, 1), li({ beta: 0.9 })).compile(),
    {
      code: 'shape-mismatch',
    },
  );
  const { description } = sequential(input(2, 1, 3), li({ beta: [0.5, 0.25], learn: ['beta'] }));
  const text = JSON.stringify(description);
  for (const wrong of ['{"beta":4}', '{"beta":6}', '{"beta":0}', '{"beta":1.5}', '{"bet":3}', '3']) {
    const changed = text.replace('"shared":{"beta":3}', `"shared":${wrong}`);
    t.not(changed, text);
    await t.throwsAsync(compile(JSON.parse(changed) as Description), { code: 'invalid-parameter' }, wrong);
  }
});
