/** Reads a source into JavaScript memory, for the formats that are decoded in TypeScript. */
import { filePath } from '../checks/check.ts';
import { ioError, LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { type FileSource, type LoadOptions, piecesOfSource } from './file-source.ts';
import { openRegular } from './regular-file.ts';

/** The most bytes per system call. */
const pieceBytes = 2 ** 24;

/** The bytes of a file, and its name in messages. */
export interface SourceBytes {
  readonly name: string;
  /** Only of a source that is a file on disk. */
  readonly path?: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Allocates zeroed memory.
 *
 * @param what - its content, for the error message
 * @throws LapicqueError `too-large` for more bytes than an array can hold or the system has
 */
export function newBytes(what: string, length: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(length);
  } catch (cause) {
    throw new LapicqueError('too-large', { what, needed: length, allowed: length - 1 }, { cause });
  }
}

/**
 * Reads a source to its end.
 *
 * @param name - of the argument
 * @throws LapicqueError `io`, `invalid-parameter` for a value that is not a source, `too-large` for a stream longer than the limit, `aborted`
 */
export async function sourceBytes(
  name: string,
  source: FileSource,
  options: LoadOptions,
): Promise<SourceBytes> {
  throwIfAborted(options.signal);
  if (typeof source === 'string' || source instanceof URL) {
    const path = filePath(name, source);
    return { name: path, path, bytes: await bytesOfFile(path, options.signal) };
  }
  const parts: Uint8Array[] = [];
  let length = 0;
  // A piece may be a view of memory that its owner changes later.
  for await (const piece of piecesOfSource(name, source, options).pieces) {
    parts.push(piece.slice());
    length += piece.length;
  }
  const bytes = newBytes(name, length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return { name: 'the given bytes', bytes };
}

/**
 * The first bytes of a regular file, by which its format is recognized; `undefined` for anything else (a pipe can be read only once, and by
 * its reader) and for a file that cannot be read: its reader reports why.
 */
export async function headOfFile(path: string, count: number): Promise<Uint8Array | undefined> {
  try {
    const { handle } = await openRegular(path);
    try {
      const { buffer, bytesRead } = await handle.read(new Uint8Array(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Reads a file or a range of it.
 *
 * @param range - offset and length in bytes; default the whole file
 * @throws LapicqueError `io`, also for anything but a regular file, and for a file that is shorter than the range; `aborted`
 */
export async function bytesOfFile(
  path: string,
  signal?: AbortSignal,
  range?: { readonly offset: number; readonly length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { handle, size } = await openRegular(path, signal);
    try {
      const { offset, length } = range ?? { offset: 0, length: size };
      const bytes = newBytes(path, length);
      for (let at = 0; at < length; ) {
        throwIfAborted(signal);
        const { bytesRead } = await handle.read(bytes, at, Math.min(pieceBytes, length - at), offset + at);
        if (bytesRead === 0)
          throw new LapicqueError('io', { path, reason: `it ends at byte ${offset + at}` });
        at += bytesRead;
      }
      return bytes;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw error instanceof LapicqueError ? error : ioError(path, error);
  }
}
