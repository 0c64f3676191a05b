// Prediction of a background from its own past: what is left is white, and what the background cannot explain stands out.
import { Ridge } from './ridge.mjs';

/** 1 at samples that are far from any large deflection, which is the background, and 0 elsewhere. */
export function quiet(samples, { sigmas, around }) {
  const sizes = Float64Array.from(samples, Math.abs).sort();
  const limit = (sigmas * sizes[sizes.length >> 1]) / 0.6745; // robust standard deviation
  const mask = new Uint8Array(samples.length).fill(1);
  samples.forEach((x, i) => {
    if (Math.abs(x) > limit) mask.fill(0, Math.max(0, i - around), i + around);
  });
  return mask;
}

/**
 * The linear predictor of a background: weights of the past samples, and the standard deviation of its error, the floor included.
 *
 * @param mask - 1 at samples of the background
 * @param options - `order`: past samples; `floor`: power that is taken as unpredictable, as a share of the background's power. It keeps the predictor
 * from relying on fine detail that only some of the background has
 */
export function predictor(samples, mask, { order, floor }) {
  const regression = new Ridge(order);
  let [power, run] = [0, 0];
  const past = new Float64Array(order);
  for (let i = 0; i < samples.length; i++) {
    if (run >= order && mask[i]) {
      for (let k = 0; k < order; k++) past[k] = samples[i - 1 - k];
      regression.add(past, samples[i]);
      power += samples[i] ** 2;
    }
    run = mask[i] ? run + 1 : 0;
  }
  const { moment, rows } = regression;
  const weights = regression.solve((floor * power) / rows);
  const explained = weights.reduce((sum, w, k) => sum + w * moment[k], 0);
  return { weights, deviation: Math.sqrt((power - explained) / rows) };
}

/** The error of the prediction, in its standard deviations. Causal: it needs the past only. */
export function whitened(samples, { weights, deviation }) {
  return Float64Array.from(samples, (x, i) => {
    let sum = x;
    for (let k = Math.min(i, weights.length); k > 0; k--) sum -= weights[k - 1] * samples[i - k];
    return sum / deviation;
  });
}
