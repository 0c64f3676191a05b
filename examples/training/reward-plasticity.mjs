// Which action does a cue call for? Two cues, two actions, and a reward after the right one. Synapses from cues to actions learn by
// reward-modulated spike-timing-dependent plasticity (E. M. Izhikevich, Cerebral Cortex 17, 2007): pairs of spikes leave an eligibility, and
// dopamine that comes after the trial turns it into a change of the weight. Control: rewards after half of the trials, whatever the action was.
import assert from 'node:assert/strict';
import { circuit, connect, distribution, poisson, population, record, rule, synapse } from 'lapicque/circuit';
import { lif, neuron } from 'lapicque/neurons';

const [trials, last] = [Number(process.argv[2] ?? 150), 50];
const seeds = [1, 2, 3];
const relay = neuron({ state: { v: 0 }, input: ['x'], update: 'v = x', spike: 'v > 0.5' });
const actions = { like: 'nest', vLeak: 0, tauMem: 20, vThreshold: 20, vReset: 10, tauRef: 3 };

const cues = ['A', 'B'].map((name) => population(relay, 20, { name }));
const choices = ['left', 'right'].map((name) => population(lif, 5, { ...actions, name }));
const dopamine = population(relay, 1, { name: 'dopamine' });
const model = synapse.rewardStdp({
  aPlus: 0.004,
  aMinus: 0.001,
  tauC: 200,
  tauN: 50,
  baseline: 0.005, // an action without a reward weakens its synapses
  wMax: 2.5,
});
const task = circuit(
  ...cues.flatMap((cue) =>
    choices.map((choice) =>
      connect(cue, choice, rule.allToAll(), {
        name: `${cue.name} to ${choice.name}`,
        weight: distribution.uniform(0.9, 1.1),
        delay: 1,
        model,
        modulator: dopamine,
      }),
    ),
  ),
  // The actions inhibit each other, and noise makes them vary.
  connect(choices[0], choices[1], rule.allToAll(), { weight: -4, delay: 1 }),
  connect(choices[1], choices[0], rule.allToAll(), { weight: -4, delay: 1 }),
  ...choices.map((choice) => connect(poisson(500), choice, { weight: 1 })),
  ...[...cues, dopamine].map((to) =>
    connect(poisson(0), to, { port: 'x', weight: 1, name: `drive of ${to.name}` }),
  ),
  record.spikes(),
);

/** Trains on random cues. @returns the share of right actions in the last trials */
async function learn(seed, rewards) {
  const simulation = await task.compile({ dt: 1, seed });
  let state = seed;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  const drive = (name, rate) => simulation.set(`drive of ${name}`, { rate });
  const right = [];
  for (let trial = 0; trial < trials; trial++) {
    const cue = random() < 0.5 ? 0 : 1;
    await drive(cues[cue].name, 40);
    const rates = (await simulation.run(200)).rates();
    await drive(cues[cue].name, 0);
    const isRight = cue === 0 ? rates.left > rates.right : rates.right > rates.left;
    right.push(isRight);
    await drive(
      'dopamine',
      rewards === 'for the right action' ? (isRight ? 100 : 0) : random() < 0.5 ? 100 : 0,
    );
    await simulation.run(20);
    await drive('dopamine', 0);
    await simulation.run(400); // until nothing is eligible
  }
  simulation.dispose();
  return right.slice(-last).filter(Boolean).length / last;
}

const percent = (share) => `${(100 * share).toFixed(0)} %`;
const results = {};
for (const rewards of ['for the right action', 'by chance']) {
  results[rewards] = [];
  for (const seed of seeds) results[rewards].push(await learn(seed, rewards));
  console.log(
    `rewards ${rewards}: ${results[rewards].map(percent).join(', ')} right in the last ${last} trials`,
  );
}
const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
if (trials >= 150) {
  assert.ok(mean(results['for the right action']) >= 0.85);
  assert.ok(mean(results['by chance']) < 0.7);
}
