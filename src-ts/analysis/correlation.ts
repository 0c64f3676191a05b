/** Correlation of spike trains, and the power spectrum of their mean rate. */
import { options as checkOptions, finite, oneOf } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type BinOptions, binOptions, checkWindow } from './counts.ts';
import { checkPair, type GivenSpikeTrains, measure, taskOptions } from './spike-trains.ts';

/**
 * Pearson's correlation of the trains' counts in bins; NaN for a train whose counts are all equal. The time is
 * proportional to the number of pairs of spikes that share a bin. Does not report progress.
 *
 * @returns `values` in the shape `[neurons, neurons]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function correlation(
  trains: GivenSpikeTrains,
  options: BinOptions,
): Promise<{ values: Float64Array; shape: [number, number] }> {
  const request = binOptions(options);
  const { values } = await measure<{ values: Float64Array }>('correlation', trains, { ...request }, options);
  return { values, shape: [trains.neurons, trains.neurons] };
}

/** Counts of the pairs of a spike of the first train and a spike of the second train, by lag. */
export interface Correlogram {
  /** ms, multiples of the bin, `[lags]` */
  lags: Float64Array;
  /** `[lags]` */
  counts: Float64Array;
}

/**
 * Cross-correlogram of two trains in bins: `counts[lag] = sum over t of a[t] b[t + lag]`, without correction at the
 * edges. For a train with itself it is the autocorrelogram.
 *
 * @param options - `pair`: indices of the trains `[a, b]`; `bin` in ms; `window`: the first and last lag in ms,
 * multiples of the bin
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function crossCorrelogram(
  trains: GivenSpikeTrains,
  options: TaskOptions & {
    pair: readonly [number, number];
    bin: number;
    window: readonly [number, number];
  },
): Promise<Correlogram> {
  const known = ['pair', 'bin', 'window', ...taskOptions] as const;
  const { pair, bin, window } = checkOptions('analysis.crossCorrelogram', options, known);
  checkPair(trains, pair);
  finite('bin', bin, { above: 0 });
  return measure('cross-correlogram', trains, { pair, bin, window: checkWindow(window) }, options);
}

/** Options of {@link powerSpectrum}. */
export interface PowerSpectrumOptions extends TaskOptions {
  /** Width of a bin in ms; the highest frequency is half of its inverse. */
  bin: number;
  /** Length of a segment in ms, rounded to whole bins; its inverse is the resolution. Default: the whole time. */
  segment?: number;
  /** The fraction of a segment that overlaps with the next one; default 0.5. */
  overlap?: number;
  /** The window function of a segment; default `'hann'`. */
  taper?: 'hann' | 'none';
}

/** A one-sided power spectral density. */
export interface PowerSpectrum {
  /** Hz */
  frequencies: Float64Array;
  /** Hz² / Hz */
  power: Float64Array;
}

/**
 * Power spectral density of the trains' mean rate, by P. D. Welch's method (IEEE Transactions on Audio and
 * Electroacoustics 15, 1967) with the conventions of `scipy.signal.welch`; segments are padded to a power of two. For
 * independent Poisson trains of rate r it is flat at 2 r / neurons.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function powerSpectrum(
  trains: GivenSpikeTrains,
  options: PowerSpectrumOptions,
): Promise<PowerSpectrum> {
  const known = ['bin', 'segment', 'overlap', 'taper', ...taskOptions] as const;
  const {
    bin,
    segment,
    overlap = 0.5,
    taper = 'hann',
  } = checkOptions('analysis.powerSpectrum', options, known);
  finite('bin', bin, { above: 0 });
  if (segment !== undefined) finite('segment', segment, { above: 0 });
  finite('overlap', overlap, { min: 0, below: 1 });
  oneOf('taper', taper, ['hann', 'none']);
  return measure('power-spectrum', trains, { welch: { bin, segment, overlap, taper } }, options);
}
