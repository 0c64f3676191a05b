// Public names of the room files.

export type {
  BlobLike,
  FileSource,
  FileTarget,
  LoadOptions,
  ReadableBytes,
  WritableBytes,
} from './file-source.ts';
export type { LimitOptions, Limits } from './limits.ts';
export { readSparse, type SparseMatrix, toDense } from './sparse.ts';
export type { FileTensor, Shaped, TensorData } from './tensor-data.ts';
export {
  type NamedTensors,
  readTensors,
  type TensorFile,
  type TensorFormat,
  tensorBytes,
  type WriteTensorsOptions,
  writeTensors,
} from './tensor-file.ts';
