// Parameters that move, synapses that come and go, and rules together on one synapse, through the public API and its files.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  circuit,
  circuitOf,
  connect,
  distribution,
  driveSynapse,
  poisson,
  population,
  rule,
  simulate,
  spikeSource,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp, neuron } from '../../src-ts/doors/neurons.ts';
import type { LapicqueError } from '../../src-ts/index.ts';

function growing() {
  const E = population(iafPscExp, 100, {
    name: 'E',
    initial: { v: distribution.uniform(-70, -55) },
    intrinsic: { parameter: 'vThreshold', rateTarget: 10, gain: 0.05, tauRate: 200, interval: 20 },
  });
  const curve = { curve: 'gaussian', rate: 0.05, eta: 0, epsilon: 0.1 } as const;
  return circuit(
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
  using again = await circuitOf(JSON.parse(JSON.stringify(growing()))).compile({ ...options, threads: 2 });
  await again.restore(file);
  const resumed = await again.run(150);
  t.deepEqual([resumed.times, resumed.ids], [after.times, after.ids]);
  t.deepEqual(await again.plasticSynapses('E', 'E'), synapses);
  t.deepEqual(await again.synapticElements('E', 'E'), elements);
  t.deepEqual(await again.get('E', 'vThreshold'), thresholds);
});

test('weights that are set as they were read change nothing where synapses come and go', async (t) => {
  for (const precision of ['f32', 'f64'] as const) {
    const after = async (set: boolean) => {
      using simulation = await growing().compile({ dt: 0.1, seed: 3, precision });
      for (const ms of [19.6, 10.2, 9.9, 80.1]) {
        await simulation.run(ms);
        const { weights } = await simulation.plasticSynapses('E', 'E');
        if (set) await simulation.setWeights('E', 'E', weights);
      }
      const { times, ids } = await simulation.run(80.2);
      return [times, ids, await simulation.plasticSynapses('E', 'E')];
    };
    t.deepEqual(await after(true), await after(false), precision);
  }
});

test('a parameter moves by the sum over all spikes before', async (t) => {
  const quiet = neuron({
    state: { kicked: 0 },
    params: { threshold: 0.5 },
    input: 'kick',
    update: 'kicked = kick',
    spike: 'kicked > threshold',
  });
  const [dt, steps, every, tauRate, gain, rateTarget] = [0.5, 400, 15, 80, 0.2, 12];
  const trains = [[], [3, 4, 29, 30, 31, 200], [30, 60, 61, 90, 300, 301, 302, 303]];
  const cells = population(quiet, 3, {
    name: 'n',
    threshold: [0.3, 0.5, 0.7],
    intrinsic: {
      parameter: 'threshold',
      rateTarget,
      gain,
      tauRate,
      interval: every * dt,
      min: 0.2,
      max: 0.8,
    },
  });
  const kicks = spikeSource(trains.map((train) => train.map((step) => (step - 1) * dt)));
  const whole = circuit(cells, connect(kicks, cells, rule.oneToOne(), { weight: 1, delay: dt }));
  let simulation = await whole.compile({ dt, precision: 'f64', threads: 2 });
  const expected = [0.3, 0.5, 0.7];
  // Cut on an interval's end, just before one and just after.
  let now = 0;
  for (const cut of [30, 59, 151, steps]) {
    await simulation.run((cut - now) * dt);
    for (let step = now + 1; step <= cut; step++) {
      if (step % every !== 0) continue;
      trains.forEach((train, n) => {
        const rate = train
          .filter((spike) => spike <= step)
          .reduce((sum, spike) => sum + (1000 / tauRate) * Math.exp((-(step - spike) * dt) / tauRate), 0);
        const moved = expected[n]! + (gain * (rate - rateTarget) * every * dt) / 1000;
        expected[n] = Math.min(0.8, Math.max(0.2, moved));
      });
    }
    now = cut;
    const got = await simulation.get(cells, 'threshold');
    got.forEach((x, n) => {
      t.true(Math.abs(x - expected[n]!) < 1e-12, `${n} at ${cut}: ${x}, not ${expected[n]}`);
    });
    const state = await simulation.save();
    simulation = await whole.compile({ dt, precision: 'f64', threads: 1 });
    await simulation.restore(state);
  }
  // One at its bound, one between them.
  t.is(expected[0], 0.2);
  t.true(Math.abs(expected[1]! - 0.5) > 0.01 && expected[1]! > 0.2 && expected[1]! < 0.8);
});

test('rules together are those rules where nothing is shared', async (t) => {
  const pre = [10, 30, 34, 60, 90];
  const post = [12, 33, 80];
  const learning = synapse.stdp({ lambda: 0.1, wMax: 2 });
  const resources = synapse.tsodyksMarkram({ utilization: 0.4, tauRec: 100 });
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
  const error = await t.throwsAsync<LapicqueError>(simulate(circuit(E), { duration: 1 }));
  t.is(error!.code, 'unknown-name');
  t.regex(error!.message, /vThreshold/);
  const F = population(iafPscExp, 10, { name: 'F' });
  const curve = { curve: 'linear', rate: 0.1, epsilon: 0.1 } as const;
  const network = circuit(
    F,
    connect(F, F, rule.pairwiseBernoulli(0.1), {
      weight: distribution.normal(1, 0.1),
      delay: 1,
      structural: { axonal: curve, dendritic: curve, interval: 10 },
    }),
  );
  const refused = await t.throwsAsync<LapicqueError>(simulate(network, { duration: 1 }));
  t.is(refused!.code, 'invalid-parameter');
  t.regex(refused!.message, /one weight and one delay/);
});
