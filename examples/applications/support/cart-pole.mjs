// Cart-pole on four levels: starts, sensors, and the gains of its regulator and of its Kalman filter.
import { cartPoleStep } from '../../support/environments.mjs';
import { diagonal, kalman, regulator } from './linear-control.mjs';

const wide = [1, 0.5, 0.18, 0.5];
/** 1: the usual start; 2: a wide start; 3: with sensor noise and a delay of one step; 4: velocities are hidden, positions noisy. */
export const levels = {
  1: { start: [0.05, 0.05, 0.05, 0.05], noise: [0, 0, 0, 0], delay: 0, seen: [0, 1, 2, 3] },
  2: { start: wide, noise: [0, 0, 0, 0], delay: 0, seen: [0, 1, 2, 3] },
  3: { start: wide, noise: [0.02, 0.1, 0.01, 0.1], delay: 1, seen: [0, 1, 2, 3] },
  4: { start: wide, noise: [0.005, 0, 0.005, 0], delay: 0, seen: [0, 2] },
};

export const fell = ([x, , angle]) => Math.abs(x) > 2.4 || Math.abs(angle) > (12 * 2 * Math.PI) / 360;

/** x ← A x + B force around the upright pole, by differences of the equations, which take a force of ± 10. */
function linearized() {
  const e = 1e-6;
  const columns = [0, 1, 2, 3].map((i) => {
    const state = (sign) => [0, 1, 2, 3].map((j) => (i === j ? sign * e : 0));
    // The mean of both pushes is the motion without a push.
    const after = (sign) => {
      const [left, right] = [0, 1].map((action) => cartPoleStep(state(sign), action));
      return left.map((x, j) => (x + right[j]) / 2);
    };
    const [plus, minus] = [after(1), after(-1)];
    return plus.map((x, j) => (x - minus[j]) / (2 * e));
  });
  const push = cartPoleStep([0, 0, 0, 0], 1);
  return { A: [0, 1, 2, 3].map((j) => columns.map((column) => column[j])), B: push.map((x) => [x / 10]) };
}

/** Matrices of the linear plant, K of the regulator, and G of the Kalman filter of a level. */
export function gains(level) {
  const { noise, seen } = levels[level];
  const { A, B } = linearized();
  const C = seen.map((i) => [0, 1, 2, 3].map((j) => Number(i === j)));
  const K = regulator(A, B, diagonal([1, 1, 10, 1]), [[0.01]]);
  const G = kalman(
    A,
    C,
    diagonal([1e-6, 1e-3, 1e-6, 1e-3]),
    diagonal(seen.map((i) => Math.max(noise[i], 1e-3) ** 2)),
  );
  return { A, B, C, K, G };
}

/**
 * An episode of 500 steps, or until the pole falls.
 *
 * @param start - four numbers from -1 to 1, times the ranges of the level
 * @param noise - `(step, variable) =>` a standard normal number
 * @param act - receives the observation (of the step before, with a delay) and the step; returns 0 or 1
 */
export function episode(level, start, noise, act, record) {
  const { start: range, noise: deviation, delay, seen } = levels[level];
  let state = range.map((x, i) => x * start[i]);
  const observed = [];
  for (let step = 0; step < 500; step++) {
    observed.push(seen.map((i) => state[i] + deviation[i] * noise(step, i)));
    const action = act(observed[Math.max(0, step - delay)], step);
    record?.(state, action);
    state = cartPoleStep(state, action);
    if (fell(state)) return step + 1;
  }
  return 500;
}
