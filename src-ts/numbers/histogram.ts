/** Histograms with bins of equal width. */

/** A histogram of the finite values of an array. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** The number of finite values. */
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The ends of the bins, one more than there are bins. */
  readonly edges: Float64Array;
  readonly counts: Float64Array;
}

/**
 * A histogram between the smallest and the largest value. If these are equal, the bins reach from half below to half above them; without finite values, from 0
 * to 1. Values that are not finite are not counted.
 */
export function histogramOf(array: ArrayLike<number>, bins: number): Histogram {
  let [min, max, count, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0];
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) [min, max] = [0, 0];
  const low = min < max ? min : count === 0 ? 0 : min - 0.5;
  const width = (min < max ? max - min : 1) / bins;
  const edges = Float64Array.from({ length: bins + 1 }, (_, i) =>
    i === bins && min < max ? max : low + i * width,
  );
  const counts = new Float64Array(bins);
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (Number.isFinite(value)) counts[Math.min(bins - 1, Math.floor((value - low) / width))]! += 1;
  }
  return { min, max, count, sum, sumOfSquares, edges, counts };
}
