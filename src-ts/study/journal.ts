/** A journal file: writing records in groups, and reading them. */
import { hostname } from 'node:os';
import { isError, LapicqueError } from '../checks/errors.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { refuseSpecial } from '../files/regular-file.ts';
import { decodeRecord, encodeRecord } from './record-text.ts';
import type { StudyRecord } from './trial-log.ts';

/** Bytes that are read at a time. */
const readBytes = 4 << 20;

/** Maximum characters of one group of records. */
const groupSize = 1 << 22;

/**
 * Writes one journal. Records that arrive while a group is being written form the next group, with one fsync for all of
 * them.
 */
export class JournalWriter {
  readonly path: string;
  readonly #native: InstanceType<typeof addon.NativeJournal>;
  /** Records that are not yet being written. */
  #lines: string[] = [];
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #writing: Promise<void> | undefined;
  /** The group that is being written. */
  #group: Promise<void> | undefined;

  private constructor(path: string, native: InstanceType<typeof addon.NativeJournal>) {
    this.path = path;
    this.#native = native;
  }

  /**
   * @throws LapicqueError `io`, also if another process writes the journal; `malformed-file`; `unsupported` for a newer
   * version
   */
  static async open(path: string): Promise<JournalWriter> {
    await refuseSpecial(path);
    const owner = `process ${process.pid} on ${hostname()}`;
    return new JournalWriter(path, await task({}, (handle) => addon.openJournal(path, owner, handle)));
  }

  /** Adds a record; {@link flush} resolves when it is on disk. */
  append(record: StudyRecord): void {
    this.#lines.push(encodeRecord(record));
  }

  /** Number of records that are not on disk yet. */
  get backlog(): number {
    return this.#lines.length;
  }

  /**
   * Resolves when all records so far are on disk. If the disk is full, they are kept, and the next call tries again.
   *
   * @throws LapicqueError `io`
   */
  flush(): Promise<void> {
    if (this.#lines.length === 0) return this.#group ?? Promise.resolve();
    const flushed = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
    this.#writing ??= this.#write();
    return flushed;
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const [lines, waiting] = [this.#lines, this.#waiting];
      [this.#lines, this.#waiting] = [[], []];
      this.#group = this.#commit(lines);
      try {
        await this.#group;
      } catch (error) {
        this.#lines = [...lines, ...this.#lines];
        const all = [...waiting, ...this.#waiting];
        [this.#waiting, this.#writing, this.#group] = [[], undefined, undefined];
        for (const { reject } of all) reject(error);
        return;
      }
      for (const { resolve } of waiting) resolve();
    }
    [this.#writing, this.#group] = [undefined, undefined];
  }

  async #commit(lines: readonly string[]): Promise<void> {
    const group: string[] = [];
    let size = 0;
    for (const line of lines) {
      if (size + line.length > groupSize && group.length > 0) {
        await this.#appendGroup(group.splice(0));
        size = 0;
      }
      group.push(line);
      size += line.length + 1;
    }
    await this.#appendGroup(group);
  }

  async #appendGroup(lines: readonly string[]): Promise<void> {
    const text = lines.join('\n');
    for (;;) {
      try {
        return void unwrap(await this.#native.append(text));
      } catch (error) {
        // The queue of the engine is full. Results must not be lost for that, so the write is tried again.
        if (!isError(error, 'busy')) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  /** Writes the remaining records and releases the journal for other writers. */
  async close(): Promise<void> {
    try {
      await this.flush();
      await this.#writing;
    } finally {
      unwrap(this.#native.dispose());
    }
  }
}

/** Reads one journal; each call reads the records that are new. */
export class JournalReader {
  readonly path: string;
  #next = 0;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws LapicqueError `io`, `malformed-file`, `unsupported` for a newer version */
  async read(onRecord: (record: StudyRecord) => void): Promise<void> {
    await refuseSpecial(this.path);
    let reading = this.#piece(this.#next);
    for (;;) {
      const from = this.#next;
      const { text, next, more } = await reading;
      // The engine reads the next piece while this thread parses this one.
      if (more) reading = this.#piece(next);
      // An error of the next piece is thrown when its turn comes, not while this one is parsed.
      reading.catch(() => {});
      if (text !== '') for (const line of text.split('\n')) onRecord(this.#parsed(line, from));
      this.#next = next;
      if (!more) return;
    }
  }

  #piece(from: number) {
    return task({}, (handle) => addon.readJournal(this.path, from, readBytes, handle));
  }

  #parsed(line: string, offset: number): StudyRecord {
    try {
      const record = decodeRecord(line);
      if (typeof record === 'object' && record !== null && 't' in record) return record as StudyRecord;
    } catch {}
    const reason = `${this.path}: a record is not a JSON object of a study`;
    throw new LapicqueError('malformed-file', { format: 'study journal', offset, reason });
  }

  /** Whether a process is writing the journal now. */
  isWritten(): Promise<boolean> {
    return task({}, (handle) => addon.isJournalWritten(this.path, handle));
  }
}
