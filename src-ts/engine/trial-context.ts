/** The study trial of the running code. `fit` and `simulate` store their checkpoints in it. */
import { AsyncLocalStorage } from 'node:async_hooks';

/** The part of a trial that `fit` and `simulate` use. */
export interface TrialContext {
  /** Fires when the trial is to end. */
  readonly signal: AbortSignal;
  /** A name for the next checkpoint of this kind. Calls are distinguished by their order. */
  nameOf(kind: string): string;
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Writes the checkpoint atomically, after everything reported before is on disk. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Whether the work since the last checkpoint justifies the time to write another. */
  isDue(): boolean;
}

/**
 * One storage for all copies of the package in a process: an objective may `require` the package that the
 * study imported.
 */
const shared = globalThis as { [key: symbol]: AsyncLocalStorage<TrialContext> | undefined };
const key = Symbol.for('lapicque.trials');
shared[key] ??= new AsyncLocalStorage<TrialContext>();
const trials = shared[key];

/** The trial of the caller, if there is one. */
export function currentTrial(): TrialContext | undefined {
  return trials.getStore();
}

/** Runs an objective as part of a trial. */
export function withinTrial<T>(context: TrialContext, work: () => T): T {
  return trials.run(context, work);
}

/** The signal that ends an operation: the caller's, the trial's, or whichever fires first. */
export function signalWithin(trial: TrialContext, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? trial.signal : AbortSignal.any([signal, trial.signal]);
}
