/** Recordings of event cameras: frames and samples of windows; an index of times says how many events there are. */
import { basename, extname } from 'node:path';
import type { Sensor } from '../../events/batch.ts';
import { openEvents } from '../../events/open.ts';
import { EventFrameCounter } from '../plots/event-frame.ts';
import { EventIndex } from '../plots/event-index.ts';
import { EventSample } from '../plots/event-sample.ts';
import { ArrayWindows, type EventColumns, type EventWindows, FileWindows } from './event-windows.ts';
import type { NamedTarget, OpenedView, ViewFollow, ViewKind, ViewRoute } from './kind.ts';
import { pack } from './packed.ts';
import type { ViewQuery } from './query.ts';

/** Endings of files that may be event recordings; their content decides. */
const endings = new Set([
  ...['.raw', '.aedat', '.aedat2', '.aedat4', '.dat', '.es', '.bin', '.csv', '.npy', '.npz', '.h5', '.hdf5'],
]);

/** Points of a sample, and parts of an activity at most. */
const [maxPoints, maxParts] = [200_000, 4096];

/** Pixels of a frame at most: a sensor that a damaged file states may be larger. */
const maxPixels = 2 ** 24;

/** Time between two reports of the index, in ms. */
const reportInterval = 250;

/** What the page begins with, and hears again while the index is built. */
export interface EventFacts {
  readonly name: string;
  readonly format: string;
  readonly sensor: Sensor;
  /** Whether the file states the size of the sensor; otherwise it is that of the events so far. */
  readonly isSensorStated: boolean;
  /** µs */
  readonly start: number;
  readonly stop: number;
  readonly events: number;
  readonly on: number;
  /** Whether the index has all events. */
  readonly isComplete: boolean;
  readonly warnings: readonly string[];
}

class Events {
  readonly #name: string;
  readonly #windows: EventWindows;
  readonly #index = new EventIndex();
  readonly #listeners = new Set<() => void>();
  #extent: Sensor = { width: 1, height: 1 };
  #reports = 0;
  #isComplete = false;
  #isClosed = false;
  #problem: string | undefined;

  constructor(name: string, windows: EventWindows) {
    this.#name = name;
    this.#windows = windows;
  }

  /** Reads all events once, in the background. @returns when the first ones are there */
  index(): Promise<void> {
    return new Promise((resolve) => {
      const work = async () => {
        let last = performance.now();
        for await (const events of this.#windows.batches()) {
          if (this.#isClosed) return;
          this.#index.add(events);
          this.#widen(events);
          resolve();
          if (performance.now() - last < reportInterval) continue;
          last = performance.now();
          this.#report();
        }
      };
      work()
        .catch((error: Error) => {
          this.#problem = error.message;
        })
        .finally(() => {
          this.#isComplete = true;
          resolve();
          if (!this.#isClosed) this.#report();
        });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#windows.close();
  }

  facts(): EventFacts {
    const extent = this.#index.extent;
    return {
      name: this.#name,
      format: this.#windows.format,
      sensor: this.#sensor(),
      isSensorStated: this.#windows.sensor !== undefined,
      start: extent.from,
      stop: extent.to,
      events: this.#index.events,
      on: this.#index.onEvents,
      isComplete: this.#isComplete,
      warnings: [
        ...(this.#isClosed ? [] : this.#windows.warnings()),
        ...(this.#problem === undefined ? [] : [this.#problem]),
      ],
    };
  }

  follow: ViewFollow = (_query, after, send) => {
    const notify = () => send(this.#reports, this.facts());
    this.#listeners.add(notify);
    if (this.#reports > after) notify();
    return () => this.#listeners.delete(notify);
  };

  /** Numbers of events over time. */
  activity: ViewRoute = (query) => {
    const parts = query.whole('parts', 400, { min: 1, max: maxParts });
    const { on, off } = this.#index.activity(this.#window(query), parts);
    return pack({ on: Float32Array.from(on), off: Float32Array.from(off) });
  };

  /** Events of a window by pixel. */
  frame: ViewRoute = async (query) => {
    const window = this.#window(query);
    const { width, height } = this.#sensor();
    const frame = new EventFrameCounter(width, height);
    await this.#windows.each(window, ({ x, y, polarity }, begin, end) => {
      for (let i = begin; i < end; i++) frame.add(x[i]!, y[i]!, polarity[i]!);
    });
    const { on, off, totals, outside } = frame;
    return pack({ on, off }, { width, height, off: totals[0], on: totals[1], outside, ...window });
  };

  /** Some events of a window, evenly chosen. */
  cloud: ViewRoute = async (query) => {
    const window = this.#window(query);
    const max = query.whole('most', 50_000, { min: 1, max: maxPoints });
    const sample = new EventSample(max, window.from);
    await this.#windows.each(window, ({ t, x, y, polarity }, begin, end) => {
      for (let i = begin; i < end; i++) sample.add(t[i]!, x[i]!, y[i]!, polarity[i]!);
    });
    const { t, x, y, polarity, length, every, added } = sample;
    const of = <A extends Float32Array | Uint16Array | Uint8Array>(column: A) =>
      column.subarray(0, length) as A;
    return pack(
      { t: of(t), x: of(x), y: of(y), polarity: of(polarity) },
      { every, events: added, ...this.#sensor(), ...window },
    );
  };

  #sensor(): Sensor {
    const { width, height } = this.#windows.sensor ?? this.#extent;
    return width * height <= maxPixels ? { width, height } : this.#extent;
  }

  #window(query: ViewQuery) {
    const { from: start, to: stop } = this.#index.extent;
    const from = query.number('from', start);
    return { from, to: query.number('to', stop, { min: from }) };
  }

  #widen({ x, y }: EventColumns): void {
    let { width, height } = this.#extent;
    for (let i = 0; i < x.length; i++) {
      if (x[i]! >= width) width = x[i]! + 1;
      if (y[i]! >= height) height = y[i]! + 1;
    }
    this.#extent = { width, height };
  }

  #report(): void {
    this.#reports += 1;
    for (const listener of this.#listeners) listener();
  }
}

/** Whether a file begins with events. */
async function hasEvents(path: string): Promise<boolean> {
  if (!endings.has(extname(path).toLowerCase())) return false;
  try {
    const reader = await openEvents(path, { batchSize: 64, allowTruncated: true });
    try {
      return ((await reader.read())?.t.length ?? 0) > 0;
    } finally {
      reader.close();
    }
  } catch {
    return false;
  }
}

function isEvents(object: object): object is EventColumns {
  return 't' in object && 'x' in object && 'y' in object && 'polarity' in object;
}

export const events: ViewKind = {
  kind: 'events',
  opens: ({ path, object }) => (object !== undefined ? isEvents(object) : hasEvents(path)),
  async open([{ name, target }]: readonly [NamedTarget]): Promise<OpenedView> {
    const { path, object } = target;
    const windows =
      path === undefined ? new ArrayWindows(object as EventColumns) : await FileWindows.open(path);
    const viewed = new Events(path === undefined ? name : basename(path), windows);
    await viewed.index();
    const { activity, frame, cloud, follow } = viewed;
    return {
      routes: { describe: () => viewed.facts(), activity, frame, cloud },
      follows: { index: follow },
      close: () => viewed.close(),
    };
  },
};
