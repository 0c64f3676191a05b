// A state goes on where its network was drawn by the same seed: it does not contain synapses that do not change.
import { join } from 'node:path';
import test from 'ava';
import {
  type CircuitElement,
  circuit,
  circuitOf,
  connect,
  distribution,
  gapJunctions,
  poisson,
  population,
  rule,
  synapse,
} from '../../src-ts/doors/circuit.ts';
import { readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { iafPscExp } from '../../src-ts/doors/neurons.ts';
import { failure } from '../support/errors.ts';
import { folder } from '../support/program.ts';

const { normal, uniform } = distribution;
const E = population(iafPscExp, 20, { name: 'E', initial: { v: uniform(-70, -56) } });
const noise = connect(poisson(8000), E, { weight: 50 });
const fixed = { weight: 30, delay: 1.5 };
const list = rule.list([0, 1, 2], [3, 4, 5]);
const learning = { weight: 1, delay: 1.5, model: synapse.stdp({ wMax: 2 }) };

/** By what the seed decides: what is between the neurons, and whether a state goes on under another seed. */
const networks: Record<string, [CircuitElement, boolean]> = {
  'a fixed in-degree': [connect(E, E, rule.fixedInDegree(4), fixed), false],
  'a fixed out-degree': [connect(E, E, rule.fixedOutDegree(4), fixed), false],
  'a fixed total number': [connect(E, E, rule.fixedTotalNumber(40), fixed), false],
  'pairs by chance': [connect(E, E, rule.pairwiseBernoulli(0.3), fixed), false],
  'a Poisson number for each pair': [connect(E, E, rule.pairwisePoisson(0.3), fixed), false],
  'drawn weights': [connect(E, E, rule.allToAll(), { weight: normal(30, 3), delay: 1.5 }), false],
  'drawn delays': [connect(E, E, rule.allToAll(), { weight: 30, delay: uniform(1, 3) }), false],
  'drawn synapses that learn': [connect(E, E, rule.fixedInDegree(4), learning), false],
  'drawn gap junctions': [gapJunctions(E, E, rule.pairwiseBernoulli(0.3), { conductance: 1 }), false],
  'all with all': [connect(E, E, rule.allToAll(), fixed), true],
  'all pairs of a chance of 1': [connect(E, E, rule.pairwiseBernoulli(1), fixed), true],
  'a list': [connect(E, E, list, { weight: [10, 20, 30], delay: 1.5 }), true],
  'drawn weights that learn': [connect(E, E, rule.allToAll(), { ...learning, weight: uniform(0, 2) }), true],
  'gap junctions of a list': [gapJunctions(E, E, list, { conductance: 1 }), true],
};

for (const [what, [between, goesOn]] of Object.entries(networks)) {
  test(`a state under another seed: ${what}`, async (t) => {
    const network = circuit(E, noise, between);
    const path = join(await folder((remove) => t.teardown(remove)), 'state.safetensors');
    using first = await network.compile({ seed: 1 });
    await first.run(20);
    await first.saveFile(path);
    const state = await first.save();
    t.is(state.seed, 1);
    const rest = await first.run(20);
    t.true(rest.times.length > 0);

    // The same seed goes on as ever, from memory and from the file.
    for (const from of [state, path]) {
      using again = await circuitOf(JSON.parse(JSON.stringify(network))).compile({ seed: 1 });
      await again.restore(from);
      const { times, ids } = await again.run(20);
      t.deepEqual([times, ids], [rest.times, rest.ids]);
    }
    for (const from of [state, path]) {
      using other = await network.compile({ seed: 2 });
      const error = await failure(() => other.restore(from));
      if (goesOn) {
        t.is(error, undefined);
        t.is(other.time, 20);
      } else {
        t.is(error?.code, 'invalid-parameter');
        const expected =
          /^state\.seed: expected 2, the seed of the simulation, by which .* \(E to E\) are .* but got 1$/;
        t.regex(error!.message, expected);
        t.is(other.time, 0);
      }
    }
  });
}

test('a file that does not say its seed goes on where nothing was drawn', async (t) => {
  const path = join(await folder((remove) => t.teardown(remove)), 'state.safetensors');
  for (const what of ['all with all', 'a fixed in-degree']) {
    const [between, goesOn] = networks[what]!;
    using simulation = await circuit(E, noise, between).compile({ seed: 1 });
    await simulation.run(20);
    await simulation.saveFile(path);
    const { tensors, metadata } = await readTensors(path);
    const old = Object.fromEntries([...metadata].filter(([name]) => name !== 'seed'));
    await writeTensors(path, Object.fromEntries(tensors), { metadata: old });
    const error = await failure(() => simulation.restore(path));
    if (goesOn) t.is(error, undefined);
    else t.regex(error!.message, /^state\.seed: expected 1, .* but got none$/);
  }
});
