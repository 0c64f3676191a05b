/** Thresholds from the activations of an artificial network: one file for all methods that need no training. */
import { Yielder } from '../engine/yielder.ts';
import type { Histogram } from './histogram.ts';

/** The method that chooses thresholds; see {@link ConvertOptions}. */
export type ConversionMethod = 'max' | 'percentile' | 'channel-wise' | 'ltb' | 'least-error';
export const methods: readonly ConversionMethod[] = [
  'max',
  'percentile',
  'channel-wise',
  'ltb',
  'least-error',
];

export interface ThresholdOptions {
  readonly method: ConversionMethod;
  /** From 0 to 100. */
  readonly percentile: number;
  /** Iterations of local threshold balancing. */
  readonly iterations: number;
  /** Spikes that count, for the least error. */
  readonly steps: number;
}

/** Thresholds of a layer, one per channel; 0 for a channel that is never active. */
export function thresholdsOf(
  histogram: Histogram,
  options: ThresholdOptions,
  signal?: AbortSignal | undefined,
): Promise<Float64Array> {
  const { channels, max } = histogram;
  const all = Array.from({ length: channels }, (_, c) => c);
  const each = async (of: (c: number) => number) => {
    const yielder = new Yielder(signal);
    const thresholds = new Float64Array(channels);
    for (const c of all) {
      if (yielder.isDue) await yielder.yieldNow();
      if (max[c]! > 0) thresholds[c] = of(c);
    }
    return thresholds;
  };
  switch (options.method) {
    case 'max': {
      const largest = max.reduce((most, x) => Math.max(most, x), 0);
      return each(() => largest);
    }
    case 'percentile': {
      const value = histogram.quantile(all, options.percentile / 100);
      return each(() => value);
    }
    case 'channel-wise':
      return each((c) => histogram.quantile([c], options.percentile / 100) || max[c]!);
    case 'ltb':
      return each((c) => balanced(histogram, c, options.iterations));
    case 'least-error':
      return each((c) => minError(histogram, c, options.steps));
  }
}

/**
 * Local threshold balancing (T. Bu, M. Li, Z. Yu, arXiv:2409.03368): from 0 on, the threshold rises by twice the mean of what lies above it.
 * Few iterations clip outliers, many lead to the maximum. Here every iteration sees all the data, so the result does not depend on its order.
 */
function balanced(histogram: Histogram, c: number, iterations: number): number {
  const { values, counts } = histogram.filled(c);
  const total = histogram.total(c);
  let theta = 0;
  for (let i = 0; i < iterations; i++) {
    let above = 0;
    for (let k = values.length - 1; k >= 0 && values[k]! > theta; k--)
      above += counts[k]! * (values[k]! - theta);
    theta += (2 * above) / total;
  }
  return theta;
}

/** Candidates of a threshold, as shares of the maximum. */
const candidates = 96;

/**
 * The threshold with the least mean squared error of what a neuron gives in `steps` steps from an initial potential of θ/2 and a constant
 * input: θ/T clip(⌊x T/θ + 1/2⌋, 0, T).
 */
function minError(histogram: Histogram, c: number, steps: number): number {
  const { values, counts } = histogram.filled(c);
  const max = histogram.max[c]!;
  let [best, min] = [max, Number.POSITIVE_INFINITY];
  for (let k = candidates; k >= 1; k--) {
    const theta = (max * k) / candidates;
    const step = theta / steps;
    let error = 0;
    for (let b = 0; b < values.length; b++) {
      const level = Math.min(steps, Math.floor(values[b]! / step + 0.5));
      error += counts[b]! * (level * step - values[b]!) ** 2;
    }
    if (error < min) [best, min] = [theta, error];
  }
  return best;
}

/** Fills in the thresholds of channels that are never active: that of the layer's largest, so that noise gives no spikes. */
export function withoutGaps(thresholds: Float64Array): Float64Array {
  const largest = thresholds.reduce((max, x) => Math.max(max, x), 0);
  return thresholds.map((theta) => (theta > 0 ? theta : largest));
}
