/** Histograms as TensorBoard draws them. */

/** A histogram of the finite values of an array. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly count: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** The upper end of each bucket. */
  readonly limits: number[];
  readonly counts: number[];
}

const buckets = 64;

/** Buckets of equal width between the smallest and the largest value; one bucket if these are equal. Values that are not finite are not counted. */
export function histogramOf(array: ArrayLike<number>): Histogram {
  let [min, max, count, sum, sumOfSquares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count += 1;
    sum += value;
    sumOfSquares += value * value;
  }
  if (count === 0) return { min: 0, max: 0, count, sum, sumOfSquares, limits: [0], counts: [0] };
  const width = (max - min) / buckets;
  if (!(width > 0)) return { min, max, count, sum, sumOfSquares, limits: [max], counts: [count] };
  const limits = Array.from({ length: buckets }, (_, i) => (i + 1 === buckets ? max : min + (i + 1) * width));
  const counts = new Array<number>(buckets).fill(0);
  for (let i = 0; i < array.length; i++) {
    const value = array[i]!;
    if (Number.isFinite(value)) counts[Math.min(buckets - 1, Math.floor((value - min) / width))]! += 1;
  }
  return { min, max, count, sum, sumOfSquares, limits, counts };
}
