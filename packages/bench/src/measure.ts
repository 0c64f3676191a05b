/** Clocks and memory of the benchmark. */

/** Statistics of repeated measurements, in ms. */
export interface Times {
  min: number;
  med: number;
  max: number;
  n: number;
}

/** Runs `work`; returns its result and its time in ms. */
export async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const began = performance.now();
  const value = await work();
  return [value, performance.now() - began];
}

export function timesOf(milliseconds: readonly number[]): Times {
  const sorted = Float64Array.from(milliseconds).sort();
  return {
    min: round(sorted[0]!, 4),
    med: round(quantile(sorted, 0.5), 4),
    max: round(sorted.at(-1)!, 4),
    n: sorted.length,
  };
}

/** Quantile of sorted values with linear interpolation, as numpy's `quantile`. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const next = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return sorted[below]! + (position - below) * (next - sorted[below]!);
}

/** Mean and standard deviation (of a sample: n - 1). */
export function meanAndDeviation(values: readonly number[]): { mean: number; sd: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0 };
}

/** Bytes as MiB. */
export function mebibytes(bytes: number): number {
  return round(bytes / 2 ** 20, 1);
}

export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
