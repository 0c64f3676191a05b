import type { JsReals } from '#native';

/** Typed arrays that data may come in. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array;

/** A constructor of typed arrays: called with a length it makes an array of zeros. */
export interface TypedArrayConstructor<A extends TypedArray = TypedArray> {
  new (length: number): A;
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
}

/** Every kind of {@link TypedArray}, for checks. */
export const typedArrayKinds: readonly TypedArrayConstructor[] = [
  Float32Array,
  Float64Array,
  Uint8Array,
  Int8Array,
  Uint16Array,
  Int16Array,
  Uint32Array,
  Int32Array,
];

/** An array of zeros of the same kind as another. */
export function zerosLike<A extends TypedArray>(array: A, length: number): A {
  return new (array.constructor as TypedArrayConstructor<A>)(length);
}

/** Numbers of either precision as the addon takes them. */
export function nativeReals(values: Float32Array | Float64Array | undefined): JsReals {
  if (values === undefined) return {};
  return values instanceof Float32Array ? { values } : { doubles: values };
}
