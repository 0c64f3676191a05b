// What is reported of gradients that are computed only where they are read. That they are right: src-rs/core/tests/engine/sparse_gradients.
import test, { type ExecutionContext } from 'ava';
import { operations } from '../../src-ts/doors/chip.ts';
import {
  customSurrogate,
  type LifOptions,
  li,
  lif,
  type Surrogate,
  surrogate,
} from '../../src-ts/doors/neurons.ts';
import { adam, conv2d, dense, flatten, input, loss, maxPool2d, sequential } from '../../src-ts/index.ts';

const [steps, batch, inputs, hidden] = [15, 16, 40, 192];
let state = 1;
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};
const x = Float32Array.from({ length: steps * batch * inputs }, random);
const y = Uint32Array.from({ length: batch }, (_, i) => i % 3);
const inputBatch = { x, y, shape: [steps, batch, inputs] };

const network = (derivative: ReturnType<typeof surrogate.triangular>) =>
  sequential(
    dense(inputs, hidden, { initial: { kind: 'fan-in-uniform', gain: 2 } }),
    lif({ name: 'first', beta: 0.9, surrogate: derivative }),
    dense(hidden, hidden, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    lif({ name: 'second', beta: 0.9, surrogate: derivative }),
    dense(hidden, 3),
    li({ beta: 0.9 }),
  ).compile({ seed: 2 });

test('the active fraction is that of potentials within the support, and only it is computed', async (t) => {
  using model = await network(surrogate.triangular({ width: 0.1 }));
  const { recordings } = await model.run(inputBatch, { record: ['first.v'] });
  const near = [...recordings['first.v']!].filter((v) => Math.abs(v - 1) < Math.fround(0.1)).length;
  const fraction = near / (steps * batch * hidden);
  const { layers } = await operations(model, inputBatch);
  t.is(layers.find(({ name }) => name === 'first')!.active, fraction);
  const report = await model.trainStep(inputBatch, {
    loss: loss.crossEntropyMeanMembrane(),
    optimizer: adam(),
  });
  t.is(report.active![0], fraction);
  t.is(report.computed![0], fraction, 'the gradient of 192 outputs is computed where it is read');
  t.true(fraction > 0 && fraction < 0.12);
  t.is(report.computed![1], 1, 'three outputs are not worth it');
  t.is(report.active![2], null, 'a readout does not spike');
});

test('of a derivative that is zero nowhere nothing is reported, and no figure without a backward pass', async (t) => {
  using model = await network(surrogate.fastSigmoid({ slope: 25 }));
  const work = { loss: loss.crossEntropyMeanMembrane() };
  const report = await model.trainStep(inputBatch, { ...work, optimizer: adam() });
  t.deepEqual(
    [report.active, report.computed],
    [
      [null, null, null],
      [null, null, null],
    ],
  );
  const evaluated = await model.evaluateStep(inputBatch, work);
  t.false('active' in evaluated);
  const { layers } = await operations(model, inputBatch);
  t.true(layers.every((layer) => !('active' in layer)));
});

/** Gradients of one batch in double precision. */
async function gradients(neuron: LifOptions, conv = false) {
  const uniform = (gain: number) => ({ initial: { kind: 'fan-in-uniform', gain } }) as const;
  const plain = [
    dense(inputs, hidden, uniform(1.2)),
    lif(neuron),
    dense(hidden, 500, uniform(8)),
    lif(neuron),
    dense(500, 3),
    li({ beta: 0.9 }),
  ] as const;
  const images = [
    input(1, 5, 8),
    conv2d(1, 8, 3, { padding: 1, ...uniform(2) }),
    lif(neuron),
    conv2d(8, 32, 3, { padding: 1, ...uniform(4) }),
    maxPool2d(2),
    lif(neuron),
    flatten(),
    dense(32 * 2 * 4, 3),
    li({ beta: 0.9 }),
  ] as const;
  const network = conv ? sequential(...images) : sequential(...plain);
  using model = await network.compile({ seed: 2, precision: 'f64' });
  const shape = conv ? [steps, batch, 1, 5, 8] : [steps, batch, inputs];
  const report = await model.trainStep({ x, y, shape }, { loss: loss.crossEntropyMeanMembrane() });
  return {
    report,
    gradients: Object.entries(await model.gradients()).map(([name, values]) => [name, [...values]] as const),
  };
}

/** The same derivative by name and written out: of a user's own nothing is known, so it takes the dense way. */
const both: [Surrogate, Surrogate][] = [
  [surrogate.triangular({ width: 0.05, height: 0.7 }), customSurrogate('0.7 * max(0, 1 - abs(x) / 0.05)')],
  [surrogate.rect({ alpha: 10 }), customSurrogate('where(abs(x) < 0.05, 10, 0)')],
  [surrogate.piecewiseQuadratic({ alpha: 20 }), customSurrogate('max(0, 20 - 400 * abs(x))')],
  [surrogate.boxcar({ width: 0.1 }), customSurrogate('where(abs(x) < 0.05, 0.5, 0)')],
  [surrogate.heaviside(), customSurrogate('where(x > 0, 1, 0)')],
];

async function same(t: ExecutionContext, what: string, options: LifOptions, pair = both[0]!, conv = false) {
  const sparse = await gradients({ ...options, surrogate: pair[0] }, conv);
  const all = await gradients({ ...options, surrogate: pair[1] }, conv);
  t.true(sparse.report.active![0]! > 0, what);
  t.true(sparse.report.computed![0]! < 0.25, `${what}: computed ${sparse.report.computed![0]}`);
  t.is(all.report.computed![0], null, what);
  for (const [i, [name, expected]] of all.gradients.entries()) {
    const found = sparse.gradients[i]![1];
    const largest = expected.reduce((most: number, value: number) => Math.max(most, Math.abs(value)), 0);
    t.true(largest > 0, `${what}: ${name}`);
    const off = found.reduce(
      (most: number, value: number, j: number) => Math.max(most, Math.abs(value - expected[j]!)),
      0,
    );
    t.true(off <= 1e-12 * largest, `${what}: ${name} is off by ${off} of ${largest}`);
  }
}

test('gradients are those of the dense way: surrogates, resets, timings, refractory periods', async (t) => {
  for (const [i, pair] of both.entries()) await same(t, `surrogate ${i}`, { beta: 0.9 }, pair);
  for (const resetTiming of ['next-step', 'same-step', 'snntorch-no-delay'] as const) {
    for (const reset of ['subtract', 'value', 'none'] as const) {
      for (const detachReset of [true, false]) {
        const options = { beta: 0.9, reset, resetTiming, detachReset, refractorySteps: detachReset ? 0 : 2 };
        await same(t, JSON.stringify(options), options);
      }
    }
  }
});

test('gradients are those of the dense way: convolutions, before a max pool', async (t) => {
  await same(t, 'conv', { beta: 0.9 }, both[0], true);
});
