/** Colors of counts: the more spikes or events in a pixel, the further its color is from the paper. */

/** Red, green and blue of `#rrggbb`. */
export function rgbOf(color: string): readonly [number, number, number] {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  return [r!, g!, b!];
}

/** A color as a value of a Uint32Array over the pixels of an ImageData, on a little-endian machine. */
export function pixelOf([r, g, b]: readonly [number, number, number]): number {
  return (0xff000000 | (b << 16) | (g << 8) | r) >>> 0;
}

/** Entries of a table at most. Larger counts share entries. */
const maxEntries = 1024;

/** The share of the color that a single mark has where other pixels have many. */
const minShare = 0.55;

/** Colors by count, from the paper for none to the full color for `max`. */
export interface DensityColors {
  /** The color of a count is `pixels[(count + round) >> shift]`; that of none is the first one. */
  readonly pixels: Uint32Array;
  readonly shift: number;
  readonly round: number;
}

/**
 * A table of colors for the counts 0 to `max`. The color grows with the logarithm of the count, so that single marks are seen beside dense areas. A `max` of 1
 * gives single marks the full color.
 */
export function densityColors(paper: string, color: string, max: number): DensityColors {
  let shift = 0;
  while (max >> shift >= maxEntries) shift += 1;
  const round = (1 << shift) - 1;
  const [from, to] = [rgbOf(paper), rgbOf(color)];
  const last = Math.max(1, (max + round) >> shift);
  const pixels = new Uint32Array(last + 1);
  for (let i = 0; i <= last; i++) {
    const share = i === 0 ? 0 : shareOf(Math.min(max, i << shift), max);
    const mixed = from.map((value, k) => Math.round(value + share * (to[k]! - value)));
    pixels[i] = pixelOf(mixed as unknown as [number, number, number]);
  }
  return { pixels, shift, round };
}

/** The share of the color for a count above 0. */
export function shareOf(count: number, max: number): number {
  return max <= 1 ? 1 : minShare + ((1 - minShare) * Math.log(count)) / Math.log(max);
}
