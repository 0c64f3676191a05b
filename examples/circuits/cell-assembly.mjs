// A cell assembly, as D. O. Hebb imagined it in 1949: 40 of 400 neurons fire together again and again, and spike-timing-
// dependent plasticity ties them together. Afterwards half of them call up the other half, which they did not before.
import assert from 'node:assert/strict';
import { circuit, connect, poisson, population, rule, spikeSource, synapse } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';
import { generator } from '../support/random.mjs';

const [neurons, members, cued] = [400, 40, 20];
const [cues, lessons] = [10, 60];
const [every, volley] = [100, 8]; // ms from one volley of spikes to the next, and how long it lasts
const [before, learn, after] = [200, 200 + every * cues, 200 + every * (cues + lessons)];

async function recall(seed) {
  const random = generator(seed + 1);
  // The first 40 make the assembly: wiring is random, so any 40 would.
  const trains = Array.from({ length: neurons }, () => []);
  const present = (who, from, times) => {
    for (let k = 0; k < times; k += 1) {
      for (let id = 0; id < who; id += 1) {
        trains[id].push(from + every * k + Math.round(10 * volley * random()) / 10);
      }
    }
  };
  present(cued, before, cues);
  present(members, learn, lessons);
  present(cued, after, cues);

  const neuron = { like: 'nest', vLeak: 0, vReset: 0, tauMem: 20, vThreshold: 20 }; // an input is a jump of v in mV
  const E = population(lif, neurons, { ...neuron, name: 'E', tauRef: 5 });
  const I = population(lif, 100, { ...neuron, name: 'I', tauRef: 2 });
  const stdp = synapse.stdp({ lambda: 0.03, alpha: 1.05, muPlus: 0, muMinus: 0, wMax: 3 });
  const half = rule.pairwiseBernoulli(0.5, { autapses: false });
  const network = circuit(
    connect(E, E, half, { weight: 0.2, delay: 1.5, model: stdp }),
    connect(E, I, half, { weight: 0.8, delay: 1 }),
    connect(I, E, half, { weight: -1, delay: 1 }),
    connect(poisson(600), E, { weight: 0.5 }),
    connect(spikeSource(trains), E, rule.oneToOne(), { weight: 30, delay: 0.1 }),
  );
  const simulation = await network.compile({ seed });
  const { times, ids } = await simulation.run(after + every * cues);
  simulation.dispose();

  /** Which part of some neurons fires within 25 ms of a cue, on average. */
  const answer = (from, first, last) => {
    const fired = new Set();
    times.forEach((time, i) => {
      const cue = Math.floor((time - from) / every);
      const is = cue >= 0 && cue < cues && time - from - every * cue < 25 && ids[i] >= first && ids[i] < last;
      if (is) fired.add(`${cue} ${ids[i]}`);
    });
    return fired.size / (cues * (last - first));
  };
  return {
    before: answer(before, cued, members),
    after: answer(after, cued, members),
    others: answer(after, members, neurons),
  };
}

const percent = (part) => `${(100 * part).toFixed(1)} %`;
const seeds = [0, 1, 2, 3, 4];
const found = await Promise.all(seeds.map(recall));
for (const [seed, { before, after, others }] of found.entries()) {
  console.log(
    `seed ${seed}: ${percent(before)} of the other half before, ${percent(after)} after; of all others ${percent(others)}`,
  );
  assert(before <= 0.1, `before learning ${percent(before)} are recalled`);
  assert(after >= 0.9, `after learning only ${percent(after)} are recalled`);
  assert(others <= 0.1, `${percent(others)} of the others fire, too`);
}
const mean = (name) => percent(found.reduce((sum, one) => sum + one[name], 0) / found.length);
console.log(`recalled from half a cue: ${mean('before')} before learning, ${mean('after')} after`);
