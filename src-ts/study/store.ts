/** The folder of a study: one journal per writer, and artifacts. */
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ioError, isError, LapicqueError } from '../checks/errors.ts';
import { FolderArtifacts } from './artifacts.ts';
import { JournalReader, JournalWriter } from './journal.ts';
import { TrialLog } from './trial-log.ts';

const journalName = /^journal-([\w.-]+)\.log$/;

/** The content of a folder as far as it has been read; {@link refresh} reads what is new. */
export class StoreReader {
  readonly folder: string;
  log = new TrialLog();
  #readers = new Map<string, JournalReader>();
  #refreshing: Promise<void> | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  get artifacts(): FolderArtifacts {
    return new FolderArtifacts(join(this.folder, 'artifacts'));
  }

  /** @throws LapicqueError `io`, `malformed-file`, `unsupported` for a newer version */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<void> {
    try {
      await this.#readNew();
    } catch (error) {
      // After an error of a full disk, the writer has cut off records that were read here.
      if (!isError(error, 'malformed-file') || this.#readers.size === 0) throw error;
      [this.log, this.#readers] = [new TrialLog(), new Map()];
      await this.#readNew();
    }
  }

  async #readNew(): Promise<void> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      throw ioError(this.folder, error);
    });
    for (const name of names.sort()) {
      const writer = journalName.exec(name)?.[1];
      if (writer === undefined) continue;
      let reader = this.#readers.get(writer);
      if (reader === undefined) {
        reader = new JournalReader(join(this.folder, name));
        this.#readers.set(writer, reader);
      }
      await reader.read((record) => this.log.apply(record, writer));
    }
  }

  /** Numbers of running trials, and of interrupted ones: their process has ended without a result. */
  async openTrials(): Promise<{ running: number[]; interrupted: number[] }> {
    const open = this.log.open();
    const writers = [...new Set(open.map(({ source }) => source))];
    const writes = await Promise.all(
      writers.map(async (writer) => this.#readers.get(writer)?.isWritten() ?? false),
    );
    const isRunning = ({ source }: { source: string }) => writes[writers.indexOf(source)];
    return {
      running: open.filter(isRunning).map(({ number }) => number),
      interrupted: open.filter((trial) => !isRunning(trial)).map(({ number }) => number),
    };
  }
}

/** The folder of an existing study. @throws LapicqueError `io` */
export async function openStore(folder: string): Promise<StoreReader> {
  const found = await stat(folder).catch((error: unknown) => {
    throw ioError(folder, error);
  });
  if (!found.isDirectory()) throw new LapicqueError('io', { path: folder, reason: 'not a folder' });
  const reader = new StoreReader(folder);
  await reader.refresh();
  if (reader.log.definition === undefined) {
    throw new LapicqueError('io', { path: folder, reason: 'no study is stored here' });
  }
  return reader;
}

/** Creates the folder, and opens the journal of `writer` in it. @throws LapicqueError `io`, also if it is in use */
export async function openJournal(folder: string, writer: string): Promise<JournalWriter> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => {
    throw ioError(folder, error);
  });
  return JournalWriter.open(join(folder, `journal-${writer}.log`));
}
