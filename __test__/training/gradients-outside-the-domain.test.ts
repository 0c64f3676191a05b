// Gradients of equations that are no numbers somewhere: in lanes without a neuron or a sample, and in branches that are not
// taken. Against closed forms, and against the sum over samples that run alone.
import test from 'ava';
import { customSurrogate, li, lif, neuron } from '../../src-ts/doors/neurons.ts';
import {
  conv2d,
  dense,
  globalAvgPool,
  globalMaxPool,
  input,
  layerNorm,
  loss,
  type Network,
  sequential,
  timeSum,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { deviation, labels, uniform } from '../support/numbers.ts';

const close = (got: ArrayLike<number>, expected: number[], tolerance: number) =>
  got.length === expected.length &&
  expected.every((x, i) => Math.abs(got[i]! - x) <= tolerance * Math.max(1, Math.abs(x)));

/** Weights `[out, in]` and biases of a projection for which every current of a positive input is positive. */
const positive = (inputs: number, outputs: number) => ({
  weight: uniform(inputs * outputs, 11, 0.2, 1),
  bias: uniform(outputs, 12, 0.1, 0.5),
});

// 17 samples are two tiles of nine, of which one is short; 3 and 65 neurons leave a panel of 64 open.
for (const precision of ['f32', 'f64'] as const) {
  for (const [neurons, batch] of [
    [1, 1],
    [3, 17],
    [64, 17],
    [65, 4],
  ] as const) {
    test(`lanes without a neuron or a sample count for nothing: ${neurons} neurons, batch ${batch}, ${precision}`, async (t) => {
      const tolerance = precision === 'f32' ? 2e-5 : 1e-12;
      const layer = neuron({ state: { v: 0 }, params: { p: 0.5 }, update: 'v = p*ln(i) + 1/i' });
      using model = await sequential(
        dense(2, neurons),
        layer({ name: 'odd', learn: ['p'] }),
        dense(neurons, 2),
        li({ beta: 0.5 }),
      ).compile({ seed: 1, precision });
      const { weight, bias } = positive(2, neurons);
      const readout = uniform(2 * neurons, 13, -1, 1);
      await model.setWeights({
        'dense1.weight': weight,
        'dense1.bias': bias,
        'dense2.weight': readout,
      });
      const x = uniform(batch * 2, 14, 0.1, 1);
      const g = uniform(batch * 2, 15, -1, 1);
      const out = await model.forward({ x, shape: [1, batch, 2] });
      await out.backward({ v: g });

      const expected = {
        'dense1.weight': new Array<number>(neurons * 2).fill(0),
        'dense1.bias': new Array<number>(neurons).fill(0),
        'dense2.weight': new Array<number>(2 * neurons).fill(0),
        'odd.p': [0],
      };
      for (let b = 0; b < batch; b++) {
        for (let j = 0; j < neurons; j++) {
          const i = weight[j * 2]! * x[b * 2]! + weight[j * 2 + 1]! * x[b * 2 + 1]! + bias[j]!;
          let back = 0;
          for (let o = 0; o < 2; o++) {
            expected['dense2.weight'][o * neurons + j]! += g[b * 2 + o]! * (0.5 * Math.log(i) + 1 / i);
            back += g[b * 2 + o]! * readout[o * neurons + j]!;
          }
          const slope = back * (0.5 / i - 1 / i ** 2);
          expected['odd.p'][0]! += back * Math.log(i);
          expected['dense1.bias'][j]! += slope;
          for (let k = 0; k < 2; k++) expected['dense1.weight'][j * 2 + k]! += slope * x[b * 2 + k]!;
        }
      }
      const got = await model.gradients();
      for (const [name, values] of Object.entries(expected))
        t.true(
          close(got[name]!, values, tolerance),
          `${name}: ${got[name]!.slice(0, 3)} but ${values.slice(0, 3)}`,
        );
    });
  }
}

test('a surrogate that is infinite at rest hurts no lane without a neuron', async (t) => {
  // After one step v = i, the surrogate's x is v - 1, and its slope 1 / |x + 1| is 1 / i.
  const surrogate = customSurrogate('1/abs(x + 1)');
  using model = await sequential(dense(2, 3), lif({ beta: 0.9, surrogate })).compile({ precision: 'f64' });
  const { weight, bias } = positive(2, 3);
  await model.setWeights({ 'dense1.weight': weight, 'dense1.bias': bias });
  const x = uniform(4, 14, 0.1, 1);
  const g = uniform(6, 15, -1, 1);
  await (await model.forward({ x, shape: [1, 2, 2] })).backward({ spikes: g });
  const expected = [0, 1, 2].map((j) =>
    [0, 1].reduce((sum, b) => {
      const i = weight[j * 2]! * x[b * 2]! + weight[j * 2 + 1]! * x[b * 2 + 1]! + bias[j]!;
      return sum + g[b * 3 + j]! / i;
    }, 0),
  );
  t.true(close((await model.gradients())['dense1.bias']!, expected, 1e-12));
});

const [steps, batch] = [5, 17];
const values = neuron({ state: { v: 0 }, update: 'v = 0.5*v + ln(abs(i)) + 1/i', name: 'odd' });
const firing = neuron({
  state: { v: 0 },
  params: { a: 0.3 },
  update: 'v = 0.9*v + a*ln(abs(i)) + a/i',
  spike: 'v > 0.2',
  reset: 'v = 0',
  name: 'firing',
});
const odd = () => values();
const spiking = (options: { recurrent?: 'dense' | 'one-to-one'; learn?: 'a'[] } = {}) =>
  firing({ learn: ['a'], ...options });
const into = {
  initial: { kind: 'uniform', low: 0.1, high: 0.6 },
  initialBias: { kind: 'constant', value: 0.3 },
} as const;
const cube = input(2, 4, 4);
const networks: Record<string, Network> = {
  'values and spikes': sequential(
    input(32),
    dense(32, 3, into),
    odd(),
    dense(3, 65, into),
    spiking(),
    dense(65, 2),
    li({ beta: 0.5 }),
  ),
  'a dense recurrence': sequential(
    input(32),
    dense(32, 5, into),
    spiking({ recurrent: 'dense' }),
    dense(5, 2),
    li({ beta: 0.5 }),
  ),
  'a recurrence of its own': sequential(
    input(32),
    dense(32, 5, into),
    spiking({ recurrent: 'one-to-one' }),
    dense(5, 2),
    li({ beta: 0.5 }),
  ),
  'convolutions of values': sequential(
    cube,
    conv2d(2, 3, 3, into),
    odd(),
    conv2d(3, 2, 2),
    globalAvgPool(),
    li({ beta: 0.5 }),
  ),
  'a norm of values': sequential(
    input(32),
    dense(32, 3, into),
    odd(),
    layerNorm(),
    dense(3, 2),
    li({ beta: 0.5 }),
  ),
  'pooled values': sequential(
    cube,
    conv2d(2, 3, 3, into),
    odd(),
    globalMaxPool(),
    dense(3, 2),
    li({ beta: 0.5 }),
  ),
  'sums over time': sequential(
    input(32),
    dense(32, 3, into),
    odd(),
    timeSum(),
    dense(3, 2),
    li({ beta: 0.5 }),
  ),
  'values as input': sequential(input(32), odd(), dense(32, 2), li({ beta: 0.5 })),
};

const forward = sequential(
  input(32),
  dense(32, 5, into),
  spiking({ recurrent: 'dense', learn: [] }),
  dense(5, 2),
  li({ beta: 0.5 }),
);
const all = Object.entries(networks).map(([name, network]) => [name, network, 'bptt'] as const);
for (const [name, network, method] of [...all, ['forward in time', forward, 'e-prop'] as const]) {
  test(`a batch has the gradients of its samples, ${name}`, async (t) => {
    using model = await network.compile({ seed: 2, precision: 'f64' });
    const x = Float64Array.from(uniform(steps * batch * 32, 21, 0.1, 1));
    const y = labels(batch, 22, 2);
    const task = { loss: loss.crossEntropyMembrane({ perStep: 'sum', reduction: 'sum' }), method };
    await model.trainStep({ x, shape: [steps, batch, 32], y }, task);
    const got = await model.gradients();
    await model.clearGradients();
    for (let b = 0; b < batch; b++) {
      const rows = Array.from({ length: steps }, (_, s) => [
        ...x.subarray((s * batch + b) * 32, (s * batch + b + 1) * 32),
      ]);
      const own = { x: Float64Array.from(rows.flat()), shape: [steps, 1, 32], y: y.slice(b, b + 1) };
      await model.trainStep(own, task);
    }
    for (const [tensor, sum] of Object.entries(await model.gradients())) {
      const off = deviation(got[tensor]!, sum);
      t.true(off < 1e-9, `${tensor}: ${off}`);
    }
  });
}

test('the message names the state that left the numbers, not one of a lane without a neuron', async (t) => {
  const first = neuron({ state: { v: 0 }, update: 'v = 1 + 0*ln(i)', name: 'first' });
  const second = neuron({ state: { w: 1 }, update: 'w = w*exp(100*i)', name: 'second' });
  using model = await sequential(dense(2, 3, into), first(), dense(3, 2, into), second()).compile({
    seed: 1,
  });
  const batch = { x: new Float32Array(80).fill(0.5), shape: [20, 2, 2], y: Uint8Array.of(0, 1) };
  const error = await failure(() => model.trainStep(batch, { loss: loss.crossEntropyMembrane() }));
  t.is(error?.code, 'non-finite');
  t.regex(error!.message, /^second1: w is not finite/);
});

// Each with the input and the derivative of the branch that is taken there.
const branches: [string, number, number][] = [
  ['where(i > 0, sqrt(i), 0.5*i)', -2, 0.5],
  ['where(i > 0, sqrt(i), 0.5*i)', 4, 0.25],
  ['where(i > 0, 1/i, 2*i)', 0, 2],
  ['where(i > 0, i^-1, 0)', 0, 0],
  ['where(abs(i) < 1, i, exp(2000*i))', 0.5, 1],
  ['where(i == 0, 1 - i/2, i/(exp(i) - 1))', 0, -0.5],
  ['where(i > 0, where(i > 1, ln(i - 1), sqrt(i)), i)', -3, 1],
  ['max(0.5*i, ln(i))', -2, 0.5],
  ['clip(ln(i), -1, 1) + i', 100, 1],
  ['sin(i)', 0.5, Math.cos(0.5)],
  ['cos(i)', 0.5, -Math.sin(0.5)],
];
for (const [equation, at, slope] of branches) {
  test(`the gradient is that of the branch that is taken: ${equation} at ${at}`, async (t) => {
    const layer = neuron({ state: { v: 0 }, update: `v = ${equation}` });
    for (const precision of ['f32', 'f64'] as const) {
      using model = await sequential(layer({ neurons: 64 })).compile({ precision });
      const x = new Float32Array(64).fill(at);
      const { v } = await model.run({ x, shape: [1, 1, 64] });
      // The squared error's gradient is 2 (v - y) / 64 for each of 64 neurons, whose y is v - 32.
      const y = Float32Array.from(v, (v) => v - 32);
      const { inputGradient } = await model.trainStep(
        { x, shape: [1, 1, 64], y },
        { loss: loss.meanSquaredMembrane(), inputGradient: true },
      );
      t.true(close(inputGradient!, new Array(64).fill(slope), 1e-5), `${precision}: ${inputGradient![0]}`);
    }
  });
}

test('an input gradient that is no number is refused', async (t) => {
  const layer = neuron({ state: { v: 0 }, update: 'v = sqrt(i*i)' });
  using model = await sequential(layer({ neurons: 3 })).compile();
  const batch = { x: new Float32Array(3), shape: [1, 1, 3], y: Float32Array.of(1, 2, 3) };
  const error = await failure(() =>
    model.trainStep(batch, { loss: loss.meanSquaredMembrane(), inputGradient: true }),
  );
  t.is(error?.code, 'non-finite', error?.message);
});

test('sine and cosine are those of the definition, for every number', async (t) => {
  for (const precision of ['f32', 'f64'] as const) {
    const round = precision === 'f32' ? Math.fround : (x: number) => x;
    const points = [0, 1e-8, -1e-6, 1e-3, 0.5, 3, Math.PI, -69.1055, 1e4, 1e6, -9e7, 1e12, 1e30].map(round);
    for (const [name, f] of [
      ['sin', Math.sin],
      ['cos', Math.cos],
    ] as const) {
      const layer = neuron({ state: { v: 0 }, update: `v = ${name}(i)` });
      using model = await sequential(layer({ neurons: points.length })).compile({ precision });
      const x = precision === 'f32' ? Float32Array.from(points) : Float64Array.from(points);
      const { v } = await model.run({ x, shape: [1, 1, points.length] });
      points.forEach((x, i) => {
        const expected = f(x);
        const ulp = Math.abs(expected) * (precision === 'f32' ? 2 ** -23 : 2 ** -52);
        t.true(Math.abs(v[i]! - expected) <= 2 * ulp, `${name}(${x}), ${precision}: ${v[i]} but ${expected}`);
      });
    }
  }
});

test('the time and powers of any kind train: gradients are those of differences, and a session goes on with the time', async (t) => {
  const timed = neuron({
    state: { v: 0, u: 0 },
    params: { a: 0.3, p: 1.4 },
    update: "v' = ((0.2 + a*abs(i))^p*cos(0.5*t) - v)/4; u' = (relu(v)^1.5 - u*(1 + t)^-p)/3",
    method: 'rk4',
    name: 'timed',
  });
  using model = await sequential(
    dense(2, 3),
    timed({ name: 'timed', learn: ['a', 'p'] }),
    dense(3, 2),
    li({ beta: 0.5 }),
  ).compile({ seed: 4, precision: 'f64' });
  const shape = [7, 2, 2] as const;
  const x = uniform(28, 31, -1, 1);
  const weights = uniform(28, 32, -1, 1);
  const value = async () =>
    (await model.forward({ x, shape })).v!.reduce((sum, v, i) => sum + v * weights[i]!, 0);
  const out = await model.forward({ x, shape });
  await out.backward({ v: weights });
  const gradients = await model.gradients();
  const before = (await model.weights()) as Record<string, Float64Array>;
  for (const [name, values] of Object.entries(before)) {
    const moved = async (at: number, by: number) => {
      const other = Float64Array.from(values);
      other[at]! += by;
      await model.setWeights({ [name]: other });
      return value();
    };
    for (const at of [0, values.length - 1]) {
      const h = 1e-5;
      const expected = ((await moved(at, h)) - (await moved(at, -h))) / (2 * h);
      const got = gradients[name]![at]!;
      t.true(
        Math.abs(got - expected) < 1e-7 * (1 + Math.abs(expected)),
        `${name}[${at}]: ${got}, not ${expected}`,
      );
      t.true(name.startsWith('dense2.bias') || Math.abs(expected) > 1e-6, name);
    }
    await model.setWeights({ [name]: values });
  }
  const one = Float64Array.from({ length: 14 }, (_, i) => x[Math.floor(i / 2) * 4 + (i % 2)]!);
  using session = await model.session();
  const stepped = Array.from({ length: 7 }, (_, k) => {
    session.push(one.slice(2 * k, 2 * k + 2));
    return [...session.membrane(new Float64Array(2))];
  });
  const { v: whole } = await model.forward({ x: one, shape: [7, 1, 2] });
  t.deepEqual(stepped.flat(), [...whole!]);
});
