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

/** A recording that the engine reads. */
class NativeEvents implements EventReader {
  readonly format: string;
  readonly sensor: Sensor | undefined;
  readonly tick: number;
  readonly metadata: ReadonlyMap<string, string>;
  readonly #native: NativeReader;
  readonly #task: TaskOptions;
  #warnings: readonly EventWarning[] = [];
  /** The batch that is read ahead while the caller looks at the one before. */
  #ahead: Promise<EventBatch | undefined> | undefined;

  constructor(native: NativeReader, { signal }: TaskOptions) {
    const { format, sensor, tick, metadata } = JSON.parse(native.info()) as Info;
    this.#native = native;
    this.#task = signal === undefined ? {} : { signal };
    this.format = format;
    this.sensor = sensor === null ? undefined : { width: sensor[0], height: sensor[1] };
    this.tick = tick;
    this.metadata = new Map(metadata);
    this.#warnings = this.#warned();
  }

  get warnings(): readonly EventWarning[] {
    return this.#warnings;
  }

  async read(): Promise<EventBatch | undefined> {
    throwIfAborted(this.#task.signal);
    const batch = await (this.#ahead ?? this.#next());
    this.#ahead = batch && this.#next();
    // Whoever reads on hears of it; until then it is nobody's.
    this.#ahead?.catch(() => {});
    return batch;
  }

  async seek(time: number): Promise<void> {
    await this.#ahead?.catch(() => {});
    this.#ahead = undefined;
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
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #next(): Promise<EventBatch | undefined> {
    const columns = await task(this.#task, (handle) => this.#native.read(handle));
    this.#warnings = this.#warned();
    return columns === null ? undefined : batchOf(columns as NativeColumns);
  }

  #warned(): readonly EventWarning[] {
    return JSON.parse(unwrap(this.#native.warnings())) as EventWarning[];
  }
}
