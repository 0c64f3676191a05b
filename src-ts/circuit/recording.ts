/** The recording of a run of a large network. */
import type { SpikeTrains } from '../analysis/spike-trains.ts';
import { options as checkOptions, invalid, text, unknownName } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import {
  type FileSource,
  type FileTarget,
  isStreamTarget,
  type LoadOptions,
  loadOptions,
} from '../files/file-source.ts';
import { readTensors } from '../files/tensor-file.ts';
import {
  isTarget,
  type Population,
  type Postsynaptic,
  rangeOf,
  type SpikeSource,
  whole,
} from './elements/populations.ts';
import { type NeuronRange, neuronsIn, neuronsWithin, rangesText } from './recorded-neurons.ts';
import { recordingBytes, recordingIn, writeRecording } from './recording-file.ts';
import { RecordingParts } from './recording-parts.ts';
import type { PopulationRange } from './traces.ts';

/** The number of spikes of a population. */
function spikesOf(ids: Uint32Array, { first, size }: PopulationRange): number {
  let count = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]! - first;
    if (id >= 0 && id < size) count += 1;
  }
  return count;
}

/** Options of {@link Recording.save}. */
export interface RecordingFileOptions extends TaskOptions {
  /** Default: from the ending of the name; for a stream and for bytes `'safetensors'`. */
  format?: 'safetensors' | 'npz' | undefined;
}

/** Spike trains of recorded neurons, as {@link Recording.of} returns them. */
export interface RecordedTrains extends SpikeTrains {
  /** The neuron of each train, counted in its population. */
  readonly neuronIds: Uint32Array;
}

/** Spikes and traces of one run. Nothing in it depends on the number of threads. */
export class Recording extends RecordingParts {
  /** The number of recorded neurons of each population; populations without recorded neurons are absent. */
  readonly recorded: Readonly<Record<string, number>>;
  readonly #names: ReadonlyMap<Population | SpikeSource, string>;

  /** @internal */
  constructor(parts: RecordingParts, names: ReadonlyMap<Population | SpikeSource, string> = new Map()) {
    super(parts);
    this.recorded = Object.freeze(
      Object.fromEntries(
        Object.entries(parts.recordedRanges).map(([name, ranges]) => [name, neuronsIn(ranges)]),
      ),
    );
    this.#names = names;
    Object.freeze(this);
  }

  /**
   * Reads a recording that {@link Recording.save} or `lapicque simulate --record` wrote. Its populations have their names;
   * the populations and slices of a network belong to the recordings that its own simulations return.
   *
   * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
   * @param options - `limits`: the memory that the recording may take
   * @throws LapicqueError `malformed-file`, `unsupported` for a newer version, `too-large`, `io`, `aborted`
   */
  static async load(source: FileSource, options: LoadOptions = {}): Promise<Recording> {
    const file = await readTensors(source, checkOptions('Recording.load', options, loadOptions));
    return recordingOf(recordingIn(file, typeof source === 'string' ? source : undefined));
  }

  /** The whole run; this recording is its last part. @internal */
  asWhole(parts: RecordingParts): Recording {
    return recordingOf(parts, this.#names);
  }

  /**
   * Writes all of it to one file: spikes, traces with their units, shapes and neurons, means, fields, weights, and which
   * neurons were recorded. {@link Recording.load} reads it, and so do `lapicque view`, safetensors and numpy.
   *
   * @example
   * ```ts
   * const recording = await simulate(balanced, { duration: 1000 });
   * await recording.save('balanced.safetensors');
   * const same = await Recording.load('balanced.safetensors');
   * ```
   * @param target - a path or a `file:` URL that ends in `.safetensors` or `.npz`, where the file is replaced as a whole
   * or not at all; or a `WritableStream`
   * @param options - `format`: `'safetensors'` or `'npz'`; default from the ending, for a stream `'safetensors'`
   * @throws LapicqueError `invalid-parameter`, `io`, `aborted`
   */
  async save(target: FileTarget, options: RecordingFileOptions = {}): Promise<void> {
    isStreamTarget('target', target);
    await writeRecording(target, this, checkedOptions('save', options));
  }

  /** The bytes of the file that {@link Recording.save} writes. @throws LapicqueError `too-large`, `aborted` */
  async toBytes(options: RecordingFileOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return recordingBytes(this, checkedOptions('toBytes', options));
  }

  /**
   * The spikes of a population or a slice: trains for `analysis`, one for each neuron with recorded spikes. Train `i` belongs to the neuron
   * `neuronIds[i]`, counted in its population.
   *
   * @example
   * ```ts
   * const irregularity = await analysis.cv(recording.of('E'));
   * ```
   * @param neurons - the population or slice, or the name of a population
   * @throws LapicqueError `unknown-name`; `invalid-parameter` for neurons of another network, and if none of the neurons is recorded
   */
  of(neurons: Postsynaptic | string): RecordedTrains {
    const { name, from, to } = this.#rangeOf(neurons);
    const { first, size } = this.populations[name]!;
    const neuronIds = neuronsWithin(this.recordedRanges[name] ?? [], { from, to });
    if (neuronIds.length === 0) this.#refuseUnrecorded(name, { from, to });
    // Which train a neuron has; 0 for none, so that the others count from 1.
    const trainOf = new Uint32Array(size);
    for (let i = 0; i < neuronIds.length; i++) trainOf[neuronIds[i]!] = i + 1;
    const { times: allTimes, ids: allIds } = this;
    // Plain loops: spikes are millions, of which a call for each takes longer than all else.
    let count = 0;
    for (let i = 0; i < allIds.length; i++) if (trainOf[allIds[i]! - first]! > 0) count += 1;
    const [times, ids] = [new Float64Array(count), new Uint32Array(count)];
    for (let i = 0, next = 0; i < allIds.length; i++) {
      const train = trainOf[allIds[i]! - first];
      if (train === undefined || train === 0) continue;
      times[next] = allTimes[i]!;
      ids[next++] = train - 1;
    }
    return { times, ids, neurons: neuronIds.length, neuronIds, start: this.start, stop: this.stop };
  }

  #refuseUnrecorded(name: string, { from, to }: NeuronRange): never {
    const own = this.recordedRanges[name];
    const others = Object.keys(this.recordedRanges);
    const recorded =
      own !== undefined
        ? `recorded neurons of ${name}: ${rangesText(own)}`
        : others.length === 0
          ? 'neurons whose spikes are recorded: none are'
          : `a population whose spikes are recorded: ${others.join(', ')}`;
    invalid(
      'neurons',
      from === 0 && to === this.populations[name]!.size ? name : `${name} ${rangesText([{ from, to }])}`,
      `${recorded} (record.spikes says which; without it all are)`,
    );
  }

  /** The neurons, counted in their population. */
  #rangeOf(neurons: Postsynaptic | string): NeuronRange & { readonly name: string } {
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
    return { name, ...(typeof neurons === 'string' ? { from: 0, to: range.size } : rangeOf(neurons)) };
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
const recordingOf = (...content: ConstructorParameters<typeof Recording>) => new Recording(...content);

function checkedOptions(name: string, options: RecordingFileOptions): RecordingFileOptions {
  const checked = checkOptions(name, options, ['format', 'signal', 'onProgress']);
  if (checked.format !== undefined) oneOfOption('format', checked.format, ['safetensors', 'npz']);
  return checked;
}
