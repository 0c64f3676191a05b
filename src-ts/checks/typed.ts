import type { JsReals } from '#native';

/** The kinds of typed arrays that data may have. */
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

/**
 * Whether a value is an object of no class, also of another context: an object literal, the result of `JSON.parse`, an
 * object without a prototype.
 */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** The getter of every typed array's own kind. */
const kind = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!
  .get!;

/**
 * Whether a value is a typed array of this kind or of a subclass. It does not use `instanceof`, because test
 * runners such as Jest run programs in contexts with their own constructors, and the addon's arrays belong to
 * Node's first context.
 */
export function isKind<A extends TypedArray>(value: unknown, type: TypedArrayConstructor<A>): value is A {
  return kindOf(value) === type.name;
}

/** The name of a typed array's kind, such as `Float32Array`. */
export function kindOf(value: unknown): string | undefined {
  return kind.call(value);
}

/** Whether the targets of a batch are numbers rather than labels. */
export function isReals(y: unknown): y is Float32Array | Float64Array {
  return isKind(y, Float32Array) || isKind(y, Float64Array);
}

/** An array of zeros of the same kind as another. */
export function zerosLike<A extends TypedArray>(array: A, length: number): A {
  const plain = typedArrayKinds.find((type) => isKind(array, type)) as TypedArrayConstructor<A>;
  return new plain(length);
}

/** Floating-point numbers as the addon accepts them, in either precision. */
export function nativeReals(values: Float32Array | Float64Array | undefined): JsReals {
  if (values === undefined) return {};
  return isKind(values, Float32Array) ? { values } : { doubles: values as Float64Array };
}
