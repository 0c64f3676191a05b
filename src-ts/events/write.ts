/** Writing recordings of event cameras. */
import { filePath, invalid } from '../checks/check.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { bytesToArray, type FileTarget, isStreamTarget, pipe } from '../files/file-source.ts';
import type { EventBatch, EventReader, EventWriter } from './batch.ts';
import { columnsOf } from './columns.ts';
import {
  formatOfName,
  refuseOptionsOfOtherFormats,
  type WriteEventsOptions,
  writeOptions,
} from './options.ts';

type NativeWriter = InstanceType<typeof addon.NativeEventWriter>;

/** The result of {@link writeEvents}. */
export interface WrittenEvents {
  readonly format: string;
  readonly events: number;
  readonly triggers: number;
  readonly imu: number;
  readonly frames: number;
  /** Data that were dropped because of the option `drop`. */
  readonly dropped: { readonly triggers: number; readonly imu: number; readonly frames: number };
}

/**
 * Starts a recording at a path; the file appears there when `close` has succeeded.
 *
 * @throws LapicqueError `unsupported` for an unknown format or an option that only other formats use; `invalid-parameter`; `io`. `write` throws `invalid-parameter` for
 * events that the format cannot store, such as an x that is too large or decreasing times
 */
export async function createEventWriter(
  path: string | URL,
  options: WriteEventsOptions = {},
): Promise<EventWriter> {
  return NativeEventsWriter.create(filePath('path', path), options);
}

/**
 * Writes events: a batch, or all batches of a reader or another iterable, one at a time. The default sensor is the one of the
 * reader.
 *
 * @param target - a path, or a `WritableStream`, which requires option `format`
 * @returns the amounts of written and dropped data
 * @throws LapicqueError as {@link createEventWriter}, and errors of the iterable. The file at the path does not change then
 *
 * @example
 * ```ts
 * using reader = await openEvents('recording.aedat4', { origin: 'first' });
 * await writeEvents('recording.raw', reader, { format: 'evt3', drop: ['frames', 'imu'] });
 * ```
 */
export async function writeEvents(
  target: FileTarget,
  events: EventBatch | EventReader | AsyncIterable<EventBatch> | Iterable<EventBatch>,
  options: WriteEventsOptions = {},
): Promise<WrittenEvents> {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object of options');
  const { sensor = (events as Partial<EventReader> | undefined | null)?.sensor, ...rest } = options;
  const stream = isStreamTarget('target', target);
  const path = stream ? undefined : filePath('target', target as string | URL);
  using writer = await NativeEventsWriter.create(path, { ...rest, sensor });
  const counts = { events: 0, triggers: 0, imu: 0, frames: 0 };
  for await (const batch of batchesOf(events)) {
    await writer.write(batch);
    counts.events += batch.t.length;
    counts.triggers += batch.triggers?.t.length ?? 0;
    counts.imu += batch.imu?.t.length ?? 0;
    counts.frames += batch.frames?.length ?? 0;
  }
  const bytes = await writer.finish();
  if (stream && bytes !== null) await pipe(bytes, target, options.signal);
  const left = (name: 'triggers' | 'imu' | 'frames') => (options.drop?.includes(name) ? counts[name] : 0);
  const dropped = { triggers: left('triggers'), imu: left('imu'), frames: left('frames') };
  const kept = (name: 'triggers' | 'imu' | 'frames') => counts[name] - dropped[name];
  return {
    format: writer.format,
    events: counts.events,
    triggers: kept('triggers'),
    imu: kept('imu'),
    frames: kept('frames'),
    dropped,
  };
}

/** The bytes of a recording; option `format` is required. @throws LapicqueError as {@link writeEvents} */
export async function eventsToBytes(
  events: EventBatch | AsyncIterable<EventBatch> | Iterable<EventBatch>,
  options: WriteEventsOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof options !== 'object' || options === null) invalid('options', options, 'an object with format');
  const { sensor = (events as Partial<EventReader> | undefined | null)?.sensor, ...rest } = options;
  using writer = await NativeEventsWriter.create(undefined, { ...rest, sensor });
  for await (const batch of batchesOf(events)) await writer.write(batch);
  return bytesToArray((await writer.finish())!, options.signal);
}

function batchesOf(events: unknown): AsyncIterable<EventBatch> | Iterable<EventBatch> {
  const source = Object(events) as object;
  if (Symbol.asyncIterator in source || Symbol.iterator in source) return source as Iterable<EventBatch>;
  if ('t' in source) return [source as EventBatch];
  return invalid('events', events, 'a batch of events, a reader, or an iterable of batches');
}

class NativeEventsWriter implements EventWriter {
  readonly format: string;
  readonly #native: NativeWriter;
  readonly #task: TaskOptions;
  readonly #drop: readonly string[];

  private constructor(native: NativeWriter, { signal, drop = [] }: WriteEventsOptions) {
    this.format = native.format();
    this.#native = native;
    this.#task = signal === undefined ? {} : { signal };
    this.#drop = drop;
  }

  static async create(path: string | undefined, options: WriteEventsOptions): Promise<NativeEventsWriter> {
    const json = writeOptions(options);
    const format = options.format ?? (path === undefined ? undefined : formatOfName(path));
    // A path of another kind is refused by the engine.
    if (format !== undefined) refuseOptionsOfOtherFormats(options, format, 'writeOptions');
    const native = await task(options, (handle) => addon.createEvents(path, json, handle));
    return new NativeEventsWriter(native, options);
  }

  async write(batch: EventBatch): Promise<void> {
    const columns = columnsOf(batch, this.#drop);
    await task(this.#task, (handle) => this.#native.write(columns, handle));
  }

  async close(): Promise<void> {
    await this.finish();
    this.#native.dispose();
  }

  /** Returns the bytes if there is no path. */
  finish() {
    return task(this.#task, (handle) => this.#native.finish(handle));
  }

  abort(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.abort();
  }
}
