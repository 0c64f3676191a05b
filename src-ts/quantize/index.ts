/** Integer networks: quantization, the integer engine, export to C. */
export {
  type IntegerConnectionSpec,
  type IntegerLayerSpec,
  type IntegerNetworkSpec,
  integerNetwork,
} from './build.ts';
export type {
  IntegerConnection,
  IntegerDescription,
  IntegerLayer,
  IntegerParameters,
  IntegerPooling,
  IntegerProjection,
  IntegerTensors,
} from './description.ts';
export type { CExport } from './export-c.ts';
export type { QuantizedWeights } from './fit-quantized.ts';
export { fitQuantized, quantize } from './functions.ts';
export type { IntegerInput } from './integer-input.ts';
export { IntegerNetwork, type IntegerRunOptions, type IntegerRunResult } from './integer-network.ts';
export { IntegerSession } from './integer-session.ts';
export type { LayerQuantization, QuantizationReport } from './quantization-report.ts';
export type { Quantized, QuantizeOptions } from './quantize.ts';
export type { Calibration } from './ranges.ts';
export type { RuleReplacement } from './replacements.ts';
export type { IntegerDecay, IntegerRules } from './rules.ts';
export type { IntegerSaturation } from './saturation.ts';
export type { WeightScale } from './scales.ts';
export type { IntegerLayerSummary, IntegerSummary } from './summary.ts';
export type { IntegerTables } from './tables.ts';
export type { TargetRules } from './target-rules.ts';
export { type IntegerTarget, integerTarget } from './targets.ts';
