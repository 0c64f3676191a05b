/** Reconstruction of values from spikes, and the reconstruction error. */
import { eachFinite, flag, integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { checkForm, type Form, listOf, number, whole } from '../checks/plain-data.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { log10 } from '../numbers/elementary.ts';
import type { BurstOptions, PopulationCodeOptions } from './encoders.generated.ts';

/** Reconstructed values. */
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

/** Spikes `[time, …]`, as {@link encode} returns them. */
export interface CodedSpikes {
  readonly x: Float32Array;
  readonly shape: Shape;
}

async function back(
  kind: string,
  spikes: CodedSpikes,
  options: object,
  shapeOf: (shape: Shape) => number[],
): Promise<Reconstructed> {
  if (typeof options !== 'object' || options === null)
    invalid(`reconstruct.${kind}`, options, 'an object of options');
  const { signal, onProgress, ...own } = options as TaskOptions;
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
 * The inverse of {@link encode}: values from spikes `[time, …]`, by the options of the encoder. Codes lose information;
 * {@link reconstructionError} measures how much.
 */
export const reconstruct = Object.freeze({
  /** (mean over time - offset) / gain: for `rate` and `direct`. */
  rate: (spikes: CodedSpikes, options: TaskOptions & { gain?: number; offset?: number } = {}) =>
    back('rate', spikes, options, timeless),
  /** Rates in Hz: -ln(1 - mean) / dt, or with `counts` mean / dt. */
  poisson: (spikes: CodedSpikes, options: TaskOptions & { dt?: number; counts?: boolean } = {}) =>
    back('poisson', spikes, options, timeless),
  /**
   * For a first spike at step s: threshold / (1 - exp(-(s - firstSpikeTime) / tau)), or with `linear` 1 - (s -
   * firstSpikeTime) / tau; 0 without a spike. For a normalized linear code, `tau` is steps - 1 - firstSpikeTime.
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
  /** 1 - (s + 1/2) / steps: the rank of a value among those of its sample, not its size. */
  rankOrder: (spikes: CodedSpikes, options: TaskOptions = {}) =>
    back('rank-order', spikes, options, timeless),
  /** The weighted sum of the spikes of one period. */
  phase: (spikes: CodedSpikes, options: TaskOptions & { period?: number } = {}) =>
    back('phase', spikes, options, timeless),
  /** The midpoint of the range of values with this burst. */
  burst: (spikes: CodedSpikes, options: Omit<BurstOptions, 'steps'> = {}) =>
    back('burst', spikes, options, timeless),
  /**
   * The mean of the fields' centers, weighted by the excitations that the spike times imply. The last axis, the
   * neurons, is reduced.
   */
  population: (spikes: CodedSpikes, options: Omit<PopulationCodeOptions, 'steps'> = {}) =>
    back('population', spikes, { neurons: spikes?.shape?.at(-1), ...options }, (shape) => shape.slice(1, -1)),
  /**
   * initial + threshold times the sum of the spikes so far: for `delta`, `stepForward` and `movingWindow`, `[time, …]`.
   */
  sum: (spikes: CodedSpikes, options: TaskOptions & { threshold?: number; initial?: number } = {}) =>
    back('sum', spikes, options, inTime),
  /** The spikes convolved with the filter, `[time, …]`. */
  bsa: (spikes: CodedSpikes, options: TaskOptions & { filter: ArrayLike<number> }) =>
    back('bsa', spikes, { ...options, filter: Array.from(options?.filter ?? []) }, inTime),
});

/** The error of reconstructed values. */
export interface ReconstructionError {
  /** Mean of the squared differences, its square root, and the mean of the absolute differences. */
  readonly mse: number;
  readonly rmse: number;
  readonly mae: number;
  /** The largest difference. */
  readonly max: number;
  /**
   * Signal-to-noise ratio in dB: 10 log10 of the mean of the squared true values divided by `mse`; Infinity without a
   * difference.
   */
  readonly snr: number;
}

/** Compares values with the same number of true values. */
export function reconstructionError(
  values: ArrayLike<number>,
  truth: ArrayLike<number>,
): ReconstructionError {
  eachFinite('values', values);
  eachFinite('truth', truth);
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

/** 10 log10 of a ratio; infinite if one of the two is 0, and NaN if both are. */
function decibels(signal: number, noise: number): number {
  if (signal === 0 || noise === 0) return signal === noise ? Number.NaN : signal === 0 ? -Infinity : Infinity;
  return 10 * (log10(signal) - log10(noise));
}
