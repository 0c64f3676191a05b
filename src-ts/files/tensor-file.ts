/** Reads and writes files of named tensors: `.safetensors`, `.npy` and `.npz`; also reads files of torch. */
import {
  attached,
  options as checkOptions,
  filePath,
  fits,
  integer,
  invalid,
  text,
} from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { kindOf } from '../checks/typed.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import {
  bytesToArray,
  type FileSource,
  type FileTarget,
  isStreamTarget,
  type LoadOptions,
  loadOptions,
  pipe,
} from './file-source.ts';
import { readWhole } from './open-file.ts';
import { type FileTensor, shapeOf, type TensorData } from './tensor-data.ts';
import { readTorch, type TorchFile, torchSource } from './torch-file.ts';

/** The element types that files hold, by their safetensors names. */
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

/** The result of {@link readTensors}. */
export interface TensorFile {
  tensors: ReadonlyMap<string, FileTensor>;
  metadata: ReadonlyMap<string, string>;
}

/**
 * Reads a `.safetensors`, `.npy` or `.npz` file or a torch file (`torch.save`: `.pth`, `.pt`). The content decides the format. The array of an
 * `.npy` file is named after the file, without the extension, or `array` if the source is not a path.
 *
 * Nothing in a torch file is executed. The reader accepts dictionaries, lists, tensors, numbers and strings; the error for any other Python
 * object names it. Tensors in nested dictionaries, as in a checkpoint, have names such as `model_state_dict.fc1.weight`. Numbers and strings
 * besides the tensors (`epoch`) are in `metadata`.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @param options - `limits`: the memory for the arrays; each array counts twice while it is unpacked and copied
 * @throws LapicqueError `malformed-file`, `unsupported` for an element type or a Python object, `too-large`, `io`, `aborted`
 */
export async function readTensors(source: FileSource, options: LoadOptions = {}): Promise<TensorFile> {
  const checked = checkOptions('readTensors', options, loadOptions);
  const { tensors, metadata } = await readTensorFile('source', source, checked);
  return { tensors, metadata };
}

/**
 * Reads a file of tensors of any format. All formats but torch's hold one state_dict, named `''`.
 *
 * @param name - of the argument
 * @throws LapicqueError as {@link readTensors}
 * @internal
 */
export async function readTensorFile(
  name: string,
  source: FileSource,
  options: LoadOptions,
): Promise<TorchFile> {
  const given = await torchSource(name, source, options);
  if (given.isTorch) return readTorch(name, given.source, options);
  const file = await readWhole(name, given.source, options);
  return {
    tensors: new Map(file.tensors.map(({ name, dtype, shape, data }) => [name, { dtype, shape, data }])),
    metadata: new Map(file.metadata),
    stateDicts: [''],
  };
}

/** Options of the functions that write files of tensors. */
export interface WriteTensorsOptions extends TaskOptions {
  /** Metadata as text by name; only in safetensors files. */
  metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** Default: from the ending of the name; for a stream and for bytes `'safetensors'`. */
  format?: TensorFormat;
}

/** The formats that can be written. */
export type TensorFormat = 'safetensors' | 'npy' | 'npz';

/**
 * Arrays by name: a typed array, which counts as a vector, or an array with its shape, as {@link readTensors}
 * returns them.
 */
export type NamedTensors =
  | Readonly<Record<string, TensorData | Pick<FileTensor, 'data' | 'shape'>>>
  | ReadonlyMap<string, Pick<FileTensor, 'data' | 'shape'>>;

/**
 * Writes arrays atomically to a `.safetensors` file, to an `.npz` file or, for one array, to an `.npy` file
 * that numpy can read. The ending of the name selects the format; other endings throw an error. The element type is the array's.
 *
 * @example
 * ```ts
 * const { times, ids } = await simulate(balanced, { duration: 1000 });
 * await writeTensors('spikes.npz', { times, ids });
 * const { spikes, shape } = await model.run(batch);
 * await writeTensors('spikes.npy', { spikes: { data: spikes!, shape } });
 * ```
 * @param target - a path or a `file:` URL, or a `WritableStream`; {@link tensorBytes} returns bytes
 * @param tensors - by name: a typed array, which counts as a vector unless it carries its shape as those of
 * {@link Model.weights} do, or an array with its shape, as {@link readTensors} returns them
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for data that the format cannot store, `io`, `aborted`
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
 * @param tensors - by name: a typed array, which counts as a vector, or an array with its shape
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `unsupported` for data that the format cannot store, `too-large`, `aborted`
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
  const named = entriesOf('tensors', tensors).map(([name, value]) => {
    if (ArrayBuffer.isView(value))
      return arrayTensor(name, shapeOf(`tensors.${name}`, value as TensorData), value as TensorData);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      invalid(`tensors.${name}`, value, 'a typed array, or { data, shape }');
    const { data, shape } = checkOptions(name, value as FileTensor, ['dtype', 'data', 'shape']);
    if (!Array.isArray(shape)) invalid(`${name}.shape`, shape, 'an array of sizes');
    for (const [axis, size] of shape.entries()) integer(`${name}.shape[${axis}]`, size, { min: 0 });
    return arrayTensor(name, shape, data);
  });
  const entries = entriesOf('metadata', metadata).map(([name, value]): [string, string] => [
    name,
    text(`metadata.${name}`, value),
  ]);
  return { named, metadata: entries, format, task };
}

/** The formats that can be written. */
const endings = ['.safetensors', '.npz', '.npy'];

/** The entries of an object or a map. @internal */
export function entriesOf(name: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || ArrayBuffer.isView(value))
    invalid(name, value, 'an object or a map of names');
  return Symbol.iterator in value ? [...(value as Map<string, unknown>)] : Object.entries(value);
}

/** A user's array. */
function arrayTensor(name: string, shape: readonly number[], data: TensorData): NamedTensor {
  if (!Object.hasOwn(dtypes, kindOf(data) ?? '')) invalid(name, data, 'a typed array');
  attached(name, data);
  fits(name, data.length, shape);
  return namedTensor(name, shape, data);
}

/** A tensor to be written to a file. @internal */
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

/** Writes a file atomically, or to a stream. @internal */
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
