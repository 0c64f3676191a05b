/** Opening recordings of event cameras. A task of the engine decodes several batches of events together. */
import { throwIfAborted } from '../checks/errors.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type FileSource, opened } from '../files/file-source.ts';
import { limitOf } from '../files/limits.ts';
import type { EventBatch, EventReader, EventWarning, Sensor } from './batch.ts';
import { batchOf, type Columns, firstOf, type NativeOthers, newColumns } from './columns.ts';
import { openHdf5Events } from './hdf5.ts';
import { isHdf5 } from './hdf5-signature.ts';
import { type OpenEventsOptions, openOptions, refuseOptionsOfOtherFormats } from './options.ts';

type NativeReader = InstanceType<typeof addon.NativeEventReader>;

/**
 * Opens a recording of an event camera: AEDAT 2, 3.1 and 4, Prophesee EVT2, EVT2.1, EVT3, EVT4 and DAT, N-MNIST, `.es`, CSV,
 * NPY, NPZ, and HDF5 of several kinds. The format is detected from the file's first bytes, or from its extension. Memory does
 * not depend on the file's size.
 *
 * @param source - a path or `file:` URL, or the file's bytes in any form
 * @throws LapicqueError `unsupported` for an unknown format, a feature of it, or an option that only other formats use; `malformed-file`; `invalid-parameter`; `io`
 *
 * @example
 * ```ts
 * using reader = await openEvents('recording.raw', { origin: 'first' });
 * for await (const { t, x, y, polarity } of reader) console.log(t.length, 'events from', t[0], 'us on');
 * ```
 */
export async function openEvents(source: FileSource, options: OpenEventsOptions = {}): Promise<EventReader> {
  return openRecording(source, options);
}

/**
 * As {@link openEvents}, where another file of the same call uses some options, which this one may then ignore.
 *
 * @internal
 */
export async function openRecording(
  source: FileSource,
  options: OpenEventsOptions,
  elsewhere: readonly string[] = [],
): Promise<EventReader> {
  const reader = await openAny(source, options);
  try {
    refuseOptionsOfOtherFormats(options, reader.format, 'options', elsewhere);
  } catch (error) {
    reader.close();
    throw error;
  }
  return reader;
}

async function openAny(source: FileSource, options: OpenEventsOptions): Promise<EventReader> {
  const json = openOptions(options);
  const limit = limitOf(options.limits);
  if (options.format === 'hdf5' || (options.format === undefined && (await isHdf5(source)))) {
    return openHdf5Events(source, options);
  }
  const from = await opened('source', source, options);
  const path = 'path' in from ? from.path : undefined;
  const bytes = 'bytes' in from ? from.bytes : undefined;
  const native = await task(options, (handle) => addon.openEvents(path, bytes, json, limit, handle));
  return new NativeEvents(native, options);
}

interface Info {
  format: string;
  sensor: [width: number, height: number] | null;
  tick: number;
  metadata: [string, string][];
}

/** Number of decoding tasks that run ahead of the consumer, so that the engine always has work. */
const prefetchDepth = 2;

/** A recording that the engine reads. */
class NativeEvents implements EventReader {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly tick: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #native: NativeReader;
  readonly #task: TaskOptions;
  readonly #reuse: boolean;
  /** Tasks that decode the next batches. Each returns the number of events in each of its batches. */
  #prefetched: Promise<number[]>[] = [];
  /** Numbers of events of the batches that are decoded but not read yet. */
  #decoded: number[] = [];
  /** With `reuse`: the columns of all batches, as long as the longest batch so far. */
  #columns: Columns | undefined;
  /** The warnings of a recording after it has been closed. */
  #closed: readonly EventWarning[] | undefined;

  constructor(native: NativeReader, { signal, reuse = false }: OpenEventsOptions) {
    const { format, sensor, tick, metadata } = JSON.parse(native.info()) as Info;
    this.#native = native;
    this.#reuse = reuse;
    this.#task = signal === undefined ? {} : { signal };
    this.format = format;
    this.sensor = sensor === null ? undefined : { width: sensor[0], height: sensor[1] };
    this.tick = tick;
    this.metadata = new Map(metadata);
  }

  get warnings(): readonly EventWarning[] {
    return this.#closed ?? (JSON.parse(unwrap(this.#native.warnings())) as EventWarning[]);
  }

  async read(): Promise<EventBatch | undefined> {
    throwIfAborted(this.#task.signal);
    // A task settles in a turn of the event loop, so a loop over decoded batches does not block it for long.
    if (this.#decoded.length === 0) {
      this.#prefetch();
      this.#decoded = await this.#prefetched.shift()!;
      this.#prefetch();
    }
    const length = this.#decoded.shift();
    if (length === undefined) return undefined;
    const columns = this.#columnsFor(length);
    const { t, x, y, polarity } = columns;
    const others = unwrap(this.#native.take(t, x, y, polarity)) as NativeOthers;
    return batchOf(firstOf(columns, length), others);
  }

  async seek(time: number): Promise<void> {
    await Promise.allSettled(this.#prefetched);
    this.#prefetched = [];
    this.#decoded = [];
    await task(this.#task, (handle) => this.#native.seek(time, handle));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<EventBatch> {
    for (;;) {
      const batch = await this.read();
      if (batch === undefined) return;
      yield batch;
    }
  }

  close(): void {
    this.#closed = this.warnings;
    this.#columns = undefined;
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #prefetch(): void {
    while (this.#prefetched.length < prefetchDepth) {
      const lengths = task(this.#task, (handle) => this.#native.decode(handle));
      // A failure is reported by the next read; until then it must not become an unhandled rejection.
      lengths.catch(() => {});
      this.#prefetched.push(lengths);
    }
  }

  #columnsFor(length: number): Columns {
    if (!this.#reuse) return newColumns(length);
    // Arrays that the caller has transferred have the length 0.
    const isEnough = (columns: Columns) => Object.values(columns).every((column) => column.length >= length);
    if (this.#columns === undefined || !isEnough(this.#columns)) this.#columns = newColumns(length);
    return this.#columns;
  }
}
