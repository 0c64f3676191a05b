// Public names of the room report.

export type {
  Confusion,
  GrayImage,
  LayerSpikes,
  MembraneTrace,
  Raster,
  Report,
  Traces,
} from './data.ts';
export type { ReportFormats } from './files.ts';
export { type ReportOptions, writeReport } from './write.ts';
