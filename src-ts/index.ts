/**
 * lapicque: spiking neural networks for Node. Layers, networks, training, sessions.
 *
 * @packageDocumentation
 */

export * from './checks/index.ts';
export type { Recipe, RecipeContext, RecipeModule } from './cli/recipe-form.ts';
export * from './compiled/index.ts';
export type { Precision } from './description/description.ts';
export type { InputOptions, InputTensor } from './description/input-tensor.ts';
export type { ChosenFields, NetworkOptions } from './description/network-options.ts';
export * from './engine/index.ts';
export type {
  BlobLike,
  FileSource,
  FileTarget,
  LoadOptions,
  ReadableBytes,
  WritableBytes,
} from './files/file-source.ts';
export type { LimitOptions, Limits } from './files/limits.ts';
export type { FileTensor, Shaped, TensorData } from './files/tensor-data.ts';
export * from './layers/index.ts';
export * from './model/index.ts';
export * as networks from './networks/index.ts';
export * from './numbers/index.ts';
export { type ProgressOptions, type ProgressStream, progressBar } from './terminal/progress.ts';
export * from './train/index.ts';
