// A spiking policy, and what the examples of reinforcement learning share.
import { parseArgs } from 'node:util';
import { dense, sequential } from 'lapicque';
import * as control from 'lapicque/control';
import { li, lif, surrogate } from 'lapicque/neurons';
import { acrobot, cartPole, pendulum } from './environments.mjs';

const tasks = { 'cart-pole': cartPole, acrobot, pendulum };

/** Time steps of the network per control step. */
export const steps = 4;

/**
 * Sixteen environments and a policy for the task and the seed of the command line.
 *
 * @param settings - by task; those of cart-pole by default. `total`: control steps, unless `--steps` says how many
 */
export async function start(settings) {
  const options = { task: { type: 'string' }, seed: { type: 'string' }, steps: { type: 'string' } };
  const { task = 'cart-pole', seed: given = '0', steps: total } = parseArgs({ options }).values;
  if (!Object.hasOwn(tasks, task)) throw new Error(`--task ${task}: one of ${Object.keys(tasks).join(', ')}`);
  const seed = Number(given);
  const chosen = settings[task] ?? settings['cart-pole'];
  const environments = new control.Environments(Array.from({ length: 16 }, tasks[task]), { seed });
  const model = await policy(environments, seed);
  return { ...chosen, task, seed, total: Number(total ?? chosen.total), environments, model };
}

/** Two layers of leaky neurons. The readout does not spike; it has one output per action, and the value. */
function policy({ observations, actions }, seed) {
  const neurons = () => lif({ beta: 0.5, vThreshold: 0.5, surrogate: surrogate.fastSigmoid({ slope: 5 }) });
  return sequential(
    dense(observations, 64),
    neurons(),
    dense(64, 64),
    neurons(),
    dense(64, actions + 1),
    li({ beta: 0.5 }),
  ).compile({ seed });
}

const mean = (episodes) => episodes.reduce((sum, episode) => sum + episode.return, 0) / episodes.length;

/** Counts control steps and episodes, and prints the mean return of the last 100 episodes ten times. */
export function progress(total) {
  const episodes = [];
  let done = 0;
  const last = () => mean(episodes.slice(-100)).toFixed(1);
  return {
    /** The part of the control steps that is left. */
    left: () => 1 - done / total,
    add(played) {
      const tenth = Math.floor((10 * done) / total);
      done += played.actions.length;
      episodes.push(...played.episodes);
      if (Math.floor((10 * done) / total) > tenth)
        console.log(`${done} control steps: mean return ${last()}`);
    },
    close: () => console.log(`mean return of the last 100 episodes: ${last()}`),
  };
}
