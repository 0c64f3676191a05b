// Public names of the room sonata.

export { loadSonata } from './load-sonata.ts';
export type { SonataModel, SonataParams } from './nodes.ts';
export type {
  SonataRecordingParts,
  SonataReportOptions,
  SonataReportWriteOptions,
  SonataSpikesOptions,
  SonataSpikesWriteOptions,
} from './report-options.ts';
export type {
  SonataReport,
  SonataReportData,
  SonataSorting,
  SonataSpikes,
  SonataSpikesData,
} from './report-types.ts';
export {
  readSonataReport,
  readSonataSpikes,
  sonataRecording,
  writeSonataReport,
  writeSonataSpikes,
} from './reports.ts';
export type { SonataCell, SonataCellModel, SonataCellType } from './sonata-cell.ts';
export type {
  SonataCircuit,
  SonataNodes,
  SonataOptions,
  SonataOutputOptions,
  SonataReportPlan,
} from './sonata-circuit.ts';
export type { SonataSynapse } from './synapses.ts';
