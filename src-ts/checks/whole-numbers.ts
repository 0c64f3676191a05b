/** Arrays of whole numbers as NumPy and torch have them, mostly of 64 bits: labels, indices, identifiers, lengths, times. */
import { attached, invalid } from './check.ts';
import { kindOf } from './typed.ts';

/** Whole numbers in an array of any width. */
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

/** Whether these are whole numbers in a typed array. */
export function isWhole(values: unknown): values is WholeNumbers {
  return kinds.includes(kindOf(values) ?? '');
}

/**
 * Whole numbers from 0 as the engine has them; those that are so already as they are.
 *
 * @param max - the largest that fits
 * @throws LapicqueError `invalid-parameter` for the first that is below 0 or larger, by its place
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

/** 64-bit integers that are labels or indices as those that the engine has; anything else as it is. */
export function narrowed<V>(name: string, values: V): V | Uint32Array {
  return isWide(values) ? unsigned(name, values) : values;
}

/** 64-bit integers that are values as floating-point numbers; anything else as it is. */
export function narrowedValues<V>(name: string, values: V): V | Float64Array {
  return isWide(values) ? doublesOf(name, values) : values;
}

/** Whether these are 64-bit integers. */
export function isWide(values: unknown): values is BigInt64Array | BigUint64Array {
  return isWhole(values) && values.BYTES_PER_ELEMENT === 8;
}

/** Steps of each sample, where they are given. */
export function stepCounts(name: string, given: WholeNumbers | undefined): Uint32Array | undefined {
  if (given === undefined) return undefined;
  if (!isWhole(given)) invalid(name, given, 'integers in a typed array, such as a Uint32Array');
  return unsigned(name, given);
}

/** What may be whole numbers, as floating-point ones where it is. */
export function asDoubles<V>(name: string, values: V): Exclude<V, WholeNumbers> | Float64Array {
  return isWhole(values) ? doublesOf(name, values) : (values as Exclude<V, WholeNumbers>);
}

/**
 * Whole numbers as floating-point ones.
 *
 * @throws LapicqueError `invalid-parameter` for the first that a double does not hold exactly, by its place
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
