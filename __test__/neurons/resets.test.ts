// A neuron that a spike sets to its threshold or above would fire at every step for ever: NEST refuses it, and so do models with
// NEST's parameters.
import test from 'ava';
import {
  circuit,
  circuitOf,
  connect,
  currentSource,
  population,
  simulate,
} from '../../src-ts/doors/circuit.ts';
import { aeifCondExp, iafPscExp, lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { any, table } from '../support/table.ts';

const run = (params: object) =>
  simulate(circuit(population(iafPscExp, 3, { name: 'E', ...params })), { duration: 1 });

table('resets', {
  'above the threshold in a network': [
    () => run({ vReset: -50 }),
    'invalid-parameter: E.vReset: expected a number below vThreshold, -55 but got -50',
  ],
  'at the threshold in a network': [
    () => run({ vThreshold: -70 }),
    'invalid-parameter: E.vReset: expected a number below vThreshold, -70 but got -70',
  ],
  'of one neuron': [
    () => run({ vReset: [-70, -70, -54.5] }),
    'invalid-parameter: E.vReset[2]: expected a number below vThreshold, -55 but got -54.5',
  ],
  'of the threshold of one neuron': [
    () => run({ vThreshold: Float64Array.of(-50, -71, -50) }),
    'invalid-parameter: E.vReset: expected a number below vThreshold[1], -71 but got -70',
  ],
  'of a network that is data': [
    () => {
      const data = JSON.parse(JSON.stringify(circuit(population(iafPscExp, 3, { name: 'E' }))));
      data.populations[0].neuron.params.vReset = -20;
      return simulate(circuitOf(any(data)), { duration: 1 });
    },
    'invalid-parameter: E.vReset: expected a number below vThreshold, -55 but got -20',
  ],
  'where the upstroke is cut off': [
    () => simulate(circuit(population(aeifCondExp, 2, { name: 'E', vReset: 10 })), { duration: 1 }),
    'invalid-parameter: E.vReset: expected a number below vPeak, 0 but got 10',
  ],
});

test('parameters that are set between two runs', async (t) => {
  const E = population(iafPscExp, 100, { name: 'E' });
  using simulation = await circuit(E, connect(currentSource(500), E)).compile();
  await simulation.run(50);
  const before = await simulation.get('E', 'v');
  t.is(
    await outcome(() => simulation.set(E.slice(70, 80), { vThreshold: -75, v: -60 })),
    'invalid-parameter: E.vReset: expected a number below vThreshold[70], -75 but got -70',
  );
  t.is(
    await outcome(() => simulation.set('E', { vReset: -50 })),
    'invalid-parameter: E.vReset: expected a number below vThreshold, -55 but got -50',
  );
  t.deepEqual(await simulation.get('E', 'v'), before);
  // Both at once are looked at together.
  await simulation.set('E', { vReset: -50, vThreshold: -45 });
  await simulation.run(50);
});

// As their peers have it: a threshold that was learned may be there, in a network made of a trained model, too.
test('neurons that are trained may reset to their threshold and above', async (t) => {
  const parameters = [
    { reset: 'value', vReset: 1 },
    { reset: 'value', vReset: [0, 2, 0] },
    { reset: 'zero', vThreshold: -0.5 },
  ];
  for (const options of parameters) {
    using model = await sequential(dense(4, 3), lif({ beta: 0.9, ...options } as never)).compile();
    const { spikes } = await model.run({ x: new Float32Array(20).fill(1), shape: [5, 1, 4] });
    t.is(spikes?.length, 15);
  }
});
