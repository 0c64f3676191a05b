/** Long traces reduced to what a plot of some columns can show, without losing a peak. */
import { lowerBound } from './bisection.ts';
import type { TimeWindow } from './time-window.ts';

/** Samples in the order of their times. */
export interface Samples {
  readonly times: Float64Array;
  readonly values: Float64Array;
  /** Whether these are all samples of the window, and not the extremes of each column. */
  readonly isExact: boolean;
}

/**
 * Column `column` of `[times, width]` values in a window, with one sample before and one after it so that lines reach the edges. If there are more than
 * four per column of the plot, only the first, the smallest, the largest and the last value of each column: the line drawn through them covers the
 * same pixels as the line through all.
 */
export function envelope(
  { times, values, width, column }: EnvelopeSource,
  { from, to }: TimeWindow,
  columns: number,
): Samples {
  const begin = Math.max(0, lowerBound(times, from) - 1);
  const end = Math.min(times.length, lowerBound(times, to) + 1);
  if (end - begin <= 4 * columns) {
    const own = Float64Array.from({ length: end - begin }, (_, i) => values[(begin + i) * width + column]!);
    return { times: times.slice(begin, end), values: own, isExact: true };
  }
  const [keptTimes, keptValues]: [number[], number[]] = [[], []];
  const keep = (i: number) => {
    if (keptTimes.length > 0 && keptTimes.at(-1)! >= times[i]!) return;
    keptTimes.push(times[i]!);
    keptValues.push(values[i * width + column]!);
  };
  for (let k = 0, next = begin; k < columns && next < end; k++) {
    const first = next;
    next = k === columns - 1 ? end : lowerBound(times, from + ((to - from) * (k + 1)) / columns, first, end);
    if (next === first) continue;
    let [low, high] = [first, first];
    for (let i = first; i < next; i++) {
      const value = values[i * width + column]!;
      if (value < values[low * width + column]!) low = i;
      if (value > values[high * width + column]!) high = i;
    }
    keep(first);
    keep(Math.min(low, high));
    keep(Math.max(low, high));
    keep(next - 1);
  }
  return { times: Float64Array.from(keptTimes), values: Float64Array.from(keptValues), isExact: false };
}

/** One neuron's trace from those of several. */
export interface EnvelopeSource {
  readonly times: Float64Array;
  /** `[times, width]` */
  readonly values: Float64Array;
  readonly width: number;
  readonly column: number;
}
