/** What event recordings in HDF5 have in common: events in a table, read by parts, and a search by time. */
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
  /** Events in all. */
  readonly length: number;
  /** Events of a chunk; 1 where they lie at one address. */
  readonly chunk: number;
  /** Some events. */
  events(from: number, count: number): Promise<EventBatch>;
  /** Times of some events. */
  times(from: number, count: number): Promise<Float64Array>;
  /** All triggers, which are few. */
  triggers(): Promise<Triggers | undefined>;
}

/** Events of a batch where nobody says. */
const usualBatch = 65536;

/** Times that are looked through at once at the end of a search. */
const searched = 65536;

/** Reads a table batch by batch; memory holds one. */
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
  /** The time up to which triggers have been given. */
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
    this.#batch = batchSize ?? Math.max(1, Math.round(usualBatch / table.chunk)) * table.chunk;
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

  /** What is taken from each time. */
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
    // At the end of the events there may be triggers left.
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

  /** Those after the ones that have been given, up to a time. */
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
    const wanted = time + (await this.#offset());
    let [low, high] = [0, this.#table.length];
    // A look at one event unpacks its chunk, so that what is left at the end is read at once.
    while (high - low > Math.max(searched, this.#table.chunk)) {
      const middle = Math.floor((low + high) / 2);
      const [t] = await this.#table.times(middle, 1);
      if (t! < wanted) low = middle + 1;
      else high = middle;
    }
    const times = high > low ? await this.#table.times(low, high - low) : new Float64Array(0);
    const found = times.findIndex((t) => t >= wanted);
    this.#position = found === -1 ? high : low + found;
    this.#isDone = false;
    // Triggers at the time itself belong to it.
    this.#triggered =
      wanted === Number.NEGATIVE_INFINITY || this.#position === 0 ? Number.NEGATIVE_INFINITY : below(wanted);
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

/** Whole microseconds: the last before a time. */
function below(time: number): number {
  return Math.ceil(time) - 1;
}

/** Options of {@link openHdf5Events}. */
export interface Hdf5EventsOptions extends LimitOptions {
  /** Events of a batch; default about 65,536, in whole chunks. */
  batchSize?: number | undefined;
  /** Times as they are stored, or less the first one. Default `'stored'`. */
  origin?: 'stored' | 'first' | undefined;
  /** Where the file does not say. */
  sensor?: Sensor | undefined;
  /** Of SHD and SSC, which sample. Default 0. */
  sample?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Has no effect: a truncated HDF5 file has lost its descriptions, or some of its data. */
  allowTruncated?: boolean | undefined;
}
