/** Weights rounded to what integers of few bits give, as floats. */
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description } from '../description/description.ts';
import { rounded, type WeightScale } from './scales.ts';

/** What is rounded: the weights of dense and convolutional layers. */
export function roundedNames({ nodes }: Description): readonly string[] {
  return nodes.filter(({ kind }) => kind === 'dense' || kind === 'conv').map(({ name }) => `${name}.weight`);
}

/**
 * Rounds a weight tensor `[out, …]` to whole multiples of a unit: that of its largest weight, or of each row's.
 *
 * @param rows - number of outputs
 */
export function fakeQuantized<W extends Weights>(
  weights: W,
  rows: number,
  bits: number,
  scale: WeightScale,
): W {
  const max = 2 ** (bits - 1) - 1;
  const out = weights.slice() as W;
  const width = scale === 'channel' ? weights.length / rows : weights.length;
  for (let start = 0; start < out.length; start += width) {
    const row = out.subarray(start, start + width);
    let largest = 0;
    for (const weight of row) largest = Math.max(largest, Math.abs(weight));
    const unit = unitOf(largest / max, scale);
    if (unit === 0) continue;
    for (let i = 0; i < row.length; i++) row[i] = rounded(row[i]! / unit, -max, max) * unit;
  }
  return out;
}

function unitOf(unit: number, scale: WeightScale): number {
  if (scale !== 'power-of-two' || unit === 0) return unit;
  let power = 1;
  while (power < unit) power *= 2;
  while (power / 2 >= unit) power /= 2;
  return power;
}
