// What a simulation tells of itself: synapses that learn, rates of what was recorded, and which names it takes.
import test from 'ava';
import {
  connect,
  iafPscExp,
  network,
  population,
  rule,
  type SynapseModel,
  spikeSource,
  synapse,
} from '../src-ts/index.ts';

const learning: { weight: number; delay: number; model: SynapseModel } = {
  weight: 1,
  delay: 1,
  model: synapse.stdp({ wMax: 2 }),
};

test('sources of synapses that learn are counted in their populations, whatever slice they come from', async (t) => {
  const E = population(iafPscExp, 12, { name: 'E' });
  const S = spikeSource([[1], [2], [3], [4]], { name: 'S' });
  const growth = { curve: 'linear', rate: 0, epsilon: 1 } as const;
  const structural = { axonal: growth, dendritic: growth, interval: 100 };
  const T = population(iafPscExp, 3, { name: 'T' });
  const circuit = network(
    E,
    S,
    connect(E.slice(4, 6), E.slice(7, 9), rule.allToAll(), learning),
    connect(E.slice(0, 2), E.slice(7, 8), rule.allToAll(), learning),
    connect(S.slice(2), E.slice(1, 2), rule.allToAll(), learning),
    connect(E.slice(5, 8), T, rule.oneToOne(), { weight: 1, delay: 1, structural }),
  );
  using simulation = await circuit.compile();
  const pairs = async (from: string, to: string) => {
    const { sources, targets } = await simulation.plasticSynapses(from, to);
    return Array.from(sources, (source, i) => [source, targets[i]]);
  };
  t.deepEqual(await pairs('E', 'E'), [
    [4, 7],
    [5, 7],
    [4, 8],
    [5, 8],
    [0, 7],
    [1, 7],
  ]);
  t.deepEqual(await pairs('S', 'E'), [
    [2, 1],
    [3, 1],
  ]);
  t.deepEqual(await pairs('E', 'T'), [
    [5, 0],
    [6, 1],
    [7, 2],
  ]);
});
