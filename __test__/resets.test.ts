// A neuron that a spike sets to its threshold or above would fire at every step for ever: NEST refuses it, and so do we.
import { join } from 'node:path';
import test from 'ava';
import {
  aeifCondExp,
  connect,
  currentSource,
  dense,
  iafPscExp,
  lif,
  loss,
  Model,
  network,
  networkOf,
  population,
  sequential,
  simulate,
} from '../src-ts/index.ts';
import { folder } from './program.ts';
import { outcome } from './support/errors.ts';
import { any, table } from './support/table.ts';

const run = (params: object) =>
  simulate(network(population(iafPscExp, 3, { name: 'E', ...params })), { duration: 1 });
const compile = (params: object) => sequential(dense(4, 3), lif({ beta: 0.9, ...params })).compile();

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
      const data = JSON.parse(JSON.stringify(network(population(iafPscExp, 3, { name: 'E' }))));
      data.populations[0].neuron.params.vReset = -20;
      return simulate(networkOf(any(data)), { duration: 1 });
    },
    'invalid-parameter: E.vReset: expected a number below vThreshold, -55 but got -20',
  ],
  'where the upstroke is cut off': [
    () => simulate(network(population(aeifCondExp, 2, { name: 'E', vReset: 10 })), { duration: 1 }),
    'invalid-parameter: E.vReset: expected a number below vPeak, 0 but got 10',
  ],
  'of a layer': [
    () => compile({ reset: 'value', vReset: 1 }),
    'invalid-parameter: lif1.vReset: expected a number below vThreshold, 1 but got 1',
  ],
  'of a neuron of a layer': [
    () => compile({ reset: 'value', vReset: [0, 2, 0] }),
    'invalid-parameter: lif1.vReset[1]: expected a number below vThreshold, 1 but got 2',
  ],
  'to zero above a threshold': [
    () => compile({ reset: 'zero', vThreshold: -0.5 }),
    'invalid-parameter: lif1.vReset: expected a number below vThreshold, -0.5 but got 0',
  ],
});

test('parameters that are set between two runs', async (t) => {
  const E = population(iafPscExp, 100, { name: 'E' });
  using simulation = await network(E, connect(currentSource(500), E)).compile();
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

test('a threshold that is learned may come below the reset, and is kept', async (t) => {
  using model = await compile({ reset: 'value', vReset: 0.5, learn: ['vThreshold'] });
  const batch = { x: new Float32Array(5 * 2 * 4).fill(1), shape: [5, 2, 4], y: Uint8Array.of(0, 2) };
  await model.setWeights({ 'lif1.vThreshold': Float32Array.of(0.25) });
  const { loss: found } = await model.trainStep(batch, { loss: loss.crossEntropyRate() });
  t.true(Number.isFinite(found));
  const path = join(await folder((remove) => t.teardown(remove)), 'model.safetensors');
  await model.save(path);
  using loaded = await Model.load(path);
  t.is(await loaded.weightsSha256(), await model.weightsSha256());
});
