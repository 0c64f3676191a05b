/** What SONATA's output reports are as data: spikes, and values of the elements of nodes over time. */
import type { SpikeTrains } from '../analysis/spike-trains.ts';
import type { Trace } from '../circuit/traces.ts';

/** How the spikes of a file are sorted. */
export type SonataSorting = 'none' | 'by_id' | 'by_time';

/** Spikes of one population: trains for `analysis`, in the order of the file. Train `i` is that of the node `nodeIds[i]`. */
export interface SonataSpikes extends SpikeTrains {
  /** `node_id` of each train. */
  readonly nodeIds: Float64Array;
  /** What the file says of its order; `'none'` where it says nothing. */
  readonly sorting: SonataSorting;
  /** What the file leaves open or says wrongly, and what was assumed. */
  readonly warnings: readonly string[];
}

/**
 * Values of the elements (compartments, synapses) of one population's nodes over time. With one element per node it is a trace like those of a recording:
 * `values[frame * nodes + i]` is the node `nodeIds[i]`.
 */
export interface SonataReport extends Trace {
  /** Of each frame, in ms. */
  readonly times: Float64Array;
  /** `[frames, elements]` */
  readonly values: Float64Array;
  /** `node_id` of each node. */
  readonly nodeIds: Float64Array;
  /** `[nodes + 1]`: node `i` has the elements from `pointers[i]` to before `pointers[i + 1]`. */
  readonly pointers: Uint32Array;
  /** Of each element; of compartments the section, of which 0 is the soma. */
  readonly elementIds: Float64Array;
  /** Where in its section each element is, from 0 to 1, if the file says so. */
  readonly elementPositions?: Float64Array;
  /** First frame and the time after the last one, in ms. */
  readonly start: number;
  readonly stop: number;
  /** Between two frames, in ms. */
  readonly dt: number;
  /** Of the values, as the file has it; `''` where it says nothing. */
  readonly units: string;
  /** What the values are, such as `'v'`, if the file says so. */
  readonly variable?: string;
  /** What the file leaves open or says wrongly, and what was assumed. */
  readonly warnings: readonly string[];
}

/** Spikes that are written: those of a file, of a recording's population (`recording.of('E')`), or plain arrays. */
export interface SonataSpikesData {
  /** In ms. */
  readonly times: ArrayLike<number>;
  /** The train of each spike. */
  readonly ids: ArrayLike<number>;
  /** `node_id` of each train; default the train's number. */
  readonly nodeIds?: ArrayLike<number> | undefined;
}

/** Values that are written: those of a file, or a trace of a recording with what the file says of it. */
export interface SonataReportData {
  /** Of each frame, in ms, at equal distances. */
  readonly times: ArrayLike<number>;
  /** `[frames, elements]` */
  readonly values: ArrayLike<number>;
  /** `node_id` of each node; default 0, 1, 2 … */
  readonly nodeIds?: ArrayLike<number> | undefined;
  /** Of nodes that have not one element each: as in {@link SonataReport}. */
  readonly pointers?: ArrayLike<number> | undefined;
  /** Default 0 each, the soma. */
  readonly elementIds?: ArrayLike<number> | undefined;
  /** Default 0 each. */
  readonly elementPositions?: ArrayLike<number> | undefined;
  /** Between two frames, in ms; default the distance of the first two. */
  readonly dt?: number | undefined;
  /** Of the values, such as `'mV'`. */
  readonly units: string;
  /** What the values are, such as `'v'`. */
  readonly variable?: string | undefined;
}
