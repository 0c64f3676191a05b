// Public names of the room trace.

export { ElementwiseTensor } from './elementwise-tensor.ts';
export type { TracedAxis, TracedGraph } from './graph-builder.ts';
export type { ParameterShape } from './parameter-axes.ts';
export {
  evaluateTraced,
  type TensorValues,
  type TracedAxes,
  type TracedFunction,
  type TracedResults,
  type TracedValues,
  trace,
} from './trace.ts';
export type {
  LossParameter,
  LossScope,
  TracedLoss,
  TracedLossOptions,
  TracedPopulation,
} from './traced-loss.ts';
export { type AxisNames, type ScanBody, type TracedOperand, TracedTensor } from './traced-tensor.ts';
