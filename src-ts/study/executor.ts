/** Who runs a trial: this process, a pool of child processes, or workers on other machines. */
import type { PruningSnapshot } from './search/proposals.ts';
import type { TrialError, TrialReport, TrialState } from './search/trials.ts';

/** A trial to be run: plain data, that JSON holds. */
export interface TrialRequest {
  readonly number: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** From 1; above 1 the trial was under way when its process ended, and goes on from its checkpoint. */
  readonly attempt: number;
  /** What earlier attempts reported. */
  readonly reports: readonly TrialReport[];
  /** What the pruner goes by: it decides where the trial runs, by this and the trial's own reports. Absent without a pruner. */
  readonly pruning?: PruningSnapshot;
}

/** What came of it: plain data, that `encodeRecord` turns into JSON without losing a bit. */
export interface TrialOutcome {
  readonly state: Exclude<TrialState, 'running'>;
  /** One for each objective, if complete. */
  readonly values?: readonly number[];
  readonly error?: TrialError;
  readonly user?: Readonly<Record<string, unknown>>;
  /** Of the last attempt, in ms since 1970. */
  readonly started: number;
  readonly ended: number;
  readonly worker?: string;
  /** How many times it was started, where the executor starts trials again by itself. */
  readonly attempts?: number;
  /** It may have left checkpoints, which are removed once the outcome is on disk. Not part of the result. */
  readonly checkpointed?: boolean;
}

/** What the study tells an executor of a trial, and what it wants to hear. */
export interface TrialHooks {
  /** Fires when the study is aborted: the trial's work may be dropped, its checkpoints stay. */
  readonly signal: AbortSignal;
  /** Takes a report of the trial, for the journal. One that an earlier attempt has made comes again. */
  report(report: TrialReport): void;
  /** Resolves when everything reported so far is on disk: before a checkpoint is written that goes beyond it. */
  flushed(): Promise<void>;
}

/** Runs trials, several at a time. */
export interface TrialExecutor {
  /** How many trials it takes at a time; read each time a trial may begin. */
  readonly slots: number;
  /**
   * Runs one. Whatever the objective does (throws, never ends, returns nonsense, ends its process) becomes an outcome whose error names the
   * trial; the promise rejects only when the study cannot go on, or with the signal's reason.
   */
  execute(request: TrialRequest, hooks: TrialHooks): Promise<TrialOutcome>;
  /** Called when the outcome of a trial is on disk in the study's journal. */
  acknowledge?(number: number): void | Promise<void>;
  close(): Promise<void>;
}

/** Keeps checkpoints and other artifacts of trials: a folder beside the journal, memory, or another place. */
export interface ArtifactStore {
  read(trial: number, name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Atomic: a reader finds the old content or the new. */
  write(trial: number, name: string, bytes: Uint8Array): Promise<void>;
  remove(trial: number, name: string): Promise<void>;
  /** Names of what there is of a trial. */
  list(trial: number): Promise<string[]>;
  /** The folder, where artifacts are files as `FolderArtifacts` has them. */
  readonly folder?: string;
  /** Where a file of the trial is, or undefined where artifacts are no files. */
  path(trial: number, name: string): string | undefined;
}
