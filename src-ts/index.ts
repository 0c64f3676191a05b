/**
 * lapicque: spiking neural networks for Node.
 *
 * @packageDocumentation
 */

export * as analysis from './analysis/index.ts';
export * from './checks/index.ts';
export * from './circuit/index.ts';
export * as circuits from './circuits/index.ts';
export * from './cli/index.ts';
export * from './codes/index.ts';
export * from './compiled/index.ts';
export * from './convert/index.ts';
export * from './costs/index.ts';
export * from './data/index.ts';
export * from './description/index.ts';
export * from './engine/index.ts';
export * from './events/index.ts';
export type {
  AccuracyCurve,
  Activity,
  ComparedCosts,
  Costs,
  LayerActivity,
  LayerCosts,
} from './figure/costs.ts';
export * as figure from './figure/index.ts';
export type { Rates } from './figure/spikes.ts';
export type { StudyLabels } from './figure/study/source.ts';
export type { History } from './figure/training.ts';
export * from './files/index.ts';
export * from './hdf5/index.ts';
export * from './layers/index.ts';
export * as log from './log/log.ts';
export * from './many/index.ts';
export * from './model/index.ts';
export * as networks from './networks/index.ts';
export * from './neurons/index.ts';
export * from './nir/index.ts';
export * from './numbers/index.ts';
export * from './onnx/index.ts';
export * from './quantize/index.ts';
export * from './report/index.ts';
export * from './sonata/index.ts';
export * from './study/index.ts';
export { type ProgressOptions, type ProgressStream, progressBar } from './terminal/progress.ts';
export * from './train/index.ts';
export * from './view/index.ts';
export * from './weights/index.ts';
