/** Recordings of large networks: spikes by population, traces, rates; of a file, of a program, or of a simulation that runs. */
import { basename } from 'node:path';
import { LapicqueError } from '../../checks/errors.ts';
import { type NeuronRange, neuronsIn, type RecordedRanges } from '../../circuit/recorded-neurons.ts';
import type { Recording } from '../../circuit/recording.ts';
import { Simulation } from '../../circuit/simulation.ts';
import { onRecording } from '../../circuit/simulation-recordings.ts';
import { envelope } from '../plots/envelope.ts';
import { packTimes } from '../plots/packed-times.ts';
import { countSpikes, spikesPerBin, timesOf } from '../plots/spike-counts.ts';
import type { NamedTarget, OpenedView, ViewFollow, ViewKind, ViewRoute } from './kind.ts';
import { pack } from './packed.ts';
import type { ViewQuery } from './query.ts';
import { hasRecording, readRecording } from './recording-file.ts';
import { SpikeLog } from './spike-log.ts';
import { TraceLog } from './trace-log.ts';

/** Spikes in an answer, columns of a plot, and cells of a grid at most. */
const [maxSpikes, maxColumns, maxCells] = [2 ** 21, 2 ** 14, 2 ** 24];

/** What the page begins with, and hears again when a recording has grown. */
export interface RecordingFacts {
  readonly name: string;
  /** In ms. */
  readonly start: number;
  readonly stop: number;
  readonly populations: readonly {
    readonly name: string;
    readonly size: number;
    /** The number of neurons whose spikes are recorded, and which they are. */
    readonly recorded: number;
    readonly recordedRanges: readonly NeuronRange[];
    readonly spikes: number;
  }[];
  readonly traces: readonly {
    readonly name: string;
    readonly kind: 'state' | 'mean' | 'field' | 'weight';
    /** The population of a state. */
    readonly population?: string;
    /** The neuron of each column of a state; left out where they are 0, 1, 2 … */
    readonly neurons?: readonly number[];
    /** Unit of a state; left out where it has none. */
    readonly unit?: string;
    readonly columns: number;
    readonly samples: number;
  }[];
  /** Whether more may come. */
  readonly isLive: boolean;
}

/** Grows by the recordings of runs, one after the other. */
class Recorded {
  readonly #name: string;
  readonly #isLive: boolean;
  readonly #log: SpikeLog;
  readonly #traces = new TraceLog();
  #recordedRanges: RecordedRanges;
  readonly #listeners = new Set<() => void>();
  #start = Number.NaN;
  #stop = Number.NaN;
  #pieces = 0;

  constructor(name: string, of: Pick<Recording, 'populations' | 'recordedRanges'>, isLive: boolean) {
    this.#name = name;
    this.#isLive = isLive;
    this.#log = new SpikeLog(Object.entries(of.populations).map(([name, range]) => ({ name, ...range })));
    this.#recordedRanges = of.recordedRanges;
  }

  append(recording: Recording): void {
    if (this.#pieces === 0) this.#start = recording.start;
    this.#stop = recording.stop;
    this.#log.append(recording.times, recording.ids);
    this.#traces.append(recording);
    this.#pieces += 1;
    for (const listener of this.#listeners) listener();
  }

  facts(): RecordingFacts {
    return {
      name: this.#name,
      start: this.#pieces === 0 ? 0 : this.#start,
      stop: this.#pieces === 0 ? 0 : this.#stop,
      populations: this.#log.populations.map(({ name, size }, k) => ({
        name,
        size,
        recorded: neuronsIn(this.#rangesOf(name)),
        recordedRanges: this.#rangesOf(name),
        spikes: this.#log.of(k).length,
      })),
      traces: this.#traces.list().map(({ name, kind, columns, samples, neurons, unit }) => ({
        ...{ name, kind, columns, samples },
        ...(kind === 'state' ? { population: name.slice(0, Math.max(0, name.lastIndexOf('.'))) } : {}),
        ...(neurons === undefined || neurons.every((neuron, i) => neuron === i)
          ? {}
          : { neurons: Array.from(neurons) }),
        ...(unit === undefined || unit === '' ? {} : { unit }),
      })),
      isLive: this.#isLive,
    };
  }

  #rangesOf(population: string): readonly NeuronRange[] {
    return Object.hasOwn(this.#recordedRanges, population) ? this.#recordedRanges[population]! : [];
  }

  follow: ViewFollow = (_query, after, send) => {
    const notify = () => send(this.#pieces, this.facts());
    this.#listeners.add(notify);
    if (this.#pieces > after) notify();
    return () => this.#listeners.delete(notify);
  };

  #population(query: ViewQuery): number {
    return query.whole('population', 0, { min: 0, max: this.#log.populations.length - 1 });
  }

  #window(query: ViewQuery) {
    const from = query.number('from', this.#start);
    return { from, to: query.number('to', this.#stop, { min: from }) };
  }

  /** Spikes of a population by their numbers, from `begin` to before `end`. */
  spikes: ViewRoute = (query) => {
    const k = this.#population(query);
    const { times, ids, length } = this.#log.of(k);
    const begin = query.whole('begin', 0, { min: 0, max: length });
    const end = query.whole('end', Math.min(length, begin + maxSpikes), {
      min: begin,
      max: Math.min(length, begin + maxSpikes),
    });
    const [ownTimes, ownIds] = [
      (times as Float64Array).subarray(begin, end),
      (ids as Uint32Array).subarray(begin, end),
    ];
    const { size } = this.#log.populations[k]!;
    const sent = size <= 65_536 ? Uint16Array.from(ownIds) : ownIds;
    const packed = packTimes(ownTimes);
    return packed === undefined
      ? pack({ times: ownTimes, ids: sent })
      : pack({ steps: packed.steps, ids: sent }, packed.grid);
  };

  /** Spikes counted by column of time and row of neurons, for recordings that are too long to be sent. */
  counts: ViewRoute = (query) => {
    const k = this.#population(query);
    const { size } = this.#log.populations[k]!;
    const first = query.whole('first', 0, { min: 0, max: size - 1 });
    const last = query.whole('last', size, { min: first + 1, max: size });
    const columns = query.whole('columns', 1, { min: 1, max: maxColumns });
    const rows = query.whole('rows', 1, { min: 1, max: Math.floor(maxCells / columns) });
    const window = this.#window(query);
    const grid = countSpikes(this.#log.of(k), window, { first, last }, columns, rows);
    return pack({ counts: grid.counts }, { spikes: grid.spikes, most: grid.most, ...window });
  };

  /** Spikes of each population in equal bins. */
  rates: ViewRoute = (query) => {
    const populations = this.#log.populations.length;
    const max = Math.min(maxColumns, Math.floor(maxCells / Math.max(1, populations)));
    const bins = query.whole('bins', Math.min(100, max), { min: 1, max: max });
    const window = this.#window(query);
    const counts = new Uint32Array(populations * bins);
    for (let k = 0; k < populations; k++) counts.set(spikesPerBin(this.#log.of(k), window, bins), k * bins);
    return pack({ counts }, window);
  };

  /** All spikes of a neuron. */
  neuron: ViewRoute = (query) => {
    const k = this.#population(query);
    const neuron = query.whole('neuron', 0, { min: 0, max: this.#log.populations[k]!.size - 1 });
    const times = timesOf(this.#log.of(k), neuron);
    if (times.length > maxSpikes)
      throw new LapicqueError('too-large', {
        what: 'the spikes of a neuron',
        needed: times.length,
        allowed: maxSpikes,
      });
    return pack({ times });
  };

  /** A column of a trace, reduced to what a plot can show. */
  trace: ViewRoute = (query) => {
    const source = this.#traces.column(
      query.text('name'),
      query.choice('kind', ['state', 'mean', 'field', 'weight']),
      (columns) => query.whole('column', 0, { min: 0, max: columns - 1 }),
    );
    const columns = query.whole('columns', 1000, { min: 1, max: maxColumns });
    const { times, values, isExact } = envelope(source, this.#window(query), columns);
    return pack({ times, values }, { isExact });
  };
}

function opened(recorded: Recorded, close: () => void = () => {}): OpenedView {
  const { spikes, counts, rates, neuron, trace, follow } = recorded;
  return {
    routes: { describe: () => recorded.facts(), spikes, counts, rates, neuron, trace },
    follows: { growth: follow },
    close,
  };
}

/** Recognized by form, because it may come from another copy of the package. */
function isRecording(value: object): value is Recording {
  return 'times' in value && 'ids' in value && 'populations' in value && 'recorded' in value;
}

/** Simulations that are followed since they were added. */
const followed = new WeakMap<Simulation, { readonly recorded: Recorded; readonly stop: () => void }>();

function followedOf(simulation: Simulation) {
  const cached = followed.get(simulation);
  if (cached !== undefined) return cached;
  const recorded = new Recorded('simulation', simulation, true);
  const begun = { recorded, stop: onRecording(simulation, (piece) => recorded.append(piece)) };
  followed.set(simulation, begun);
  return begun;
}

export const recording: ViewKind = {
  kind: 'recording',
  follow(object) {
    if (object instanceof Simulation) followedOf(object);
  },
  opens({ path, object }) {
    if (object !== undefined) return object instanceof Simulation || isRecording(object);
    return hasRecording(path);
  },
  async open([{ name, target }]: readonly [NamedTarget]) {
    const { path, object } = target;
    if (object instanceof Simulation) {
      const { recorded, stop } = followedOf(object);
      return opened(recorded, () => {
        stop();
        followed.delete(object);
      });
    }
    const whole = object === undefined ? await readRecording(path!) : (object as Recording);
    const recorded = new Recorded(path === undefined ? name : basename(path), whole, false);
    recorded.append(whole);
    return opened(recorded);
  },
};
