// Parameters that move, synapses that come and go, and rules together on one synapse, through the public API and its files.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  connect,
  distribution,
  driveSynapse,
  iafPscExp,
  type LapicqueError,
  network,
  networkOf,
  poisson,
  population,
  rule,
  simulate,
  synapse,
} from '../src-ts/index.ts';

function growing() {
  const E = population(iafPscExp, 100, {
    name: 'E',
    initial: { v: distribution.uniform(-70, -55) },
    intrinsic: { parameter: 'vThreshold', rateTarget: 10, gain: 0.05, tauRate: 200, interval: 20 },
  });
  const curve = { curve: 'gaussian', rate: 0.05, eta: 0, epsilon: 0.1 } as const;
  return network(
    E,
    connect(E, E, rule.pairwiseBernoulli(0.02, { autapses: false }), {
      weight: 20,
      delay: 1,
      model: synapse.combine(
        synapse.stdp({ wMax: 40 }),
        synapse.synapticScaling({ wMax: 40, rateTarget: 10 }),
      ),
      structural: { axonal: curve, dendritic: curve, interval: 10, tauCalcium: 500, betaCalcium: 0.01 },
    }),
    connect(poisson(6000), E, { weight: 30 }),
  );
}

test('what moves, comes and goes is saved with a state', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lapicque-homeostasis-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const options = { dt: 0.1, seed: 3, precision: 'f64' } as const;
  using whole = await growing().compile(options);
  const before = await whole.plasticSynapses('E', 'E');
  await whole.run(150);
  const file = join(folder, 'state.safetensors');
  await whole.saveFile(file);
  const after = await whole.run(150);
  const [synapses, elements] = [
    await whole.plasticSynapses('E', 'E'),
    await whole.synapticElements('E', 'E'),
  ];
  t.true(after.times.length > 50 && synapses.weights.length > 2 * before.weights.length);
  t.is(elements.axonal.length, 100);
  t.true(elements.dendriticCalcium.some((x) => x > 0));
  const thresholds = await whole.get('E', 'vThreshold');
  t.true(new Set(thresholds).size > 10);
  // The network as text is the same network.
  using again = await networkOf(JSON.parse(JSON.stringify(growing()))).compile({ ...options, threads: 2 });
  await again.restore(file);
  const resumed = await again.run(150);
  t.deepEqual([resumed.times, resumed.ids], [after.times, after.ids]);
  t.deepEqual(await again.plasticSynapses('E', 'E'), synapses);
  t.deepEqual(await again.synapticElements('E', 'E'), elements);
  t.deepEqual(await again.get('E', 'vThreshold'), thresholds);
});

test('rules together are those rules where nothing is shared', async (t) => {
  const pre = [10, 30, 34, 60, 90];
  const post = [12, 33, 80];
  const learning = synapse.stdp({ lambda: 0.1, wMax: 2 });
  const resources = synapse.tsodyksMarkram({ utilisation: 0.4, tauRec: 100 });
  const both = await driveSynapse(synapse.combine(learning, resources), { pre, post, weight: 1 });
  const [learned, used] = [
    await driveSynapse(learning, { pre, post, weight: 1 }),
    await driveSynapse(resources, { pre, weight: 1 }),
  ];
  both.transmitted.forEach((w, i) => {
    t.true(Math.abs(w - learned.weights[i]! * used.transmitted[i]!) < 1e-12);
  });
});

test('what cannot be', async (t) => {
  t.throws(() => synapse.combine(synapse.stdp()), { message: /two synapse models/ });
  const one = synapse.combine(synapse.stdp(), synapse.oja());
  t.throws(() => synapse.combine(one, synapse.stdp()), { message: /models\[0\]/ });
  const E = population(iafPscExp, 10, {
    name: 'E',
    intrinsic: { parameter: 'vTreshold', rateTarget: 5, gain: 1 },
  });
  const error = await t.throwsAsync<LapicqueError>(simulate(network(E), { duration: 1 }));
  t.is(error!.code, 'unknown-name');
  t.regex(error!.message, /vThreshold/);
  const F = population(iafPscExp, 10, { name: 'F' });
  const curve = { curve: 'linear', rate: 0.1, epsilon: 0.1 } as const;
  const drawn = network(
    F,
    connect(F, F, rule.pairwiseBernoulli(0.1), {
      weight: distribution.normal(1, 0.1),
      delay: 1,
      structural: { axonal: curve, dendritic: curve, interval: 10 },
    }),
  );
  const refused = await t.throwsAsync<LapicqueError>(simulate(drawn, { duration: 1 }));
  t.is(refused!.code, 'invalid-parameter');
  t.regex(refused!.message, /one weight and one delay/);
});
