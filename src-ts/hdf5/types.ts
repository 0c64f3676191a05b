/** Types of HDF5 elements and the values that JavaScript has of them. */
import { LapicqueError } from '../checks/errors.ts';
import { kindOf } from '../checks/typed.ts';

/** Names of numbers, as numpy has them. */
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
  /** In bytes of the record; for writing the default is right behind the member before. */
  readonly offset?: number;
}

/** What the elements of a dataset or an attribute are. */
export type Hdf5Type =
  | Hdf5Number
  /** Texts of their own lengths. */
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
  /** Each element is a row of its own length (a variable-length type). */
  | { readonly rows: Hdf5Type }
  /** Whole numbers with names. */
  | { readonly enum: Hdf5Type; readonly names: Readonly<Record<string, number>> }
  /** Bytes without a meaning that HDF5 knows. Not written. */
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
 * The values of elements, in C order: numbers as a typed array (`float16` widened to a `Float32Array`, `bool` and enumerations as their
 * numbers, references as a `BigUint64Array`), texts as strings, rows as an array of either, and of a compound type the values of each member by
 * its name. Of a type that is an array the elements of all of them lie one behind the other.
 */
export type Hdf5Values =
  | Hdf5Array
  | readonly string[]
  | readonly Hdf5Array[]
  | readonly (readonly string[])[]
  | { readonly [member: string]: Hdf5Values };

/** Values with their shape. */
export interface Hdf5Data {
  /** Lengths of the axes; none for a single value, `null` where there is no value (a null dataspace). */
  readonly shape: readonly number[] | null;
  readonly type: Hdf5Type;
  readonly values: Hdf5Values;
}

type Constructor = new (buffer: ArrayBuffer, offset?: number, length?: number) => Hdf5Array;

/** The arrays that hold numbers of a kind. @internal */
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

/** The type that an array has by itself; `undefined` for what is no array of numbers. @internal */
export function typeOfArray(array: unknown): Hdf5Number | undefined {
  const kind = ArrayBuffer.isView(array) ? kindOf(array) : undefined;
  return kind === undefined ? undefined : kindNames[kind];
}

/** The single value of data without axes: a number, text, boolean or, of 64 bits, a `bigint`. */
export type Hdf5Scalar = number | bigint | string | boolean;

/**
 * The single value of data that have one: of a dataset or attribute without axes, or with one element.
 *
 * @throws LapicqueError `shape-mismatch` for several values or none, `unsupported` for a compound type
 */
export function hdf5Scalar({ values, shape, type }: Hdf5Data): Hdf5Scalar {
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
