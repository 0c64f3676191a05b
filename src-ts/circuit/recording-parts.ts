/** What a recording consists of, and the parts of one run put together. */
import { joined } from './connections.ts';
import type { NeuronRange } from './recorded-neurons.ts';
import type { MeanTrace, PopulationRange, StateTrace, Trace, WeightTrace } from './traces.ts';

/** The data of a recording. */
export class RecordingParts {
  /** Time of each spike in ms, ascending: the end of its step, counted from the start of the simulation. */
  readonly times: Float64Array;
  /** The neuron of each spike, ascending within a step; populations in declared order, 0-based. */
  readonly ids: Uint32Array;
  /** By `population.state`. */
  readonly traces: Readonly<Record<string, StateTrace>>;
  /** Means over neurons, by `population.state` or the names given to `record.mean`. */
  readonly means: Readonly<Record<string, MeanTrace>>;
  /** Proxies of the local field potential, by population or the name given to `record.lfp`. */
  readonly lfp: Readonly<Record<string, MeanTrace>>;
  /** For each `record.weights`, in that order. */
  readonly weights: readonly WeightTrace[];
  /** By name, in the order in which neurons are numbered. */
  readonly populations: Readonly<Record<string, PopulationRange>>;
  /**
   * The neurons whose spikes are recorded, counted in their population: ascending ranges, each from `from` up to, but not including, `to`.
   * Populations
   * without recorded neurons are absent.
   */
  readonly recordedRanges: Readonly<Record<string, readonly NeuronRange[]>>;
  /** Start and end of the run, in ms from the start of the simulation. */
  readonly start: number;
  readonly stop: number;
  /** Length of the run in ms. */
  readonly duration: number;
  /** The number of synaptic events: each spike counts once for each synapse that it reached. NaN if it is not known. */
  readonly synapticEvents: number;

  /** @internal */
  constructor(parts: RecordingParts) {
    this.times = parts.times;
    this.ids = parts.ids;
    this.traces = Object.freeze({ ...parts.traces });
    this.means = Object.freeze({ ...parts.means });
    this.lfp = Object.freeze({ ...parts.lfp });
    this.weights = Object.freeze([...parts.weights]);
    this.populations = parts.populations;
    this.recordedRanges = parts.recordedRanges;
    this.start = parts.start;
    this.stop = parts.stop;
    this.duration = parts.duration;
    this.synapticEvents = parts.synapticEvents;
  }
}

/** Parts of one run that follow each other, as one. @param duration - of all, in ms */
export function joinedParts(parts: readonly RecordingParts[], duration: number): RecordingParts {
  const [first] = parts as [RecordingParts];
  const doubles = (of: (part: RecordingParts) => Float64Array) => joined(Float64Array, parts.map(of));
  const trace = <T extends Trace>(of: (part: RecordingParts) => T): T => ({
    ...of(first),
    times: doubles((part) => of(part).times),
    values: doubles((part) => of(part).values),
  });
  const named = <T extends Trace>(of: (part: RecordingParts) => Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.keys(of(first)).map((name) => [name, trace((part) => of(part)[name]!)]));
  return {
    times: doubles(({ times }) => times),
    ids: joined(
      Uint32Array,
      parts.map(({ ids }) => ids),
    ),
    traces: named(({ traces }) => traces),
    means: named(({ means }) => means),
    lfp: named(({ lfp }) => lfp),
    weights: first.weights.map((_, i) => trace(({ weights }) => weights[i]!)),
    populations: first.populations,
    recordedRanges: first.recordedRanges,
    start: first.start,
    stop: parts.at(-1)!.stop,
    duration,
    synapticEvents: parts.reduce((sum, { synapticEvents }) => sum + synapticEvents, 0),
  };
}
