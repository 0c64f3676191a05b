/** Points that would cover each other: the color of a pixel says how many there are. */
import { densityColors } from './density.ts';

/** Points in pixels; those outside of the picture are left out. */
export interface PlacedPoints {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** How many squares of `size` pixels with these centers cover each pixel. */
export function pointCounts(
  { x, y }: PlacedPoints,
  width: number,
  height: number,
  size: number,
): Uint32Array {
  const counts = new Uint32Array(width * height);
  for (let i = 0; i < x.length; i++) {
    const [left, top] = [Math.round(x[i]! - size / 2), Math.round(y[i]! - size / 2)];
    if (!(left >= 0 && top >= 0 && left + size <= width && top + size <= height)) continue;
    for (let row = top; row < top + size; row++)
      for (let at = row * width + left; at < row * width + left + size; at++) counts[at]! += 1;
  }
  return counts;
}

/** Paints counts over a transparent ground. @param alpha - the opacity of all points */
export function paintCounts(
  image: { readonly data: Uint8ClampedArray },
  counts: Uint32Array,
  { paper, color, alpha = 1 }: { readonly paper: string; readonly color: string; readonly alpha?: number },
): void {
  let max = 0;
  for (const count of counts) if (count > max) max = count;
  const { pixels, shift, round } = densityColors(paper, color, max);
  const opacity = Math.round(255 * alpha) << 24;
  const into = new Uint32Array(image.data.buffer, image.data.byteOffset, counts.length);
  for (let i = 0; i < counts.length; i++) {
    const count = counts[i]!;
    if (count > 0) into[i] = (pixels[(count + round) >> shift]! & 0xffffff) | opacity;
  }
}
