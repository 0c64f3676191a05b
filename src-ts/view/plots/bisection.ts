/** Searches in ascending numbers. */

/** The index of the first of the ascending `values` that is not below `value`; `end` if all are. */
export function lowerBound(
  values: ArrayLike<number>,
  value: number,
  begin = 0,
  end: number = values.length,
): number {
  let [low, high] = [begin, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
