/** Messages between a study and the processes of its trials. */
import { LapicqueError } from '../checks/errors.ts';
import type { TrialOutcome, TrialRequest } from './executor.ts';
import type { TrialSetting } from './run-trial.ts';
import type { TrialReport } from './search/trials.ts';

/** The location of a process's objective. */
export interface ObjectiveModule {
  /** URL of the module. */
  readonly module: string;
  /**
   * The kind of its default export: the objective, or a study with one (or its options, or a function that returns
   * either).
   */
  readonly exports: 'objective' | 'study';
  /** The argument of a function that returns a study. */
  readonly seed?: number;
}

/** Messages to the trial process; the first is `setup`. */
export type ToTrials =
  | {
      readonly kind: 'setup';
      readonly objective: ObjectiveModule;
      readonly setting: TrialSetting;
      /** The folder, if artifacts are files; otherwise they are requested by messages. */
      readonly folder: string | undefined;
    }
  | { readonly kind: 'trial'; readonly request: TrialRequest }
  | { readonly kind: 'abort' }
  | {
      readonly kind: 'answer';
      readonly id: number;
      readonly value?: unknown;
      readonly error?: Record<string, unknown>;
    };

/** Requests to the study: artifacts that are not files, and the journal. */
export type TrialCall = 'read' | 'write' | 'remove' | 'list' | 'flushed';

/** Messages from the trial process. */
export type FromTrials =
  | { readonly kind: 'ready' }
  | { readonly kind: 'broken'; readonly error: Record<string, unknown> }
  | { readonly kind: 'report'; readonly report: TrialReport }
  | { readonly kind: 'outcome'; readonly outcome: TrialOutcome }
  | { readonly kind: 'aborted' }
  /** The store cannot be written. */
  | { readonly kind: 'stopped'; readonly error: Record<string, unknown> }
  | { readonly kind: 'memory'; readonly bytes: number }
  | {
      readonly kind: 'call';
      readonly id: number;
      readonly method: TrialCall;
      readonly args: readonly unknown[];
    };

/** An error in the form of a message. */
export function plainError(error: unknown): Record<string, unknown> {
  if (error instanceof LapicqueError) return error.toJSON();
  return error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) };
}
