// Synthetic strain of a structure that vibrates in the wind: an oscillator that loses stiffness in one direction, as a crack opens and closes.
import { Random } from './random.mjs';

export const rate = 100; // samples per second
export const seconds = 120;
const finer = 4; // steps of the integration per sample

/**
 * A run: `strain`, scaled to deviation 1 over its first 30 s, and `damage`, the sample at which the stiffness falls, or -1. Odd seeds are damaged.
 *
 * @param loss - share of the stiffness that is lost while the displacement is positive
 */
export function strainRun(seed, { loss = 0.2, noise = 0.05 } = {}) {
  const random = new Random(seed);
  const count = seconds * rate * finer;
  const h = 1 / (rate * finer);
  const omega = 2 * Math.PI * random.uniform(1.8, 2.4);
  const damping = 0.02;
  const from = seed % 2 === 1 ? Math.floor(random.uniform(0.4, 0.7) * count) : -1;
  // The wind: colored noise, whose strength differs between runs and drifts within a run.
  const size = random.uniform(0.7, 1.4);
  const [cycles, phase] = [random.uniform(0.5, 3), random.uniform(0, 6)];
  const strain = new Float64Array(count / finer);
  let [x, v, wind] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    wind = 0.98 * wind + random.normal();
    const drift = 1 + 0.15 * Math.sin(((2 * Math.PI * i) / count) * cycles + phase);
    const stiffness = from >= 0 && i >= from && x > 0 ? 1 - loss : 1;
    v += h * (10 * size * drift * wind - 2 * damping * omega * v - omega * omega * stiffness * x);
    x += h * v;
    if (i % finer === 0) strain[i / finer] = x;
  }
  const first = strain.subarray(0, 30 * rate);
  const mean = first.reduce((sum, value) => sum + value / first.length, 0);
  const deviation = Math.sqrt(first.reduce((sum, value) => sum + (value - mean) ** 2 / first.length, 0));
  return {
    strain: strain.map((value) => value / deviation + noise * random.normal()),
    damage: from < 0 ? -1 : Math.floor(from / finer),
  };
}
