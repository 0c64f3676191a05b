// A planar quadrotor: the plant, and its two tasks, attitude and landing. Steps of 5 ms.
export const plant = {
  mass: 0.5,
  inertia: 2.5e-3,
  arm: 0.12,
  lag: 0.03,
  gravity: 9.81,
  drag: 0.1,
  largest: 5,
};
/** Seconds per step of the tasks. */
export const dt = 0.005;
const weight = plant.mass * plant.gravity;

/**
 * One step, semi-implicit Euler.
 *
 * @param state - x, z, angle, their velocities, and the thrust of both motors
 * @param thrust - N, of both motors together; `moment` in N m
 * @param gust - horizontal and vertical acceleration, and torque
 * @param h - seconds
 */
export function fly(state, thrust, moment, gust, h = dt) {
  const { mass, inertia, arm, lag, gravity, drag, largest } = plant;
  let [x, z, angle, vx, vz, rate, left, right] = state;
  const half = moment / (2 * arm);
  const within = (force) => Math.min(Math.max(force, 0), largest);
  left += (h / lag) * (within(thrust / 2 - half) - left);
  right += (h / lag) * (within(thrust / 2 + half) - right);
  const total = left + right;
  rate += (h * ((right - left) * arm + gust[2])) / inertia;
  vx += h * ((-total * Math.sin(angle)) / mass + gust[0] - drag * vx);
  vz += h * ((total * Math.cos(angle)) / mass - gravity + gust[1] - drag * vz);
  angle += h * rate;
  x += h * vx;
  z += h * vz;
  return [x, z, angle, vx, vz, rate, left, right];
}

/**
 * Ten seconds: follows angles that are held for one second each.
 *
 * @param noise - `step =>` five standard normal numbers: three gusts, angle, angular velocity
 * @param control - `(reference, angle, rate) =>` moment in N m; angle and rate as sensors measure them
 * @returns root of the mean squared error in degrees
 */
export function attitude(references, noise, control, watch) {
  let state = [0, 0, 0, 0, 0, 0, weight / 2, weight / 2];
  let gust = [0, 0, 0];
  let squares = 0;
  const steps = 200 * references.length;
  for (let k = 0; k < steps; k++) {
    const reference = references[Math.floor(k / 200)];
    const drawn = noise(k);
    gust = gust.map((g, i) => 0.99 * g + 0.14 * [0.1, 0.1, 0.003][i] * drawn[i]);
    const moment = control(reference, state[2] + 0.01 * drawn[3], state[5] + 0.05 * drawn[4]);
    state = fly(state, weight, moment, gust);
    squares += (state[2] - reference) ** 2;
    watch?.({ reference, angle: state[2] });
  }
  return (180 / Math.PI) * Math.sqrt(squares / steps);
}

/**
 * A vertical landing by the divergence of the image, -2 vz / z, delayed by 20 ms.
 *
 * @param start - height in m, vertical speed in m/s
 * @param noise - `step =>` two standard normal numbers: of the divergence, and the gust
 * @param control - `divergence =>` thrust as a multiple of the weight
 */
export function landing([height, speed], noise, control, watch) {
  let state = [0, height, 0, 0, speed, 0, weight / 2, weight / 2];
  const seen = [0, 0, 0, 0, 0];
  let gust = 0;
  for (let k = 0; k < 30 / dt; k++) {
    const divergence = (-2 * state[4]) / Math.max(state[1], 0.05);
    const [n0, n1] = noise(k);
    seen.push(divergence + (0.15 + 0.05 * Math.abs(divergence)) * n0);
    seen.shift();
    gust = 0.995 * gust + 0.05 * n1;
    const thrust = weight * control(seen[0]);
    state = fly(state, thrust, -0.3 * state[2] - 0.04 * state[5], [0, gust, 0]);
    watch?.({ height: state[1], speed: state[4], divergence: seen[0] });
    if (state[1] <= 0.05) return { speed: -state[4], seconds: (k + 1) * dt, crash: -state[4] > 0.5 };
  }
  return { speed: Number.NaN, seconds: 30, crash: true };
}
