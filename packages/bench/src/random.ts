/**
 * Data and weights of the benchmark tasks: numpy's `default_rng`, drawn in the order of the tasks' specification and
 * with numpy's rounding, so that every engine starts from the same bits. Long draws reuse one array: the stream is the
 * same, and the measured memory is the engine's, not that of random numbers.
 */
import type { NumpyRng } from '../index.d.ts';

/** `random(len, dtype=float32)` */
export function uniform(rng: NumpyRng, len: number): Float32Array {
  const values = new Float32Array(len);
  rng.random(values);
  return values;
}

/**
 * `where(random < 0.19, 0.36 + 0.64 random, 0)`, the mask drawn first: as dark as MNIST's digits.
 * @returns `[batch, channels]`, 0 to 1
 */
export function images(rng: NumpyRng, batch: number, channels: number): Float32Array {
  const mask = uniform(rng, batch * channels);
  const values = uniform(rng, batch * channels);
  const [share, low, range] = [Math.fround(0.19), Math.fround(0.36), Math.fround(0.64)];
  return values.map((value, i) => (mask[i]! < share ? Math.fround(low + Math.fround(range * value)) : 0));
}

/** `integers(0, classes, batch)` */
export function labels(rng: NumpyRng, classes: number, batch: number): Uint32Array {
  return rng.integers(classes, batch);
}

/**
 * Spikes with probability `of(i)` at index `i` of each step.
 * @returns `[time, width]`, 0 and 1
 */
export function bernoulli(
  rng: NumpyRng,
  steps: number,
  width: number,
  of: (i: number) => number,
): Uint8Array {
  const spikes = new Uint8Array(steps * width);
  const uniforms = new Float32Array(width);
  for (let t = 0; t < steps; t++) {
    rng.random(uniforms);
    for (let i = 0; i < width; i++) if (uniforms[i]! < of(i)) spikes[t * width + i] = 1;
  }
  return spikes;
}

/**
 * `(random * 2 - 1) * gain / sqrt(inputs)`: the first product in single, the second in double precision.
 * @returns `[outputs, inputs]`
 */
export function weights(rng: NumpyRng, outputs: number, inputs: number, gain: number): Float32Array {
  const factor = gain / Math.sqrt(inputs);
  const values = uniform(rng, outputs * inputs);
  for (let i = 0; i < values.length; i++) values[i] = Math.fround(Math.fround(values[i]! * 2) - 1) * factor;
  return values;
}
