// `[t-1]` is the value of the step before wherever equations are accepted, or it is refused; and what no equation reads is
// refused: parameters, learned or not, and inputs with connections onto them.
import test from 'ava';
import {
  circuit,
  connect,
  currentSource,
  driveSynapse,
  poisson,
  population,
  record,
  rule,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { customSurrogate, li, lif, type NeuronDefinition, neuron, qif } from '../../src-ts/doors/neurons.ts';
import { dense, type Layer, loss, type Network, sequential } from '../../src-ts/index.ts';
import { outcome, outcomeNow } from '../support/errors.ts';

/** What `v` is in a network that adds the input to one neuron, in `f64`. */
async function course(definition: NeuronDefinition<string, never>, inputs: readonly number[], name = 'v') {
  const layer = neuron(definition)({ name: 'n', neurons: 1 });
  using model = await sequential(layer).compile({ precision: 'f64' });
  const shape = [inputs.length, 1, 1];
  const { recordings } = await model.run({ x: Float64Array.from(inputs), shape }, { record: [`n.${name}`] });
  return [...recordings[`n.${name}`]!];
}

const inputs = [1, 3, 2, 2, 5];

test('difference equations: the input of the step before, which is 0 before the first', async (t) => {
  const expected = [1, 2, -1, 0, 3];
  for (const update of ['v[t] = i[t] - i[t-1]', 'v[t] = i - i[t-1]', 'v = i - i[t-1]'])
    t.deepEqual(await course({ state: { v: 0 }, update }, inputs), expected, update);
});

test('sequential assignments: the state of the step before, also after it was assigned', async (t) => {
  const definition = { state: { v: 0, w: 0 }, update: 'v = v + i; w = v[t-1]' };
  t.deepEqual(await course(definition, inputs, 'w'), [0, 1, 4, 6, 8]);
  const both = { state: { v: 0, w: 0 }, update: 'v = v + i; v = v - 2*v[t-1]; w = v' };
  // v - 2 v[t-1] with v = v[t-1] + i is i - v[t-1].
  t.deepEqual(await course(both, inputs, 'w'), [1, 2, 0, 2, 3]);
});

test('the spike compares the state of the step before', async (t) => {
  for (const update of ['v = v + i', 'v[t] = v[t-1] + i[t]', "v' = i"]) {
    const definition = { state: { v: 0 }, update, spike: 'v[t-1] > 3.5' };
    // v is 1, 4, 6, 8, 13.
    t.deepEqual(await course(definition, inputs, 'spikes'), [0, 0, 1, 1, 1], update);
    const rising = { ...definition, spike: 'v - v[t-1] > 2.5 and i[t-1] < 2.5' };
    t.deepEqual(await course(rising, inputs, 'spikes'), [0, 1, 0, 0, 1], update);
  }
});

test('the reset and the arrival read the step before', async (t) => {
  const reset = { state: { v: 0 }, update: 'v = v + i', spike: 'v > 5.5', reset: 'v = v[t-1] + 10*i[t-1]' };
  // 1, 4, then 6 > 5.5: 4 + 30 = 34; 36: 34 + 20 = 54; 59: 54 + 20 = 74.
  t.deepEqual(await course(reset, inputs), [1, 4, 34, 54, 74]);
  const arrival = { state: { v: 0 }, update: "v' = 0*v", arrival: 'v += i - i[t-1] + 0.5*v[t-1]' };
  const expected: number[] = [];
  for (const [step, i] of inputs.entries())
    expected.push((expected[step - 1] ?? 0) * 1.5 + i - (inputs[step - 1] ?? 0));
  t.deepEqual(await course(arrival, inputs), expected);
  // With "next-step" the reset follows the update of the step after the spike.
  const late = { ...reset, reset: 'v = v[t-1]', resetTiming: 'next-step' as const };
  t.deepEqual(await course(late, inputs), [1, 4, 6, 6, 6]);
});

test('the step before has its gradient', async (t) => {
  const layer = neuron({ state: { v: 0 }, params: { a: 0.5 }, update: 'v[t] = i - a*i[t-1]^2 + 0.5*v[t-1]' });
  const batch = { x: Float64Array.from(inputs), shape: [5, 1, 1], y: Uint8Array.of(0) };
  for (const segment of [undefined, 2]) {
    using model = await sequential(dense(1, 1, { bias: false }), layer({ learn: ['a'] })).compile({
      precision: 'f64',
    });
    await model.setWeights({ 'dense1.weight': Float64Array.of(0.7) });
    const work = { segment, loss: loss.meanSquaredMembrane() };
    await model.trainStep(batch, work);
    const [weights, gradients] = [await model.weights(), await model.gradients()];
    for (const [name, [value]] of Object.entries(weights)) {
      const at = async (by: number) => {
        await model.setWeights({ [name]: Float64Array.of(value! + by) });
        return (await model.evaluateStep(batch, work)).loss;
      };
      const slope = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
      await at(0);
      t.true(
        Math.abs(gradients[name]![0]! - slope) < 1e-6 * Math.abs(slope),
        `${name}: ${gradients[name]}, ${slope}`,
      );
    }
  }
});

test('a run in parts, a file and a large network remember the input of the step before', async (t) => {
  const difference = neuron({ state: { v: 0 }, update: 'v[t] = i[t] - i[t-1]' });
  using model = await sequential(difference({ neurons: 1 })).compile({ precision: 'f64' });
  const first = await model.run({ x: Float64Array.of(1, 3), shape: [2, 1, 1] });
  const second = await model.run({ x: Float64Array.of(2, 2, 5), shape: [3, 1, 1] }, { state: first.state });
  t.deepEqual([...first.v, ...second.v], [1, 2, -1, 0, 3]);
  const cells = population(difference, 70, { name: 'C' });
  const times = [0, 1, 2, 3, 4];
  const drive = connect(currentSource({ times, values: [...inputs] }), cells);
  using simulation = await circuit(cells, drive, record.traces(cells, ['v'], 1)).compile({
    dt: 1,
    precision: 'f64',
  });
  const { values } = (await simulation.run(5)).traces['C.v']!;
  t.deepEqual([...values].filter((_, k) => k % 70 === 0).length, 5);
  t.deepEqual([...new Set(values)].sort(), [...new Set([1, 2, -1, 0, 3])].sort());
});

const plain = {
  state: { v: 0 },
  params: { a: 0.9 },
  update: 'v = a*v + i',
  spike: 'v > 1',
  reset: 'v = 0',
} as const;

/** Every place that takes equations, with an index that has no value there. */
const refused: Record<string, () => unknown> = {
  'a derivative': () => neuron({ ...plain, update: "v' = (i - v[t-1])/a" }),
  'a derivative, input': () => neuron({ ...plain, update: "v' = (i[t-1] - v)/a" }),
  'a variable next to derivatives': () => neuron({ ...plain, update: "w = v[t-1]; v' = (w - v + i)/a" }),
  'a parameter': () => neuron({ ...plain, update: 'v = a[t-1]*v + i' }),
  'a variable of the update': () => neuron({ ...plain, update: 'w = a*v; v[t] = w[t-1] + i' }),
  time: () => neuron({ ...plain, update: 'v = a*v + i + t[t-1]' }),
  noise: () => neuron({ ...plain, update: 'v = a*v + i + xi[t-1]' }),
  'a function': () => neuron({ ...plain, functions: 'f(x) = x[t-1]', update: 'v = a*f(v) + i' }),
  'a state in a function': () =>
    neuron({ ...plain, functions: 'f(x) = x + v[t-1]', update: 'v = a*f(v) + i' }),
  'the spike, with a later reset': () => neuron({ ...plain, spike: 'v[t-1] > 1', resetTiming: 'next-step' }),
  'the spike, with a reset before the update': () =>
    neuron({ ...plain, spike: 'v[t-1] > 1', resetTiming: 'start-of-next-step' }),
  'a reset before the update': () =>
    neuron({ ...plain, reset: 'v = v[t-1]', resetTiming: 'start-of-next-step' }),
  'an assigned earlier value': () => neuron({ ...plain, update: 'v[t-1] = a*v + i' }),
  'two steps before': () => neuron({ ...plain, update: 'v[t] = a*v[t-2] + i' }),
  'the spike, this step': () => neuron({ ...plain, spike: 'v[t] > 1' }),
  'a surrogate': () =>
    sequential(lif({ beta: 0.9, surrogate: customSurrogate('1/(1 + x[t-1]^2)') })).compile({ inputs: 1 }),
  'a plasticity rule': () =>
    driveSynapse(synapse.rule({ traces: { p: { of: 'pre', tau: 20 } }, pre: 'w += p[t-1]' }), { pre: [1] }),
  'a weight by distance': () => {
    const cells = population(lif, 4, { beta: 0.9, name: 'C' });
    return circuit(cells, connect(cells, cells, rule.allToAll(), { weight: 'i[t-1]', delay: 1 })).compile();
  },
};

for (const [place, make] of Object.entries(refused)) {
  test(`[t-1] has no value in ${place}`, async (t) => {
    const got = await outcome(async () => make());
    t.regex(got, /^(equation|invalid-parameter|unknown-name): /, got);
    t.regex(got, /\[t|index|write|assign/, got);
  });
}

test('an error says what is right instead', async (t) => {
  t.regex(
    await outcome(() => refused['a derivative']!()),
    /v\[t-1\] has no value here: a derivative has no steps: write v/,
  );
  t.regex(
    await outcome(() => refused['a variable of the update']!()),
    /make w a state|w, or make it a state/,
  );
  t.regex(await outcome(() => refused['the spike, with a later reset']!()), /use "same-step"/);
});

test('a parameter that no equation uses is refused, with a suggestion', (t) => {
  const unused = outcomeNow(() => neuron({ ...plain, params: { a: 0.9, aa: 1 } }));
  t.regex(
    unused,
    /^invalid-parameter: params: .*remove it, or use it.*did you mean "a".*got "aa", which no equation uses/,
  );
  // Each of these is a use.
  for (const use of [
    { functions: 'f(x) = q*x', update: 'v = a*f(v) + i' },
    { state: { v: { init: 'q' } } },
    { refractory: 'q' },
    { spike: 'v > q' },
    { reset: 'v = q' },
    { arrival: 'v += q' },
  ])
    t.is(
      outcomeNow(() => neuron({ ...plain, params: { a: 0.9, q: 1 }, ...use } as never)),
      'succeeded',
      JSON.stringify(use),
    );
});

test('constants of a surrogate and parameters of a rule that nothing uses are refused', async (t) => {
  const layer = lif({ beta: 0.9, surrogate: customSurrogate('1/(1 + x^2)', { width: 2 }) });
  t.regex(await outcome(() => sequential(layer).compile({ inputs: 1 })), /^invalid-parameter: .*width/);
  const alone = (params: Record<string, number>) =>
    outcome(() => driveSynapse(synapse.rule({ params, pre: 'w += eta' }), { pre: [1] }));
  t.regex(await alone({ eta: 1, gain: 2 }), /^invalid-parameter: .*"gain", which the rule does not use/);
  t.regex(await alone({ eta: 1, wMax: 2 }), /^invalid-parameter: .*wMin and wMax together.*"wMax"/);
  t.is(await alone({ eta: 1, wMin: 0, wMax: 2 }), 'succeeded');
});

test('a learned parameter that a built-in model does not use with its options is refused', async (t) => {
  const compile = (options: object) => outcome(() => sequential(qif(options)).compile({ inputs: 1 }));
  // b is the increment of w, and w is there with tauW only.
  t.regex(await compile({ learn: ['b'] }), /^invalid-parameter: .*learn.*"b"/);
  t.is(await compile({ learn: ['b'], tauW: 20 }), 'succeeded');
});

test('an input that no equation reads is refused where something is connected to it', async (t) => {
  const clock = neuron({
    state: { v: 0 },
    params: { tau: 10 },
    update: "v' = (1 - v)/tau",
    spike: 'v > 0.9',
    reset: 'v = 0',
  });
  const trained = (...layers: readonly Layer[]) =>
    outcome(() => (sequential as (...layers: readonly Layer[]) => Network)(...layers).compile({ inputs: 3 }));
  const unread = /^invalid-parameter: custom1: .*"i", which no equation reads/;
  t.regex(await trained(dense(3, 2), clock()), unread);
  t.regex(await trained(lif({ beta: 0.9 }), clock()), unread);
  t.regex(await trained(dense(3, 2), lif({ beta: 0.9 }), clock({ recurrent: 'dense' })), unread);
  // A generator is the first layer.
  t.is(await trained(clock()), 'succeeded');
  const cells = population(clock, 3, { name: 'C' });
  t.is(await outcome(() => circuit(cells).compile()), 'succeeded');
  for (const drive of [
    connect(poisson(10), cells, { weight: 1 }),
    connect(currentSource(1), cells),
    connect(cells, cells, rule.allToAll(), { weight: 1, delay: 1 }),
  ])
    t.regex(
      await outcome(() => circuit(cells, drive).compile()),
      /^invalid-parameter: C.*"i", which no equation reads/,
    );
  const two = neuron({
    state: { v: 0 },
    input: ['excitatory', 'inhibitory'],
    update: 'v = 0.9*v + excitatory',
  });
  const targets = population(two, 3, { name: 'T' });
  const into = (port: string) =>
    outcome(() => circuit(targets, connect(poisson(10), targets, { weight: 1, port })).compile());
  t.is(await into('excitatory'), 'succeeded');
  t.regex(await into('inhibitory'), /T: .*input onto excitatory.*"inhibitory", which no equation reads/);
});

test('a readout alone has its input', async (t) => {
  t.is(await outcome(() => sequential(li({ beta: 0.9 })).compile({ inputs: 1 })), 'succeeded');
});
