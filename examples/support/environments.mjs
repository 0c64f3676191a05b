// Cart-pole, acrobot and pendulum with the equations and constants of gymnasium 1.4.0 (MIT), in double precision.

const uniform = (random, low, high) => low + (high - low) * random();

/**
 * A pole on a cart (Barto, Sutton and Anderson 1983): push the cart left (0) or right (1) so that the pole stays upright.
 * Each step brings 1; an episode ends when the pole falls, the cart leaves the track, or after 500 steps.
 */
export function cartPole({ limit = 500 } = {}) {
  let state;
  let steps;
  return {
    observations: 4,
    actions: 2,
    reset(random) {
      state = Array.from({ length: 4 }, () => uniform(random, -0.05, 0.05));
      steps = 0;
      return state;
    },
    step(action) {
      state = cartPoleStep(state, action);
      steps += 1;
      const [x, , angle] = state;
      const terminated = Math.abs(x) > 2.4 || Math.abs(angle) > (12 * 2 * Math.PI) / 360;
      return { observation: state, reward: 1, terminated, truncated: !terminated && steps >= limit };
    },
  };
}

/** One Euler step of 20 ms. State: position, velocity, angle, angular velocity. */
export function cartPoleStep([x, velocity, angle, rate], action) {
  const [gravity, cart, pole, half, dt] = [9.8, 1, 0.1, 0.5, 0.02];
  const mass = cart + pole;
  const force = action === 1 ? 10 : -10;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const push = (force + pole * half * rate ** 2 * sin) / mass;
  const angular = (gravity * sin - cos * push) / (half * (4 / 3 - (pole * cos ** 2) / mass));
  const linear = push - (pole * half * angular * cos) / mass;
  return [x + dt * velocity, velocity + dt * linear, angle + dt * rate, rate + dt * angular];
}

/**
 * Two links that hang down (Sutton 1996): torque -1, 0 or 1 on the joint between them swings the free end above the height of one
 * link. Each step brings -1, the last one 0; an episode ends there, or after 500 steps.
 */
export function acrobot({ limit = 500 } = {}) {
  let state;
  let steps;
  const observe = () => {
    const [first, second, firstRate, secondRate] = state;
    return [Math.cos(first), Math.sin(first), Math.cos(second), Math.sin(second), firstRate, secondRate];
  };
  return {
    observations: 6,
    actions: 3,
    reset(random) {
      state = Array.from({ length: 4 }, () => uniform(random, -0.1, 0.1));
      steps = 0;
      return observe();
    },
    step(action) {
      state = acrobotStep(state, action);
      steps += 1;
      const terminated = -Math.cos(state[0]) - Math.cos(state[1] + state[0]) > 1;
      const truncated = !terminated && steps >= limit;
      return { observation: observe(), reward: terminated ? 0 : -1, terminated, truncated };
    },
  };
}

/** One Runge–Kutta step of 0.2 s. State: both angles, both angular velocities. */
export function acrobotStep(state, action) {
  const dt = 0.2;
  const slope = (y) => acrobotSlope(y, action - 1);
  const after = (k, h) => state.map((y, i) => y + h * k[i]);
  const k1 = slope(state);
  const k2 = slope(after(k1, dt / 2));
  const k3 = slope(after(k2, dt / 2));
  const k4 = slope(after(k3, dt));
  const next = state.map((y, i) => y + (dt / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
  const within = (rate, limit) => Math.min(Math.max(rate, -limit), limit);
  return [wrapped(next[0]), wrapped(next[1]), within(next[2], 4 * Math.PI), within(next[3], 9 * Math.PI)];
}

// Masses, lengths and moments of inertia of both links are 1, their centers of mass are in the middle.
function acrobotSlope([first, second, firstRate, secondRate], torque) {
  const [gravity, center] = [9.8, 0.5];
  const [cos, sin] = [Math.cos(second), Math.sin(second)];
  const d1 = center ** 2 + (1 + center ** 2 + 2 * center * cos) + 2;
  const d2 = center ** 2 + center * cos + 1;
  const phi2 = center * gravity * Math.cos(first + second - Math.PI / 2);
  const phi1 =
    -center * secondRate ** 2 * sin -
    2 * center * secondRate * firstRate * sin +
    (center + 1) * gravity * Math.cos(first - Math.PI / 2) +
    phi2;
  const second2 =
    (torque + (d2 / d1) * phi1 - center * firstRate ** 2 * sin - phi2) / (center ** 2 + 1 - d2 ** 2 / d1);
  return [firstRate, secondRate, -(d2 * second2 + phi1) / d1, second2];
}

function wrapped(angle) {
  let x = angle;
  while (x > Math.PI) x -= 2 * Math.PI;
  while (x < -Math.PI) x += 2 * Math.PI;
  return x;
}

/**
 * A pendulum whose motor is too weak to lift it at once: torques -2, 0 and 2 (gymnasium's are continuous). The reward is minus the
 * distance from upright and at rest; an episode is 200 steps.
 */
export function pendulum({ limit = 200, torques = [-2, 0, 2] } = {}) {
  let state;
  let steps;
  const observe = () => [Math.cos(state[0]), Math.sin(state[0]), state[1]];
  return {
    observations: 3,
    actions: torques.length,
    reset(random) {
      state = [uniform(random, -Math.PI, Math.PI), uniform(random, -1, 1)];
      steps = 0;
      return observe();
    },
    step(action) {
      const { next, reward } = pendulumStep(state, torques[action]);
      state = next;
      steps += 1;
      return { observation: observe(), reward, terminated: false, truncated: steps >= limit };
    },
  };
}

/** One step of 50 ms. State: angle from upright, angular velocity. */
export function pendulumStep([angle, rate], given) {
  const [gravity, dt] = [10, 0.05];
  const torque = Math.min(Math.max(given, -2), 2);
  const turn = 2 * Math.PI;
  const fromUpright = ((((angle + Math.PI) % turn) + turn) % turn) - Math.PI;
  const cost = fromUpright ** 2 + 0.1 * rate ** 2 + 0.001 * torque ** 2;
  const free = rate + (1.5 * gravity * Math.sin(angle) + 3 * torque) * dt;
  const next = Math.min(Math.max(free, -8), 8);
  return { next: [angle + next * dt, next], reward: -cost };
}
