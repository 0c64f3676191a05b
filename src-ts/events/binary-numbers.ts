/** Frames as binary digits of numbers. */
import { integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';

/**
 * Combines `bits` consecutive frames into one frame of numbers from 0 to 1. The binary digits of a number state in which
 * frames the channel had an event, the first frame being the most significant digit; the number is divided by the largest
 * possible one (Bina-Rep: S. Barchid, J. Mennesson, C. Djéraba 2022; tonic's `ToBinaRep`).
 *
 * @param frames - `[frames, …]`; their number must be divisible by `bits`
 * @returns `[frames / bits, …]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`
 */
export function binaryNumbers(
  frames: { readonly x: Float32Array; readonly shape: readonly number[] },
  bits: number,
): { x: Float32Array; shape: number[] } {
  integer('bits', bits, { min: 1, max: 24 });
  const x = typedArray('frames.x', frames?.x, [Float32Array]);
  const { shape } = frames;
  if (!Array.isArray(shape) || elementCount(shape) !== x.length) {
    const [expected, got] = [`[${shape}]`, `${x.length} values`];
    throw new LapicqueError('shape-mismatch', { layer: 'frames', expected, got });
  }
  const count = shape[0]! / bits;
  if (!Number.isInteger(count)) invalid('bits', bits, `a divisor of the ${shape[0]} frames`);
  const size = shape[0] === 0 ? 0 : x.length / shape[0]!;
  const out = new Float32Array(count * size);
  for (let i = 0; i < out.length; i++) {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) {
      const frame = Math.floor(i / size) * bits + bit;
      value = 2 * value + Number(x[frame * size + (i % size)]! > 0);
    }
    out[i] = value / (2 ** bits - 1);
  }
  return { x: out, shape: [count, ...shape.slice(1)] };
}
