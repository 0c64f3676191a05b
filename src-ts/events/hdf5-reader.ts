/** Common parts of event recordings in HDF5: a table of events, read in slices, and a search by time. */
import type { LimitOptions } from '../files/limits.ts';
import type { Hdf5File } from '../hdf5/file.ts';
import {
  type EventBatch,
  type EventReader,
  type EventWarning,
  emptyBatch,
  type Sensor,
  type Triggers,
} from './batch.ts';

/** Events of a recording, in the unit of {@link EventBatch.t}, as stored. */
export interface EventTable {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly metadata: ReadonlyMap<string, string>;
  /** Total number of events. */
  readonly length: number;
  /** Number of events in a chunk; 1 if the data are contiguous. */
  readonly chunk: number;
  /** Reads some events. */
  events(from: number, count: number): Promise<EventBatch>;
  /** Reads the times of some events. */
  times(from: number, count: number): Promise<Float64Array>;
  /** Reads all triggers, which are few. */
  triggers(): Promise<Triggers | undefined>;
}

/** Default number of events in a batch. */
const defaultBatch = 65536;

/** Number of times that are searched at once at the end of a binary search. */
const scanLength = 65536;

/** Reads a table batch by batch; memory holds one batch. */
export class TableReader implements EventReader {
  readonly #file: Hdf5File;
  readonly #table: EventTable;
  readonly #batch: number;
  readonly #isAligned: boolean;
  readonly #fromFirst: boolean;
  readonly #sensor: Sensor | undefined;
  readonly warnings: EventWarning[] = [];
  #position = 0;
  #origin: number | undefined;
  /** Triggers up to this time have been returned. */
  #triggered = Number.NEGATIVE_INFINITY;
  #triggers: Promise<Triggers | undefined> | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #isUnordered = false;
  #isDone = false;

  constructor(
    file: Hdf5File,
    table: EventTable,
    { batchSize, origin, sensor }: Pick<Hdf5EventsOptions, 'batchSize' | 'origin' | 'sensor'>,
  ) {
    this.#file = file;
    this.#table = table;
    this.#isAligned = batchSize === undefined;
    this.#batch = batchSize ?? Math.max(1, Math.round(defaultBatch / table.chunk)) * table.chunk;
    this.#fromFirst = origin === 'first';
    this.#sensor = sensor;
  }

  get format(): string {
    return this.#table.format;
  }

  get sensor(): Sensor | undefined {
    return this.#table.sensor ?? this.#sensor;
  }

  get tick(): number {
    return 1;
  }

  get metadata(): ReadonlyMap<string, string> {
    return this.#table.metadata;
  }

  /** The time that is subtracted from all times. */
  async #offset(): Promise<number> {
    if (!this.#fromFirst || this.#table.length === 0) return 0;
    this.#origin ??= (await this.#table.times(0, 1))[0]!;
    return this.#origin;
  }

  async read(): Promise<EventBatch | undefined> {
    const { length } = this.#table;
    if (this.#isDone) return undefined;
    const from = this.#position;
    const whole = this.#isAligned ? this.#batch - (from % this.#batch) : this.#batch;
    const count = Math.min(whole, length - from);
    const batch = count > 0 ? await this.#table.events(from, count) : emptyBatch();
    this.#position = from + count;
    this.#isDone = this.#position >= length;
    this.#order(batch.t);
    const end = this.#isDone ? Number.POSITIVE_INFINITY : batch.t.at(-1)!;
    const triggers = await this.#triggersUntil(end);
    // After the last event there may still be triggers.
    if (count <= 0 && triggers === undefined) return undefined;
    const offset = await this.#offset();
    const shifted = offset === 0 ? batch.t : batch.t.map((t) => t - offset);
    if (triggers === undefined) return { ...batch, t: shifted };
    const trigger = offset === 0 ? triggers : { ...triggers, t: triggers.t.map((t) => t - offset) };
    return { ...batch, t: shifted, triggers: trigger };
  }

  #order(t: Float64Array): void {
    for (let i = 0; i < t.length && !this.#isUnordered; i++) {
      if (t[i]! < this.#last) {
        this.#isUnordered = true;
        const message = `the time ${t[i]} is before the previous one, ${this.#last}; seeking needs sorted times`;
        this.warnings.push({ kind: 'unordered', offset: 0, message });
      }
      this.#last = t[i]!;
    }
  }

  /** The triggers up to a time that have not been returned yet. */
  async #triggersUntil(end: number): Promise<Triggers | undefined> {
    this.#triggers ??= this.#table.triggers();
    const all = await this.#triggers;
    const after = this.#triggered;
    this.#triggered = end;
    if (all === undefined) return undefined;
    const chosen = Array.from(all.t.keys()).filter((i) => all.t[i]! > after && all.t[i]! <= end);
    if (chosen.length === 0) return undefined;
    return {
      t: Float64Array.from(chosen, (i) => all.t[i]!),
      id: Uint8Array.from(chosen, (i) => all.id[i]!),
      polarity: Uint8Array.from(chosen, (i) => all.polarity[i]!),
    };
  }

  async seek(time: number): Promise<void> {
    const absolute = time + (await this.#offset());
    let [low, high] = [0, this.#table.length];
    // Reading one event decompresses its chunk, so the last part of the search is read at once.
    while (high - low > Math.max(scanLength, this.#table.chunk)) {
      const middle = Math.floor((low + high) / 2);
      const [t] = await this.#table.times(middle, 1);
      if (t! < absolute) low = middle + 1;
      else high = middle;
    }
    const times = high > low ? await this.#table.times(low, high - low) : new Float64Array(0);
    const found = times.findIndex((t) => t >= absolute);
    this.#position = found === -1 ? high : low + found;
    this.#isDone = false;
    // Triggers at exactly this time are included.
    this.#triggered =
      absolute === Number.NEGATIVE_INFINITY || this.#position === 0
        ? Number.NEGATIVE_INFINITY
        : below(absolute);
    this.#last = Number.NEGATIVE_INFINITY;
  }

  close(): void {
    this.#file.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<EventBatch> {
    for (;;) {
      const batch = await this.read();
      if (batch === undefined) return;
      yield batch;
    }
  }
}

/** The last whole microsecond before a time. */
function below(time: number): number {
  return Math.ceil(time) - 1;
}

/** Options of {@link openHdf5Events}. */
export interface Hdf5EventsOptions extends LimitOptions {
  /** Number of events in a batch; default about 65,536, in whole chunks. */
  batchSize?: number | undefined;
  /** Times as stored, or relative to the first one. Default `'stored'`. */
  origin?: 'stored' | 'first' | undefined;
  /** Sensor size, if the file does not contain it. */
  sensor?: Sensor | undefined;
  /** For SHD and SSC: index of the sample. Default 0. */
  sample?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Has no effect: a truncated HDF5 file has lost its metadata, or some of its data. */
  allowTruncated?: boolean | undefined;
}
