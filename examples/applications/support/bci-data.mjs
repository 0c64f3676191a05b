// Synthetic motor cortex: 96 cosine-tuned channels while a hand reaches for random targets. Each seed is another simulated brain: other tuning, another path of the hand.
import { Random } from './random.mjs';

export const step = 0.004; // s

/** Minimum-jerk reaches to random targets in a square of 20 cm, with pauses: velocities `[steps, 2]` in cm/s. */
function reaches(random, count) {
  const position = new Float64Array(2 * count);
  let at = [0, 0];
  for (let i = 0; i < count; ) {
    const target = [random.uniform(-10, 10), random.uniform(-10, 10)];
    const way = [target[0] - at[0], target[1] - at[1]];
    const steps = Math.floor((0.35 + 0.05 * Math.hypot(...way) * random.uniform(0.7, 1.3)) / step);
    const bend = 0.12 * random.normal();
    for (let k = 0; k < steps && i < count; k++, i++) {
      const u = k / steps;
      const done = 10 * u ** 3 - 15 * u ** 4 + 6 * u ** 5;
      const aside = bend * Math.sin(Math.PI * u);
      position[2 * i] = at[0] + way[0] * done - way[1] * aside;
      position[2 * i + 1] = at[1] + way[1] * done + way[0] * aside;
    }
    at = target;
    for (let k = Math.floor(random.uniform(0.05, 0.4) / step); k > 0 && i < count; k--, i++)
      position.set(at, 2 * i);
  }
  return position.map((_, i) => {
    const [before, after] = [i < 2 ? i : i - 2, i + 2 < 2 * count ? i + 2 : i];
    return (position[after] - position[before]) / (((after - before) / 2) * step);
  });
}

/**
 * A session: `counts` `[steps, channels]` and `velocity` `[steps, 2]`, 250 steps a second.
 *
 * @param drift - radians that the preferred directions turn during the session, up or down by channel
 */
export function session(seed, { seconds = 120, channels = 96, drift = 0, rate = 1 } = {}) {
  const brain = new Random(seed);
  const cells = Array.from({ length: channels }, () => {
    const tuned = brain.uniform() > 0.2;
    return {
      direction: brain.uniform(0, 2 * Math.PI),
      base: brain.gamma(2, 4) * rate,
      depth: brain.gamma(2, 0.35) * rate * Number(tuned),
      speed: brain.gamma(1.5, 0.12) * rate * Number(tuned),
      lead: Math.floor(brain.uniform(0.06, 0.14) / step),
      turn: drift * (brain.uniform() < 0.5 ? -1 : 1),
    };
  });
  const random = new Random(seed + 1_000_000);
  const count = Math.round(seconds / step);
  const velocity = reaches(random, count + 50);
  const counts = new Uint8Array(count * channels);
  const keep = Math.exp(-step / 10);
  let slow = 0;
  for (let t = 0; t < count; t++) {
    slow = keep * slow + Math.sqrt(1 - keep * keep) * random.normal();
    const gain = Math.exp(0.2 * slow);
    cells.forEach(({ direction, base, depth, speed, lead, turn }, c) => {
      const [x, y] = [velocity[2 * (t + lead)], velocity[2 * (t + lead) + 1]];
      const angle = direction + (turn * t) / count;
      const wanted = base + depth * (x * Math.cos(angle) + y * Math.sin(angle)) + speed * Math.hypot(x, y);
      counts[t * channels + c] = Math.min(
        3,
        random.poisson(Math.min(200, Math.max(0, wanted)) * gain * step),
      );
    });
  }
  return { counts, velocity: velocity.slice(0, 2 * count), channels };
}
