// Neurons from equations: the bits of a built-in one, noise of the right size, files, training, errors.
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { circuit as circuitOf, connect, currentSource, population } from '../../src-ts/doors/circuit.ts';
import { li, lif, type Neuron, type NeuronDefinition, neuron } from '../../src-ts/doors/neurons.ts';
import { adam, dense, LapicqueError, loss, Model, sequential } from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { noisy, written } from '../support/neurons.ts';
import { labels, spikes, uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-custom-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));

const [steps, batch, channels] = [40, 9, 30];
const sample = {
  x: spikes(steps * batch * channels, 1),
  shape: [steps, batch, channels],
  y: labels(batch, 2, 10),
};
const network = (layer: (width: number) => Neuron, last = layer) =>
  sequential(
    dense(channels, 70, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    layer(70),
    dense(70, 10, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    last(10),
  );

const decays = (width: number) => uniform(width, 5, 0.6, 0.95);
const pairs: Record<string, [(width: number) => Neuron, (width: number) => Neuron]> = {
  plain: [() => written(), () => lif({ beta: 0.9 })],
  'learned, one value a neuron': [
    (n) => written({ beta: decays(n), learn: ['beta', 'vThreshold'] }),
    (n) => lif({ beta: decays(n), learn: ['beta', 'vThreshold'] }),
  ],
  recurrent: [
    () => written({ recurrent: 'dense', vThreshold: 0.8 }),
    () => lif({ beta: 0.9, recurrent: 'dense', vThreshold: 0.8 }),
  ],
};

for (const precision of ['f32', 'f64'] as const) {
  for (const [name, [ours, theirs]] of Object.entries(pairs)) {
    test(`a LIF from equations is the built-in one, ${name}, ${precision}`, async (t) => {
      const results = [];
      for (const layer of [ours, theirs]) {
        using model = await network(layer).compile({ seed: 3, precision });
        const run = await model.run(sample);
        const objective = { loss: loss.crossEntropyRate(), optimizer: adam({ lr: 1e-2 }) };
        const losses = [];
        for (let i = 0; i < 3; i++) losses.push((await model.trainStep(sample, objective)).loss);
        await model.trainStep(sample, { loss: loss.crossEntropyRate() });
        const nameless = (values: Record<string, unknown>) => Object.values(values);
        t.true(run.spikes!.includes(1));
        results.push([
          run.spikes,
          run.v,
          losses,
          nameless(await model.gradients()),
          nameless(await model.weights()),
        ]);
      }
      t.deepEqual(results[0], results[1]);
    });
  }
}

test('the exact method is the decay of the built-in neuron', async (t) => {
  const leaky = neuron({
    state: { v: 0 },
    params: { tauMem: 10, vLeak: 0.1, r: 2 },
    update: "v' = (vLeak - v + r*i)/tauMem",
    spike: 'v > 1',
    reset: 'v -= 1',
  });
  t.is(leaky.method, 'exact');
  const options = {
    tauMem: 10,
    vLeak: 0.1,
    vInit: 0,
    r: 2,
    inputScale: 'one-minus-beta',
    resetTiming: 'same-step',
  } as const;
  using ours = await network(() => leaky()).compile({ seed: 3, precision: 'f64', dt: 0.5 });
  using theirs = await network(() => lif(options)).compile({ seed: 3, precision: 'f64', dt: 0.5 });
  const [a, b] = [await ours.run(sample), await theirs.run(sample)];
  t.deepEqual(a.spikes, b.spikes);
  t.true(a.v.every((v, i) => Math.abs(v - b.v[i]!) < 1e-12));
});

test('noise is white, standard normal, and scaled by the root of dt', async (t) => {
  const walk = neuron({ state: { v: 0 }, params: { sigma: 0.5 }, update: "v' = sigma*xi" });
  t.is(walk.method, 'euler');
  for (const dt of [0.1, 1]) {
    const [T, B, N] = [50, 64, 100];
    using model = await sequential(walk()).compile({ inputs: N, dt, seed: 7, precision: 'f64' });
    const input = { x: new Float32Array(T * B * N), shape: [T, B, N] };
    const { v } = await model.run(input);
    t.deepEqual((await model.run(input)).v, v);
    const draws = Float64Array.from(
      v,
      (x, i) => (x - (i < B * N ? 0 : v[i - B * N]!)) / (0.5 * Math.sqrt(dt)),
    );
    const mean = (values: Float64Array) => values.reduce((sum, x) => sum + x, 0) / values.length;
    const n = draws.length;
    // Four standard errors each.
    t.true(Math.abs(mean(draws)) < 4 / Math.sqrt(n));
    t.true(Math.abs(mean(draws.map((x) => x * x)) - 1) < 4 * Math.sqrt(2 / n));
    t.true(Math.abs(mean(draws.map((x) => x ** 4)) - 3) < 4 * Math.sqrt(96 / n));
    for (const lag of [1, N, B * N]) {
      const products = draws.subarray(0, n - lag).map((x, i) => x * draws[i + lag]!);
      t.true(Math.abs(mean(products)) < 4 / Math.sqrt(n), `correlated at a distance of ${lag}`);
    }
    using other = await sequential(walk()).compile({ inputs: N, dt, seed: 8, precision: 'f64' });
    t.notDeepEqual((await other.run(input)).v, v);
  }
});

test('a file keeps the equations', async (t) => {
  const path = join(folder, 'noisy.safetensors');
  using model = await network(
    () => noisy({ learn: ['tauMem'], recurrent: 'one-to-one' }),
    () => li({ beta: 0.9 }),
  ).compile({ seed: 2 });
  await model.trainStep(sample, { loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 0.1 }) });
  await model.save(path);
  using again = await Model.load(path);
  const equations = ({ description }: Model) =>
    description.nodes.map((node) => node.kind === 'dynamics' && node.dynamics.equations);
  t.deepEqual(equations(again), equations(model));
  const [a, b] = [await model.run(sample), await again.run(sample)];
  t.deepEqual([a.v, a.spikeCounts], [b.v, b.spikeCounts]);
  const spec = again.description.nodes.find((node) => node.name === 'noisy1');
  t.is(spec?.kind === 'dynamics' && spec.dynamics.options.method, 'euler');
});

test('it learns', async (t) => {
  using model = await network(
    () => noisy({ sigma: 0.05, learn: ['tauMem', 'b'] }),
    () => li({ beta: 0.9 }),
  ).compile({ seed: 2 });
  const objective = { loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 5e-3 }) };
  const before = { ...(await model.weights()) }['noisy1.tauMem'];
  const losses = [];
  for (let i = 0; i < 40; i++) losses.push((await model.trainStep(sample, objective)).loss);
  t.true(losses.at(-1)! < losses[0]! / 2, `${losses[0]} to ${losses.at(-1)}`);
  t.notDeepEqual((await model.weights())['noisy1.tauMem'], before);
});

test('what overflows stops the step and is named', async (t) => {
  const exploding = neuron({ state: { v: 0.1 }, update: 'v = v*v*1e6 + exp(i)', name: 'exploding' });
  using model = await sequential(dense(channels, 10), exploding()).compile({ seed: 1 });
  const error = await failure(() =>
    model.trainStep(sample, { loss: loss.crossEntropyMembrane(), optimizer: adam() }),
  );
  t.is(error?.code, 'non-finite');
  t.regex(error!.message, /exploding1/);
});

test('states are recorded by name, with units', async (t) => {
  const cell = neuron({
    state: { v: '-65 mV', n: { init: 'n0' } },
    params: { tau: '10 ms', vLeak: { value: -65, unit: 'mV' }, n0: 0.25, r: '100 MOhm', tauRef: '3 ms' },
    input: { name: 'current', unit: 'pA' },
    update: "v' = (vLeak - v + r*current*(0.001*mV/(MOhm*pA)))/tau; n' = -n/(2*tau)",
    spike: 'v > -55*mV',
    reset: 'v = vLeak',
    refractory: 'tauRef',
  });
  t.deepEqual(cell.states, ['v', 'n', 'refractory']);
  t.deepEqual(cell.params, ['tau', 'vLeak', 'n0', 'r', 'tauRef']);
  using model = await sequential(cell({ name: 'cell', neurons: 2 })).compile({ inputs: 2, precision: 'f64' });
  const x = new Float32Array(20 * 2).fill(300);
  const run = await model.run({ x, shape: [20, 1, 2] }, { record: ['cell.n', 'cell.refractory'] });
  t.true(Math.abs(run.recordings['cell.n']![0]! - 0.25 * Math.exp(-1 / 20)) < 1e-12);
  // 30 mV above rest are aimed at: 10 mV are passed after 10 ln(3/2) = 4.05 ms.
  t.is(run.spikes!.indexOf(1), 4 * 2);
  t.deepEqual([...run.recordings['cell.refractory']!.slice(8, 16)], [3, 3, 2, 2, 1, 1, 0, 0]);
});

test('of several inputs, what feeds and what returns is cut into one part for each', async (t) => {
  const two = neuron({
    state: { v: 0 },
    input: ['plus', 'minus'],
    update: 'v = 0.5*v + plus - 2*minus',
    spike: 'v > 1',
    reset: 'v = 0',
  });
  using model = await sequential(
    dense(1, 6, { bias: false }),
    two({ name: 'two', recurrent: { kind: 'dense', bias: false } }),
  ).compile({ precision: 'f64' });
  t.is(model.info.layers[0]!.neurons, 3);
  // Neuron `n` gets 0.75 (n + 1) and -2 · 0.1, and of what all three fired 0.25 a spike and -2 · 0.125 n.
  await model.setWeights({
    'dense1.weight': Float64Array.of(0.75, 1.5, 2.25, 0.1, 0.1, 0.1),
    'two.recurrent.weight': Float64Array.from({ length: 18 }, (_, i) =>
      i < 9 ? 0.25 : 0.125 * (Math.floor(i / 3) - 3),
    ),
  });
  const run = await model.run({ x: new Float32Array(4).fill(1), shape: [4, 1, 1] });
  const [v, fired] = [[0, 0, 0], [[0, 0, 0]]];
  for (let step = 0; step < 4; step++) {
    const returned = fired[step]!.reduce((sum, spike) => sum + spike, 0);
    fired.push(
      v.map((before, n) => {
        const now = 0.5 * before + 0.75 * (n + 1) - 0.2 + returned * (0.25 - 0.25 * n);
        v[n] = now > 1 ? 0 : now;
        return now > 1 ? 1 : 0;
      }),
    );
  }
  t.deepEqual([...run.spikes!], fired.slice(1).flat());
  t.true(run.spikes!.includes(1) && run.spikes!.includes(0));
});

test('smoothed spikes are the logistic function, and gradients those of differences', async (t) => {
  const slope = 3;
  const cell = neuron({
    state: { v: 0 },
    params: { beta: 0.9, vThreshold: 1 },
    update: 'v = beta*v + i',
    spike: 'v > vThreshold',
    reset: 'v -= vThreshold',
  });
  const made = (beta: number) =>
    sequential(
      dense(1, 1, { bias: false, initial: { kind: 'constant', value: 1 } }),
      cell({ smoothed: slope, name: 'cell', beta, learn: ['beta'] }),
      dense(1, 1, { bias: false, initial: { kind: 'constant', value: 1 } }),
      li({ beta: 0 }),
    ).compile({ precision: 'f64' });
  const x = [0.5, 0.7, 0.2];
  // As it is defined, a step after the other.
  const leaves = (weight: number, beta: number) => {
    let v = 0;
    return x.map((input) => {
      v = beta * v + weight * input;
      const spike = 1 / (1 + Math.exp(-slope * (v - 1)));
      v -= spike;
      return spike;
    });
  };
  const squares = (weight: number, beta: number) =>
    leaves(weight, beta).reduce((sum, spike) => sum + spike ** 2, 0) / x.length;
  using model = await made(0.9);
  const batch = { x: Float64Array.from(x), shape: [3, 1, 1] as const, y: new Float32Array(3) };
  const run = await model.run(batch, { record: ['cell.graded'] });
  leaves(1, 0.9).forEach((spike, step) => {
    t.true(Math.abs(run.v[step]! - spike) < 1e-6);
    t.true(Math.abs(run.recordings['cell.graded']![step]! - spike) < 1e-6);
  });
  const { loss: first } = await model.trainStep(batch, { loss: loss.meanSquaredMembrane() });
  t.true(Math.abs(first - squares(1, 0.9)) < 1e-9);
  const gradients = await model.gradients();
  const slopes = {
    'dense1.weight': (squares(1 + 1e-5, 0.9) - squares(1 - 1e-5, 0.9)) / 2e-5,
    'cell.beta': (squares(1, 0.9 + 1e-5) - squares(1, 0.9 - 1e-5)) / 2e-5,
  };
  for (const [name, expected] of Object.entries(slopes)) {
    t.true(Math.abs(gradients[name]![0]! - expected) < 1e-8, `${name} ${gradients[name]![0]} ${expected}`);
  }
});

test('what is wrong is said with its place', async (t) => {
  const define = (more: object) => () =>
    neuron({
      state: { v: 0 },
      params: { tauMem: 10 },
      update: "v' = -v/tauMem",
      ...more,
    } as NeuronDefinition);
  const error = (await failure(define({ update: "v' = (vLeak - v)\n  / tauMen" })))!;
  t.true(error instanceof LapicqueError && error.code === 'equation');
  t.is(
    error.message,
    `line 1, column 7: update: unknown name "vLeak"; known are tauMem, dt, i, v\nv' = (vLeak - v)\n      ^`,
  );
  const says = async (more: object, what: RegExp) => t.regex(await outcome(define(more)), what);
  await says({ update: "v' = -v/tauMen" }, /^equation: .*did you mean "tauMem"/);
  await says({ update: "v' = -v; v' = 1" }, /^equation: .*two equations/);
  await says({ update: 'v = a; a = v' }, /^equation: .*used before/);
  await says({ state: { v: 0, w: 0 } }, /^equation: .*w has no derivative/);
  await says({ state: {} }, /^invalid-parameter: state/);
  await says({ state: { v: Number.NaN } }, /^invalid-parameter: state\.v/);
  await says({ params: { tauMem: 10, v: 1 } }, /^invalid-parameter: params: expected a name used once/);
  await says({ params: { tauMem: 10, learn: 1 } }, /^invalid-parameter: params/);
  await says(
    { params: { tauMem: 10, smoothed: 1 } },
    /^invalid-parameter: params: .*smoothed.* but got "smoothed"/,
  );
  await says({ state: { v: 0, spikes: 0 } }, /^invalid-parameter: state: .*but got "spikes"/);
  await says({ state: { v: 0, graded: 0 } }, /^invalid-parameter: state: .*but got "graded"/);
  await says({ params: { tauMem: '10 mss' } }, /^unknown-name: unknown unit "mss"; did you mean "ms"/);
  await says({ params: { tauMem: 'ten' } }, /^invalid-parameter: params\.tauMem/);
  await says(
    { params: { tauMem: '10 ms' }, state: { v: 'mV' }, update: "v' = -v" },
    /v' must be in mV\/ms but "-v" is in mV/,
  );
  await says({ method: 'rk5' }, /^unknown-name: .*"rk5"; known are .*rk2, rk4/);
  await says({ method: 'exact', update: "v' = v^2" }, /^equation: .*the method exact needs/);
  await says({ refractory: 2 }, /^invalid-parameter: refractory: expected a spike/);
  await says(
    { spike: 'v > 1', refractory: 'tauRef' },
    /^invalid-parameter: refractory.*the name of a parameter/,
  );
  await says(
    { spike: 'v > 1', refractory: { period: 2, hold: ['u'] } },
    /^invalid-parameter: refractory\.hold/,
  );
  await says({ reset: 'v = 0' }, /^invalid-parameter: reset/);
  await says({ thresold: 1 }, /^unknown-name/);
  t.regex(await outcome(() => written({ betta: 1 } as object)), /^unknown-name: .*did you mean "beta"/);
  t.regex(await outcome(() => written({ like: 'snntorch' } as object)), /^unknown-name: .*"like"/);
  await says({ update: "v' = exp(xi)" }, /^equation: .*v' must be linear in xi/);
  await says({ update: "v' = xi^2 - v/tauMem" }, /^equation: .*v' must be linear in xi/);
  const compiled = (layer: Neuron) => sequential(layer).compile({ inputs: 3 });
  const leaky = neuron({ state: { v: 0 }, params: { tau: 10, r: 1 }, update: "v' = (r*i - v)/tau" });
  t.regex(
    await outcome(() => compiled(leaky({ tau: 0 }))),
    /^invalid-parameter: custom1\.tau(, r)?: expected values? of which .* finite numbers .* but got 0(, 1)?, which makes (NaN|-?inf)$/,
  );
  // Rates and the strength of noise as they are named.
  t.notThrows(() =>
    neuron({
      state: { v: 'mV' },
      params: { sigma: '2 mV/ms^0.5', k: { value: 0.1, unit: '1/ms' }, slope: '1 mV/ms' },
      update: "v' = slope - k*v + sigma*xi",
    }),
  );
  t.regex(await outcome(() => compiled(written({ beta: [0.9, 0.8] }))), /^shape-mismatch: custom1\.beta/);
  t.regex(await outcome(() => compiled(written({ learn: ['tau'] as never }))), /^unknown-name/);
});

test('no text ends the process', (t) => {
  const words = fc.constantFrom(
    ..."v' = v i xi + - * / ^ ( ) , > and not where( exp( 1 2.5 [t] ; \n é".split(' '),
    '\n',
    "'",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 30 }), fc.string(), (parts, noise) => {
      for (const update of [parts.join(' '), `v' = ${parts.join('')}`, noise, `v = ${noise}`]) {
        try {
          neuron({ state: { v: 0 }, update: update || ' ', spike: `v > ${parts.join(' ')}` });
        } catch (error) {
          if (!(error instanceof LapicqueError) || error.code === 'internal') throw error;
        }
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('a neuron of 80 states simulates and trains', async (t) => {
  const n = 80;
  const names = Array.from({ length: n }, (_, i) => `x${i}`);
  const chain = neuron({
    state: Object.fromEntries(names.map((name) => [name, 0])) as Record<string, number>,
    params: { tau: 5 },
    update: names.map((name, i) => `${name}' = (${i === 0 ? 'i' : names[i - 1]} - ${name})/tau`).join('\n'),
    spike: 'x0 > 1e9',
    reset: 'x0 = 0',
  });
  t.is(chain.method, 'euler');
  // Euler's steps, one after the other.
  const states = new Float64Array(n);
  const steps = 50;
  for (let k = 0; k < steps; k++) {
    const old = states.slice();
    for (let i = 0; i < n; i++) states[i] = old[i]! + ((i === 0 ? 3 : old[i - 1]!) - old[i]!) / 5;
  }
  const cells = population(chain, 3, { name: 'C' });
  const network = circuitOf(cells, connect(currentSource(3), cells));
  using simulation = await network.compile({ dt: 1, precision: 'f64' });
  await simulation.run(steps);
  for (const i of [0, 1, 40, 79]) {
    const x = await simulation.get(cells, `x${i}`);
    t.true(
      x.every((one) => Math.abs(one - states[i]!) <= 1e-12 * (1 + states[i]!)),
      `${i}: ${x[0]} ${states[i]}`,
    );
  }
  using model = await sequential(
    dense(2, 3),
    chain({ learn: ['tau'] }),
    dense(3, 2),
    li({ beta: 0.9 }),
  ).compile({
    dt: 1,
    seed: 1,
  });
  const out = await model.forward({ x: new Float32Array(20).fill(1), shape: [10, 1, 2] });
  await out.backward({ v: new Float32Array(20).fill(1) });
  t.true(Object.values(await model.gradients()).every((g) => g.every(Number.isFinite)));
});
