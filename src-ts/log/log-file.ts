/** Appends the entries of a log to its file. */
import { appendFile, mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError, LapicqueError } from '../checks/errors.ts';
import type { LogEntry, LogFormat, LogSink } from './entry.ts';

/** At most this long, in ms, entries of batches and of progress wait for others to be written together. */
const longestWait = 1000;

/**
 * The file of a log. Entries are encoded in their order and written one after another. The file is open only while something is written, so a log that
 * nobody closes loses at most the entries that wait.
 */
export class LogFile implements LogSink {
  readonly #format: LogFormat;
  readonly #waiting: LogEntry[] = [];
  #isStarted = false;
  #writing: Promise<void> = Promise.resolve();
  #failure: unknown;
  #lastWrite = 0;
  #isClosed = false;

  constructor(format: LogFormat) {
    this.#format = format;
  }

  /** @returns when the entry is in the file, or at once if it waits for others @throws LapicqueError of this entry or of an earlier one */
  add(entry: LogEntry): Promise<void> | undefined {
    if (this.#isClosed) throw new LapicqueError('disposed', { what: `the log ${this.#format.path}` });
    if (this.#failure !== undefined) throw this.#failure;
    this.#waiting.push(entry);
    const canWait = entry.kind === 'batch' || entry.kind === 'progress';
    return canWait && Date.now() - this.#lastWrite < longestWait ? undefined : this.flush();
  }

  /** Writes all entries that wait. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.flush();
  }

  async #write(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const entries = this.#waiting.splice(0);
    if (entries.length === 0) return;
    this.#lastWrite = Date.now();
    const { path } = this.#format;
    try {
      const parts = this.#isStarted ? [] : [await this.#start()];
      // What cannot be encoded must not leave an empty file behind.
      for (const entry of entries) parts.push(this.#format.encode(entry));
      const bytes = Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array)));
      await appendFile(path, bytes, { flag: this.#isStarted || this.#format.append ? 'a' : 'wx' });
      this.#isStarted = true;
    } catch (error) {
      this.#failure = error instanceof LapicqueError ? error : this.#ioError(error);
      throw this.#failure;
    }
  }

  async #start(): Promise<string | Uint8Array> {
    const { path, append } = this.#format;
    await mkdir(dirname(path), { recursive: true });
    return await this.#format.start(append ? await firstLine(path) : undefined);
  }

  #ioError(error: unknown): Error {
    const { path } = this.#format;
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || this.#isStarted) return ioError(path, error);
    const reason = 'the file exists already; choose another path, or set append: true to add to it';
    return new LapicqueError('io', { path, reason, errno: 'EEXIST' }, { cause: error });
  }
}

/** The first line of a file without its end; `undefined` if there is no file, or nothing in it. */
async function firstLine(path: string): Promise<string | undefined> {
  // Nothing is read from a pipe or a device, which a log may be written to.
  const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
  const text = isFile ? await readFile(path, 'utf8') : '';
  return text === '' ? undefined : text.slice(0, Math.max(0, text.search(/\r?\n/))) || undefined;
}
