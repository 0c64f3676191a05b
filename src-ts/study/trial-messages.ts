/** What a study and the processes of its trials say to each other. */
import { LapicqueError } from '../checks/errors.ts';
import type { TrialOutcome, TrialRequest } from './executor.ts';
import type { TrialSetting } from './run-trial.ts';
import type { TrialReport } from './search/trials.ts';

/** Where the objective of a process is. */
export interface ObjectiveModule {
  /** URL of the module. */
  readonly module: string;
  /** What its default export is: the objective, or a study with one (also its options, or a function that makes either). */
  readonly exports: 'objective' | 'study';
  /** What a function that makes a study gets. */
  readonly seed?: number;
}

/** To the process of trials; the first is `setup`. */
export type ToTrials =
  | {
      readonly kind: 'setup';
      readonly objective: ObjectiveModule;
      readonly setting: TrialSetting;
      /** Where artifacts are files; else they are asked for. */
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

/** Calls of the study's side: artifacts that are no files, and the journal. */
export type TrialCall = 'read' | 'write' | 'remove' | 'list' | 'flushed';

/** From the process of trials. */
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

/** An error as a message. */
export function plainError(error: unknown): Record<string, unknown> {
  if (error instanceof LapicqueError) return error.toJSON();
  return error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) };
}
