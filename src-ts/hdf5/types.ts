/** Types of HDF5 elements and their values in JavaScript. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { kindOf } from '../checks/typed.ts';

/** Names of number types, as in numpy. */
export type Hdf5Number =
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'float16'
  | 'float32'
  | 'float64';

/** A member of a compound type. */
export interface Hdf5Member {
  readonly name: string;
  readonly type: Hdf5Type;
  /** Offset in bytes within the record; for writing the default is directly after the previous member. */
  readonly offset?: number;
}

/** The element type of a dataset or an attribute. */
export type Hdf5Type =
  | Hdf5Number
  /** Variable-length strings. */
  | 'string'
  /** h5py's booleans: an enumeration of `FALSE` and `TRUE`. */
  | 'bool'
  /** The address of an object of the file. Not written. */
  | 'reference'
  /** Strings of at most this number of bytes. */
  | { readonly string: number }
  /** Records of `size` bytes. */
  | { readonly compound: readonly Hdf5Member[]; readonly size?: number }
  /** Each element is an array. */
  | { readonly array: Hdf5Type; readonly shape: readonly number[] }
  /** Each element is a row of variable length. */
  | { readonly rows: Hdf5Type }
  /** Integers with names. */
  | { readonly enum: Hdf5Type; readonly names: Readonly<Record<string, number>> }
  /** Opaque bytes. They can be read but not written. */
  | { readonly opaque: number };

/** An array of numbers. */
export type Hdf5Array =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | BigUint64Array<ArrayBuffer>;

/**
 * The values of elements in C order: numbers as a typed array (`float16` widened to a `Float32Array`, `bool` and
 * enumerations as their numbers, references as a `BigUint64Array`), texts as strings, variable-length rows as an array
 * of either, and a compound type as the values of each member by its name. For an array type, the elements of all
 * arrays are concatenated.
 */
export type Hdf5Values =
  | Hdf5Array
  | readonly string[]
  | readonly Hdf5Array[]
  | readonly (readonly string[])[]
  | { readonly [member: string]: Hdf5Values };

/** Values with their shape. */
export interface Hdf5Data {
  /** Lengths of the axes; none for a single value, `null` for a null dataspace (no value). */
  readonly shape: readonly number[] | null;
  readonly type: Hdf5Type;
  readonly values: Hdf5Values;
}

type Constructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => Hdf5Array;

/** The arrays for numbers of a kind. @internal */
export const arrayKinds: Readonly<Record<string, Constructor & { BYTES_PER_ELEMENT: number }>> = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

const kindNames: Readonly<Record<string, Hdf5Number>> = Object.fromEntries(
  Object.entries(arrayKinds).map(([name, kind]) => [kind.name, name as Hdf5Number]),
);

/** The type of an array by its kind; `undefined` for a value that is not an array of numbers. @internal */
export function typeOfArray(array: unknown): Hdf5Number | undefined {
  const kind = ArrayBuffer.isView(array) ? kindOf(array) : undefined;
  return kind === undefined ? undefined : kindNames[kind];
}

/** The value of data without axes: a number, string, boolean or, for 64-bit integers, a `bigint`. */
export type Hdf5Scalar = number | bigint | string | boolean;

/**
 * The single value of a dataset or attribute without axes, or with one element.
 *
 * @throws LapicqueError `shape-mismatch` for several values or none, `unsupported` for a compound type
 */
export function hdf5Scalar(data: Hdf5Data): Hdf5Scalar {
  if (typeof data !== 'object' || data === null)
    invalid('data', data, 'data that was read: { values, shape, type }');
  const { values, shape, type } = data;
  if (!Array.isArray(values) && !ArrayBuffer.isView(values))
    throw new LapicqueError('unsupported', {
      feature: 'a single value of a compound type',
      format: 'hdf5Scalar',
    });
  const list = values as readonly (string | number | bigint)[];
  if (list.length !== 1 || shape === null)
    throw new LapicqueError('shape-mismatch', {
      layer: 'hdf5Scalar',
      expected: '[]',
      got: `[${shape?.join(', ') ?? 'null'}]`,
    });
  return type === 'bool' ? list[0] !== 0 : list[0]!;
}
