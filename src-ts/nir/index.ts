// Public names of the room nir.

export type { NirConventions } from './conventions.ts';
export type { NirEventData, NirGraphData, NirGriddedData, NirNodeData } from './data.ts';
export type { NirFramework } from './frameworks.ts';
export {
  nirBytes,
  readNir,
  readNirData,
  readNirGraph,
  readNirIntegerNetwork,
  verifyNir,
  writeNir,
  writeNirData,
} from './functions.ts';
export {
  isNirGraph,
  type NirField,
  type NirGraph,
  type NirNode,
  type NirTensor,
  nirTensor,
} from './graph.ts';
export type { NirImport, NirOptions, ReadNirOptions } from './import.ts';
export type { NirOutput } from './lower.ts';
export type { NirNodeReport, NirReport, NirRoundTrip } from './report.ts';
export type { NirTarget } from './targets.ts';
export type { NirVerification } from './verify.ts';
export type { NirExportReport, WriteNirOptions } from './write.ts';
