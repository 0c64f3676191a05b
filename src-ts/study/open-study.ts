/** A study that this process runs: its journal is open for writing, or it has none. */
import { LapicqueError } from '../checks/errors.ts';
import type { MemoryArtifacts } from './artifacts.ts';
import { fingerprintOf, plainDefinition, type StudySetting } from './definition.ts';
import type { ArtifactStore, TrialOutcome } from './executor.ts';
import type { JournalWriter } from './journal.ts';
import { canonicalText } from './record-text.ts';
import { openJournal, StoreReader } from './store.ts';
import type { StudyRecord, TrialLog } from './trial-log.ts';

/** The shard of a process: the trials whose number modulo `count` is `index`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Name of the journal of a shard. */
function writerOf({ index, count }: Shard): string {
  return count === 1 ? 'main' : `shard-${index}-of-${count}`;
}

export class OpenStudy {
  readonly log: TrialLog;
  readonly artifacts: ArtifactStore;
  /** Trials that another process is running. */
  readonly remoteTrials: ReadonlySet<number>;
  readonly #writer: JournalWriter | undefined;
  readonly #source: string;

  private constructor(
    log: TrialLog,
    artifacts: ArtifactStore,
    source: string,
    writer?: JournalWriter,
    remoteTrials: readonly number[] = [],
  ) {
    this.log = log;
    this.artifacts = artifacts;
    this.#source = source;
    this.#writer = writer;
    this.remoteTrials = new Set(remoteTrials);
  }

  /** Opens a study without a store. */
  static inMemory(log: TrialLog, artifacts: MemoryArtifacts): OpenStudy {
    return new OpenStudy(log, artifacts, 'main');
  }

  /**
   * Opens the store, or creates it.
   *
   * @throws LapicqueError `io`, also if another process has the store open; `invalid-parameter` if another study is
   * stored there; `malformed-file`; `unsupported` for a store of a newer version
   */
  static async atStore(
    { definition, store }: StudySetting & { store: string },
    shard: Shard,
  ): Promise<OpenStudy> {
    const source = writerOf(shard);
    const writer = await openJournal(store, source);
    try {
      const reader = new StoreReader(store);
      await reader.refresh();
      const { running } = await reader.openTrials();
      const { log } = reader;
      // This process has just opened this journal, so trials that were running in it were interrupted.
      const remoteTrials = running.filter((number) => log.source(number) !== source);
      const open = new OpenStudy(log, reader.artifacts, source, writer, remoteTrials);
      if (log.definition === undefined) {
        open.record({
          t: 'study',
          definition: plainDefinition(definition),
          fingerprint: fingerprintOf(definition),
        });
        await open.flush();
      } else {
        checkSame(store, log.definition, plainDefinition(definition));
        if (!log.sources.has(source))
          open.record({ t: 'study', definition: log.definition, fingerprint: log.fingerprint! });
      }
      return open;
    } catch (error) {
      await writer.close().catch(() => {});
      throw error;
    }
  }

  record(record: StudyRecord): void {
    this.log.apply(record, this.#source);
    this.#writer?.append(record);
  }

  /** Resolves when all records so far are on disk. @throws LapicqueError `io` */
  flush(): Promise<void> {
    return this.#writer?.flush() ?? Promise.resolve();
  }

  /** Records a second result of a trial that has one. Returns false if there is none yet; then nothing is recorded. */
  conflict(number: number, other: TrialOutcome): boolean {
    if (!this.log.isFinished(number)) return false;
    this.record({ t: 'conflict', n: number, other, at: Date.now() });
    return true;
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}

/** Names the first option in which the study differs from the stored one. */
function checkSame(store: string, stored: Record<string, unknown>, requested: Record<string, unknown>): void {
  const keys = [...new Set([...Object.keys(stored), ...Object.keys(requested)])];
  const key = keys.find(
    (name) => canonicalText(stored[name] ?? null) !== canonicalText(requested[name] ?? null),
  );
  if (key === undefined) return;
  const short = (value: unknown) => {
    const text = JSON.stringify(value) ?? 'nothing';
    return text.length > 200 ? `${text.slice(0, 199)}…` : text;
  };
  const expected = `${short(stored[key])}, as in the study stored in ${store}; take another folder for another study`;
  throw new LapicqueError('invalid-parameter', { name: key, value: short(requested[key]), expected });
}
