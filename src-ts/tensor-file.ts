/** Files of named tensors: `.safetensors`, `.npy` and `.npz`. */
import { attached, options as checkOptions, filePath, fits, integer, invalid, text } from './check.ts';
import { addon, type TaskOptions, task } from './native.ts';
import { elementCount } from './tensor.ts';
import { kindOf } from './typed.ts';

/** Kinds of arrays that files hold, by the names that safetensors has for their elements. */
const dtypes = {
  Float32Array: 'F32',
  Float64Array: 'F64',
  Int8Array: 'I8',
  Int16Array: 'I16',
  Int32Array: 'I32',
  BigInt64Array: 'I64',
  Uint8Array: 'U8',
  Uint16Array: 'U16',
  Uint32Array: 'U32',
  BigUint64Array: 'U64',
} as const;

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

/** An array that may tell its shape, as those of {@link Model.weights} do; copies of it (`slice`, `map`) are plain arrays, that is vectors. */
export type Shaped<A> = A & { readonly shape?: readonly number[] };

/** Lets an array tell its shape. @internal */
export function shaped<A extends TensorData>(array: A, shape: readonly number[]): Shaped<A> {
  // Not seen by loops over keys, comparisons and JSON: the array stays what it is.
  return Object.defineProperty(array, 'shape', { value: Object.freeze([...shape]) }) as Shaped<A>;
}

/** The shape that an array tells, else that of a vector. @internal */
export function shapeOf(array: TensorData): readonly number[] {
  const { shape } = array as Shaped<TensorData>;
  return Array.isArray(shape) && elementCount(shape) === array.length ? shape : [array.length];
}

/** A tensor of a file: its elements in C order. */
export interface FileTensor {
  /** As safetensors names it: `F32`, `I64`, `BOOL` … */
  dtype: string;
  shape: readonly number[];
  /** F16 and BF16 are widened to a `Float32Array`, BOOL is a `Uint8Array`. */
  data: TensorData;
}

/** What {@link readTensors} finds. */
export interface TensorFile {
  tensors: ReadonlyMap<string, FileTensor>;
  metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a `.safetensors`, `.npy` or `.npz` file, whichever its content is. The array of an `.npy` file has the file's name
 * without its ending.
 *
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type, `too-large`, `io`
 */
export async function readTensors(path: string | URL, options: TaskOptions = {}): Promise<TensorFile> {
  const file = await task(options, (handle) => addon.readTensors(filePath('path', path), handle));
  return {
    tensors: new Map(file.tensors.map(({ name, dtype, shape, data }) => [name, { dtype, shape, data }])),
    metadata: new Map(file.metadata),
  };
}

/**
 * Writes arrays to a `.safetensors` file, or to an `.npz` or, of one array, an `.npy` file, which numpy reads; atomically. The name's
 * ending says which; another is refused. The type of the elements is that of the array.
 *
 * @example
 * ```ts
 * const { times, ids } = await simulate(balanced, { duration: 1000 });
 * await writeTensors('spikes.npz', { times, ids });
 * const { spikes, shape } = await model.run(batch);
 * await writeTensors('spikes.npy', { spikes: { data: spikes!, shape } });
 * ```
 * @param tensors - by name: an array, which is a vector unless it tells its shape, as those of {@link Model.weights} do, or one with its
 * shape, as {@link readTensors} gives them
 * @param options - `metadata`: text by name, of `.safetensors` alone
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `io`
 */
export async function writeTensors(
  path: string | URL,
  tensors:
    | Readonly<Record<string, TensorData | Pick<FileTensor, 'data' | 'shape'>>>
    | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>,
  options: TaskOptions & { metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string> } = {},
): Promise<void> {
  const { metadata = {}, ...rest } = checkOptions('writeTensors', options, [
    'metadata',
    'signal',
    'onProgress',
  ]);
  const named = entriesOf('tensors', tensors).map(([name, given]) => {
    if (ArrayBuffer.isView(given)) {
      attached(name, given);
      return arrayOf(name, shapeOf(given as TensorData), given as TensorData);
    }
    const { data, shape } = checkOptions(name, given as FileTensor, ['dtype', 'data', 'shape']);
    if (!Array.isArray(shape)) invalid(`${name}.shape`, shape, 'an array of sizes');
    for (const [axis, size] of shape.entries()) integer(`${name}.shape[${axis}]`, size, { min: 0 });
    return arrayOf(name, shape, data);
  });
  const said = entriesOf('metadata', metadata).map(([name, value]): [string, string] => [
    name,
    text(`metadata.${name}`, value),
  ]);
  const file = filePath('path', path);
  if (!endings.some((ending) => file.endsWith(ending)))
    invalid('path', file, `a name that ends in ${endings.join(', ')}`);
  await writeFile(file, named, said, rest);
}

/** Of the formats that are written. */
const endings = ['.safetensors', '.npz', '.npy'];

/** What an object or a map holds. @internal */
export function entriesOf(name: string, given: unknown): [string, unknown][] {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given))
    invalid(name, given, 'an object or a map of names');
  return Symbol.iterator in given ? [...(given as Map<string, unknown>)] : Object.entries(given);
}

/** An array of a user's. */
function arrayOf(name: string, shape: readonly number[], data: TensorData): NamedTensor {
  if (!Object.hasOwn(dtypes, kindOf(data) ?? '')) invalid(name, data, 'a typed array');
  attached(name, data);
  fits(name, data.length, shape);
  return namedTensor(name, shape, data);
}

/** A tensor on its way to a file. @internal */
export type NamedTensor = ReturnType<typeof namedTensor>;

/** @internal */
export function namedTensor(name: string, shape: readonly number[], data: TensorData) {
  return {
    name,
    dtype: dtypes[kindOf(data) as keyof typeof dtypes],
    shape: [...shape],
    data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  };
}

/** Writes a file, atomically. @internal */
export async function writeFile(
  path: string,
  tensors: readonly NamedTensor[],
  metadata: [string, string][],
  options: TaskOptions = {},
): Promise<void> {
  await task(options, (handle) => addon.writeTensors(path, metadata, [...tensors], handle));
}
