/**
 * A file of tensors in the engine's memory. Its tensors are copied from there, with yields to the event loop.
 */
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { Yielder } from '../engine/yielder.ts';
import { type FileSource, type LoadOptions, opened, pieceBytes } from './file-source.ts';
import { type JsonOptions, parseJson } from './json.ts';
import { Allowance, limitOf } from './limits.ts';
import { newBytes } from './source-bytes.ts';
import { type FileTensor, storedArrays, type TensorArray, type TensorData } from './tensor-data.ts';

type NativeFile = InstanceType<typeof addon.NativeFile>;

/** Array constructors by element type; the engine widens half precision. */
const arrays: Readonly<Record<string, TensorArray>> = {
  ...storedArrays,
  F16: Float32Array,
  BF16: Float32Array,
};

/** A file in the engine's memory, whose tensors are copied one by one.*/
export class OpenFile {
  /** The path, or a description of the source for messages. */
  readonly name: string;
  readonly native: NativeFile;
  readonly metadata: readonly (readonly [string, string])[];
  /** The version of the schema of lapicque's own files. */
  readonly schema: number | null;
  readonly entries: readonly {
    readonly name: string;
    readonly dtype: string;
    readonly shape: readonly number[];
  }[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #signal: AbortSignal | undefined;
  readonly #yielder: Yielder;

  constructor(name: string, native: NativeFile, entries: unknown, signal: AbortSignal | undefined) {
    this.name = name;
    this.native = native;
    this.metadata = unwrap(native.metadata()) as [string, string][];
    this.schema = unwrap(native.schema()) ?? null;
    this.entries = (entries as [string, string, number[]][]).map(([name, dtype, shape]) => ({
      name,
      dtype,
      shape,
    }));
    this.#numbers = new Map(this.entries.map(({ name }, i) => [name, i]));
    this.#signal = signal;
    this.#yielder = new Yielder(signal);
  }

  /** Whether there is a tensor of this name. */
  has(name: string): boolean {
    return this.#numbers.has(name);
  }

  /** The elements of a tensor that exists, as {@link OpenFile.data}. */
  tensor(name: string): Promise<TensorData> {
    return this.data(this.#numbers.get(name)!);
  }

  /** Bytes of the file. */
  get size(): number {
    return unwrap(this.native.held());
  }

  /**
   * Copies the elements of a tensor, with yields to the event loop. The tensor is then removed from the
   * file's memory.
   */
  async data(tensor: number): Promise<TensorData> {
    const { dtype, shape, name } = this.entries[tensor]!;
    const kind = arrays[dtype]!;
    const bytes = newBytes(`the tensor ${name}`, elementCount(shape) * kind.BYTES_PER_ELEMENT);
    // One clock for the whole file rather than for each tensor: there may be thousands of small ones.
    if (this.#yielder.isDue) await this.#yielder.yieldNow();
    for (let from = 0; from < bytes.length; from += pieceBytes) {
      if (this.#yielder.isDue) await this.#yielder.yieldNow();
      unwrap(this.native.copy(tensor, from, bytes.subarray(from, from + pieceBytes)));
    }
    unwrap(this.native.release(tensor));
    return new kind(bytes.buffer);
  }

  /** An error of the file, with the file's name. */
  malformed(format: string, reason: string): Error {
    return new LapicqueError('malformed-file', { format, offset: 0, reason: `${this.name}: ${reason}` });
  }

  /** Parses JSON from the metadata. */
  json(
    format: string,
    text: string,
    allowance: Allowance,
    options: Pick<JsonOptions, 'null' | 'object'> = {},
  ): Promise<unknown> {
    return parseJson(text, {
      ...options,
      what: `${this.name}: the JSON of its metadata`,
      allowance,
      malformed: (reason) => this.malformed(format, reason),
      signal: this.#signal,
    });
  }
}

/**
 * Reads a file into the engine's memory for the duration of `use`. (`using` would not work: contexts of
 * `node:vm` have no `Symbol.dispose`.)
 *
 * @param name - of the argument
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`, `too-large`, `aborted`
 */
export async function withFile<T>(
  name: string,
  source: FileSource,
  options: LoadOptions,
  use: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const { limits, signal, ...rest } = options;
  const limit = limitOf(limits);
  const from = await opened(name, source, options);
  const [path, bytes] = 'path' in from ? [from.path, undefined] : [undefined, from.bytes];
  const native = await task({ signal, ...rest }, (handle) =>
    addon.readTensors(path, bytes, 'array', limit, handle),
  );
  try {
    const entries = await parseJson(unwrap(native.entries()), {
      what: `${from.name}: the names of its tensors`,
      // The engine has read the names already; their text is at most 16 MiB.
      allowance: new Allowance(Number.POSITIVE_INFINITY, 0),
      malformed: (reason) => new LapicqueError('internal', { reason }),
      signal,
    });
    return await use(new OpenFile(from.name, native, entries, signal));
  } finally {
    native.dispose();
  }
}

/** The content of a file, with the tensors in their order. */
export interface WholeFile {
  readonly metadata: readonly (readonly [string, string])[];
  /** The version of the schema of lapicque's own files. */
  readonly schema: number | null;
  readonly tensors: readonly NamedFileTensor[];
}

/** One tensor of a file. */
export interface NamedFileTensor extends FileTensor {
  readonly name: string;
}

/** Reads a whole file. @throws LapicqueError as {@link withFile} */
export function readWhole(name: string, source: FileSource, options: LoadOptions = {}): Promise<WholeFile> {
  return withFile(name, source, options, async (file) => {
    const tensors: NamedFileTensor[] = [];
    for (const [i, entry] of file.entries.entries()) tensors.push({ ...entry, data: await file.data(i) });
    return { metadata: file.metadata, schema: file.schema, tensors };
  });
}
