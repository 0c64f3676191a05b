// Public names of the room convert.

export type { AccuracyAgainstSteps, AccuracyOptions } from './accuracy-against-steps.ts';
export type { ConvertOptions } from './convert-options.ts';
export type {
  ConversionSchedule,
  ConvertedNetwork,
  ConvertedRunOptions,
} from './converted-network.ts';
export type { CalibrationData } from './data.ts';
export { accuracyAgainstSteps, convert } from './functions.ts';
export type { LayerFidelity } from './layer-report.ts';
export type { ConvertedLayer } from './prepare.ts';
export type { ConversionReport } from './report.ts';
export type { ConversionMethod } from './thresholds.ts';
