/** A study in its store, for readers. */

import { bestOf } from './best.ts';
import type { StudyDefinition } from './definition.ts';
import { studyMetrics } from './metrics.ts';
import { resultsOf, type StudyResults } from './results.ts';
import type { Direction, TrialRecord } from './search/trials.ts';
import type { StoreReader } from './store.ts';
import type { TrialConflict } from './trial-log.ts';

/** The state of a study. */
export interface StudyStatus {
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  /** Numbers of the running trials. */
  readonly running: readonly number[];
  /**
   * Numbers of the interrupted trials: their process has ended without a result. The next run continues them from their
   * checkpoints.
   */
  readonly interrupted: readonly number[];
  /** Trials that ran twice with different results: their objective does not depend on its parameters and seed alone. */
  readonly conflicts: readonly TrialConflict[];
}

/**
 * A stored study, made by `study.open(path)`. It may be running, in this process or another; each call reads what is on
 * disk at that moment.
 */
export class StudyView {
  readonly name: string;
  readonly directions: readonly Direction[];
  /** The options that determine the results. */
  readonly definition: StudyDefinition;
  /** SHA-256 of the definition. */
  readonly fingerprint: string;
  readonly #reader: StoreReader;

  /** @internal */
  constructor(reader: StoreReader) {
    this.#reader = reader;
    this.definition = reader.log.definition as unknown as StudyDefinition;
    this.fingerprint = reader.log.fingerprint!;
    this.name = this.definition.name;
    this.directions = this.definition.directions;
  }

  /**
   * All trials by number, without interrupted ones, which will start again.
   *
   * @throws LapicqueError `io`, `malformed-file`
   */
  async trials(): Promise<readonly TrialRecord[]> {
    await this.#reader.refresh();
    const { interrupted } = await this.#reader.openTrials();
    const gone = new Set(interrupted);
    return this.#reader.log.trials().filter(({ number }) => !gone.has(number));
  }

  /**
   * The complete trial with the best value; undefined if there is none.
   *
   * @throws LapicqueError `unsupported` for several objectives; `io`, `malformed-file`
   */
  async best(): Promise<TrialRecord | undefined> {
    return bestOf(await this.trials(), this.directions);
  }

  /**
   * The results of the trials that are on disk now: the best ones, importance, effects, a report.
   *
   * @throws LapicqueError `io`, `malformed-file`
   */
  async results(): Promise<StudyResults> {
    return resultsOf(this);
  }

  /** @throws LapicqueError `io`, `malformed-file` */
  async status(): Promise<StudyStatus> {
    await this.#reader.refresh();
    const { log } = this.#reader;
    const counts = { complete: 0, pruned: 0, failed: 0 };
    for (const { state } of log.trials()) if (state !== 'running') counts[state] += 1;
    return { ...counts, ...(await this.#reader.openTrials()), conflicts: [...log.conflicts] };
  }

  /**
   * The numbers of trials, the best value and the time of the last result in Prometheus' text format (version 0.0.4), to
   * be appended to the other metrics of a server. All names begin with `lapicque_study_`; the label `study` is the name
   * of the study. docs/guides/operations.md lists them with their meanings.
   *
   * @returns one line per sample, after lines with `# HELP` and `# TYPE`
   * @throws LapicqueError `io`, `malformed-file`
   */
  async metrics(): Promise<string> {
    return studyMetrics(this.definition, await this.status(), await this.trials());
  }

  /** A file of a trial; undefined if there is no file with this name. */
  artifact(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#reader.artifacts.read(trial, name);
  }

  /** Names of the files of a trial. */
  artifacts(trial: number): Promise<string[]> {
    return this.#reader.artifacts.list(trial);
  }
}
