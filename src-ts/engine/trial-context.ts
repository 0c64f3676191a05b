/** The trial that the code under way belongs to: `fit` and `simulate` keep their checkpoints with it. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** What `fit` and `simulate` need of the trial that they run in. */
export interface TrialContext {
  /** Fires when the trial is to end. */
  readonly signal: AbortSignal;
  /** A name for the next checkpoint of this kind: calls are told apart by their order. */
  nameOf(kind: string): string;
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Atomic, and not before everything that was reported is on disk. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Whether enough was done since the last checkpoint for another to be worth its time. */
  isDue(): boolean;
}

/** One for all copies of the package that a process has loaded: an objective may `require` what the study was imported from. */
const shared = globalThis as { [key: symbol]: AsyncLocalStorage<TrialContext> | undefined };
const key = Symbol.for('lapicque.trials');
shared[key] ??= new AsyncLocalStorage<TrialContext>();
const trials = shared[key];

/** The trial of the caller, if it is one. */
export function currentTrial(): TrialContext | undefined {
  return trials.getStore();
}

/** Runs an objective as part of a trial. */
export function withinTrial<T>(context: TrialContext, work: () => T): T {
  return trials.run(context, work);
}

/** The signal that ends the work of an operation: the caller's, the trial's, or the first of both. */
export function signalWithin(trial: TrialContext, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? trial.signal : AbortSignal.any([signal, trial.signal]);
}
