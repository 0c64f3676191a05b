/**
 * Windows of a live stream: events are received while steps run, and a window is taken when its time has come, whether or
 * not events have arrived.
 */
import { invalid } from '../checks/check.ts';
import { untilAborted } from '../engine/abort.ts';
import type { EventBatch } from './batch.ts';

/** Events that are taken together as the input of one step. */
export interface LiveWindow {
  /** Channels with events, ascending. */
  readonly channels: Uint32Array;
  /** Index of the window of the oldest of these events; `undefined` without events. */
  readonly oldest: number | undefined;
  /** Number of events that arrived after their window was taken. */
  readonly late: number;
}

interface Sizes {
  readonly width: number;
  readonly height: number;
  readonly polarities: number;
}

/** One event stream, which delivers batches when their events happen. */
export class LiveWindows {
  /** Time of the first event in µs, where the first window starts; NaN before it. */
  origin = Number.NaN;
  /** `performance.now()` when the first event arrived: the stream's clock. */
  began = Number.NaN;
  readonly #batches: AsyncIterator<EventBatch>;
  readonly #sizes: Sizes;
  readonly #step: number;
  /** Batches with events that no window has taken; the first from `#from`. */
  readonly #queue: EventBatch[] = [];
  #from = 0;
  #lastTime = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #hasEnded = false;
  #failure: { error: unknown } | undefined;
  /** Number of the next window. */
  #next = 0;
  /** By channel: the number of the last window with an event of it, plus 1. */
  readonly #marks: Float64Array;

  constructor(batches: AsyncIterable<EventBatch>, sizes: Sizes, step: number) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#sizes = sizes;
    this.#step = step;
    this.#marks = new Float64Array(sizes.width * sizes.height * sizes.polarities);
  }

  /** Waits for the first event. Returns false if there is none. @throws any error of the source; `aborted` */
  async start(signal: AbortSignal | undefined): Promise<boolean> {
    while (Number.isNaN(this.origin) && !this.#hasEnded) {
      this.#read();
      await untilAborted(signal, this.#reading!);
      this.#check();
    }
    return !Number.isNaN(this.origin);
  }

  /** Whether the source has ended and all its events are taken. */
  get isDone(): boolean {
    this.#check();
    return this.#hasEnded && this.#queue.length === 0;
  }

  /** Receives further batches in the background, as long as the next window may get more events. */
  receive(): void {
    this.#read();
  }

  /** The events of the next window, and those of earlier ones that have arrived since. */
  take(): LiveWindow {
    this.#check();
    const number = this.#next++;
    const end = this.origin + (number + 1) * this.#step;
    const start = this.origin + number * this.#step;
    const channels: number[] = [];
    let [oldest, late] = [undefined as number | undefined, 0];
    const { width, height } = this.#sizes;
    for (let batch = this.#queue[0]; batch !== undefined; batch = this.#queue[0]) {
      const { t, x, y, polarity } = batch;
      let i = this.#from;
      for (; i < t.length && t[i]! < end; i++) {
        oldest ??= Math.floor((t[i]! - this.origin) / this.#step);
        late += Number(t[i]! < start);
        const channel = (polarity[i]! * height + y[i]!) * width + x[i]!;
        if (this.#marks[channel] === number + 1) continue;
        this.#marks[channel] = number + 1;
        channels.push(channel);
      }
      this.#from = i;
      if (i < t.length) break;
      this.#queue.shift();
      this.#from = 0;
    }
    this.#read();
    return { channels: Uint32Array.from(channels).sort(), oldest, late };
  }

  /** Ends the source. One that waits for its next event ends with it. */
  close(): void {
    const ending = this.#batches.return?.();
    ending?.catch(() => {});
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Reads ahead no further than the next window, so memory does not grow if the source is faster than its events. */
  #read(): void {
    const end = Number.isNaN(this.origin)
      ? Number.POSITIVE_INFINITY
      : this.origin + (this.#next + 1) * this.#step;
    if (this.#reading !== undefined || this.#hasEnded || this.#lastTime >= end) return;
    this.#reading = this.#batches.next().then(
      ({ done, value }) => {
        this.#reading = undefined;
        if (done === true) this.#hasEnded = true;
        else this.#add(value);
      },
      (error) => {
        this.#reading = undefined;
        this.#hasEnded = true;
        this.#failure = { error };
      },
    );
  }

  #add(batch: EventBatch): void {
    const { t } = batch;
    if (t.length > 0) {
      if (Number.isNaN(this.origin)) [this.origin, this.began] = [t[0]!, performance.now()];
      for (const time of t) {
        if (time < this.#lastTime) {
          const expected = `at least ${this.#lastTime}, the time of the event before; eventTransform.reorder() sorts events`;
          this.#failure = { error: thrownBy(() => invalid('t', time, expected)) };
          this.#hasEnded = true;
          return;
        }
        this.#lastTime = time;
      }
      this.#queue.push(batch);
    }
    this.#read();
  }
}

function thrownBy(call: () => never): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}
