/** Files of named tensors: `.safetensors`, `.npy` and `.npz`. */
import { attached, options as checkOptions, filePath, fits, integer, invalid, text } from './check.ts';
import {
  bytesToArray,
  type FileSource,
  type FileTarget,
  isStreamTarget,
  type LoadOptions,
  loadOptions,
  pipe,
} from './file-source.ts';
import { addon, type TaskOptions, task } from './native.ts';
import { readWhole } from './open-file.ts';
import { oneOfOption } from './plain-data.ts';
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

/** Reads a file that the engine reads; that of torch is for {@link readTensors}. @throws LapicqueError as there @internal */
export async function readTensorFile(source: FileSource, options: LoadOptions = {}): Promise<TensorFile> {
  const file = await readWhole('source', source, checkOptions('readTensors', options, loadOptions));
  return {
    tensors: new Map(file.tensors.map(({ name, dtype, shape, data }) => [name, { dtype, shape, data }])),
    metadata: new Map(file.metadata),
  };
}

/** Options of what writes files of tensors. */
export interface WriteTensorsOptions extends TaskOptions {
  /** Text by name, of safetensors alone. */
  metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** Default what the name ends in; of a stream and of bytes `'safetensors'`. */
  format?: TensorFormat;
}

/** What a file of tensors can be. */
export type TensorFormat = 'safetensors' | 'npy' | 'npz';

/** Arrays by name: an array, which is a vector, or one with its shape, as {@link readTensors} gives them. */
export type NamedTensors =
  | Readonly<Record<string, TensorData | Pick<FileTensor, 'data' | 'shape'>>>
  | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>;

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
 * @param target - a path or a `file:` URL, or a `WritableStream`; {@link tensorBytes} gives bytes
 * @param tensors - by name: an array, which is a vector unless it tells its shape, as those of {@link Model.weights} do, or one with its
 * shape, as {@link readTensors} gives them
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for what the format cannot hold, `io`, `aborted`
 */
export async function writeTensors(
  target: FileTarget,
  tensors: NamedTensors,
  options: WriteTensorsOptions = {},
): Promise<void> {
  const { named, metadata, format, task } = toWrite('writeTensors', tensors, options);
  if (format === undefined && !isStreamTarget('target', target)) {
    const path = filePath('target', target);
    if (!endings.some((ending) => path.endsWith(ending)))
      invalid('target', path, `a name that ends in ${endings.join(', ')}, or a format`);
  }
  await writeFile('target', target, named, metadata, task, format);
}

/**
 * The bytes of a file of tensors, as {@link writeTensors} writes it; {@link readTensors} reads them.
 *
 * @param tensors - by name: an array, which is a vector, or one with its shape
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for what the format cannot hold, `too-large`, `aborted`
 */
export async function tensorBytes(
  tensors: NamedTensors,
  options: WriteTensorsOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { named, metadata, format, task } = toWrite('tensorBytes', tensors, options);
  return fileBytes(named, metadata, task, format);
}

function toWrite(name: string, tensors: NamedTensors, options: WriteTensorsOptions) {
  const known = ['metadata', 'format', 'signal', 'onProgress'] as const;
  const { metadata = {}, format, ...task } = checkOptions(name, options, known);
  if (format !== undefined) oneOfOption('format', format, ['safetensors', 'npy', 'npz']);
  const named = entriesOf('tensors', tensors).map(([name, given]) => {
    if (ArrayBuffer.isView(given))
      return arrayTensor(name, shapeOf(given as TensorData), given as TensorData);
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      invalid(`tensors.${name}`, given, 'a typed array, or { data, shape }');
    const { data, shape } = checkOptions(name, given as FileTensor, ['dtype', 'data', 'shape']);
    if (!Array.isArray(shape)) invalid(`${name}.shape`, shape, 'an array of sizes');
    for (const [axis, size] of shape.entries()) integer(`${name}.shape[${axis}]`, size, { min: 0 });
    return arrayTensor(name, shape, data);
  });
  const said = entriesOf('metadata', metadata).map(([name, value]): [string, string] => [
    name,
    text(`metadata.${name}`, value),
  ]);
  return { named, metadata: said, format, task };
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
function arrayTensor(name: string, shape: readonly number[], data: TensorData): NamedTensor {
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

/** Writes a file, atomically, or to a stream. @internal */
export async function writeFile(
  name: string,
  target: FileTarget,
  tensors: readonly NamedTensor[],
  metadata: [string, string][],
  options: TaskOptions = {},
  format?: TensorFormat,
): Promise<void> {
  if (isStreamTarget(name, target)) {
    const bytes = await task(options, (handle) =>
      addon.writeTensors(undefined, format, metadata, [...tensors], handle),
    );
    await pipe(bytes!, target, options.signal);
    return;
  }
  const path = filePath(name, target);
  await task(options, (handle) => addon.writeTensors(path, format, metadata, [...tensors], handle));
}

/** The same file as bytes. @internal */
export async function fileBytes(
  tensors: readonly NamedTensor[],
  metadata: [string, string][],
  options: TaskOptions = {},
  format?: TensorFormat,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await task(options, (handle) =>
    addon.writeTensors(undefined, format, metadata, [...tensors], handle),
  );
  return bytesToArray(bytes!, options.signal);
}
