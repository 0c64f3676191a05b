// Surrogates that change while training goes on.
import test from 'ava';
import { customSurrogate, li, lif, neuron, surrogate } from '../../src-ts/doors/neurons.ts';
import { adam, dense, dropout, loss, type Model, sequential } from '../../src-ts/index.ts';

const batch = {
  x: Float32Array.from({ length: 5 * 2 * 3 }, (_, i) => ((i * 7) % 5) / 2),
  shape: [5, 2, 3],
  y: Uint8Array.of(0, 1),
};
const custom = neuron({
  state: { v: 0 },
  params: { a: 0.9 },
  update: 'v = a*v + i',
  spike: 'v > 1',
  reset: 'v -= 1',
});
const make = () =>
  sequential(
    dense(3, 6),
    lif({ beta: 0.9, learn: ['beta'] }),
    dropout(0.3),
    dense(6, 5),
    custom({ name: 'mine', learn: ['a'] }),
    dense(5, 2),
    li({ beta: 0.9 }),
  ).compile({ seed: 2 });
const optimizer = adam({ lr: 0.01 });
const train = (model: Model) => model.trainStep(batch, { loss: loss.crossEntropyMeanMembrane(), optimizer });

test('training goes on to the bit where the surrogate is the same', async (t) => {
  const straight = await make();
  let changed = await make();
  for (let step = 0; step < 4; step++) {
    await train(straight);
    await train(changed);
    changed = await changed.withSurrogates({ lif1: surrogate.atan(), mine: surrogate.atan() });
  }
  t.is(changed.updates, 4);
  t.is(await changed.weightsSha256(), await straight.weightsSha256());
});

test('the new derivative is that of the formula, and the old model keeps its own', async (t) => {
  // One neuron, one step: d spike / d w = g(w x - 1) x.
  const [w, x] = [2, 0.7];
  const before = await sequential(dense(1, 1, { bias: false }), lif({ beta: 0.9 })).compile({
    precision: 'f64',
  });
  await before.setWeights({ 'dense1.weight': Float64Array.of(w) });
  const gradient = async (model: Model) => {
    const { backward } = await model.forward({ x: Float64Array.of(x), shape: [1, 1, 1] });
    await backward({ spikes: Float64Array.of(1) });
    return (await model.gradients())['dense1.weight']![0]!;
  };
  const distance = w * x - 1;
  const slope = 3;
  const narrow = await before.withSurrogates({ lif1: surrogate.sigmoid({ slope }) });
  const s = 1 / (1 + Math.exp(-slope * distance));
  t.true(Math.abs((await gradient(narrow)) - slope * s * (1 - s) * x) < 1e-14);
  const own = await narrow.withSurrogates({ lif1: customSurrogate('1 - abs(x)') });
  t.true(Math.abs((await gradient(own)) - (1 - distance) * x) < 1e-14);
  t.true(Math.abs((await gradient(before)) - x / (1 + (Math.PI * distance) ** 2)) < 1e-14);
});

test('what is no surrogate of a spiking layer is refused', async (t) => {
  const model = await make();
  await t.throwsAsync(model.withSurrogates({ lif2: surrogate.atan() }), {
    message: /spiking layer "lif2"; known are lif1/,
  });
  await t.throwsAsync(model.withSurrogates({ li1: surrogate.atan() }), { code: 'unknown-name' });
  await t.throwsAsync(model.withSurrogates({ lif1: {} as never }), {
    message: /a surrogate, such as surrogate\.atan\(\)/,
  });
  await t.throwsAsync(model.withSurrogates({ lif1: customSurrogate('1 +') }), { code: 'equation' });
  await t.throwsAsync(model.withSurrogates(undefined as never), { code: 'invalid-parameter' });
  await t.throwsAsync(model.withSurrogates({ lif1: { name: 'atan', alpha: Number.NaN } }), {
    code: 'invalid-parameter',
  });
});

test('a layer called as what every object has keeps its surrogate', async (t) => {
  const narrow = surrogate.sigmoid({ slope: 7 });
  const named = (name: string) => lif({ beta: 0.9, surrogate: narrow, name });
  const model = await sequential(dense(2, 2), named('constructor'), dense(2, 2), named('toString')).compile();
  const changed = await model.withSurrogates({ toString: surrogate.atan({ alpha: 3 }) });
  const surrogates = changed.description.nodes.flatMap((node) =>
    node.kind === 'dynamics' ? [node.dynamics.surrogate] : [],
  );
  t.deepEqual(surrogates, [narrow, surrogate.atan({ alpha: 3 })]);
});
