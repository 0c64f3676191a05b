/** Inputs of integer networks: counts, or values that are divided by the value of a count. */
import { finite, integer, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import type { IntegerDescription } from './description.ts';

/** Numbers with a shape, `[time, batch, channels]`, or `[batch, channels]` for a constant input. */
export interface IntegerInput {
  /** Counts, or values, which are divided by `input.scale` of the network and rounded to whole counts. */
  readonly x: Uint8Array | Int16Array | Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** An input as the engine takes it. */
export interface NativeCounts {
  readonly counts: Uint8Array | Int16Array;
  readonly steps: number;
  readonly batch: number;
  readonly constant: boolean;
}

/** @throws LapicqueError `invalid-parameter`, `shape-mismatch` */
export function nativeCounts(
  input: IntegerInput,
  { input: declared }: IntegerDescription,
  steps: number | undefined,
): NativeCounts {
  if (typeof input !== 'object' || input === null) invalid('input', input, 'an object { x, shape }');
  const { x, shape } = input;
  typedArray('input.x', x, [Uint8Array, Int16Array, Float32Array, Float64Array]);
  if (!Array.isArray(shape)) invalid('input.shape', shape, 'an array of sizes');
  shape.forEach((size, axis) => {
    integer(`input.shape[${axis}]`, size, { min: 1 });
  });
  const constant = steps !== undefined;
  const outer = constant ? 1 : 2;
  const channels = elementCount(shape.slice(outer));
  if (shape.length <= outer || channels !== declared.size || elementCount(shape) !== x.length) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'input',
      expected: `[${constant ? 'batch' : 'time, batch'}, ${declared.size}]`,
      got: `${x.length} numbers in the shape [${shape.join(', ')}]`,
    });
  }
  const batch = shape[outer - 1]!;
  const time = constant ? integer('steps', steps, { min: 1 }) : shape[0]!;
  const counts = isKind(x, Float32Array) || isKind(x, Float64Array) ? inCounts(x, declared) : x;
  return { counts: counts as Uint8Array | Int16Array, steps: time, batch, constant };
}

/** Values in whole counts, halves rounded up. Values beyond the largest count are clipped to it. */
function inCounts(
  values: Float32Array | Float64Array,
  { scale = 1, maxCount, signed }: IntegerDescription['input'],
): Int16Array {
  const counts = new Int16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) finite(`input[${i}]`, value);
    if (value < 0 && !signed)
      invalid(`input[${i}]`, value, 'a value of at least 0, because the input is unsigned');
    counts[i] = Math.max(-maxCount, Math.min(maxCount, Math.floor(value / scale + 0.5)));
  }
  return counts;
}
