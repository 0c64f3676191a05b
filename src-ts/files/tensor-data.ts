/** Arrays with a shape, in memory and as files hold them. */
import { shape as checkShape, fits } from '../checks/check.ts';

/** Elements in C order. */
export type TensorData =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array;

/** A constructor of {@link TensorData}. @internal */
export interface TensorArray {
  new (length: number): TensorData;
  new (buffer: ArrayBuffer): TensorData;
  readonly BYTES_PER_ELEMENT: number;
}

/** Arrays by element type, as files store the elements: F16 and BF16 as their bits. @internal */
export const storedArrays: Readonly<Record<string, TensorArray>> = {
  F16: Uint16Array,
  BF16: Uint16Array,
  BOOL: Uint8Array,
  F32: Float32Array,
  F64: Float64Array,
  I8: Int8Array,
  I16: Int16Array,
  I32: Int32Array,
  I64: BigInt64Array,
  U8: Uint8Array,
  U16: Uint16Array,
  U32: Uint32Array,
  U64: BigUint64Array,
};

/**
 * An array that may carry its shape, like the arrays of {@link Model.weights}; copies of it (`slice`, `map`) are
 * plain arrays and count as vectors.
 */
export type Shaped<A> = A & { readonly shape?: readonly number[] };

/** Attaches a shape to an array. @internal */
export function shaped<A extends TensorData>(array: A, shape: readonly number[]): Shaped<A> {
  // Not enumerable, so that loops over keys, comparisons and JSON do not see it.
  return Object.defineProperty(array, 'shape', { value: Object.freeze([...shape]) }) as Shaped<A>;
}

/**
 * The shape that an array carries; `undefined` without one.
 *
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch` for a shape of another number of elements
 * @internal
 */
export function statedShape(name: string, array: object): readonly number[] | undefined {
  const { shape, length } = array as { readonly shape?: unknown; readonly length: number };
  if (shape === undefined) return undefined;
  const checked = checkShape(`${name}.shape`, shape);
  fits(name, length, checked);
  return checked;
}

/** The shape attached to an array, otherwise that of a vector. @throws LapicqueError as {@link statedShape} @internal */
export function shapeOf(name: string, array: TensorData): readonly number[] {
  return statedShape(name, array) ?? [array.length];
}

/** A tensor of a file: its elements in C order. */
export interface FileTensor {
  /** The element type by its safetensors name: `F32`, `I64`, `BOOL` … */
  dtype: string;
  shape: readonly number[];
  /** F16 and BF16 are widened to a `Float32Array`, BOOL is a `Uint8Array`. */
  data: TensorData;
}
