/** The record of a trial, as the store returns it and as tables, figures, samplers and pruners read it. */

/** The state of a trial. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/** A value that a running trial reported. */
export interface TrialReport {
  readonly step: number;
  /** The current value of the objective, with several objectives one number each; may be NaN or infinite. */
  readonly value: number | readonly number[];
}

/** Why a trial failed. */
export interface TrialError {
  /** Code of the `LapicqueError`; absent if the objective threw another error. */
  readonly code?: string;
  readonly message: string;
}

/** A trial of a study. */
export interface TrialRecord {
  /** 0, 1, 2 …: the identity of the trial within its study. */
  readonly number: number;
  readonly state: TrialState;
  /** The parameters as the objective received them; conditional ones that do not apply are absent. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** One for each objective; absent unless the trial is complete. */
  readonly values?: readonly number[];
  /** In ascending order of steps, one per step. */
  readonly reports: readonly TrialReport[];
  /** A hash of the study's seed and the trial's number. */
  readonly seed: number;
  /** The worker: a shard, a process, a machine. */
  readonly worker?: string;
  /**
   * Start of the last attempt, in ms since 1970. Over Redis by the clock of Redis; while the trial has no result, the
   * time at which it was offered to the workers.
   */
  readonly started: number;
  /** Time of the result, in ms since 1970, by the same clock. */
  readonly ended?: number;
  /** Duration of the last attempt in seconds, by the monotonic clock of the process that ran it. */
  readonly seconds?: number;
  readonly error?: TrialError;
  /** Number of starts: more than 1 after an interruption, or after a failed attempt. */
  readonly attempts: number;
  /** The error of each failed attempt before the last; absent if none failed. */
  readonly retried?: readonly TrialError[];
  /** The data that the objective attached with `trial.set`. */
  readonly user?: Readonly<Record<string, unknown>>;
}

/** The direction of an objective. */
export type Direction = 'minimize' | 'maximize';
