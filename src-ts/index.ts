/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */
export { type IdxArray, readIdx } from './data/idx.ts';
export {
  DataLoader,
  type DataLoaderConstructor,
  type LoaderOptions,
  type LoaderState,
  type TransformContext,
  type TransformOptions,
} from './data/loader.ts';
export { type LabelledImages, type Mnist, mnist, readMnist, type Split } from './data/mnist.ts';
export type { Dataset, TensorBatch, TensorSource } from './data/source.ts';
export {
  type ErrorCode,
  type ErrorFields,
  LapicqueError,
  type LapicqueErrorBase,
  type LapicqueErrorConstructor,
  type OwnFields,
} from './errors.ts';
export type {
  Confusion,
  GreyImage,
  History,
  LayerActivity,
  LayerSpikes,
  MembraneTrace,
  Raster,
  Report,
  Traces,
} from './report/data.ts';
export { type ReportOptions, writeReport } from './report/write.ts';
export type { Shape } from './tensor.ts';
export type { TypedArray } from './typed.ts';
