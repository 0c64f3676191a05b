// Numbers that leave the numbers in training: the step is refused and taken back, and the next one works.
import test from 'ava';
import { alif, cubaLif, li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, type Optimizer, sequential, sgd, type Weights } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const [steps, batch, channels] = [6, 40, 10];
const network = sequential(
  dense(channels, 70),
  lif({ beta: 0.9, learn: ['beta'] }),
  dense(70, 3),
  li({ beta: 0.9 }),
);
const sample = { x: uniform(batch * channels, 1, 0, 2), shape: [batch, channels], y: labels(batch, 2, 3) };
const objective = loss.crossEntropyMembrane();

for (const precision of ['f32', 'f64'] as const) {
  const huge = precision === 'f32' ? 3e38 : 1e308;
  const steep: Record<string, Optimizer> = {
    Adam: adam({ lr: 1 }),
    SGD: sgd({ lr: 1 }),
    'SGD with momentum': sgd({ lr: 1, momentum: 0.9 }),
    'an enormous momentum': sgd({ lr: 1, momentum: huge }),
    'a decay': sgd({ lr: 1, weightDecay: huge }),
  };
  for (const [name, optimizer] of Object.entries(steep)) {
    test(`${name} with an enormous step, ${precision}: refused, as often as it takes`, async (t) => {
      using model = await network.compile({ seed: 1, precision });
      using other = await network.compile({ seed: 1, precision });
      for (const subject of [model, other]) {
        await subject.trainStep(sample, {
          steps,
          loss: objective,
          optimizer: sgd({ lr: 0.01, momentum: 0.9 }),
        });
      }
      // The learning rate itself has a limit; its factor has none.
      const byFactor = !/momentum$|decay/.test(name) || name === 'SGD with momentum';
      let refused = 0;
      for (let i = 0; i < 6; i++) {
        const before = await model.weightsSha256();
        const error = await failure(() =>
          model.trainStep(sample, { steps, loss: objective, optimizer, lrFactor: byFactor ? huge : 1 }),
        );
        if (error === undefined) continue;
        refused += 1;
        t.is(error.code, 'non-finite', error.message);
        if (error.code === 'non-finite') t.regex(error.layer, /^(dense1|lif1|dense2|li1|loss)$/);
        t.is(await model.weightsSha256(), before);
      }
      t.true(refused >= 1);
      for (const values of Object.values(await model.weights()))
        t.true((values as Float64Array).every(Number.isFinite));
      await model.setWeights(await other.weights());
      t.true(
        Number.isFinite(
          (await model.trainStep(sample, { steps, loss: objective, optimizer: sgd({ lr: 0.01 }) })).loss,
        ),
      );
    });
  }
}

test('what refuses a step leaves no gradient and no moment of it', async (t) => {
  const work = { steps, loss: objective };
  using model = await network.compile({ seed: 1 });
  using other = await network.compile({ seed: 1 });
  for (const subject of [model, other])
    await subject.trainStep(sample, { ...work, optimizer: sgd({ lr: 0.01, momentum: 0.9 }) });
  t.is(
    (
      await failure(() =>
        model.trainStep(sample, {
          ...work,
          optimizer: sgd({ lr: 1, momentum: 0.9, weightDecay: 1e20 }),
          lrFactor: 3e38,
        }),
      )
    )?.code,
    'non-finite',
  );
  for (const subject of [model, other])
    await subject.trainStep(sample, { ...work, optimizer: sgd({ lr: 0.01, momentum: 0.9 }) });
  t.is(await model.weightsSha256(), await other.weightsSha256());
  t.is(model.updates, other.updates);
});

/** Finite weights whose sums are not. */
async function overflowing() {
  const model = await sequential(
    dense(channels, 70, { name: 'first' }),
    li({ beta: 0.99, name: 'slow' }),
    dense(70, 3),
    li({ beta: 0.9 }),
  ).compile();
  const { 'first.weight': weight } = await model.weights();
  await model.setWeights({ 'first.weight': new Float32Array(weight!.length).fill(3e37) as Weights });
  return model;
}

test('an overflow on the way names the population and the step', async (t) => {
  using model = await overflowing();
  const before = await model.weightsSha256();
  // 3e37 × 10 channels × 0.7 = 2.1e38 a step: beyond 3.4e38 at the second.
  const x = new Float32Array(batch * channels).fill(0.7);
  const work = { steps, loss: objective };
  for (const segment of [undefined, 1, 4]) {
    const error = await failure(() =>
      model.trainStep({ ...sample, x }, { ...work, segment, optimizer: adam() }),
    );
    t.like(error, { code: 'non-finite', layer: 'slow', step: 1, message: 'slow: v is not finite at step 1' });
  }
  t.like(await failure(() => model.evaluateStep({ ...sample, x }, work)), {
    code: 'non-finite',
    layer: 'slow',
  });
  t.like(await failure(() => model.run({ ...sample, x }, { steps })), { code: 'non-finite', layer: 'slow' });
  t.is(await model.weightsSha256(), before);
  t.is(model.updates, 0);
});

for (const [name, quiet] of Object.entries({
  lif: lif({ beta: 0.9, name: 'quiet' }),
  'lif of which the loss reads the first step only': lif({ beta: 0.9, reset: 'zero', name: 'quiet' }),
  alif: alif({ beta: 0.9, name: 'quiet' }),
  cubaLif: cubaLif({ alpha: 0.9, beta: 0.9, name: 'quiet' }),
  'lif, recurrent': lif({ beta: 0.9, recurrent: 'dense', name: 'quiet' }),
})) {
  test(`an overflow that neither loss nor gradient tells of is refused: ${name}`, async (t) => {
    using model = await sequential(
      dense(channels, 70, { bias: false, name: 'first' }),
      quiet,
      dense(70, 3),
      li({ beta: 0.9 }),
    ).compile();
    const { 'first.weight': weight } = await model.weights();
    // Neuron 69 alone falls for ever, and no spike of it says so.
    const falling = Float32Array.from(weight as Float32Array, (w, i) =>
      Math.floor(i / channels) === 69 ? -3e37 : w,
    );
    await model.setWeights({ 'first.weight': falling });
    const before = await model.weightsSha256();
    const x = new Float32Array(batch * channels).fill(0.7);
    const lengths = new Uint32Array(batch).fill(1);
    const work = { steps, loss: objective };
    for (const method of ['bptt', 'e-prop', 'ottt'] as const) {
      const error = await failure(() =>
        model.trainStep({ ...sample, x, lengths }, { ...work, method, optimizer: adam() }),
      );
      t.like(error, { code: 'non-finite', layer: 'quiet', step: 1 });
      t.is(await model.weightsSha256(), before);
      t.is(model.updates, 0);
    }
    for (const doing of [
      () => model.evaluateStep({ ...sample, x, lengths }, work),
      () => model.forward({ ...sample, x }, { steps }),
    ])
      t.like(await failure(doing), { code: 'non-finite', layer: 'quiet' });
  });
}

test('a hand-written loop is refused as well', async (t) => {
  using model = await network.compile({ seed: 1, precision: 'f32' });
  const before = await model.weightsSha256();
  const { v, backward } = await model.forward(sample, { steps });
  const error = await failure(() => backward({ v: new Float32Array(v.length).fill(3e38) }));
  t.is(error?.code, 'non-finite');
  await model.step(sgd({ lr: 1 }));
  t.is(await model.weightsSha256(), before, 'its gradients are gone');
});
