// Learning forward in time and truncated back-propagation, against back-propagation through time.
import test from 'ava';
import { alif, alpha, cubaLi, cubaLif, li, lif, neuron, surrogate } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  batchNorm,
  dense,
  environment,
  graph,
  loss,
  type Model,
  type Network,
  sequential,
  setSimd,
  setThreads,
  type TrainingMethod,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { deviation, labels, spikes, uniform } from '../support/numbers.ts';
import { run } from '../support/process.ts';

// So many steps go by in three blocks.
const [T, B, channels, classes] = [150, 18, 9, 3];
const x = spikes(T * B * channels, 1, 0.2);
const y = labels(B, 2, classes);
const shape = [T, B, channels];
const objective = loss.crossEntropyMembrane({ perStep: 'sum' });
const smooth = surrogate.fastSigmoid({ slope: 2 });

async function gradients(model: Model, options: { method?: TrainingMethod; truncate?: number } = {}) {
  const report = await model.trainStep({ x, shape, y }, { loss: objective, ...options });
  const gradients = await model.gradients();
  await model.step({ kind: 'sgd', lr: 0 });
  return { report, gradients };
}

const hidden = {
  lif: () => lif({ beta: 0.9, surrogate: smooth }),
  'lif whose reset is not detached': () => lif({ beta: 0.9, detachReset: false, surrogate: smooth }),
  'lif with a refractory period': () => lif({ beta: 0.9, refractorySteps: 2, surrogate: smooth }),
  'lif reset in the same step': () =>
    lif({ beta: 0.9, resetTiming: 'same-step', detachReset: false, surrogate: smooth }),
  cubaLif: () => cubaLif({ alpha: 0.7, beta: 0.9, surrogate: smooth }),
  alpha: () => alpha({ alpha: 0.8, beta: 0.6, surrogate: smooth }),
  'alif, whose threshold adapts': () =>
    alif({ beta: 0.9, rho: 0.97, betaAdapt: 0.3, detachReset: false, surrogate: smooth }),
  'alif, whose current adapts, with a synapse': () =>
    alif({ beta: 0.9, rho: 0.95, adaptation: 'current', tauSyn: 3, surrogate: smooth }),
  'lif, neurons that differ': () => lif({ beta: Array.from(uniform(70, 3, 0.6, 0.95)), surrogate: smooth }),
};
const readouts = { li: () => li({ beta: 0.85 }), cubaLi: () => cubaLi({ alpha: 0.6, beta: 0.8 }) };
const gain = { kind: 'fan-in-uniform', gain: 4 } as const;

for (const [name, neuron] of Object.entries(hidden)) {
  for (const [readoutName, readout] of Object.entries(readouts)) {
    test(`e-prop is back-propagation through time without recurrence: ${name}, ${readoutName}`, async (t) => {
      const network = sequential(
        dense(channels, 70, { initial: gain }),
        neuron(),
        dense(70, classes),
        readout(),
      ) as Network;
      using model = await network.compile({ precision: 'f64', seed: 3 });
      const exact = await gradients(model);
      const online = await gradients(model, { method: 'e-prop' });
      t.true(exact.report.spikes[0]! > 0);
      t.true(Math.abs(online.report.loss / exact.report.loss - 1) < 1e-12);
      t.deepEqual(online.report.byMembrane, exact.report.byMembrane);
      t.deepEqual(online.report.spikes, exact.report.spikes);
      for (const [parameter, expected] of Object.entries(exact.gradients)) {
        t.true(
          expected.some((g) => g !== 0),
          parameter,
        );
        t.true(deviation(online.gradients[parameter]!, expected) < 1e-10, parameter);
      }
    });
  }
}

const feedForward = () =>
  sequential(
    dense(channels, 70, { initial: gain }),
    lif({ beta: 0.9, surrogate: smooth }),
    dense(70, classes),
    li({ beta: 0.85 }),
  );

test('e-prop in the memory of other batches is back-propagation through time', async (t) => {
  using model = await feedForward().compile({ precision: 'f64', seed: 3 });
  const exact = await gradients(model);
  for (const [steps, batch] of [
    [150, 18],
    [120, 5],
    [150, 18],
    [40, 18],
  ] as const) {
    const other = { x: spikes(steps * batch * channels, 4, 0.3), shape: [steps, batch, channels] };
    await model.trainStep({ ...other, y: labels(batch, 5, classes) }, { loss: objective, method: 'e-prop' });
    await model.step({ kind: 'sgd', lr: 0 });
    const online = await gradients(model, { method: 'e-prop' });
    for (const [parameter, expected] of Object.entries(exact.gradients))
      t.true(deviation(online.gradients[parameter]!, expected) < 1e-10, `${steps}: ${parameter}`);
  }
});

test('e-prop of recurrent weights that are zero is exact, also in single precision', async (t) => {
  const network = sequential(
    dense(channels, 40, { initial: gain }),
    lif({
      beta: 0.9,
      surrogate: smooth,
      recurrent: { kind: 'dense', initial: { kind: 'zeros' } },
    }),
    dense(40, classes),
    li({ beta: 0.85 }),
  );
  for (const precision of ['f32', 'f64'] as const) {
    using model = await network.compile({ precision, seed: 5 });
    const exact = await gradients(model);
    const online = await gradients(model, { method: 'e-prop' });
    t.is(Object.keys(exact.gradients).length, 6);
    for (const [parameter, expected] of Object.entries(exact.gradients))
      t.true(deviation(online.gradients[parameter]!, expected) < 1e-5, `${precision} ${parameter}`);
  }
});

test('e-prop of recurrent weights is back-propagation to spikes of the step before that come from outside', async (t) => {
  const neurons = 70;
  const neuron = { beta: 0.9, rho: 0.97, betaAdapt: 0.3, surrogate: smooth };
  const recurrent = { kind: 'dense', bias: false, initial: gain } as const;
  using model = await sequential(
    dense(channels, neurons, { initial: gain }),
    alif({ ...neuron, recurrent }),
    dense(neurons, classes),
    li({ beta: 0.85 }),
  ).compile({ precision: 'f64', seed: 3 });
  const online = await gradients(model, { method: 'e-prop' });
  const { recordings } = await model.run({ x, shape }, { record: ['alif1.spikes'] });
  const fired = recordings['alif1.spikes']!;
  // The same neurons, fed from outside by what they fired.
  const width = channels + neurons;
  const both = new Uint8Array(T * B * width);
  const joined = new Float64Array(neurons * width);
  const weights = await model.weights();
  for (let row = 0; row < T * B; row++) {
    both.set(x.subarray(row * channels, (row + 1) * channels), row * width);
    if (row >= B)
      both.set(fired.subarray((row - B) * neurons, (row - B + 1) * neurons), row * width + channels);
  }
  const [own, back] = [weights['dense1.weight']!, weights['alif1.recurrent.weight']!];
  for (let n = 0; n < neurons; n++) {
    joined.set(own.subarray(n * channels, (n + 1) * channels), n * width);
    joined.set(back.subarray(n * neurons, (n + 1) * neurons), n * width + channels);
  }
  using open = await sequential(
    dense(width, neurons),
    alif(neuron),
    dense(neurons, classes),
    li({ beta: 0.85 }),
  ).compile({ precision: 'f64' });
  await open.setWeights({
    'dense1.weight': joined,
    'dense1.bias': weights['dense1.bias']!,
    'dense2.weight': weights['dense2.weight']!,
    'dense2.bias': weights['dense2.bias']!,
  });
  const report = await open.trainStep({ x: both, shape: [T, B, width], y }, { loss: objective });
  t.deepEqual(report.spikes, online.report.spikes);
  const exact = await open.gradients();
  const of = (columns: number, from: number) =>
    Float64Array.from({ length: neurons * columns }, (_, i) => {
      return exact['dense1.weight']![Math.floor(i / columns) * width + from + (i % columns)]!;
    });
  t.true(deviation(online.gradients['dense1.weight']!, of(channels, 0)) < 1e-10);
  t.true(deviation(online.gradients['alif1.recurrent.weight']!, of(neurons, channels)) < 1e-10);
  for (const name of ['dense1.bias', 'dense2.weight', 'dense2.bias'])
    t.true(deviation(online.gradients[name]!, exact[name]!) < 1e-10, name);
});

test('e-prop of values that enter, the same at every step or not', async (t) => {
  using model = await feedForward().compile({ precision: 'f64', seed: 3 });
  for (const input of [
    { x: uniform(T * B * channels, 11), shape, y },
    { x: uniform(B * channels, 11), shape: [B, channels], y },
  ]) {
    const of = async (method: TrainingMethod) => {
      const steps = input.shape.length === 2 ? { steps: T } : {};
      await model.trainStep(input, { loss: objective, method, ...steps });
      const result = await model.gradients();
      await model.step({ kind: 'sgd', lr: 0 });
      return result;
    };
    const [exact, online] = [await of('bptt'), await of('e-prop')];
    for (const [parameter, expected] of Object.entries(exact))
      t.true(deviation(online[parameter]!, expected) < 1e-10, parameter);
  }
});

test('ottt is the signal of each step times the traces of the inputs (Xiao et al. 2022, equation 10)', async (t) => {
  const [sizes, decay] = [
    [channels, 12, 10, classes],
    [0.9, 0.8, 0.85],
  ];
  using model = await sequential(
    dense(channels, 12, { bias: false, initial: gain }),
    lif({ beta: 0.9, surrogate: smooth }),
    dense(12, 10, { bias: false, initial: gain }),
    lif({ beta: 0.8, surrogate: smooth }),
    dense(10, classes, { bias: false, initial: gain }),
    li({ beta: 0.85 }),
  ).compile({ precision: 'f64', seed: 5 });
  const online = await gradients(model, { method: 'ottt' });
  const weights = await model.weights();
  const w = [1, 2, 3].map((k) => weights[`dense${k}.weight`]!);
  const expected = w.map((weight) => new Float64Array(weight.length));
  for (let b = 0; b < B; b++) {
    const v = sizes.slice(1).map((n) => new Float64Array(n));
    const spiked = sizes.slice(1).map((n) => new Float64Array(n));
    const traces = sizes.slice(0, 3).map((n) => new Float64Array(n));
    for (let step = 0; step < T; step++) {
      let entering = Float64Array.from(x.subarray((step * B + b) * channels, (step * B + b + 1) * channels));
      for (const [k, n] of sizes.slice(1).entries()) {
        const before = sizes[k]!;
        for (let i = 0; i < before; i++) traces[k]![i] = decay[k]! * traces[k]![i]! + entering[i]!;
        for (let j = 0; j < n; j++) {
          let current = 0;
          for (let i = 0; i < before; i++) current += w[k]![j * before + i]! * entering[i]!;
          v[k]![j] = decay[k]! * v[k]![j]! + current - spiked[k]![j]!;
        }
        if (k < 2) spiked[k] = v[k]!.map((potential) => (potential > 1 ? 1 : 0));
        entering = spiked[k]!;
      }
      const logits = v[2]!.map(Math.exp);
      const total = logits.reduce((sum, e) => sum + e, 0);
      let signal = logits.map((e, k) => (e / total - (y[b] === k ? 1 : 0)) / B);
      for (let k = 2; k >= 0; k--) {
        const [n, before] = [sizes[k + 1]!, sizes[k]!];
        if (k < 2) signal = signal.map((s, j) => s / (1 + 2 * Math.abs(v[k]![j]! - 1)) ** 2);
        const next = new Float64Array(before);
        for (let j = 0; j < n; j++)
          for (let i = 0; i < before; i++) {
            expected[k]![j * before + i]! += signal[j]! * traces[k]![i]!;
            next[i]! += signal[j]! * w[k]![j * before + i]!;
          }
        signal = next;
      }
    }
  }
  t.true(online.report.spikes[1]! > 0);
  for (const [k, gradient] of expected.entries())
    t.true(deviation(online.gradients[`dense${k + 1}.weight`]!, gradient) < 1e-10, `dense${k + 1}`);
});

test('ottt of one step and lengths of one step are exact', async (t) => {
  const network = sequential(
    dense(channels, 20, { initial: gain }),
    lif({ beta: 0.9, surrogate: smooth }),
    dense(20, 20, { initial: gain }),
    lif({ beta: 0.8, surrogate: smooth }),
    dense(20, classes),
    lif({ beta: 0.85, surrogate: smooth }),
  );
  using model = await network.compile({ precision: 'f64', seed: 5 });
  const one = { x: x.map((s) => 1 - s).subarray(0, B * channels), shape: [1, B, channels], y };
  const of = async (method: TrainingMethod) => {
    await model.trainStep(one, { loss: objective, method });
    const result = await model.gradients();
    await model.step({ kind: 'sgd', lr: 0 });
    return result;
  };
  const [exact, ottt, eprop] = [await of('bptt'), await of('ottt'), await of('e-prop')];
  for (const [parameter, expected] of Object.entries(exact)) {
    t.true(deviation(ottt[parameter]!, expected) < 1e-10, parameter);
    t.true(deviation(eprop[parameter]!, expected) < 1e-10, parameter);
  }
  const lengths = new Uint32Array(B).fill(1);
  const masked = { x: x.map((s) => 1 - s), shape, y, lengths };
  await model.trainStep(masked, { loss: loss.crossEntropyMembrane(), method: 'ottt' });
  const cut = await model.gradients();
  const late = { ...masked, lengths: new Uint32Array(B).fill(T - 3) };
  using again = await network.compile({ precision: 'f64', seed: 5 });
  const tail = loss.crossEntropyMembrane({ from: T - 4 });
  const online = await again.trainStep(late, { loss: tail, method: 'e-prop' });
  const whole = await again.evaluateStep(late, { loss: tail });
  t.true(Math.abs(online.loss / whole.loss - 1) < 1e-12);
  t.deepEqual(online.byMembrane, whole.byMembrane);
  for (const [parameter, expected] of Object.entries(exact))
    t.true(deviation(cut[parameter]!, expected) < 1e-10, parameter);
});

test.serial('targets that vary in time; the same bits for all threads and instructions', async (t) => {
  const network = sequential(
    dense(channels, 100, { initial: gain }),
    alif({ beta: 0.9, surrogate: smooth, recurrent: 'dense' }),
    dense(100, classes),
    li({ beta: 0.85 }),
  );
  const batch = { x, shape, y: uniform(T * B * classes, 9) };
  const options = { loss: loss.meanSquaredMembrane(), method: 'e-prop' } as const;
  const hashes = new Set<string>();
  const { simd, threads, simdAvailable } = environment();
  for (const level of simdAvailable) {
    setSimd(level as 'portable');
    for (const count of [1, 2, 3]) {
      setThreads(count);
      using model = await network.compile({ seed: 5 });
      const losses = [];
      for (let i = 0; i < 10; i++)
        losses.push((await model.trainStep(batch, { ...options, optimizer: adam({ lr: 3e-3 }) })).loss);
      t.true(losses.at(-1)! < 0.9 * losses[0]!, `${losses}`);
      hashes.add(await model.weightsSha256());
    }
  }
  setSimd(simd as 'portable');
  setThreads(threads);
  t.is(hashes.size, 1);
});

// In a process of its own: the peak is that of everything a process does.
test.serial('memory does not grow with the number of steps', async (t) => {
  const { grown, tape } = await run<{ grown: number; tape: number[] }>(`
    const model = await sequential(dense(20, 64), lif({ beta: 0.9 }), dense(64, 3), li({ beta: 0.85 })).compile();
    const image = { x: Float32Array.from({ length: 16 * 20 }, (_, i) => Math.sin(i)), shape: [16, 20], y: new Uint8Array(16) };
    const peak = async (steps) => {
      await model.trainStep(image, { steps, loss: loss.crossEntropyMembrane(), method: 'e-prop' });
      return process.resourceUsage().maxRSS / 1024;
    };
    const short = await peak(10);
    const grown = (await peak(20_000)) - short;
    const work = { batch: 16, training: true, input: 'constant' };
    const tape = (steps, method) => model.estimate({ ...work, steps, method }).tape;
    console.log(JSON.stringify({ grown, tape: [tape(20_000, 'bptt'), tape(20_000, 'e-prop'), tape(200, 'e-prop')] }));
  `);
  t.true(grown < 24, `${grown} MiB`);
  const [whole, online, short] = tape as [number, number, number];
  t.true(whole > 64 * 2 ** 20);
  t.true(online < whole / 4 && Math.abs(online / short - 1) < 0.3, `${tape}`);
});

test('truncated segments: gradients of each segment alone, states going on', async (t) => {
  const network = sequential(
    dense(channels, 30, { initial: gain }),
    lif({ beta: 0.9, surrogate: smooth, recurrent: 'dense' }),
    dense(30, classes),
    li({ beta: 0.85 }),
  );
  using model = await network.compile({ precision: 'f64', seed: 5 });
  const whole = await gradients(model);
  t.deepEqual((await gradients(model, { truncate: T })).gradients, whole.gradients);
  const cut = await gradients(model, { truncate: 1 });
  t.is(cut.report.loss, whole.report.loss);
  t.not(deviation(cut.gradients['dense1.weight']!, whole.gradients['dense1.weight']!), 0);
  // Within single steps the readout's gradient is (softmax(v) - label) times the spikes of that step.
  const { v, recordings } = await model.run({ x, shape }, { record: ['lif1.spikes'] });
  const fired = recordings['lif1.spikes']!;
  const expected = new Float64Array(classes * 30);
  for (let row = 0; row < T * B; row++) {
    const logits = Array.from(v.subarray(row * classes, (row + 1) * classes), Math.exp);
    const total = logits.reduce((sum, e) => sum + e, 0);
    for (let k = 0; k < classes; k++) {
      const error = (logits[k]! / total - (y[row % B] === k ? 1 : 0)) / B;
      for (let i = 0; i < 30; i++) expected[k * 30 + i]! += error * fired[row * 30 + i]!;
    }
  }
  t.true(deviation(cut.gradients['dense2.weight']!, expected) < 1e-10);
  // Nothing goes from step to step where nothing is remembered: any cut is exact.
  using silent = await sequential(dense(channels, classes), li({ beta: 0 })).compile({ precision: 'f64' });
  const exact = await gradients(silent);
  t.true(
    deviation(
      (await gradients(silent, { truncate: 7 })).gradients['dense1.weight']!,
      exact.gradients['dense1.weight']!,
    ) < 1e-12,
  );
});

test('what the rules do not cover is refused by name', async (t) => {
  const step = { x, shape, y };
  const refused = async (network: Network, options: object, reason: RegExp) => {
    using model = await network.compile();
    const before = await model.weightsSha256();
    const error = await failure(() =>
      model.trainStep(step, { loss: objective, method: 'e-prop', ...options }),
    );
    t.is(error?.code, 'unsupported');
    t.regex(error!.message, reason);
    t.is(await model.weightsSha256(), before);
  };
  const plain = sequential(dense(channels, 4), lif({ beta: 0.9 }), dense(4, classes), li({ beta: 0.9 }));
  await refused(plain, { loss: loss.crossEntropyMeanMembrane() }, /e-prop .*each step/);
  await refused(plain, { loss: loss.crossEntropyMeanMembrane(), method: 'ottt' }, /ottt .*each step/);
  await refused(plain, { inputGradient: true }, /input/);
  await refused(
    plain,
    { regularizers: [{ layer: 'lif1', penalty: { kind: 'l1-rate', lambda: 1 } }] },
    /penalties/,
  );
  await refused(
    sequential(dense(channels, 4), lif({ beta: 0.9, learn: ['beta'] }), dense(4, classes), li({ beta: 0.9 })),
    {},
    /learned .*lif1/,
  );
  await refused(
    sequential(dense(channels, 4), li({ beta: 0.9 }), dense(4, classes), li({ beta: 0.9 })),
    {},
    /li1.*does not spike/,
  );
  await refused(
    sequential(dense(channels, 4), lif({ beta: 0.9 }), dense(4, classes), li({ beta: [0.9, 0.8, 0.7] })),
    {},
    /li1.*differ/,
  );
  await refused(
    sequential(dense(channels, 4), batchNorm(), lif({ beta: 0.9 }), dense(4, classes), li({ beta: 0.9 })),
    {},
    /the layer batchNorm1 /,
  );
  const later = graph({
    inputs: [channels],
    nodes: {
      a: dense(channels, 4),
      h: lif({ beta: 0.9 }),
      b: dense(4, classes),
      out: li({ beta: 0.9, neurons: classes }),
    },
    edges: [
      ['input', 'a'],
      ['a', 'h'],
      ['h', 'b', { delayed: true }],
      ['b', 'out'],
    ],
    output: 'out',
  });
  await refused(later, {}, /e-prop .*what h gives to out a step later/);
  const saturating = neuron({ state: { v: 0 }, update: 'v = 0.9*v + tanh(i)', name: 'saturating' });
  await refused(
    sequential(dense(channels, 4), lif({ beta: 0.9 }), dense(4, classes), saturating()),
    {},
    /not linear/,
  );
  using model = await plain.compile();
  const code = async (options: object) =>
    (await failure(() => model.trainStep(step, { loss: objective, ...options })))?.code;
  t.is(await code({ method: 'eprop' }), 'unknown-name');
  t.is(await code({ truncate: 0 }), 'invalid-parameter');
  t.is(await code({ method: 'e-prop', truncate: 3 }), 'invalid-parameter');
});
