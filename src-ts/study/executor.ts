/**
 * The interface of executors, which run trials: in this process, in a pool of child processes, or by workers on other
 * machines.
 */
import type { PruningSnapshot } from './search/proposals.ts';
import type { TrialError, TrialReport, TrialState } from './search/trials.ts';

/** A trial to run, as plain data that can be written as JSON. */
export interface TrialRequest {
  readonly number: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /**
   * Number of the attempt from 1. Above 1, an earlier attempt was interrupted, and the trial continues from its
   * checkpoint.
   */
  readonly attempt: number;
  /** Reports of earlier attempts. */
  readonly reports: readonly TrialReport[];
  /**
   * The pruner's data. It decides where the trial runs, from these data and the trial's own reports. Absent without a
   * pruner.
   */
  readonly pruning?: PruningSnapshot;
}

/** The outcome of a trial, as plain data that `encodeRecord` converts to JSON without loss. */
export interface TrialOutcome {
  readonly state: Exclude<TrialState, 'running'>;
  /** One value for each objective, if the trial is complete. */
  readonly values?: readonly number[];
  readonly error?: TrialError;
  readonly user?: Readonly<Record<string, unknown>>;
  /** Start of the last attempt, in ms since 1970. */
  readonly started: number;
  readonly ended: number;
  /**
   * Duration of the last attempt in seconds, by the monotonic clock of the process that ran it. Absent in journals of
   * earlier versions.
   */
  readonly seconds?: number;
  readonly worker?: string;
  /** Number of attempts, if the executor restarts trials itself. */
  readonly attempts?: number;
  /** Why it restarted them: the error of each failed attempt before the last. */
  readonly retried?: readonly TrialError[];
  /**
   * Whether the trial may have left checkpoints. They are removed once the outcome is on disk. Not part of the result.
   */
  readonly checkpointed?: boolean;
}

/** The study's side of a running trial: its signal and its callbacks. */
export interface TrialHooks {
  /** Fires when the study is aborted. The trial's work may be discarded; its checkpoints are kept. */
  readonly signal: AbortSignal;
  /** Receives a report of the trial, for the journal. Reports of earlier attempts are received again. */
  report(report: TrialReport): void;
  /** Called when the executor starts the trial again after a failed attempt. @param attempt - its number from 2 */
  restarted?(attempt: number): void;
  /** Resolves when all reports so far are on disk. A checkpoint that includes them is written only afterwards. */
  flushed(): Promise<void>;
}

/** Runs several trials at a time. */
export interface TrialExecutor {
  /** How many trials it accepts at a time; read each time a trial may start. */
  readonly slots: number;
  /**
   * Runs one trial. Whatever the objective does (throws, never ends, returns an invalid value, ends its process)
   * becomes an outcome, whose error names the trial. The promise rejects only if the study cannot continue, or with the
   * signal's reason.
   */
  execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome>;
  /** Called when the outcome of a trial is in the study's journal on disk. */
  acknowledge?(number: number): void | Promise<void>;
  close(): Promise<void>;
}

/** Stores checkpoints and other artifacts of trials: in a folder beside the journal, in memory, or elsewhere. */
export interface ArtifactStore {
  read(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Atomic: a reader finds either the old or the new content. */
  write(trial: number, name: string, bytes: Uint8Array): Promise<void>;
  remove(trial: number, name: string): Promise<void>;
  /** Names of the artifacts of a trial. */
  list(trial: number): Promise<string[]>;
  /** The folder, if artifacts are files as in `FolderArtifacts`. */
  readonly folder?: string;
  /** The path of an artifact, or undefined if artifacts are not files. */
  path(trial: number, name: string): string | undefined;
}
