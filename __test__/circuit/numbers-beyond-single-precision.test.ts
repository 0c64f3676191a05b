// Numbers that double precision holds and single precision does not: each refused by name, never an infinity.

import test from 'ava';
import {
  type CircuitElement,
  circuit,
  connect,
  currentSource,
  distribution,
  gapJunctions,
  noise,
  poisson,
  population,
  rule,
  simulate,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, li, lif, surrogate } from '../../src-ts/doors/neurons.ts';
import { dense, loss, sequential, sgd } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { table, values } from '../support/table.ts';

const large = 1e39;
const E = population(iafPscExp, 10, { name: 'E' });
const run = (...elements: CircuitElement[]) => simulate(circuit(...elements), { duration: 1, dt: 0.1 });
const cells = (params: object) => population(iafPscExp, 3, { name: 'P', ...params });
const holds = 'a number that f32 can hold, of at most 3.4028234663852886e38 in size but got 1e39';

table('networks in f32', {
  'a state': [
    async () => (await circuit(E).compile()).set('E', { v: large }),
    `invalid-parameter: E.v[0]: expected ${holds}`,
  ],
  'one of several states': [
    async () => (await circuit(E).compile()).set(E.slice(0, 2), { v: [1, large] }),
    `invalid-parameter: E.v[1]: expected ${holds}`,
  ],
  'a parameter that is set': [
    async () => (await circuit(E).compile()).set('E', { vThreshold: large }),
    /^invalid-parameter: E\.vThreshold: expected a number that f32 can hold/,
  ],
  'a parameter': [() => run(cells({ vThreshold: large })), /^invalid-parameter: P\.vThreshold: .*f32/],
  'a parameter of one neuron': [
    () => run(cells({ vThreshold: [1, 2, large] })),
    /^invalid-parameter: P\.vThreshold\[2\]: .*f32/,
  ],
  'what follows from parameters': [
    () => run(cells({ c: 1e-45 })),
    /^invalid-parameter: P\.tauMem, c: expected values of which .* f32 can hold but got 10, 1e-45, which makes 9\.95\d+e43$/,
  ],
  'a state at the start': [
    () => run(cells({ initial: { v: large } })),
    /^invalid-parameter: P\.initial\.v: .*f32/,
  ],
  'states at the start': [
    () => run(cells({ initial: { v: [0, -large, 0] } })),
    /^invalid-parameter: P\.initial\.v\[1\]: .*f32.* but got -1e39$/,
  ],
  'a drawn state': [
    () => run(cells({ initial: { v: distribution.uniform(0, 1e300) } })),
    /^invalid-parameter: P\.initial\.v: .*f32/,
  ],
  'a width that is none': [
    () => run(cells({ initial: { v: distribution.uniform(-1e308, 1e308) } })),
    /^invalid-parameter: P\.initial\.v: expected finite numbers but got a distribution that reaches Infinity|inf/,
  ],
  'a log-normal number without end': [
    () => run(connect(E, E, rule.allToAll(), { weight: distribution.logNormal(1000, 1), delay: 1 })),
    /^invalid-parameter: connections\[0\] \(E to E\)\.weight: expected finite numbers/,
  ],
  'a weight': [
    () => run(connect(E, E, rule.allToAll(), { weight: large, delay: 1 })),
    /^invalid-parameter: connections\[0\] \(E to E\)\.weight: .*f32/,
  ],
  'a parameter of a synapse': [
    () => run(connect(E, E, rule.allToAll(), { weight: 1, delay: 1, model: synapse.stdp({ wMax: large }) })),
    /^invalid-parameter: connections\[0\] \(E to E\)\.synapse.*f32/,
  ],
  'a weight of Poisson trains': [
    () => run(connect(poisson(10), E, { weight: large })),
    /^invalid-parameter: inputs\[0\]\.weight: .*f32/,
  ],
  noise: [() => run(connect(noise({ sd: large }), E)), /^invalid-parameter: inputs\[0\]\.sd: .*f32/],
  'a current': [
    () => run(connect(currentSource({ times: [0, 1], values: [1, -large] }), E)),
    /^invalid-parameter: inputs\[0\]\.values\[1\]: .*f32/,
  ],
  'a conductance': [
    () => run(gapJunctions(E, E, rule.allToAll(), { conductance: large })),
    /^invalid-parameter: gaps\[0\]\.conductance: .*f32/,
  ],
  'a saved state': [
    async () => {
      using simulation = await circuit(E).compile();
      const state = await simulation.save();
      state.populations[0]!.states[0]!.values[4] = large;
      await simulation.restore(state);
    },
    /^invalid-parameter: state of E: .*\[4\]: .*f32/,
  ],
});

test('double precision holds them', async (t) => {
  using simulation = await circuit(cells({ initial: { v: -large } })).compile({ precision: 'f64' });
  await simulation.set('P', { v: -2 * large });
  t.deepEqual([...(await simulation.get('P', 'v'))], [-2 * large, -2 * large, -2 * large]);
  await simulation.run(1);
});

test('what is refused changes nothing', async (t) => {
  using simulation = await circuit(E).compile();
  const before = await simulation.get('E', 'v');
  t.is((await failure(() => simulation.set('E', { v: -60, vThreshold: large })))?.code, 'invalid-parameter');
  t.deepEqual(await simulation.get('E', 'v'), before);
  t.is((await failure(() => simulation.set('E', { vReset: -80, v: large })))?.code, 'invalid-parameter');
  t.deepEqual(await simulation.get('E', 'v'), before);
});

const x = Float64Array.of(1, large, 1, 1, 1);
const chain = (options: object = {}) =>
  sequential(dense(5, 3), lif({ beta: 0.9, ...options }), dense(3, 2), li({ beta: 0.9 }));
const objective = loss.crossEntropyMembrane();
table('models in f32', {
  'a parameter': [
    () => chain({ vThreshold: large }).compile(),
    /^invalid-parameter: lif1\.vThreshold: .*f32/,
  ],
  'a parameter of a surrogate': [
    () => chain({ surrogate: surrogate.atan({ alpha: large }) }).compile(),
    /^invalid-parameter: lif1\..*alpha.*f32/,
  ],
  'initial weights': [
    () =>
      sequential(dense(5, 2, { initial: { kind: 'constant', value: large } }), li({ beta: 0.9 })).compile(),
    /^invalid-parameter: dense1\.weight/,
  ],
  weights: [
    async () => (await chain().compile()).setWeights({ 'dense2.weight': new Float64Array(6).fill(large) }),
    /^invalid-parameter: dense2\.weight\[0\]/,
  ],
  'an input': [
    async () => (await chain().compile()).run({ x, shape: [1, 5] }, { steps: 2 }),
    /^non-finite: input: sample 0, channel 1/,
  ],
  'an input of a training step': [
    async () =>
      (await chain().compile()).trainStep(
        { x, shape: [1, 5], y: Uint8Array.of(1) },
        { steps: 2, loss: objective, optimizer: sgd({ lr: 0.1 }) },
      ),
    /^non-finite: input: sample 0, channel 1/,
  ],
  'a gradient': [
    async () => {
      const model = await chain().compile();
      const { backward } = await model.forward({ x: values(5), shape: [1, 5] }, { steps: 2 });
      await backward({ v: Float64Array.of(0, 0, large, 0) });
    },
    `invalid-parameter: gradient of v[2]: expected ${holds}`,
  ],
});
