/** Spikes of a time window counted by pixel: what a raster of any number of spikes is painted from. */
import { lowerBound } from './bisection.ts';
import type { TimeWindow } from './time-window.ts';

/** Spikes of one population in the order of their times. */
export interface SortedSpikes {
  /** In ms, ascending. */
  readonly times: ArrayLike<number>;
  /** The neuron of each spike, counted from 0 within the population. */
  readonly ids: ArrayLike<number>;
  /** The number of spikes; the arrays may be longer. */
  readonly length: number;
}

/** A grid of counts, `counts[column * rows + row]`. */
export interface CountGrid {
  readonly counts: Uint32Array;
  readonly columns: number;
  readonly rows: number;
  /** Spikes in all cells. */
  readonly spikes: number;
  /** The largest count of a cell. */
  readonly most: number;
}

/**
 * Counts the spikes of neurons `first` to before `last` in the window by column of time and row of neurons. The ends of the columns are found by bisection, so
 * times are hardly read, and a column of counts stays in the first-level cache while its spikes are counted.
 *
 * @param into - memory of at least `columns * rows`, used again for each frame
 */
export function countSpikes(
  { times, ids, length }: SortedSpikes,
  { from, to }: TimeWindow,
  { first, last }: { readonly first: number; readonly last: number },
  columns: number,
  rows: number,
  into: Uint32Array = new Uint32Array(columns * rows),
): CountGrid {
  const counts = into.subarray(0, columns * rows).fill(0);
  const neurons = last - first;
  const perNeuron = rows / neurons;
  let [spikes, max] = [0, 0];
  let begin = lowerBound(times, from, 0, length);
  const stop = lowerBound(times, to, begin, length);
  for (let column = 0; column < columns; column++) {
    const end =
      column === columns - 1
        ? stop
        : lowerBound(times, from + ((to - from) * (column + 1)) / columns, begin, stop);
    const base = column * rows;
    for (let i = begin; i < end; i++) {
      const neuron = ids[i]! - first;
      if (neuron < 0 || neuron >= neurons) continue;
      const count = ++counts[base + ((neuron * perNeuron) | 0)]!;
      if (count > max) max = count;
      spikes += 1;
    }
    begin = end;
  }
  return { counts, columns, rows, spikes, most: max };
}

/** The number of spikes in each of `bins` equal parts of the window, by bisection. */
export function spikesPerBin(
  { times, length }: Pick<SortedSpikes, 'times' | 'length'>,
  { from, to }: TimeWindow,
  bins: number,
): Uint32Array {
  const counts = new Uint32Array(bins);
  let before = lowerBound(times, from, 0, length);
  for (let k = 0; k < bins; k++) {
    const end = k === bins - 1 ? to : from + ((to - from) * (k + 1)) / bins;
    const next = lowerBound(times, end, before, length);
    counts[k] = next - before;
    before = next;
  }
  return counts;
}

/** The times of one neuron, ascending. */
export function timesOf({ times, ids, length }: SortedSpikes, neuron: number, begin = 0): Float64Array {
  let count = 0;
  for (let i = begin; i < length; i++) if (ids[i] === neuron) count += 1;
  const own = new Float64Array(count);
  let next = 0;
  for (let i = begin; i < length; i++) if (ids[i] === neuron) own[next++] = times[i]!;
  return own;
}
