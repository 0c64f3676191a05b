/** Windows of convolutions and pools. */
import { LapicqueError } from '../checks/errors.ts';
import { type NirNode, numbersOf } from './graph.ts';

/** The values of a field, one for each axis. */
export function perAxis(node: NirNode, key: string, axes: number): number[] {
  const values = numbersOf(node, key)!;
  return Array.from({ length: axes }, (_, i) => values[values.length === 1 ? 0 : i]!);
}

/** The number of positions of a window along an axis. @param reach - pixels from the first to the last of the window */
export function slide(name: string, pixels: number, reach: number, stride: number, padding: number): number {
  const count = Math.floor((pixels + 2 * padding - reach) / stride) + 1;
  if (count < 1)
    throw new LapicqueError('shape-mismatch', {
      layer: name,
      expected: `at least ${reach - 2 * padding} pixels`,
      got: `${pixels}`,
    });
  return count;
}
