/**
 * Integer arrays as NumPy and torch have them, often with 64 bits: labels, indices, identifiers, lengths,
 * times.
 */
import { attached, invalid } from './check.ts';
import { kindOf } from './typed.ts';

/** Integers in an array of any width. */
export type WholeNumbers =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

const kinds: readonly string[] = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int8Array',
  'Int16Array',
  'Int32Array',
  'BigInt64Array',
  'BigUint64Array',
];

/** Whether a value is a typed array of integers. */
export function isWhole(values: unknown): values is WholeNumbers {
  return kinds.includes(kindOf(values) ?? '');
}

/**
 * Nonnegative integers in the form that the engine uses. An array that has this form already is returned
 * unchanged.
 *
 * @param max - the largest allowed value
 * @throws LapicqueError `invalid-parameter` for the first value below 0 or above `max`, with its index
 */
export function unsigned(name: string, values: WholeNumbers, max = 2 ** 32 - 1): Uint32Array {
  attached(name, values);
  if (kindOf(values) === 'Uint32Array' && max === 2 ** 32 - 1) return values as Uint32Array;
  const out = new Uint32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const x = values[i]!;
    if (x < 0 || x > max) invalid(`${name}[${i}]`, x, `an integer from 0 to ${max}`);
    out[i] = Number(x);
  }
  return out;
}

/**
 * Converts 64-bit integers that are labels or indices to the engine's type; returns anything else unchanged.
 */
export function narrowed<V>(name: string, values: V): V | Uint32Array {
  return isWide(values) ? unsigned(name, values) : values;
}

/** Converts 64-bit integers that are values to floating-point numbers; returns anything else unchanged. */
export function narrowedValues<V>(name: string, values: V): V | Float64Array {
  return isWide(values) ? doublesOf(name, values) : values;
}

/** Whether a value is an array of 64-bit integers. */
export function isWide(values: unknown): values is BigInt64Array | BigUint64Array {
  return isWhole(values) && values.BYTES_PER_ELEMENT === 8;
}

/** The number of steps of each sample, if given. */
export function stepCounts(name: string, counts: WholeNumbers | undefined): Uint32Array | undefined {
  if (counts === undefined) return undefined;
  if (!isWhole(counts)) invalid(name, counts, 'integers in a typed array, such as a Uint32Array');
  return unsigned(name, counts);
}

/** Converts integers to floating-point numbers; returns anything else unchanged. */
export function asDoubles<V>(name: string, values: V): Exclude<V, WholeNumbers> | Float64Array {
  return isWhole(values) ? doublesOf(name, values) : (values as Exclude<V, WholeNumbers>);
}

/**
 * Converts integers to floating-point numbers.
 *
 * @throws LapicqueError `invalid-parameter` for the first value that a double cannot hold exactly, with its
 * index
 */
export function doublesOf(name: string, values: WholeNumbers): Float64Array {
  attached(name, values);
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const x = values[i]!;
    out[i] = Number(x);
    if (!Number.isSafeInteger(out[i]!))
      invalid(`${name}[${i}]`, x, `an integer up to ${Number.MAX_SAFE_INTEGER}`);
  }
  return out;
}
