// Public names of the room data.

export {
  type Collated,
  type CollatedField,
  type CollatedFields,
  type CollatedLeaf,
  type CollateOptions,
  collate,
} from './collate.ts';
export { type IdxArray, type IdxOptions, readIdx } from './idx.ts';
export {
  DataLoader,
  type DataLoaderConstructor,
  type LoaderOptions,
  type LoaderState,
  type OwnCollateOptions,
  type SampleBatch,
  type TransformContext,
  type TransformOptions,
} from './loader.ts';
export { type LabeledImages, type Mnist, mnist, readMnist, type Split } from './mnist.ts';
export type { Dataset, TensorBatch, TensorSource } from './source.ts';
export { tokenWindows, type Vocabulary, vocabulary, type WindowOptions } from './text.ts';
