// The gradient with respect to the input, of hand-written losses: against finite differences, and against losses of the engine.
import test from 'ava';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  flatten,
  input,
  loss,
  type Model,
  type OwnLoss,
  sequential,
  sgd,
} from '../../src-ts/index.ts';
import { deviation } from '../support/numbers.ts';

/** Values from -1 to 1 that follow no pattern. */
const values = (length: number, seed = 1) =>
  Float64Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) * seed) ** 3);

/** Weights of a linear loss of the membrane, so that its gradient is known. */
const linear = (shape: readonly number[]) => values(shape[0]! * shape[1]! * shape[2]!, 3);

const networks = {
  dense: () => sequential(dense(5, 7), li({ beta: 0.8 }), dense(7, 3), li({ beta: 0.6 })),
  convolution: () =>
    sequential(
      input(2, 4, 4),
      conv2d(2, 3, 3, { padding: 1 }),
      li({ beta: 0.7 }),
      flatten(),
      dense(48, 3),
      li({ beta: 0.5 }),
    ),
  direct: () => sequential(li({ beta: 0.7, neurons: 6 })),
};

/** Sum over outputs of weight times v², and its gradient. */
const quadratic = ({ v, shape }: { v: Float64Array; shape: readonly [number, number, number] }) => {
  const factor = linear(shape);
  return {
    loss: v.reduce((sum, x, i) => sum + factor[i]! * x * x, 0),
    gradV: v.map((x, i) => 2 * factor[i]! * x),
  };
};

for (const [name, make] of Object.entries(networks)) {
  for (const constant of [false, true]) {
    test(`${name}, ${constant ? 'constant' : 'changing'} input: equals finite differences`, async (t) => {
      using model = await make().compile({ precision: 'f64', seed: 2 });
      const { size } = model.description.input;
      const [steps, batch] = [4, 3];
      const shape = constant ? [batch, size] : [steps, batch, size];
      const x = values(shape.reduce((a, b) => a * b));
      const how = constant ? { steps } : {};
      const out = await model.forward({ x, shape }, how);
      const { inputGradient } = await out.backward({ v: quadratic(out).gradV }, { inputGradient: true });
      t.is(inputGradient!.length, x.length);
      const valueAt = async (changed: Float64Array) =>
        quadratic(await model.forward({ x: changed, shape }, how)).loss;
      for (let i = 0; i < x.length; i += 7) {
        const h = 1e-5;
        const [up, down] = [x.slice(), x.slice()];
        up[i]! += h;
        down[i]! -= h;
        const slope = ((await valueAt(up)) - (await valueAt(down))) / (2 * h);
        t.true(
          Math.abs(inputGradient![i]! - slope) <= 1e-6 * Math.max(1, Math.abs(slope)),
          `${i}: ${inputGradient![i]} ${slope}`,
        );
      }
    });
  }
}

/** A spiking network, with more samples than one chunk of a pass holds. */
const spiking = () =>
  sequential(dense(20, 64), lif({ beta: 0.9 }), dense(64, 4), lif({ beta: 0.9 })).compile({
    precision: 'f64',
  });
const [samples, steps] = [200, 12];
const batch = {
  x: Float64Array.from(values(steps * samples * 20), Math.abs),
  shape: [steps, samples, 20],
  y: Uint32Array.from({ length: samples }, (_, i) => i % 4),
};

/** Cross entropy of the summed membrane, written by hand. */
const crossEntropy: OwnLoss = ({ v, shape: [time, size, classes] }, { y }) => {
  const gradV = new Float64Array(v.length);
  let total = 0;
  for (let sample = 0; sample < size; sample += 1) {
    const logits = Array.from({ length: classes }, (_, k) => {
      let sum = 0;
      for (let step = 0; step < time; step += 1) sum += v[(step * size + sample) * classes + k]!;
      return sum / time;
    });
    const most = Math.max(...logits);
    const all = logits.reduce((sum, x) => sum + Math.exp(x - most), 0);
    const label = Number(y[sample]);
    total += Math.log(all) + most - logits[label]!;
    for (const [k, x] of logits.entries()) {
      const gradient = (Math.exp(x - most) / all - Number(k === label)) / size / time;
      for (let step = 0; step < time; step += 1) gradV[(step * size + sample) * classes + k] = gradient;
    }
  }
  return { loss: total / size, gradV };
};

test('a loss of one’s own and the same loss of the engine have the same gradient of the input', async (t) => {
  const report = async (own: boolean, segment?: number) => {
    using model = await spiking();
    return await model.trainStep(batch, {
      loss: own ? crossEntropy : loss.crossEntropyMeanMembrane(),
      inputGradient: true,
      ...(segment === undefined ? {} : { segment }),
    });
  };
  const engine = await report(false);
  t.true(engine.inputGradient!.some((x) => x !== 0));
  for (const segment of [undefined, 5]) {
    const own = await report(true, segment);
    t.true(Math.abs(own.loss - engine.loss) < 1e-12);
    t.is(own.inputGradient!.length, batch.x.length);
    t.true(deviation(own.inputGradient!, engine.inputGradient!) < 1e-12, `segment ${segment}`);
  }
});

test('it is absent unless asked for, and a flag', async (t) => {
  using model = await spiking();
  const run = () => model.forward(batch);
  t.deepEqual(await (await run()).backward({ v: new Float64Array(steps * samples * 4) }), {});
  const out = await run();
  await t.throwsAsync(out.backward({}, { inputGradient: 1 as never }), { code: 'invalid-parameter' });
  t.false('inputGradient' in (await model.trainStep(batch, { loss: crossEntropy })));
});

/** Norms by layer, of gradients by tensor. */
const normsOf = (gradients: Record<string, ArrayLike<number>>) => {
  const squares: Record<string, number> = {};
  for (const [tensor, values] of Object.entries(gradients)) {
    const layer = tensor.slice(0, tensor.lastIndexOf('.'));
    squares[layer] = (squares[layer] ?? 0) + Array.from(values).reduce((sum, x) => sum + x * x, 0);
  }
  return Object.fromEntries(Object.entries(squares).map(([layer, sum]) => [layer, Math.sqrt(sum)]));
};

const assertNorms = (
  t: { true(x: boolean, message?: string): void },
  got: Record<string, number>,
  expected: Record<string, number>,
) => {
  for (const [layer, norm] of Object.entries(expected)) {
    t.true(Math.abs(got[layer]! - norm) <= 1e-6 * (1 + norm), `${layer}: ${got[layer]} ${norm}`);
  }
};

/** Two batches of four samples, and what training needs. */
const small = (n: number) => ({
  x: values(3 * 4 * 5, n + 1),
  shape: [3, 4, 5],
  y: Uint32Array.from({ length: 4 }, (_, i) => (i + n) % 3),
});
const tiny = (precision: 'f32' | 'f64' = 'f64') =>
  sequential(
    dense(5, 7),
    li({ beta: 0.8, learn: ['beta'], neurons: 7 }),
    dense(7, 3),
    li({ beta: 0.6 }),
  ).compile({
    precision,
    seed: 4,
  });
const objective = loss.crossEntropyMeanMembrane();

for (const own of [false, true]) {
  test(`onBatch reads the gradients of its step, with ${own ? 'a function' : 'an engine'} as loss`, async (t) => {
    const chosen = own ? crossEntropy : objective;
    using model = await tiny();
    using reference = await tiny();
    const optimizer = sgd({ lr: 0.1 });
    let calls = 0;
    await model.fit([small(0), small(1)], {
      epochs: 2,
      loss: chosen,
      optimizer,
      callbacks: {
        async onBatch({ batch: number }, trained: Model) {
          calls += 1;
          const got = await trained.gradients();
          const norms = await trained.gradientNorms();
          // The gradients at the weights before the step.
          await reference.trainStep(small(number - 1), { loss: chosen });
          const expected = await reference.gradients();
          t.deepEqual(Object.keys(got), Object.keys(expected));
          for (const [name, gradient] of Object.entries(expected)) {
            t.true(deviation(got[name]!, gradient) < 1e-14, `${number} ${name}`);
            t.true(gradient.some((x) => x !== 0));
          }
          assertNorms(t, norms, normsOf(expected));
          await reference.step(optimizer);
          for (const [name, weight] of Object.entries(await reference.weights())) {
            t.deepEqual((await trained.weights())[name], weight, name);
          }
        },
      },
    });
    t.is(calls, 4);
  });
}

test('without onBatch, and after a step that does not keep them, gradients are cleared', async (t) => {
  using model = await tiny('f32');
  await model.trainStep(small(0), { loss: objective, optimizer: sgd({ lr: 0.1 }) });
  t.deepEqual(Object.values(await model.gradientNorms()), [0, 0, 0]);
  await model.trainStep(small(0), { loss: objective, optimizer: sgd({ lr: 0.1 }), keepGradients: true });
  const kept = await model.gradients();
  assertNorms(t, await model.gradientNorms(), normsOf(kept));
  t.true(Object.values(await model.gradientNorms()).every((norm) => norm > 0));
});

test('kept gradients are replaced by the next ones, and not applied twice', async (t) => {
  const train = async (keepGradients: boolean) => {
    using model = await tiny();
    const optimizer = sgd({ lr: 0.1, momentum: 0.9 });
    for (const n of [0, 1, 0]) await model.trainStep(small(n), { loss: objective, optimizer, keepGradients });
    await model.trainStep(small(1), { loss: objective });
    await model.step(optimizer, { keepGradients });
    // Momentum alone, without a gradient.
    await model.step(optimizer, { keepGradients });
    return model.weightsSha256();
  };
  t.is(await train(true), await train(false));
});

test('with accumulate, onBatch reads the sum so far; clipValue has been applied', async (t) => {
  using model = await tiny();
  using reference = await tiny();
  const norms: Record<string, number>[] = [];
  await model.fit([small(0), small(1)], {
    epochs: 1,
    loss: objective,
    optimizer: sgd({ lr: 0.1 }),
    accumulate: 2,
    clipValue: 1e-3,
    callbacks: { onBatch: async (_, trained) => void norms.push(await trained.gradientNorms()) },
  });
  await reference.trainStep(small(0), { loss: objective });
  assertNorms(t, norms[0]!, normsOf(await reference.gradients()));
  await reference.trainStep(small(1), { loss: objective });
  // The optimizer halves the sum of two batches, and clips that.
  const clipped = Object.entries(await reference.gradients()).map(([name, gradient]) => [
    name,
    Array.from(gradient, (x) => Math.max(-2e-3, Math.min(2e-3, x))),
  ]);
  assertNorms(t, norms[1]!, normsOf(Object.fromEntries(clipped)));
});
