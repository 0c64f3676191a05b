/** The Heidelberg spiking data sets SHD and SSC: a row of times and a row of units for each sample. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { FileSource, LoadOptions } from '../files/file-source.ts';
import { type Hdf5Dataset, type Hdf5File, openHdf5 } from '../hdf5/file.ts';
import type { Hdf5Array } from '../hdf5/types.ts';
import { emptyBatch } from './batch.ts';
import { narrow16 } from './hdf5-columns.ts';
import type { EventTable } from './hdf5-reader.ts';

type Task = { readonly signal?: AbortSignal };

/** Size of the cochlea model of both data sets. */
const cochlea = { width: 700, height: 1 };

/** Number of samples that are read at once. */
const samplesPerRead = 64;

/** One sample of SHD or SSC. */
export interface ShdSample {
  /** Seconds, as stored: floating-point numbers of 16, 32 or 64 bits. */
  readonly times: Float32Array | Float64Array;
  /** The unit that fired at each time, from 0 to 699. */
  readonly units: Uint16Array;
  readonly label: number;
  /** `undefined` if the file does not contain it. */
  readonly speaker: number | undefined;
}

/** An open file of SHD or SSC. Iterating it reads sample by sample. */
export class ShdFile implements AsyncIterable<ShdSample> {
  readonly #file: Hdf5File;
  readonly #times: Hdf5Dataset;
  readonly #units: Hdf5Dataset;
  readonly #task: Task;
  /** The label of each sample. */
  readonly labels: Uint16Array;
  /** The speaker of each sample; `undefined` if the file does not contain it. */
  readonly speakers: Uint16Array | undefined;
  /** Names of the labels, if the file contains them. */
  readonly keys: readonly string[] | undefined;

  private constructor(file: Hdf5File, parts: Parts, task: Task) {
    this.#file = file;
    this.#times = parts.times;
    this.#units = parts.units;
    this.#task = task;
    this.labels = parts.labels;
    this.speakers = parts.speakers;
    this.keys = parts.keys;
  }

  /** @internal */
  static async of(file: Hdf5File, task: Task): Promise<ShdFile> {
    const [times, units] = [
      await file.dataset('spikes/times', task),
      await file.dataset('spikes/units', task),
    ];
    const labels = narrow16('labels', await numbers(file, 'labels', task));
    const lengths = [times.shape, units.shape].map((shape) => (shape?.length === 1 ? shape[0] : undefined));
    if (!lengths.every((length) => length === labels.length))
      throw malformed(`${lengths.join(' and ')} rows of times and units for ${labels.length} labels`);
    const isThere = async (path: string) =>
      (await file.kind('extra', task)) === 'group' && (await file.kind(path, task)) === 'dataset';
    const speakers = (await isThere('extra/speaker'))
      ? narrow16('speaker', await numbers(file, 'extra/speaker', task))
      : undefined;
    const keys = (await isThere('extra/keys')) ? (await file.read('extra/keys', task)).values : undefined;
    return new ShdFile(
      file,
      { times, units, labels, speakers, keys: Array.isArray(keys) ? (keys as string[]) : undefined },
      task,
    );
  }

  /** Number of samples. */
  get length(): number {
    return this.labels.length;
  }

  /** @throws LapicqueError `invalid-parameter`, `malformed-file`, `too-large`, `aborted` */
  async sample(index: number): Promise<ShdSample> {
    integer('index', index, { min: 0, max: this.length - 1 });
    return (await this.#samples(index, 1))[0]!;
  }

  async #samples(from: number, count: number): Promise<ShdSample[]> {
    const part = { start: [from], count: [count], ...this.#task };
    const [times, units] = await Promise.all([this.#times.read(part), this.#units.read(part)]);
    const [rows, fired] = [times.values, units.values] as [readonly Hdf5Array[], readonly Hdf5Array[]];
    if (!Array.isArray(rows) || !Array.isArray(fired))
      throw malformed('times and units are not variable-length sequences');
    return rows.map((row, i) => {
      const own = fired[i]!;
      if (!(row instanceof Float32Array || row instanceof Float64Array))
        throw malformed('times are not floating-point numbers');
      if (row.length !== own.length)
        throw malformed(`sample ${from + i} has ${row.length} times for ${own.length} units`);
      return {
        times: row,
        units: narrow16('units', own as unknown as ArrayLike<number>),
        label: this.labels[from + i]!,
        speaker: this.speakers?.[from + i],
      };
    });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ShdSample> {
    for (let from = 0; from < this.length; from += samplesPerRead)
      yield* await this.#samples(from, Math.min(samplesPerRead, this.length - from));
  }

  /** Closes the file. May be called repeatedly. */
  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

interface Parts {
  readonly times: Hdf5Dataset;
  readonly units: Hdf5Dataset;
  readonly labels: Uint16Array;
  readonly speakers: Uint16Array | undefined;
  readonly keys: readonly string[] | undefined;
}

async function numbers(file: Hdf5File, path: string, task: Task): Promise<ArrayLike<number>> {
  const { values } = await file.read(path, { int64: 'number', ...task });
  if (!ArrayBuffer.isView(values)) throw malformed(`${path} has no numbers`);
  return values as Float64Array;
}

function malformed(reason: string): Error {
  return new LapicqueError('malformed-file', { format: 'SHD HDF5', offset: 0, reason });
}

/**
 * Opens a file of the Heidelberg spiking data sets, SHD or SSC, as published. Samples are read on demand.
 *
 * @throws LapicqueError `io`, `malformed-file`, `unsupported`, `aborted`
 * @example
 * ```ts
 * using shd = await openShd('shd_train.h5');
 * for await (const { times, units, label } of shd) count(times, units, label);
 * ```
 */
export async function openShd(source: FileSource, options: LoadOptions = {}): Promise<ShdFile> {
  const { signal, ...rest } = checkOptions('openShd', options, ['signal', 'onProgress', 'limits']);
  const task = signal === undefined ? {} : { signal };
  const file = await openHdf5(source, { ...rest, ...task });
  try {
    return await ShdFile.of(file, task);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** One sample as a recording: x is the unit, y 0, polarity 1, and times are rounded to microseconds. */
export async function shdTable(file: Hdf5File, sample: number, task: Task): Promise<EventTable> {
  const shd = await ShdFile.of(file, task);
  if (!(sample < shd.length)) invalid('sample', sample, `a sample from 0 to ${shd.length - 1}`);
  const { times, units, label, speaker } = await shd.sample(sample);
  const t = Float64Array.from(times, (time) => Math.round(time * 1e6));
  const metadata = new Map([
    ['label', String(label)],
    ['sample', String(sample)],
    ['samples', String(shd.length)],
  ]);
  if (speaker !== undefined) metadata.set('speaker', String(speaker));
  return {
    format: 'shd-hdf5',
    sensor: cochlea,
    metadata,
    length: t.length,
    chunk: 1,
    events: async (from, count) => ({
      ...emptyBatch(),
      t: t.slice(from, from + count),
      x: units.slice(from, from + count),
      y: new Uint16Array(count),
      polarity: new Uint8Array(count).fill(1),
    }),
    times: async (from, count) => t.slice(from, from + count),
    triggers: async () => undefined,
  };
}
