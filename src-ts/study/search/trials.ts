/** What is known of a trial: as the store returns it, and as tables, figures, samplers and pruners read it. */

/** Where a trial stands. */
export type TrialState = 'running' | 'complete' | 'pruned' | 'failed';

/** A value that a trial reported on its way. */
export interface TrialReport {
  readonly step: number;
  /** The objective so far, of several objectives one number each; may be NaN or infinite. */
  readonly value: number | readonly number[];
}

/** Why a trial failed. */
export interface TrialError {
  /** Code of the `LapicqueError`; absent where the objective threw something else. */
  readonly code?: string;
  readonly message: string;
}

/** A trial of a study. */
export interface TrialRecord {
  /** 0, 1, 2 …: the identity of the trial within its study. */
  readonly number: number;
  readonly state: TrialState;
  /** As the objective got them; conditional ones that do not apply are absent. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** One for each objective; absent unless the trial is complete. */
  readonly values?: readonly number[];
  /** By ascending step, one a step. */
  readonly reports: readonly TrialReport[];
  /** A hash of the study's seed and the number. */
  readonly seed: number;
  /** Which worker ran it: a shard, a process, a machine. */
  readonly worker?: string;
  /** When it was first started, in ms since 1970. */
  readonly started: number;
  /** When its result was there, in ms since 1970. */
  readonly ended?: number;
  readonly error?: TrialError;
  /** How many times it was started: more than 1 after a kill. */
  readonly attempts: number;
  /** What the objective attached with `trial.set`. */
  readonly user?: Readonly<Record<string, unknown>>;
}

/** What is better. */
export type Direction = 'minimize' | 'maximize';
