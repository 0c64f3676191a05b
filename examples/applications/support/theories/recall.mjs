// Recall of patterns from half of their neurons, by Hebbian weights (Hopfield 1982) between spiking neurons with common inhibition.
import { circuit, connect, population, rule, simulate, spikeSource } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';
import { Random } from '../random.mjs';

const [neurons, active] = [500, 50];
const [every, shown] = [100, 10]; // ms between cues; patterns that are cued

/**
 * Mean overlap with the pattern after the cue, less that of the cue. The overlap is the fraction of the pattern that fires, less the fraction of all
 * others.
 */
async function gain({ patterns, permuted }, seed) {
  const random = new Random(seed + 300);
  const all = Array.from({ length: neurons }, (_, i) => i);
  const stored = Array.from({ length: patterns }, () => random.shuffle([...all]).slice(0, active));
  const pairs = new Set();
  for (const pattern of stored)
    for (const a of pattern) for (const b of pattern) if (a !== b) pairs.add(a * neurons + b);
  const sources = Array.from(pairs, (pair) => Math.floor(pair / neurons));
  const targets = Array.from(pairs, (pair) => pair % neurons);
  if (permuted) random.shuffle(targets);
  const trains = all.map(() => []);
  for (let k = 0; k < shown; k++)
    for (const neuron of stored[k].slice(0, active / 2))
      trains[neuron].push(50 + every * k + Math.round(10 * random.uniform(0, 3)) / 10);
  const neuron = { like: 'nest', vLeak: 0, vReset: 0, tauMem: 20, vThreshold: 20 }; // an input is a jump of v in mV
  const E = population(lif, neurons, { ...neuron, tauRef: 40, name: 'E' });
  const I = population(lif, 50, { ...neuron, tauRef: 2, name: 'I' });
  const network = circuit(
    connect(E, E, rule.list(sources, targets), { weight: 1.3, delay: 2 }),
    connect(E, I, rule.allToAll(), { weight: 0.8, delay: 1 }),
    connect(I, E, rule.allToAll(), { weight: -0.3, delay: 1 }),
    connect(spikeSource(trains), E, rule.oneToOne(), { weight: 30, delay: 0.1 }),
  );
  const { times, ids } = (await simulate(network, { duration: 50 + every * shown, dt: 0.1, seed })).of('E');
  let sum = 0;
  for (let k = 0; k < shown; k++) {
    const fired = new Set(ids.filter((_, i) => times[i] >= 50 + every * k && times[i] < 80 + every * k));
    const hits = stored[k].filter((id) => fired.has(id)).length;
    sum += hits / active - (fired.size - hits) / (neurons - active) - 0.5;
  }
  return sum / shown;
}

export async function recall(seed) {
  const effect = await gain({ patterns: 10 }, seed);
  return [
    {
      name: 'recall, gain of overlap',
      effect,
      control: await gain({ patterns: 10, permuted: true }, seed),
      without: 'permuted weights',
    },
    {
      name: 'recall, gain of overlap with 10 patterns',
      effect,
      control: await gain({ patterns: 150 }, seed),
      without: '150 patterns',
    },
  ];
}
