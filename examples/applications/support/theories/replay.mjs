// Replay of a sequence: groups of neurons fire one after the other, plasticity ties each to the next, and a cue in the middle plays the rest.
import { circuit, connect, poisson, population, rule, spikeSource, synapse } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';
import { Random } from '../random.mjs';

const [groups, members, lessons, cues] = [9, 20, 45, 10];
const [gap, every] = [12, 250]; // ms from group to group, and from one sequence to the next
const middle = (groups - 1) / 2;

/** Kendall's rank correlation of group and order of firing after a cue of the middle group over the groups that fire. */
async function order(window, seed) {
  const random = new Random(seed + 100);
  const neurons = groups * members;
  const trains = Array.from({ length: neurons }, () => []);
  const fire = (group, time) => {
    for (let i = 0; i < members; i++)
      trains[group * members + i].push(Math.round(10 * (time + random.uniform(0, 3))) / 10);
  };
  for (let k = 0; k < lessons; k++)
    for (let group = 0; group < groups; group++) fire(group, 100 + every * k + gap * group);
  const recall = 100 + every * lessons;
  for (let k = 0; k < cues; k++) fire(middle, recall + every * k);
  const E = population(lif, neurons, {
    like: 'nest', // an input is a jump of v in mV
    vLeak: 0,
    vReset: 0,
    tauMem: 10,
    vThreshold: 60, // while it learns, only the volleys make it fire
    tauRef: 40, // a group fires once per sequence
    name: 'E',
  });
  const stdp = synapse.stdp({
    aPlus: 0.2,
    ...window,
    tauPlus: 8,
    tauMinus: 8,
    muPlus: 0,
    muMinus: 0,
    wMax: 1.3,
  });
  const simulation = await circuit(
    E,
    connect(E, E, rule.allToAll({ autapses: false }), { weight: 0.1, delay: 2, model: stdp }),
    connect(spikeSource(trains), E, rule.oneToOne(), { weight: 100, delay: 0.1 }),
    connect(poisson(200), E, { weight: 0.5 }),
  ).compile({ dt: 0.1, seed });
  await simulation.run(recall - 10);
  await simulation.set(E, { vThreshold: 20 });
  const { times, ids } = await simulation.run(10 + every * cues);
  simulation.dispose();
  let sum = 0;
  for (let k = 0; k < cues; k++) {
    const first = Array.from({ length: groups }, () => []);
    times.forEach((time, i) => {
      const after = time - recall - every * k;
      if (after >= 0 && after < 100) first[Math.floor(ids[i] / members)].push(after);
    });
    // A group has fired when half of its neurons have.
    const at = first.map((list) =>
      list.length < members / 2 ? undefined : list.sort((a, b) => a - b)[members / 2 - 1],
    );
    const fired = at.filter((time) => time !== undefined);
    let pairs = 0;
    for (let a = 0; a < fired.length; a++)
      for (let b = 0; b < a; b++) pairs += Math.sign(fired[a] - fired[b]);
    if (fired.length > 1) sum += pairs / ((fired.length * (fired.length - 1)) / 2) / cues;
  }
  return sum;
}

export async function replay(seed) {
  return [
    {
      name: 'replay, rank correlation',
      effect: await order({ aMinus: 0.21 }, seed),
      control: await order({ aMinus: -0.2 }, seed),
      without: 'symmetric window',
    },
  ];
}
