/** Searches in ascending numbers. */

/** The index of the first of the ascending `values` that is not below `wanted`; `end` if all are. */
export function lowerBound(
  values: ArrayLike<number>,
  wanted: number,
  begin = 0,
  end: number = values.length,
): number {
  let [low, high] = [begin, end];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
