/** Events of a time window: of a file that is read in pieces, or of arrays in memory. */
import type { EventReader, Sensor } from '../../events/batch.ts';
import { openEvents } from '../../events/open.ts';
import { lowerBound } from '../plots/bisection.ts';
import type { TimeWindow } from '../plots/time-window.ts';

/** Columns of events; those outside of `begin` to `end` are not meant. */
export interface EventColumns {
  readonly t: ArrayLike<number>;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly polarity: ArrayLike<number>;
}

/** Where events come from. */
export interface EventWindows {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  /** Calls `visit` with all events from `begin` to before `end` of each batch, which are in the window. */
  each(window: TimeWindow, visit: (events: EventColumns, begin: number, end: number) => void): Promise<void>;
  /** All batches from the first to the last, to build an index. */
  batches(): AsyncIterable<EventColumns>;
  warnings(): readonly string[];
  close(): void;
}

/** Events in memory. Those that are not in the order of their times are looked through for each window. */
export class ArrayWindows implements EventWindows {
  readonly format = 'events in memory';
  readonly sensor: Sensor | undefined;
  readonly #events: EventColumns;
  readonly #isSorted: boolean;

  constructor(events: EventColumns & { readonly sensor?: Sensor | undefined }) {
    this.#events = events;
    this.sensor = events.sensor;
    const { t } = events;
    let sorted = true;
    for (let i = 1; sorted && i < t.length; i++) sorted = t[i]! >= t[i - 1]!;
    this.#isSorted = sorted;
  }

  async each(
    { from, to }: TimeWindow,
    visit: (events: EventColumns, begin: number, end: number) => void,
  ): Promise<void> {
    const { t } = this.#events;
    if (this.#isSorted) {
      const begin = lowerBound(t, from);
      visit(this.#events, begin, lowerBound(t, to, begin));
      return;
    }
    for (let i = 0; i < t.length; i++) if (t[i]! >= from && t[i]! < to) visit(this.#events, i, i + 1);
  }

  async *batches(): AsyncGenerator<EventColumns> {
    yield this.#events;
  }

  warnings(): readonly string[] {
    return this.#isSorted ? [] : ['the times of the events are not in order'];
  }

  close(): void {}
}

/** Events of a batch of a reader: about as many as in a window of a video frame. */
const batchSize = 16_384;

/** A recording in a file; one batch at a time is in memory. */
export class FileWindows implements EventWindows {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly #path: string;
  readonly #reader: EventReader;
  /** The reader answers one request after the other. */
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, reader: EventReader) {
    this.#path = path;
    this.#reader = reader;
    this.format = reader.format;
    this.sensor = reader.sensor;
  }

  /** @throws LapicqueError as `openEvents` */
  static async open(path: string): Promise<FileWindows> {
    return windowsOf(path, await openEvents(path, { batchSize, reuse: true, allowTruncated: true }));
  }

  /** @internal */
  static of(path: string, reader: EventReader): FileWindows {
    return new FileWindows(path, reader);
  }

  each(window: TimeWindow, visit: (events: EventColumns, begin: number, end: number) => void): Promise<void> {
    const answered = this.#queue.then(() => this.#each(window, visit));
    this.#queue = answered.catch(() => {});
    return answered;
  }

  async #each(
    { from, to }: TimeWindow,
    visit: (events: EventColumns, begin: number, end: number) => void,
  ): Promise<void> {
    await this.#reader.seek(from);
    for (;;) {
      const batch = await this.#reader.read();
      if (batch === undefined) return;
      const { t } = batch;
      const end = lowerBound(t, to);
      visit(batch, lowerBound(t, from, 0, end), end);
      if (end < t.length) return;
    }
  }

  async *batches(): AsyncGenerator<EventColumns> {
    // A reader of its own, so that windows are answered meanwhile.
    const reader = await openEvents(this.#path, { reuse: true, allowTruncated: true });
    try {
      yield* reader;
    } finally {
      reader.close();
    }
  }

  warnings(): readonly string[] {
    return this.#reader.warnings.map(({ message }) => message);
  }

  close(): void {
    this.#reader.close();
  }
}

/** A class that names itself within would lose its name in the bundle. */
const windowsOf = (path: string, reader: EventReader) => FileWindows.of(path, reader);
