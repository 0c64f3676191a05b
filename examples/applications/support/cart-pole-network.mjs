// The spiking controller of cart-pole: a Kalman filter and a regulator in one network, with derived weights.
import { episode, gains, levels } from './cart-pole.mjs';
import { beside, identity, multiply, scale, subtract, transpose, zeros } from './linear-control.mjs';
import { spikeCode } from './spike-coding.mjs';

/** Effect of one spike on position, velocity, angle and angular velocity. */
const units = [0.1, 0.06, 0.01, 0.04];
const neuronsPerSign = 26;

/**
 * Inputs of the network: the observation, the force that moved the pole since the last one, the force after it (with a delay), the
 * observation at the start, and an observation that is answered without an estimate (the first one, with a delay). The output neuron sends a
 * spike to push right.
 */
export async function cartPoleNetwork(level, random) {
  const { A, B, C, K, G } = gains(level);
  const { delay, seen } = levels[level];
  const keep = subtract(identity(4), multiply(G, C));
  const n = seen.length;
  const ahead = delay > 0 ? multiply(K, B) : [[0]];
  return spikeCode(
    {
      F: multiply(keep, A),
      G: beside(G, multiply(keep, B), zeros(4, 1), transpose(C), zeros(4, n)),
      H: scale(delay > 0 ? multiply(K, A) : K, -1),
      J: scale(beside(zeros(1, n), [[0]], ahead, zeros(1, n), multiply(K, transpose(C))), -1),
    },
    { units, levels: neuronsPerSign, random, spiking: true },
  );
}

/** One episode; `session` has `reset` and `push`. `watch` receives the state and the action of each step. */
export function balance(session, level, start, noise, watch) {
  const { delay, seen } = levels[level];
  const n = seen.length;
  const x = new Float32Array(3 * n + 2);
  let forces = [0, 0];
  session.reset();
  return episode(
    level,
    start,
    noise,
    (observation, step) => {
      x.fill(0);
      if (step < delay) x.set(observation, 2 * n + 2);
      else {
        x.set(observation, step === delay ? n + 2 : 0);
        if (step > delay) x[n] = forces[delay];
        if (delay > 0) x[n + 1] = forces[0];
      }
      const action = session.push(x).length;
      forces = [action === 1 ? 10 : -10, forces[0]];
      return action;
    },
    watch,
  );
}
