/** Files of named tensors: `.safetensors`, `.npy` and `.npz`. */
import { filePath } from './check.ts';
import { addon, type TaskOptions, task } from './native.ts';

/** A tensor of a file: its elements in C order. */
export interface FileTensor {
  /** As safetensors names it: `F32`, `I64`, `BOOL` … */
  dtype: string;
  shape: readonly number[];
  /** F16 and BF16 are widened to a `Float32Array`, BOOL is a `Uint8Array`. */
  data:
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
