// Public names of the room files.

export { readSparse, type SparseMatrix, toDense } from './sparse.ts';
export {
  type NamedTensors,
  readTensors,
  type TensorFile,
  type TensorFormat,
  tensorBytes,
  type WriteTensorsOptions,
  writeTensors,
} from './tensor-file.ts';
