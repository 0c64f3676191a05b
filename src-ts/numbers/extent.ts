/** The range of many numbers. */

/** The lowest and the highest of numbers, which may be too many for the arguments of a function. */
export function extent(
  values: Iterable<number>,
  low = Number.POSITIVE_INFINITY,
  high = Number.NEGATIVE_INFINITY,
) {
  let [lowest, highest] = [low, high];
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return [lowest, highest] as const;
}
