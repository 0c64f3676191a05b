/** Arrays of pseudo-random numbers that a seed decides (mulberry32), for inputs, targets and weights. */

export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values in [low, high). */
export function uniform(length: number, seed: number, low = -1, high = 1): Float32Array {
  const next = random(seed);
  return Float32Array.from({ length }, () => low + (high - low) * next());
}

/** Zeros, and ones with the probability `rate`. */
export function spikes(length: number, seed: number, rate = 0.3): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => (next() < rate ? 1 : 0));
}

/** Labels from 0 to `classes - 1`. */
export function labels(length: number, seed: number, classes: number): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * classes));
}

/** Largest |a - b| over the largest |b|. */
export function deviation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let [worst, scale] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const error = Math.abs(a[i]! - b[i]!);
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return worst === 0 ? 0 : worst / scale;
}
