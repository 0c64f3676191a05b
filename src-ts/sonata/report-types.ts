/** What SONATA's output reports are as data: spikes, and values of the elements of nodes over time. */
import type { SpikeTrains } from '../analysis/spike-trains.ts';
import type { Trace } from '../circuit/traces.ts';

/** How the spikes of a file are sorted. */
export type SonataSorting = 'none' | 'by_id' | 'by_time';

/** Spikes of one population: trains for `analysis`, in the order of the file. Train `i` belongs to the node `nodeIds[i]`. */
export interface SonataSpikes extends SpikeTrains {
  /** `node_id` of each train. */
  readonly nodeIds: Float64Array;
  /** The order that the file states and has; otherwise `'none'`. */
  readonly sorting: SonataSorting;
  /** Missing or wrong statements of the file, and the assumptions made instead. */
  readonly warnings: readonly string[];
}

/**
 * Values of the elements (compartments, synapses) of one population's nodes over time. With one element per node it is a trace like those of a recording:
 * `values[frame * nodes + i]` is the node `nodeIds[i]`.
 */
export interface SonataReport extends Trace {
  /** Time of each frame, in ms. */
  readonly times: Float64Array;
  /** `[frames, elements]` */
  readonly values: Float64Array;
  /** `node_id` of each node. */
  readonly nodeIds: Float64Array;
  /** `[nodes + 1]`: node `i` has the elements from `pointers[i]` up to, but not including, `pointers[i + 1]`. */
  readonly pointers: Uint32Array;
  /** `element_id` of each element; for compartments the section (0 is the soma). */
  readonly elementIds: Float64Array;
  /** Position of each element in its section, from 0 to 1, if the file has it. */
  readonly elementPositions?: Float64Array;
  /** Time of the first frame, and one step after the last frame, in ms. */
  readonly start: number;
  readonly stop: number;
  /** Between two frames, in ms. */
  readonly dt: number;
  /** Unit of the values as the file states it; `''` without a statement. */
  readonly units: string;
  /** Name of the recorded variable, such as `'v'`, if the file has it. */
  readonly variable?: string;
  /** Missing or wrong statements of the file, and the assumptions made instead. */
  readonly warnings: readonly string[];
}

/** Spikes to write: from a file, from a recording's population (`recording.of('E')`), or plain arrays. */
export interface SonataSpikesData {
  /** In ms. */
  readonly times: ArrayLike<number>;
  /** The train of each spike. */
  readonly ids: ArrayLike<number>;
  /** `node_id` of each train; default the number of its neuron in the population, or else the train's number. */
  readonly nodeIds?: ArrayLike<number> | undefined;
  /** The neuron of each train, as {@link Recording.of} gives it. */
  readonly neuronIds?: ArrayLike<number> | undefined;
  /** The number of trains, if it is known. */
  readonly neurons?: number | undefined;
}

/** Values to write: from a file, or a trace of a recording with the metadata of the file. */
export interface SonataReportData {
  /** Time of each frame, in ms, at equal distances. */
  readonly times: ArrayLike<number>;
  /** `[frames, elements]` */
  readonly values: ArrayLike<number>;
  /** `node_id` of each node; default 0, 1, 2 … */
  readonly nodeIds?: ArrayLike<number> | undefined;
  /** As in {@link SonataReport}; default one element for each node. */
  readonly pointers?: ArrayLike<number> | undefined;
  /** Default 0 for each, the soma. */
  readonly elementIds?: ArrayLike<number> | undefined;
  /** Default 0 for each. */
  readonly elementPositions?: ArrayLike<number> | undefined;
  /** Between two frames, in ms; default the distance of the first two. */
  readonly dt?: number | undefined;
  /** Unit of the values, such as `'mV'`. */
  readonly units: string;
  /** Name of the recorded variable, such as `'v'`. */
  readonly variable?: string | undefined;
}
