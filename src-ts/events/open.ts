/** Opening recordings of event cameras: batches of events, one task of the engine each. */
import { throwIfAborted } from '../errors.ts';
import { type FileSource, opened } from '../file-source.ts';
import { limitOf } from '../limits.ts';
import { addon, type TaskOptions, task, unwrap } from '../native.ts';
import type { EventBatch, EventReader, EventWarning, Sensor } from './batch.ts';
import { batchOf, type NativeColumns } from './columns.ts';
import { openHdf5Events } from './hdf5.ts';
import { isHdf5 } from './hdf5-signature.ts';
import { type OpenEventsOptions, openOptions } from './options.ts';

type NativeReader = InstanceType<typeof addon.NativeEventReader>;

/**
 * Opens a recording of an event camera: AEDAT 2, 3.1 and 4, Prophesee EVT2, EVT2.1, EVT3, EVT4 and DAT, N-MNIST, `.es`, CSV, NPY, NPZ,
 * and HDF5 of several kinds. The format is told by the file's first bytes, or by its extension. Memory does not depend on the file's size.
 *
 * @param source - a path or `file:` URL, or the file's bytes in any form
 * @throws LapicqueError `unsupported` for a format that is not known or a feature of it; `malformed-file`; `invalid-parameter`; `io`
 *
 * @example
 * ```ts
 * using reader = await openEvents('recording.raw', { origin: 'first' });
 * for await (const { t, x, y, polarity } of reader) console.log(t.length, 'events from', t[0], 'us on');
 * ```
 */
export async function openEvents(source: FileSource, options: OpenEventsOptions = {}): Promise<EventReader> {
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

/** Batches that are being read at once. */
const ahead = 3;

/** A recording that the engine reads. */
class NativeEvents implements EventReader {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly tick: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #native: NativeReader;
  readonly #task: TaskOptions;
  /** Batches that are read ahead: while JavaScript copies one, the engine decodes the next. */
  #ahead: Promise<EventBatch | undefined>[] = [];
  /** The warnings of a recording that has been closed. */
  #closed: readonly EventWarning[] | undefined;

  constructor(native: NativeReader, { signal }: TaskOptions) {
    const { format, sensor, tick, metadata } = JSON.parse(native.info()) as Info;
    this.#native = native;
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
    while (this.#ahead.length < ahead) this.#ahead.push(this.#next());
    return this.#ahead.shift()!;
  }

  async seek(time: number): Promise<void> {
    await Promise.allSettled(this.#ahead);
    this.#ahead = [];
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
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #next(): Promise<EventBatch | undefined> {
    const batch = task(this.#task, (handle) => this.#native.read(handle)).then((columns) =>
      columns === null ? undefined : batchOf(columns as NativeColumns),
    );
    // Whoever reads on hears of a failure; until then it is nobody's.
    batch.catch(() => {});
    return batch;
  }
}
