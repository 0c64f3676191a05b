/** The positions of populations in a raster. */

/** Rows of pixels of a population. */
export interface Band {
  readonly top: number;
  readonly height: number;
}

/**
 * Divides a height among populations in proportion to their numbers of neurons, but so that each has at least `min` pixels, if the height allows.
 * Between two is a gap. The bands fill the height exactly.
 */
export function bandsOf(neurons: readonly number[], height: number, gap: number, min: number): Band[] {
  const count = neurons.length;
  if (count === 0) return [];
  const available = Math.max(count, height - gap * (count - 1));
  const atLeast = Math.min(min, Math.floor(available / count));
  // Small populations get the least; the others share what is left. Each round may find more small ones.
  const small = new Set<number>();
  for (;;) {
    const left = available - small.size * atLeast;
    const total = neurons.reduce((sum, size, i) => sum + (small.has(i) ? 0 : size), 0);
    const found = neurons.findIndex((size, i) => !small.has(i) && (size / total) * left < atLeast);
    if (found === -1 || small.size === count - 1) break;
    small.add(found);
  }
  const left = available - small.size * atLeast;
  const total = neurons.reduce((sum, size, i) => sum + (small.has(i) ? 0 : size), 0);
  const bands: Band[] = [];
  let [top, before, used] = [0, 0, 0];
  for (const [i, size] of neurons.entries()) {
    let own = atLeast;
    if (!small.has(i)) {
      before += size;
      // Rounded ends, not rounded heights, so that nothing is left over.
      const end = Math.round((before / total) * left);
      own = end - used;
      used = end;
    }
    bands.push({ top, height: own });
    top += own + gap;
  }
  return bands;
}
