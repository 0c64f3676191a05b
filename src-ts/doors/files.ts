/**
 * Files: what a model file contains; tensors (safetensors, npy, npz, torch), imported weights, HDF5, NIR, ONNX.
 *
 * @packageDocumentation
 */

export type { Description, NodeSpec } from '../description/description.ts';
export * from '../files/index.ts';
export * from '../hdf5/index.ts';
export type { OperationSpec } from '../layers/operation-specs.generated.ts';
export * from '../nir/index.ts';
export * from '../onnx/index.ts';
export * from '../weights/index.ts';
