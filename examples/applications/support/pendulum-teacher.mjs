// The best torque of gymnasium's pendulum for each state, by value iteration on a grid of angles and angular velocities.
import { pendulumStep } from '../../support/environments.mjs';

const [angles, rates, limit] = [121, 101, 8];
const torques = Array.from({ length: 9 }, (_, i) => (i - 4) / 2);
const turn = 2 * Math.PI;
const discount = 0.99;

/** Interpolates a grid; the angle goes round. */
function at(grid, angle, rate) {
  const a = (((((angle + Math.PI) / turn) % 1) + 1) % 1) * angles;
  const r = Math.min(Math.max(((rate + limit) / (2 * limit)) * (rates - 1), 0), rates - 1.000001);
  const [i, j] = [Math.floor(a) % angles, Math.floor(r)];
  const [x, y] = [a - Math.floor(a), r - j];
  const row = (k) => grid[k * rates + j] * (1 - y) + grid[k * rates + j + 1] * y;
  return row(i) * (1 - x) + row((i + 1) % angles) * x;
}

/** Returns `(angle, rate) =>` torque. */
export function pendulumTeacher(sweeps = 80) {
  let value = new Float64Array(angles * rates);
  const state = (i, j) => [(i / angles) * turn - Math.PI, (j / (rates - 1)) * 2 * limit - limit];
  const worth = (angle, rate, torque) => {
    const { next, reward } = pendulumStep([angle, rate], torque);
    return reward + discount * at(value, next[0], next[1]);
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const next = new Float64Array(value.length);
    for (let i = 0; i < angles; i++)
      for (let j = 0; j < rates; j++) {
        const [angle, rate] = state(i, j);
        let best = Number.NEGATIVE_INFINITY;
        for (const torque of torques) best = Math.max(best, worth(angle, rate, torque));
        next[i * rates + j] = best;
      }
    value = next;
  }
  return (angle, rate) => {
    let best = 0;
    for (const torque of torques)
      if (worth(angle, rate, torque) > worth(angle, rate, torques[best])) best = torques.indexOf(torque);
    return torques[best];
  };
}
