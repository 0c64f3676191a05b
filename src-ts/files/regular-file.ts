/**
 * Opening of regular files. Anything else is refused without waiting: a pipe would wait for a writer, a device may never
 * end, and each waiting call holds one of the few threads of Node's file system.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { ioError, LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { untilAborted } from '../engine/abort.ts';

/** What a path names is known only after opening, and opening must not wait. Regular files ignore the flag. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function refused(path: string): LapicqueError {
  return new LapicqueError('io', { path, reason: 'not a regular file' }) as LapicqueError;
}

function located(path: string, error: unknown): unknown {
  return error instanceof LapicqueError ? error : ioError(path, error);
}

/** A regular file that is open for reading. */
export interface RegularFile {
  readonly handle: FileHandle;
  readonly size: number;
}

/**
 * Opens a regular file for reading; the caller closes it.
 *
 * @throws LapicqueError `io`, also for anything but a regular file; `aborted`
 */
export async function openRegular(path: string, signal?: AbortSignal): Promise<RegularFile> {
  const opening = openAnyRegular(path);
  try {
    throwIfAborted(signal);
    return await untilAborted(signal, opening);
  } catch (error) {
    // A slow file system may deliver the file later.
    if (signal?.aborted) opening.then(({ handle }) => handle.close()).catch(() => {});
    throw error;
  }
}

async function openAnyRegular(path: string): Promise<RegularFile> {
  try {
    // Before opening: opening some devices has effects.
    await regularSize(path);
    const handle = await open(path, flags);
    try {
      // Another file may have taken the name in between.
      const found = await handle.stat();
      if (!found.isFile()) throw refused(path);
      return { handle, size: found.size };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    throw located(path, error);
  }
}

/**
 * The size of a regular file, for readers that open it themselves.
 *
 * @throws LapicqueError `io`, also for anything but a regular file
 */
export async function regularSize(path: string): Promise<number> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw refused(path);
    return found.size;
  } catch (error) {
    throw located(path, error);
  }
}

/**
 * Refuses what exists and is no regular file, for readers of the engine, which report all else themselves.
 *
 * @throws LapicqueError `io`
 */
export async function refuseSpecial(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && !found.isFile()) throw refused(path);
}

/** The text of a regular file, of a size that its reader trusts. @throws LapicqueError `io`, `aborted` */
export async function regularText(path: string, signal?: AbortSignal): Promise<string> {
  const { handle } = await openRegular(path, signal);
  try {
    return await handle.readFile({ encoding: 'utf8', signal });
  } catch (error) {
    throwIfAborted(signal);
    throw located(path, error);
  } finally {
    await handle.close();
  }
}
