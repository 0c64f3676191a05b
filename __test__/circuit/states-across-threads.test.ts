// A state saved on one number of threads goes on on another, bit for bit, whatever the synapses learn by: also where a
// partition has no neuron of the population that learns.
import test from 'ava';
import {
  type Circuit,
  circuit,
  connect,
  distribution,
  poisson,
  population,
  type Simulation,
  type SynapseModel,
  spikeSource,
  synapse,
  rule as wiring,
} from '../../src-ts/doors/circuit.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';

const equations: SynapseModel = synapse.rule({
  variables: { calcium: { init: 0, tau: 20 } },
  sights: { v: { of: 'v' }, slow: { of: 'v', tau: 10, delay: 0.5 } },
  everyStep: 'w += 1e-6 * (slow + 60) * dt; calcium += 1e-3 * (v + 60) * dt',
  pre: 'w -= 1e-4 * (slow + 60)',
});

/** Each rule of the library; one that is new and needs options fails below. */
const models: Readonly<Record<string, SynapseModel>> = {
  ...Object.fromEntries(
    Object.entries(synapse)
      .filter(([name]) => name !== 'rule' && name !== 'combine')
      .map(([name, model]) => [name, (model as () => SynapseModel)()]),
  ),
  rule: equations,
  combine: synapse.combine(synapse.stdp(), synapse.tsodyksMarkram()),
};

/** A readout of less than one block of neurons beside a population that makes more than one thread worth while. */
function network(model: SynapseModel, size: number): Circuit {
  const readout = population(iafPscExp, size, { name: 'readout' });
  const others = population(iafPscExp, 700, { name: 'others' });
  const reward = spikeSource([[20, 41, 59.5, 75]], { name: 'reward' });
  const distributions = {
    weight: distribution.uniform(0.2, 0.8),
    delay: distribution.uniform(1, 4),
    model,
    ...(model.model === 'reward-stdp' ? { modulator: reward } : {}),
  };
  return circuit(
    readout,
    others,
    reward,
    connect(readout, readout, wiring.fixedInDegree(5), distributions),
    connect(others, readout, wiring.fixedInDegree(20), distributions),
    connect(poisson(4000), readout, { weight: 70 }),
    connect(poisson(3000), others, { weight: 70 }),
  );
}

async function end(simulation: Simulation): Promise<unknown> {
  const { times, ids } = await simulation.run(37);
  const learned = await Promise.all(
    ['readout', 'others'].map((from) => simulation.plasticSynapses(from, 'readout')),
  );
  return { times, ids, learned };
}

for (const [name, model] of Object.entries(models)) {
  for (const size of [17, 64]) {
    test(`${name} onto ${size} neurons`, async (t) => {
      const built = network(model, size);
      using whole = await built.compile({ threads: 1, seed: 3 });
      await whole.run(60);
      const expected = await end(whole);
      for (let from = 1; from <= 4; from++) {
        using saved = await built.compile({ threads: from, seed: 3 });
        await saved.run(60);
        const state = await saved.save();
        for (let to = 1; to <= 4; to++) {
          using other = await built.compile({ threads: to, seed: 3 });
          await other.restore(state);
          t.deepEqual(await end(other), expected, `${from} to ${to}`);
        }
        t.deepEqual(await end(saved), expected, `on ${from}`);
      }
    });
  }
}
