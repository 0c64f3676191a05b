/** Curves with more points than a figure has pixels. */

/**
 * A curve with the same appearance: of each interval, its lowest and highest point and its gap, in order, and both
 * ends.
 */
export function thinned<P extends { readonly y: number }>(points: readonly P[], max = 2000): readonly P[] {
  if (points.length <= max) return points;
  const kept = new Set([0]);
  const stretches = max / 2;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * points.length) / stretches);
    const to = Math.floor(((stretch + 1) * points.length) / stretches);
    let [low, high] = [from, from];
    let gap: number | undefined;
    for (let i = from; i < to; i++) {
      const { y } = points[i]!;
      if (Number.isNaN(y)) {
        gap ??= i;
        continue;
      }
      if (!(points[low]!.y <= y)) low = i;
      if (!(points[high]!.y >= y)) high = i;
    }
    kept.add(low).add(high);
    // Even if it is narrow: a line across a gap would show values that were not measured.
    if (gap !== undefined) kept.add(gap);
  }
  kept.add(points.length - 1);
  return Array.from(kept)
    .sort((a, b) => a - b)
    .map((i) => points[i]!);
}
