/** Sources and targets of bytes: a path, bytes, a stream. */

import { attached, filePath, invalid } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { isKind } from '../checks/typed.ts';
import { itemsUntilAborted, untilAborted } from '../engine/abort.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Yielder } from '../engine/yielder.ts';
import { type LimitOptions, limitOf, overLimit } from './limits.ts';
import { refuseSpecial } from './regular-file.ts';

type NativeBytes = InstanceType<typeof addon.NativeBytes>;

/** A `Blob`, for example a `File` or the result of `fetch` or of a database. */
export interface BlobLike {
  readonly size: number;
  slice(start?: number, end?: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A `ReadableStream` of bytes, such as `response.body`. */
export interface ReadableBytes {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(reason?: unknown): Promise<void>;
  };
}

/** A `WritableStream` of bytes. */
export interface WritableBytes {
  getWriter(): {
    write(piece: Uint8Array): Promise<void>;
    close(): Promise<void>;
    abort(reason?: unknown): Promise<void>;
  };
}

/**
 * The source of a loader: a path or a `file:` URL, the file's bytes, a `Blob`, or a stream (`response.body`,
 * `createReadStream(…)`), which is read to its end.
 */
export type FileSource =
  | string
  | URL
  | Uint8Array
  | ArrayBuffer
  | SharedArrayBuffer
  | BlobLike
  | ReadableBytes
  | AsyncIterable<Uint8Array>;

/**
 * The target of a writer: a path or a `file:` URL, whose file is replaced atomically; or a `WritableStream`,
 * which is closed at the end, and aborted if writing fails.
 */
export type FileTarget = string | URL | WritableBytes;

/** Options of every loader. */
export interface LoadOptions extends TaskOptions, LimitOptions {}

/** Names of {@link LoadOptions}. @internal */
export const loadOptions = ['signal', 'onProgress', 'limits'] as const;

/** A source as the engine reads it: a path, or bytes that the engine holds already. */
export type Opened =
  | { readonly path: string; readonly name: string }
  | { readonly bytes: NativeBytes; readonly name: string };

const expected = 'a path, a file: URL, bytes (Uint8Array, ArrayBuffer, Blob) or a stream of bytes';

/** Bytes that are copied between two yields to the event loop. */
export const pieceBytes = 2 ** 21;

/**
 * Opens a source. Bytes are copied in pieces, because the caller or another thread may change them during
 * reading.
 *
 * @param name - of the argument
 * @throws LapicqueError `invalid-parameter` for a value that is not a source; `io` for a path that is no regular
 * file; `too-large` for a stream longer than the limit; `aborted`
 */
export async function opened(name: string, source: FileSource, options: LoadOptions = {}): Promise<Opened> {
  const { signal } = options;
  throwIfAborted(signal);
  if (typeof source === 'string' || source instanceof URL) {
    const path = filePath(name, source);
    await untilAborted(signal, refuseSpecial(path));
    return { path, name: path };
  }
  const { size, pieces } = piecesOfSource(name, source, options);
  const bytes = new addon.NativeBytes();
  if (size !== undefined) unwrap(bytes.reserve(size));
  for await (const piece of pieces) unwrap(bytes.append(piece));
  return { bytes, name: 'the given bytes' };
}

/**
 * The bytes of a source without a path, in pieces of a few megabytes with yields to the event loop between
 * them, and the total number, if known. Shared memory is copied.
 *
 * @throws LapicqueError `invalid-parameter` for a value that is not a source; during reading `too-large` for
 * a stream longer than the limit, `aborted`
 */
export function piecesOfSource(
  name: string,
  source: Exclude<FileSource, string | URL>,
  options: LoadOptions,
): { size: number | undefined; pieces: AsyncIterable<Uint8Array> } {
  const { signal } = options;
  const whole = bytesOf(name, source);
  if (whole !== undefined) return { size: whole.byteLength, pieces: cut(whole, new Yielder(signal)) };
  if (isBlob(source)) return { size: source.size, pieces: piecesOfBlob(name, source, signal) };
  if (!isStream(source)) invalid(name, source, expected);
  return { size: undefined, pieces: piecesOfStream(name, source, limitOf(options.limits), signal) };
}

async function* cut(bytes: Uint8Array, yielder: Yielder): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += pieceBytes) {
    if (yielder.isDue) await yielder.yieldNow();
    const piece = bytes.subarray(from, from + pieceBytes);
    // Memory that other threads may change is read once.
    yield isShared(piece.buffer) ? piece.slice() : piece;
  }
}

async function* piecesOfBlob(
  name: string,
  blob: BlobLike,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < blob.size; from += pieceBytes) {
    const buffer = await untilAborted(signal, blob.slice(from, from + pieceBytes).arrayBuffer());
    const bytes = bytesOf(name, buffer);
    if (bytes === undefined || bytes.length > pieceBytes) invalid(name, blob, 'a Blob');
    yield bytes;
  }
}

/** An abort ends the wait for the next piece. */
async function* piecesOfStream(
  name: string,
  stream: AsyncIterable<unknown> | ReadableBytes,
  limit: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const yielder = new Yielder(signal);
  const pieces = Symbol.asyncIterator in stream ? stream : readToEnd(stream);
  let length = 0;
  for await (const piece of itemsUntilAborted<unknown>(signal, pieces)) {
    const bytes = bytesOf(`${name}, a stream`, piece);
    if (bytes === undefined) invalid(`${name}, a stream`, piece, 'pieces that are a Uint8Array');
    length += bytes.byteLength;
    if (length > limit) throw overLimit(`${name}, a stream,`, length, limit);
    yield* cut(bytes, yielder);
  }
}

/** Whether a value has the form of a stream of bytes. */
export function isSource(value: unknown): value is FileSource {
  if (typeof value === 'string' || value instanceof URL) return true;
  return isKind(value, Uint8Array) || isBuffer(value) || isBlob(value) || isStream(value);
}

/** Memory without a copy, shared or not. */
function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]' || isShared(value);
}

function isShared(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object SharedArrayBuffer]';
}

/** The bytes of a source that is in memory, including shared memory and Buffers. */
function bytesOf(name: string, source: unknown): Uint8Array | undefined {
  if (isKind(source, Uint8Array)) {
    attached(name, source);
    return source;
  }
  if (!isBuffer(source)) return undefined;
  try {
    return new Uint8Array(source);
  } catch {
    return invalid(name, source, 'memory that has not been transferred');
  }
}

/** Whether a source has the form of a `Blob`. */
export function isBlob(source: unknown): source is BlobLike {
  const { size, slice } = Object(source) as Partial<BlobLike>;
  return typeof size === 'number' && typeof slice === 'function';
}

function isStream(source: unknown): source is AsyncIterable<unknown> | ReadableBytes {
  return Symbol.asyncIterator in Object(source) || hasReader(source);
}

function hasReader(source: unknown): source is ReadableBytes {
  return typeof (source as Partial<ReadableBytes> | null)?.getReader === 'function';
}

/** Streams of browsers and of older versions have no async iterator. */
async function* readToEnd(stream: ReadableBytes): AsyncGenerator<unknown> {
  const reader = stream.getReader();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      ended = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!ended) await reader.cancel();
  }
}

/** Copies bytes of the engine into an array, with yields to the event loop. */
export async function bytesToArray(
  bytes: NativeBytes,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const array = new Uint8Array(bytes.length);
  const yielder = new Yielder(signal);
  for (let from = 0; from < array.length; from += pieceBytes) {
    if (yielder.isDue) await yielder.yieldNow();
    unwrap(bytes.copy(from, array.subarray(from, from + pieceBytes)));
  }
  return array;
}

/** Writes bytes of the engine to a stream, piece by piece. */
export async function pipe(bytes: NativeBytes, into: WritableBytes, signal?: AbortSignal): Promise<void> {
  const writer = into.getWriter();
  const { length } = bytes;
  try {
    for (let from = 0; from < length; from += pieceBytes) {
      throwIfAborted(signal);
      const piece = new Uint8Array(Math.min(pieceBytes, length - from));
      unwrap(bytes.copy(from, piece));
      await untilAborted(signal, writer.write(piece));
    }
    await untilAborted(signal, writer.close());
  } catch (error) {
    // An abort ends the wait for a stream that does not accept data.
    writer.abort(error).catch(() => {});
    throw error;
  }
}

/** Whether a target is a stream. Throws for a value that is not a target. */
export function isStreamTarget(name: string, target: FileTarget): target is WritableBytes {
  if (typeof (target as Partial<WritableBytes> | null)?.getWriter === 'function') return true;
  filePath(name, target);
  return false;
}

/** Writes a whole file atomically. @throws LapicqueError `io` */
export async function writeAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  await writePieces('path', path, cut(bytes, new Yielder()));
}

/**
 * Writes pieces as they arrive: atomically to a file, or to a stream.
 *
 * @param name - of the target as an argument
 * @throws LapicqueError `invalid-parameter` for a value that is not a target, `io`, `aborted`; any error of
 * the pieces
 */
export async function writePieces(
  name: string,
  target: FileTarget,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  const stream = isStreamTarget(name, target) ? target : undefined;
  const bytes = new addon.NativeBytes();
  for await (const piece of pieces) {
    throwIfAborted(signal);
    unwrap(bytes.append(piece));
  }
  if (stream !== undefined) return pipe(bytes, stream, signal);
  const path = filePath(name, target);
  await task({ signal }, (handle) => addon.writeBytes(path, bytes, handle));
}
