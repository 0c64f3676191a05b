/** Painting of counts into pixels. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import type { DensityColors } from './density.ts';
import type { NeuronRange } from './neuron-choice.ts';

/** Columns that are painted together: one cache line of pixels. */
const tile = 16;

/** Counts with the part of the recording that they are of. */
export interface CountedBand {
  /** `counts[column * rows + row]` */
  readonly counts: Uint32Array;
  readonly columns: number;
  readonly rows: number;
  readonly most: number;
  readonly spikes: number;
  readonly window: TimeWindow;
  readonly range: NeuronRange;
}

/** Where a band is painted: a rectangle of an image of `stride` pixels a row. */
export interface PixelArea {
  readonly pixels: Uint32Array;
  readonly stride: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Paints counts. While a request for a new window is pending, the counts are of another window; then they are stretched.
 *
 * @param thick - width of a mark in pixels
 * @param gap - pixels that are left free between two neurons
 */
export function paintBand(
  { pixels, stride, left, top, width, height }: PixelArea,
  band: CountedBand,
  visible: { readonly window: TimeWindow; readonly range: NeuronRange },
  { pixels: table, shift, round }: DensityColors,
  { thick, gap }: { readonly thick: number; readonly gap: number },
): void {
  const paper = table[0]!;
  const { counts, rows } = band;
  const columnOf = cellIndices(width, band.columns, visible.window, band.window);
  const rowOf = cellIndices(
    height,
    rows,
    { from: visible.range.first, to: visible.range.last },
    { from: band.range.first, to: band.range.last },
  );
  // Counts lie by column and pixels by row: tiles of some columns keep both in the first-level cache.
  for (let from = 0; from < width; from += tile) {
    const to = Math.min(width, from + tile);
    for (let y = 0; y < height; y++) {
      const at = (top + y) * stride + left;
      const row = rowOf[y]!;
      const isGap = gap > 0 && y + gap < height && rowOf[y + gap] !== row;
      if (row < 0 || isGap) {
        pixels.fill(paper, at + from, at + to);
        continue;
      }
      for (let x = from; x < to; x++) {
        const column = columnOf[x]!;
        pixels[at + x] = column < 0 ? paper : table[(counts[column * rows + row]! + round) >> shift]!;
      }
    }
  }
  if (thick > 1)
    for (let y = 0; y < height; y++) widen(pixels, (top + y) * stride + left, width, paper, thick);
}

/** Each mark reaches over the free pixels on its right. */
function widen(pixels: Uint32Array, at: number, width: number, paper: number, thick: number): void {
  let [left, color] = [0, paper];
  for (let x = at; x < at + width; x++) {
    if (pixels[x] !== paper) [left, color] = [thick - 1, pixels[x]!];
    else if (left > 0) {
      pixels[x] = color;
      left -= 1;
    }
  }
}

/** For each of `count` pixels of the visible range its cell among the `cells` counted; -1 outside of them. */
function cellIndices(count: number, cells: number, visible: TimeWindow, counted: TimeWindow): Int32Array {
  const indices = new Int32Array(count);
  if (visible.from === counted.from && visible.to === counted.to && count === cells) {
    for (let i = 0; i < count; i++) indices[i] = i;
    return indices;
  }
  const long = visible.to - visible.from;
  for (let i = 0; i < count; i++) {
    const at = visible.from + ((i + 0.5) / count) * long;
    const cell = Math.floor(((at - counted.from) / (counted.to - counted.from)) * cells);
    indices[i] = cell >= 0 && cell < cells ? cell : -1;
  }
  return indices;
}
