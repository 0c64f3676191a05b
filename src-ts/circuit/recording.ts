/** The recording of a run of a large network. */
import type { SpikeTrains } from '../analysis/spike-trains.ts';
import { invalid, text, unknownName } from '../checks/check.ts';
import {
  type Cells,
  isTarget,
  type NeuronsSpec,
  type Postsynaptic,
  rangeOf,
  type SpikeSource,
  whole,
} from './elements/cells.ts';
import type { RecordingPiece } from './recording-pieces.ts';
import type { MeanTrace, PopulationRange, Trace, WeightTrace } from './traces.ts';

/** The number of selected neurons of each population; populations without any are absent. @internal */
export function counted(
  populations: Readonly<Record<string, PopulationRange>>,
  chosen: readonly NeuronsSpec[] | undefined,
): Record<string, number> {
  const count = ([name, { size }]: [string, PopulationRange]): [string, number] => {
    if (chosen === undefined) return [name, size];
    const own = chosen.filter((neurons) => (typeof neurons === 'string' ? neurons : neurons.of) === name);
    const ranges = own.map((neurons) => (typeof neurons === 'string' ? { from: 0, to: size } : neurons));
    // Ranges may overlap: each neuron counts once.
    let [count, end] = [0, 0];
    for (const { from, to } of ranges.sort((a, b) => a.from - b.from)) {
      count += Math.max(0, to - Math.max(from, end));
      end = Math.max(end, to);
    }
    return [name, count];
  };
  return Object.fromEntries(
    Object.entries(populations)
      .map(count)
      .filter(([, count]) => count > 0),
  );
}

/** The number of spikes of a population. */
function spikesOf(ids: Uint32Array, { first, size }: PopulationRange): number {
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]! - first;
    if (id >= 0 && id < size) count += 1;
  }
  return count;
}

/** Spikes and traces of one run. Nothing in it depends on the number of threads. */
export class Recording {
  /** Time of each spike in ms, ascending: the end of its step, counted from the start of the simulation. */
  readonly times: Float64Array;
  /** The neuron of each spike, ascending within a step; populations in declared order, 0-based. */
  readonly ids: Uint32Array;
  /** By `population.state`. */
  readonly traces: Readonly<Record<string, Trace>>;
  /** Means over neurons, by `population.state` or the names given to `record.mean`. */
  readonly means: Readonly<Record<string, MeanTrace>>;
  /** Proxies of the local field potential, by population or the name given to `record.lfp`. */
  readonly lfp: Readonly<Record<string, MeanTrace>>;
  /** For each `record.weights`, in that order. */
  readonly weights: readonly WeightTrace[];
  /** By name, in the order in which neurons are numbered. */
  readonly populations: Readonly<Record<string, PopulationRange>>;
  /** The number of recorded neurons of each population; populations without recorded neurons are absent. */
  readonly recorded: Readonly<Record<string, number>>;
  /** Start and end of the run, in ms from the start of the simulation. */
  readonly start: number;
  readonly stop: number;
  /** Length of the run in ms. */
  readonly duration: number;
  /** The number of synaptic events: each spike counts once per synapse that it reached. */
  readonly synapticEvents: number;
  readonly #names: ReadonlyMap<Cells | SpikeSource, string>;

  /** @internal */
  constructor(recorded: {
    times: Float64Array;
    ids: Uint32Array;
    traces: readonly [string, Trace][];
    weights?: readonly WeightTrace[];
    means?: readonly [string, MeanTrace][];
    lfp?: readonly [string, MeanTrace][];
    populations: Readonly<Record<string, PopulationRange>>;
    recorded: Readonly<Record<string, number>>;
    start: number;
    stop: number;
    duration: number;
    synapticEvents: number;
    names?: ReadonlyMap<Cells | SpikeSource, string>;
  }) {
    this.times = recorded.times;
    this.ids = recorded.ids;
    this.traces = Object.freeze(Object.fromEntries(recorded.traces));
    this.weights = Object.freeze([...(recorded.weights ?? [])]);
    this.means = Object.freeze(Object.fromEntries(recorded.means ?? []));
    this.lfp = Object.freeze(Object.fromEntries(recorded.lfp ?? []));
    this.populations = recorded.populations;
    this.recorded = recorded.recorded;
    this.start = recorded.start;
    this.stop = recorded.stop;
    this.duration = recorded.duration;
    this.synapticEvents = recorded.synapticEvents;
    this.#names = recorded.names ?? new Map();
    Object.freeze(this);
  }

  /** The whole run, of which this recording is the last part. @internal */
  asWhole(piece: RecordingPiece, duration: number): Recording {
    const { populations, recorded } = this;
    return recordingOf({
      ...piece,
      traces: Object.entries(piece.traces),
      means: Object.entries(piece.means),
      lfp: Object.entries(piece.lfp),
      ...{ populations, recorded, duration, names: this.#names },
    });
  }

  /**
   * The spikes of a population or a slice, with its neurons counted from 0: trains for `analysis`. The trains of neurons
   * that are not recorded are empty.
   *
   * @example
   * ```ts
   * const irregularity = await analysis.cv(recording.of('E'));
   * ```
   * @param neurons - the population or slice, or the name of a population
   * @throws LapicqueError `unknown-name`; `invalid-parameter` for neurons of another network
   */
  of(neurons: Postsynaptic | string): SpikeTrains {
    const { first, size } = this.#rangeOf(neurons);
    const { times: allTimes, ids: allIds } = this;
    const count = spikesOf(allIds, { first, size });
    const [times, ids] = [new Float64Array(count), new Uint32Array(count)];
    // Plain loops: spikes are millions, of which a call for each takes longer than all else.
    for (let i = 0, next = 0; i < allIds.length; i++) {
      const id = allIds[i]! - first;
      if (id < 0 || id >= size) continue;
      times[next] = allTimes[i]!;
      ids[next++] = id;
    }
    return { times, ids, neurons: size, start: this.start, stop: this.stop };
  }

  /** The range of neurons among all ids. */
  #rangeOf(neurons: Postsynaptic | string): PopulationRange {
    const name =
      typeof neurons === 'string'
        ? text('population', neurons)
        : isTarget(neurons)
          ? this.#names.get(whole(neurons))
          : undefined;
    if (name === undefined)
      invalid('neurons', neurons, 'neurons of this network, or the name of a population');
    const range = Object.hasOwn(this.populations, name) ? this.populations[name] : undefined;
    if (range === undefined) throw unknownName('population', name, Object.keys(this.populations));
    if (typeof neurons === 'string') return range;
    const { from, to } = rangeOf(neurons);
    return { first: range.first + from, size: to - from };
  }

  /**
   * Spikes per second and neuron, in Hz, of each population with recorded spikes, over the recorded neurons only. NaN
   * for a run of no time.
   */
  rates(): Record<string, number> {
    const seconds = this.duration / 1000;
    return Object.fromEntries(
      Object.entries(this.recorded).map(([name, neurons]) => {
        return [name, spikesOf(this.ids, this.populations[name]!) / (neurons * seconds)];
      }),
    );
  }
}

/** A class that names itself within would lose its name in the bundle. */
const recordingOf = (recorded: ConstructorParameters<typeof Recording>[0]) => new Recording(recorded);
