// A policy with memory, by proximal policy optimization. The cue of the first control step says which action the last one needs; between
// them there is nothing to see. A policy that begins each control step at rest gets half of the rewards.
//
//   node examples/training/ppo-memory.mjs [--seed 0] [--delay 6] [--no-memory]
import { parseArgs } from 'node:util';
import { adam, dense, sequential } from 'lapicque';
import * as control from 'lapicque/control';
import { li, lif, surrogate } from 'lapicque/neurons';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '0' },
    delay: { type: 'string', default: '6' },
    'no-memory': { type: 'boolean', default: false },
  },
});
const [seed, delay] = [Number(values.seed), Number(values.delay)];
const memory = !values['no-memory'];

/** The observation is the cue (two channels), and whether to answer. The right answer brings 1, a wrong one nothing. */
function recall() {
  let cue, time;
  return {
    observations: 3,
    actions: 2,
    reset(random) {
      [cue, time] = [random() < 0.5 ? 0 : 1, 0];
      return cue === 0 ? [1, 0, 0] : [0, 1, 0];
    },
    step(action) {
      time += 1;
      const terminated = time > delay;
      const reward = terminated && action === cue ? 1 : 0;
      return { observation: [0, 0, time === delay ? 1 : 0], reward, terminated, truncated: false };
    },
  };
}

const [steps, length] = [2, 32];
const environments = new control.Environments(Array.from({ length: 16 }, recall), { seed });
const neurons = lif({ beta: 0.9, vThreshold: 0.5, surrogate: surrogate.fastSigmoid({ slope: 5 }) });
const model = await sequential(dense(3, 64), neurons, dense(64, 3), li({ beta: 0.5 })).compile({ seed });
const sequence = { length: delay + 1, steps };
const objective = control.ppo({ actions: 2, ...(memory ? { sequence } : {}) });

let state = memory ? await model.restState(environments.size) : undefined;
let last = [];
for (let rollout = 0; rollout < 60; rollout++) {
  const played = await control.rollout(model, environments, { length, steps, state });
  const estimates = control.advantages(played, { discount: 1 });
  const batches = memory
    ? control.sequences(played, estimates, { length: delay + 1, size: 32, seed: rollout })
    : control.batches(played, estimates, { size: 256, seed: rollout });
  await model.fit(batches, {
    ...(memory ? {} : { steps }),
    epochs: 4,
    loss: objective,
    optimizer: adam({ lr: 5e-3, maxNorm: 0.5 }),
  });
  state = played.state;
  last = [...last, ...played.episodes].slice(-200);
  if (rollout % 10 === 9) {
    const mean = last.reduce((sum, episode) => sum + episode.return, 0) / last.length;
    console.log(`${(rollout + 1) * length * 16} control steps: ${(100 * mean).toFixed(1)} % correct`);
  }
}
