// Public names of the room layers.

export type * as arithmetic from './arithmetic.ts';
export { attention, type SelfAttentionOptions, selfAttention } from './attention.ts';
export {
  concat,
  type Edge,
  type EdgeOptions,
  type GraphSpec,
  type Join,
  join,
  multiply,
  residual,
} from './branches.ts';
export {
  type Conv,
  type ConvOptions,
  conv1d,
  conv2d,
  type Pointwise,
  type PointwiseOptions,
  pointwise,
} from './convolutions.ts';
export type { Delays } from './delays.ts';
export type * as fitting from './fitting.ts';
export type { Branches, Joining, Layer, MatrixProductJoin } from './layer-kinds.ts';
export {
  type InputShape,
  input,
  type LateralInhibition,
  type LateralInhibitionOptions,
  lateralInhibition,
  type MapLayer,
} from './layers.ts';
export type { MapOptions, Pair, Triple } from './map-node.ts';
export { batchNorm, type NormOptions } from './normalization.ts';
export * from './operations.generated.ts';
export {
  type Filter,
  type ParallelOptions,
  type PsnOptions,
  psn,
  slidingPsn,
  type ThresholdOptions,
  type TimeLayer,
  threshold,
  timeFilter,
  timeMixture,
} from './over-time.ts';
export { type GlobalPool, globalAvgPool, globalMaxPool, globalSumPool } from './pools.ts';
export type * as sliding from './sliding.ts';
export { layer } from './traced-layer.ts';
