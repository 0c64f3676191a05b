/** From spikes back to the values that they stand for, and how far these are from the true ones. */
import { flag, integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { checkForm, type Form, listOf, number, whole } from '../checks/plain-data.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { log10 } from '../numbers/elementary.ts';
import type { BurstOptions, PopulationCodeOptions } from './encoders.generated.ts';

/** Values that spikes stand for. */
export interface Reconstructed {
  x: Float32Array;
  shape: number[];
}

const truth = (path: string, value: unknown) => flag(path, value);
const forms: Readonly<Record<string, Form>> = {
  rate: { options: { gain: number, offset: number } },
  poisson: { options: { dt: number, counts: truth } },
  latency: { options: { tau: number, threshold: number, linear: truth, firstSpikeTime: whole(0) } },
  'rank-order': { options: {} },
  phase: { options: { period: whole(1) } },
  burst: { options: { spikes: whole(1), shortest: whole(1), longest: whole(1) } },
  population: { options: { neurons: whole(3), min: number, max: number, beta: number, cutoff: number } },
  sum: { options: { threshold: number, initial: number } },
  bsa: { options: { filter: listOf(number), threshold: number }, needed: ['filter'] },
};

/** Spikes `[time, …]`, as {@link encode} gives them. */
export interface CodedSpikes {
  readonly x: Float32Array;
  readonly shape: Shape;
}

async function back(
  kind: string,
  spikes: CodedSpikes,
  given: object,
  shapeOf: (shape: Shape) => number[],
): Promise<Reconstructed> {
  const { signal, onProgress, ...own } = given as TaskOptions;
  checkForm('', own, forms[kind]!, `reconstruct.${kind}`);
  typedArray('spikes.x', spikes?.x, [Float32Array]);
  const { x, shape } = spikes;
  if (!Array.isArray(shape) || shape.length === 0) invalid('spikes.shape', shape, '[time, …]');
  shape.forEach((size, i) => {
    integer(`spikes.shape[${i}]`, size, { min: 0 });
  });
  if (elementCount(shape) !== x.length) {
    const [expected, got] = [`[${shape.join(', ')}]`, `${x.length} values`];
    throw new LapicqueError('shape-mismatch', { layer: 'spikes', expected, got });
  }
  const code = JSON.stringify({ ...own, kind });
  const values = await task({ signal, onProgress }, (handle) =>
    addon.reconstruct(code, x, shape[0]!, handle),
  );
  return { x: values as Float32Array, shape: shapeOf(shape) };
}

const timeless = (shape: Shape) => shape.slice(1);
const inTime = (shape: Shape) => [...shape];

/**
 * The opposite of {@link encode}: values of spikes `[time, …]`, by the options they were encoded with. What a code does not keep does not
 * come back: {@link reconstructionError} says how much that is.
 */
export const reconstruct = Object.freeze({
  /** (mean over time - offset) / gain: of `rate` and `direct`. */
  rate: (spikes: CodedSpikes, options: TaskOptions & { gain?: number; offset?: number } = {}) =>
    back('rate', spikes, options, timeless),
  /** Rates in Hz: -ln(1 - mean) / dt, or with `counts` mean / dt. */
  poisson: (spikes: CodedSpikes, options: TaskOptions & { dt?: number; counts?: boolean } = {}) =>
    back('poisson', spikes, options, timeless),
  /**
   * Of the first spike at step s: threshold / (1 - exp(-(s - firstSpikeTime) / tau)), or `linear` 1 - (s - firstSpikeTime) / tau; 0 without
   * one. Of a normalized linear code `tau` is steps - 1 - firstSpikeTime.
   */
  latency: (
    spikes: CodedSpikes,
    options: TaskOptions & {
      tau?: number;
      threshold?: number;
      linear?: boolean;
      firstSpikeTime?: number;
    } = {},
  ) => back('latency', spikes, options, timeless),
  /** 1 - (s + 1/2) / steps: a value's place among those of its sample, not its size. */
  rankOrder: (spikes: CodedSpikes, options: TaskOptions = {}) =>
    back('rank-order', spikes, options, timeless),
  /** The weighted sum of the spikes of a period. */
  phase: (spikes: CodedSpikes, options: TaskOptions & { period?: number } = {}) =>
    back('phase', spikes, options, timeless),
  /** The middle of the values that give such a burst. */
  burst: (spikes: CodedSpikes, options: Omit<BurstOptions, 'steps'> = {}) =>
    back('burst', spikes, options, timeless),
  /** The mean of the fields' centers, weighted by what their times say: the last axis, the neurons, goes. */
  population: (spikes: CodedSpikes, options: Omit<PopulationCodeOptions, 'steps'> = {}) =>
    back('population', spikes, { neurons: spikes?.shape?.at(-1), ...options }, (shape) => shape.slice(1, -1)),
  /** initial + threshold times the sum of the spikes so far: of `delta`, `stepForward` and `movingWindow`, `[time, …]`. */
  sum: (spikes: CodedSpikes, options: TaskOptions & { threshold?: number; initial?: number } = {}) =>
    back('sum', spikes, options, inTime),
  /** The spikes convolved with the filter, `[time, …]`. */
  bsa: (spikes: CodedSpikes, options: TaskOptions & { filter: ArrayLike<number> }) =>
    back('bsa', spikes, { ...options, filter: Array.from(options?.filter ?? []) }, inTime),
});

/** How far values are from the true ones. */
export interface ReconstructionError {
  /** Mean of the squared differences, its root, and the mean of their magnitudes. */
  readonly mse: number;
  readonly rmse: number;
  readonly mae: number;
  /** The largest difference. */
  readonly max: number;
  /** Signal to noise in dB: 10 log10 of the mean of the squared true values by `mse`; Infinity without a difference. */
  readonly snr: number;
}

/** The differences between values and the true ones, which are equally many. */
export function reconstructionError(
  values: ArrayLike<number>,
  truth: ArrayLike<number>,
): ReconstructionError {
  if (values?.length !== truth?.length || !(values.length > 0)) {
    const [expected, got] = [`[${truth?.length}], at least one value`, `[${values?.length}]`];
    throw new LapicqueError('shape-mismatch', { layer: 'values', expected, got });
  }
  let [squares, magnitudes, power, max] = [0, 0, 0, 0];
  for (let i = 0; i < truth.length; i++) {
    const difference = values[i]! - truth[i]!;
    squares += difference * difference;
    magnitudes += Math.abs(difference);
    power += truth[i]! * truth[i]!;
    max = Math.max(max, Math.abs(difference));
  }
  const mse = squares / truth.length;
  return {
    mse,
    rmse: Math.sqrt(mse),
    mae: magnitudes / truth.length,
    max,
    snr: decibels(power, squares),
  };
}

/** 10 log10 of a ratio; infinite where one of the two is 0, and not a number where both are. */
function decibels(signal: number, noise: number): number {
  if (signal === 0 || noise === 0) return signal === noise ? Number.NaN : signal === 0 ? -Infinity : Infinity;
  return 10 * (log10(signal) - log10(noise));
}
