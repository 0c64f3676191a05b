// A spiking policy, and what the examples of reinforcement learning share.
import { parseArgs } from 'node:util';
import { control, dense, sequential } from 'lapicque';
import { li, lif, surrogate } from 'lapicque/neurons';
import { acrobot, cartPole, pendulum } from './environments.mjs';

export const tasks = { 'cart-pole': cartPole, acrobot, pendulum };

/** Options of the command line: task, seed, number of control steps. */
export function options(defaults) {
  const { values } = parseArgs({
    options: {
      task: { type: 'string', default: 'cart-pole' },
      seed: { type: 'string', default: '0' },
      steps: { type: 'string' },
    },
  });
  const { task } = values;
  if (!(task in tasks)) throw new Error(`--task ${task}: one of ${Object.keys(tasks).join(', ')}`);
  return { task, seed: Number(values.seed), steps: Number(values.steps ?? defaults[task] ?? defaults['cart-pole']) };
}

/** Time steps of the network per control step. */
export const steps = Number(process.env.KSTEPS ?? 4);

/** Two layers of leaky neurons; a readout without spikes has one output per action, and the value. */
export function policy({ observations, actions }, { seed, hidden = 64, beta = 0.5 }) {
  const neurons = () => lif({ beta, surrogate: surrogate.fastSigmoid({ slope: 5 }), vThreshold: 0.5 });
  return sequential(
    dense(observations, hidden),
    neurons(),
    dense(hidden, hidden),
    neurons(),
    dense(hidden, actions + 1),
    li({ beta: 0.5 }),
  ).compile({ seed });
}
