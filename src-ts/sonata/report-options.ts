/** Options of reading and writing SONATA's output reports. */
import type { TaskOptions } from '../engine/task-options.ts';
import type { LimitOptions } from '../files/limits.ts';
import type { SonataReport, SonataSorting, SonataSpikes } from './report-types.ts';

/** Options of `readSonataSpikes`. */
export interface SonataSpikesOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
  /**
   * The nodes of populations, such as `nodes` of a `loadSonata`: each then has a train, and a spike of another node is an error. For a population
   * that is not named here, only the nodes that fire have trains, ascending, because a file of spikes does not name silent nodes.
   */
  nodes?: Readonly<Record<string, { readonly ids: ArrayLike<number> }>>;
  /** First and last time of the spikes to read, in ms; default 0 (or the first spike, if it is earlier) and the last spike of the file. */
  start?: number;
  stop?: number;
  /** Name of the population in files from before populations were part of the format; default `'default'`. */
  population?: string;
}

/** Options of `readSonataReport`. */
export interface SonataReportOptions extends Pick<TaskOptions, 'signal'>, LimitOptions {
  /** Nodes to read, by population, in this order; default all, in the order of the file. */
  nodeIds?: Readonly<Record<string, ArrayLike<number>>>;
  /** Frames to read, in ms: from `start` up to, but not including, `stop`. Default all. */
  start?: number;
  stop?: number;
  /** Name of the population in files from before populations were part of the format; default `'default'`. */
  population?: string;
}

/** The parts of a recording for `sonataRecording`. */
export interface SonataRecordingParts {
  /** A result of `readSonataSpikes`. */
  spikes?: Readonly<Record<string, SonataSpikes>>;
  /** Results of `readSonataReport`, by the name of the variable. */
  reports?: Readonly<Record<string, Readonly<Record<string, SonataReport>>>>;
  /** Start and end of the recording, in ms; default the earliest start and the latest end of its parts. */
  start?: number;
  stop?: number;
}

/** Options of `writeSonataSpikes`. */
export interface SonataSpikesWriteOptions extends Pick<TaskOptions, 'signal'> {
  /** How the spikes are sorted in the file; default `'by_time'`. `'none'` keeps their order. */
  sorting?: SonataSorting;
  /**
   * Packs the datasets with deflate (h5py's gzip), at a level from 0 to 9; `true` is 4. Default: no compression, because PyPI's libsonata cannot read
   * compressed datasets.
   */
  deflate?: boolean | number;
}

/** Options of `writeSonataReport`. */
export interface SonataReportWriteOptions extends Pick<TaskOptions, 'signal'> {
  /** Type of the stored values; default `'float32'`, as in SONATA. */
  type?: 'float32' | 'float64';
  /**
   * Packs the values with deflate (h5py's gzip), at a level from 0 to 9; `true` is 4. Default: no compression, because PyPI's libsonata cannot read
   * compressed datasets.
   */
  deflate?: boolean | number;
}
