/** The range of many numbers. */

/** The minimum and the maximum of an array that may be too long for the arguments of a function. */
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
