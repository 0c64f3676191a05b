/** Effects of one or two parameters on an objective, estimated from the trials of a study. */
import { exp, power } from '../../numbers/elementary.ts';
import { type ParameterAxis, span, valueAt } from './axes.ts';

/** The trials whose parameter lies in one range, or has one value. */
export interface MarginalBin {
  /**
   * The smallest and the largest value of the parameter among these trials; for a choice, `from` and `to` are the
   * value.
   */
  readonly from: number | string;
  readonly to: number | string;
  /** Median of the parameter; for a choice, the value. */
  readonly at: number | string;
  readonly trials: number;
  /** Median of the objective over these trials. */
  readonly mean: number;
  readonly median: number;
  /** Quartiles of the objective over these trials. */
  readonly lower: number;
  readonly upper: number;
}

/** The objective over two parameters, on a grid. */
export interface PairwiseEffect {
  /**
   * Values of the first parameter at the columns of the grid: evenly spaced along its axis, or the values of a choice.
   */
  readonly x: readonly (number | string)[];
  /** Values of the second parameter at the rows. */
  readonly y: readonly (number | string)[];
  /** The estimated mean of the objective, `[y, x]` row-major; NaN without trials nearby. */
  readonly mean: Float64Array;
  /** Effective number of nearby trials, `[y, x]`: a trial counts 1 at its position, and less with distance. */
  readonly support: Float64Array;
}

/** Maximum number of bins of a number. */
const bins = 10;

/** Points of a grid along a number. */
const points = 41;

/** Effective number of nearby trials below which nothing is estimated. */
const minSupport = 0.1;

/**
 * The objective in bins of equally many trials along one parameter: a regressogram (J. W. Tukey, Curves as parameters
 * and touch estimation, 1961) with medians and quartiles, which are robust against a few diverged trials. A choice, and
 * a number with at most 12 distinct values, has one bin per value. Otherwise there are ten bins, or fewer, so that each
 * has at least 8 trials.
 *
 * @param at - positions of the trials on the axis; rows with NaN, there or in `values`, do not count
 */
export function marginalEffect(
  axis: ParameterAxis,
  at: Float64Array,
  values: Float64Array,
): readonly MarginalBin[] {
  const rows = finiteRows(at, values).sort((a, b) => at[a]! - at[b]!);
  const distinct = [...new Set(rows.map((row) => at[row]!))];
  const groups =
    axis.scale === 'categories' || (distinct.length <= 12 && rows.length >= 3 * distinct.length)
      ? distinct.map((position) => rows.filter((row) => at[row] === position))
      : cut(rows, Math.min(bins, Math.max(1, Math.floor(rows.length / 8))), (row) => at[row]!);
  return groups.map((group) => {
    const sorted = group.map((row) => values[row]!).sort((a, b) => a - b);
    const positions = group.map((row) => at[row]!);
    return {
      from: valueAt(axis, positions[0]!),
      to: valueAt(axis, positions.at(-1)!),
      at: valueAt(axis, axis.scale === 'categories' ? positions[0]! : quantile(positions, 0.5)),
      trials: group.length,
      mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
      median: quantile(sorted, 0.5),
      lower: quantile(sorted, 0.25),
      upper: quantile(sorted, 0.75),
    };
  });
}

/**
 * The mean of the objective over two parameters by the kernel estimator of E. A. Nadaraya and G. S. Watson (both 1964).
 * The kernel is Gaussian for numbers (for their logarithms on a logarithmic axis), with the bandwidth of D. W. Scott's
 * rule (Multivariate density estimation, 1992, eq. 6.42); values of a choice are independent.
 *
 * @param at - positions of the trials on the two axes; rows with NaN, there or in `values`, do not count
 */
export function pairwiseEffect(
  axes: readonly [ParameterAxis, ParameterAxis],
  at: readonly [Float64Array, Float64Array],
  values: Float64Array,
): PairwiseEffect {
  const rows = finiteRows(at[0], values).filter((row) => !Number.isNaN(at[1][row]));
  const along = (i: 0 | 1): Along => {
    const positions = rows.map((row) => at[i][row]!);
    const grid = gridOf(axes[i]);
    return { grid, kernels: grid.map((point) => kernelAt(axes[i], point, positions)) };
  };
  const [across, down] = [along(0), along(1)];
  const seen = rows.map((row) => values[row]!);
  const mean = new Float64Array(across.grid.length * down.grid.length);
  const support = new Float64Array(mean.length);
  for (const [j, below] of down.kernels.entries()) {
    for (const [i, otherKernel] of across.kernels.entries()) {
      let [sum, weight] = [0, 0];
      for (let k = 0; k < seen.length; k++) {
        const near = below[k]! * otherKernel[k]!;
        sum += near * seen[k]!;
        weight += near;
      }
      const cell = j * across.grid.length + i;
      support[cell] = weight;
      mean[cell] = weight < minSupport ? Number.NaN : sum / weight;
    }
  }
  const named = (axis: ParameterAxis, { grid }: Along) => grid.map((point) => valueAt(axis, point));
  return { x: named(axes[0], across), y: named(axes[1], down), mean, support };
}

/** A grid along one axis, and the weight of each trial at each of its points. */
interface Along {
  readonly grid: readonly number[];
  readonly kernels: readonly Float64Array[];
}

function gridOf(axis: ParameterAxis): number[] {
  const [low, high] = span(axis);
  const count = axis.scale === 'categories' ? axis.categories.length : points;
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? low : low + ((high - low) * i) / (count - 1),
  );
}

function kernelAt(axis: ParameterAxis, point: number, positions: readonly number[]): Float64Array {
  if (axis.scale === 'categories')
    return Float64Array.from(positions, (position) => Number(position === point));
  const [low, high] = span(axis);
  // A converged search has many trials at one position, so the bandwidth is never smaller than the grid's spacing.
  const width = Math.max(deviation(positions) * power(positions.length, -1 / 6), (high - low) / (points - 1));
  return Float64Array.from(positions, (position) => exp(-(((position - point) / width) ** 2) / 2));
}

function deviation(numbers: readonly number[]): number {
  const mean = numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, numbers.length - 1));
}

/** Rows with both values. A diverged objective may be infinite and then has no mean. */
function finiteRows(at: Float64Array, values: Float64Array): number[] {
  return Array.from(at.keys()).filter((row) => Number.isFinite(at[row]) && Number.isFinite(values[row]));
}

/** Sorted rows in this number of parts of about equal size; rows at one position stay together. */
function cut(rows: readonly number[], parts: number, at: (row: number) => number): number[][] {
  const groups: number[][] = [];
  let from = 0;
  for (let part = 1; part <= parts; part++) {
    let to = Math.round((part * rows.length) / parts);
    while (to > from && to < rows.length && at(rows[to]!) === at(rows[to - 1]!)) to++;
    if (to > from) groups.push(rows.slice(from, to));
    from = Math.max(from, to);
  }
  return groups;
}

/** Quantile of sorted numbers, by linear interpolation. */
export function quantile(sorted: readonly number[], share: number): number {
  const position = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(position)]!, sorted[Math.ceil(position)]!];
  return below + (above - below) * (position - Math.floor(position));
}
