// Activations of artificial networks: values and gradients against their formulas, training with runs of one step.
import test from 'ava';
import { readTensors } from '../../src-ts/doors/files.ts';
import { clippedRelu, qcfs, rateUnit, relu } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  loss,
  maxPool2d,
  residual,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { deviation, uniform } from '../support/numbers.ts';

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x));

test('qcfs is θ/L clip(⌊x L/θ + 1/2⌋, 0, L), with a theta of one, per neuron and per channel', async (t) => {
  for (const [theta, levels] of [
    [1.5, 4],
    [[0.5, 1, 2, 3], 8],
    [2.25, 1],
  ] as const) {
    const model = await sequential(input(4, 3, 2), qcfs({ theta: theta as number, levels })).compile({
      precision: 'f64',
    });
    const x = Float64Array.from(uniform(24 * 50, 1, -2, 5));
    const { v } = await model.run({ x, shape: [1, 50, 24] });
    const expected = x.map((z, i) => {
      const own = typeof theta === 'number' ? theta : theta[Math.floor((i % 24) / 6)]!;
      return (clip(Math.floor((z * levels) / own + 0.5), 0, levels) * own) / levels;
    });
    t.true(deviation(v, expected) < 1e-12);
    const learned = model.info.parameters.map(({ shape }) => [...shape]);
    t.deepEqual(learned, [[typeof theta === 'number' ? 1 : 4]]);
  }
});

test('the gradient of qcfs is the straight-through estimator’s', async (t) => {
  const [theta, levels, n] = [1.7, 8, 200];
  const model = await sequential(dense(1, n), qcfs({ theta, levels })).compile({ precision: 'f64' });
  const z = Float64Array.from(uniform(n, 2, -1, 3));
  await model.setWeights({ 'dense1.weight': z, 'dense1.bias': new Float64Array(n) });
  const passed = await model.forward({ x: Float64Array.of(1), shape: [1, 1, 1] });
  const cotangent = Float64Array.from(uniform(n, 3));
  await passed.backward({ v: cotangent });
  const gradients = await model.gradients();
  // T. Bu et al., ICLR 2022: 1 between 0 and θ for the input; within it v/θ - x/θ for θ, and 1 above.
  const within = z.map((x) => Number(x > 0 && x < theta));
  t.true(
    deviation(
      gradients['dense1.bias']!,
      cotangent.map((g, i) => g * within[i]!),
    ) < 1e-12,
  );
  const ofTheta = z.reduce((sum, x, i) => {
    const level = clip(Math.floor((x * levels) / theta + 0.5), 0, levels);
    const own = x >= theta ? 1 : x > 0 ? level / levels - x / theta : 0;
    return sum + cotangent[i]! * own;
  }, 0);
  t.true(Math.abs(gradients['qcfs1.theta']![0]! - ofTheta) < 1e-10);
});

test('relu and clippedRelu, and the gradient of a learned ceiling', async (t) => {
  const x = Float64Array.of(-2, -0.5, 0, 0.5, 1, 3);
  const rectified = await sequential(input(6), relu()).compile({ precision: 'f64' });
  t.deepEqual([...(await rectified.run({ x, shape: [1, 1, 6] })).v], [0, 0, 0, 0.5, 1, 3]);
  const model = await sequential(input(6), clippedRelu({ ceiling: 0.75, trainable: true })).compile({
    precision: 'f64',
  });
  const passed = await model.forward({ x, shape: [1, 1, 6] });
  t.deepEqual([...passed.v], [0, 0, 0, 0.5, 0.75, 0.75]);
  await passed.backward({ v: Float64Array.of(1, 1, 1, 1, 10, 100) });
  t.is((await model.gradients())['clippedRelu1.ceiling']![0], 110);
});

test('activations refuse what is out of range, by name', async (t) => {
  const cases: [() => unknown, string][] = [
    [() => qcfs({ levels: 0 }), 'qcfs.levels'],
    [() => qcfs({ levels: 1.5 }), 'qcfs.levels'],
    [() => qcfs({ theta: 0 }), 'qcfs.theta'],
    [() => qcfs({ theta: [1, -1] }), 'qcfs.theta[1]'],
    [() => qcfs({ trainable: 1 as never }), 'qcfs.trainable'],
    [() => clippedRelu({ ceiling: Number.NaN }), 'clippedRelu.ceiling'],
  ];
  for (const [call, name] of cases) {
    const error = await failure(call);
    t.is(error?.code, 'invalid-parameter', name);
    t.true(error?.message.startsWith(name), error?.message);
  }
  t.is((await failure(() => relu({ slope: 1 } as never)))?.code, 'unknown-name');
});

test('networks without time train through fit with one step', async (t) => {
  const { tensors } = await readTensors('__test__/files/fixtures/ann/digits100.safetensors');
  const x = tensors.get('input')!.data as Float32Array;
  const y = Uint8Array.from(tensors.get('label')!.data as ArrayLike<number>, Number);
  const batch = { x, shape: [100, 784], y };
  const networks = {
    dense: sequential(dense(784, 64), relu(), dense(64, 10), rateUnit()),
    quantized: sequential(dense(784, 64), qcfs(), dense(64, 10), rateUnit()),
    convolutional: sequential(
      input(1, 28, 28),
      conv2d(1, 4, 5, { stride: 2 }),
      batchNorm(),
      clippedRelu({ ceiling: 2 }),
      avgPool2d(2),
      residual([conv2d(4, 4, 3, { padding: 1 }), batchNorm()]),
      relu(),
      maxPool2d(2),
      flatten(),
      dense(36, 10),
      rateUnit(),
    ),
  };
  for (const [name, network] of Object.entries(networks)) {
    const model = await network.compile({ seed: 1 });
    const { history } = await model.fit([batch], {
      steps: 1,
      epochs: 60,
      loss: loss.crossEntropyMembrane(),
      optimizer: adam({ lr: 1e-2 }),
    });
    const evaluated = await model.evaluate([batch], { steps: 1, loss: loss.crossEntropyMembrane() });
    t.true(history.at(-1)!.loss < 0.5 * history[0]!.loss, name);
    t.true(evaluated.accuracy > 0.97, `${name}: ${evaluated.accuracy}`);
  }
});
