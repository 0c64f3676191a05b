/** A trial as the objective receives it. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { integer, invalid, text } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { TrialContext } from '../engine/trial-context.ts';
import { checkArtifactName } from './artifacts.ts';
import type { ArtifactStore, TrialRequest } from './executor.ts';
import { checkPlain } from './plain-values.ts';
import type { TrialPruner } from './search/proposals.ts';
import type { TrialReport } from './search/trials.ts';

/**
 * Storage of an objective for its state, so that it can continue after a kill. It is removed when the trial has ended.
 */
export interface TrialCheckpoint {
  /**
   * The path of a checkpoint file, for functions that write files atomically themselves; undefined in a study without a
   * store.
   */
  readonly path: string | undefined;
  /** The last bytes from {@link save}, also after a kill; undefined if there are none. */
  get(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Replaces the stored bytes. Atomic: after a kill there are either the old or the new bytes. */
  save(bytes: Uint8Array): Promise<void>;
}

/** Files of a trial, stored next to the journal. */
export interface TrialArtifacts {
  /** The path of a file, for functions that write files themselves; undefined in a study without a store. */
  path(name: string): string | undefined;
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Atomic: a reader finds either the old or the new content. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  list(): Promise<string[]>;
}

/** One trial of a study, as the second argument of an objective. */
export interface Trial<P = Readonly<Record<string, unknown>>> {
  readonly number: number;
  readonly parameters: P;
  /** A hash of the study's seed and the trial's number, an integer: for `compile`, loaders and encoders. */
  readonly seed: number;
  /** Number of the attempt from 1. Above 1, an earlier attempt was interrupted. */
  readonly attempt: number;
  /**
   * Fires when the trial must end: the study was aborted, or the time limit has passed. `fit` and `simulate` observe it
   * without being passed it.
   */
  readonly signal: AbortSignal;
  /**
   * Reports the objective after a step; steps ascend. If the study's pruner decides so, it ends the trial by throwing
   * an error with the code `pruned`, which the objective must not catch.
   *
   * @param step - an integer from 0, for example an epoch
   * @param value - the current value of the objective, with several objectives a list
   * @throws LapicqueError `pruned`; `non-finite` if the value is NaN or infinite, unless the study's `prune` is `none`
   */
  report(step: number, value: number | readonly number[]): void;
  /** Ends the trial as pruned. */
  prune(): never;
  /** Attaches plain data (JSON values) to the trial's record. */
  set(name: string, value: unknown): void;
  readonly checkpoint: TrialCheckpoint;
  readonly artifacts: TrialArtifacts;
}

/** The parts of a trial besides its request. */
export interface TrialParts {
  readonly artifacts: ArtifactStore;
  readonly signal: AbortSignal;
  readonly objectives: number;
  readonly pruner: TrialPruner | undefined;
  /** Whether a report that is not finite fails the trial. */
  readonly finiteReports: boolean;
  /** Minimum ms between checkpoints of `fit` and `simulate`. */
  readonly checkpointEvery: number;
  report(report: TrialReport): void;
  flushed(): Promise<void>;
}

/** Name of a trial's own checkpoint, and prefix of all checkpoints. */
const checkpointName = 'checkpoint';

/**
 * Whether an artifact is a checkpoint by its name: only the trial itself uses it, and it is removed when the trial has
 * ended.
 */
export function isCheckpoint(name: string): boolean {
  return name.startsWith(checkpointName);
}

/** Removes the checkpoints of a trial that has ended. */
export async function removeCheckpoints(artifacts: ArtifactStore, trial: number): Promise<void> {
  for (const name of await artifacts.list(trial)) {
    if (isCheckpoint(name)) await artifacts.remove(trial, name);
  }
}

/** A running trial. */
export class RunningTrial implements Trial, TrialContext {
  readonly number: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly attempt: number;
  readonly checkpoint: TrialCheckpoint;
  readonly artifacts: TrialArtifacts;
  /** Why the trial ends early, if that is decided. */
  ended: LapicqueError | undefined;
  /** The attached data. */
  user: Record<string, unknown> | undefined;
  /** Whether there may be checkpoints. */
  checkpointed = false;
  /** An error of the store. The objective is not at fault, so the study ends, and its next run continues the trial. */
  storeFailure: unknown;
  readonly #parts: TrialParts;
  readonly #earlier: TrialReport[];
  readonly #calls = new Map<string, number>();
  #lastStep = -1;
  #isOver = false;
  #lastCheckpoint = performance.now();
  #checkpointTook = 0;

  constructor({ number, parameters, seed, attempt, reports }: TrialRequest, parts: TrialParts) {
    this.number = number;
    this.parameters = parameters;
    this.seed = seed;
    this.attempt = attempt;
    this.#parts = parts;
    this.#earlier = [...reports].sort((a, b) => a.step - b.step);
    this.checkpointed = attempt > 1;
    this.checkpoint = this.#checkpointOf();
    this.artifacts = this.#artifactsOf();
  }

  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  report(step: number, value: number | readonly number[]): void {
    this.#check();
    integer('step', step, { min: 0 });
    if (step <= this.#lastStep)
      invalid('step', step, `a step after ${this.#lastStep}, the last that was reported`);
    const report = { step, value: reportedValue(value, this.#parts.objectives) };
    this.#lastStep = step;
    this.#parts.report(report);
    const numbers = typeof report.value === 'number' ? [report.value] : report.value;
    if (this.#parts.finiteReports && !numbers.every(Number.isFinite)) {
      const fields = { layer: `trial ${this.number}`, step, name: 'the reported value' };
      this.ended = new LapicqueError('non-finite', fields) as LapicqueError;
      throw this.ended;
    }
    // Reports from before a kill that the objective does not repeat, because it continues from a checkpoint.
    const before = this.#earlier.splice(0, this.#earlier.findLastIndex((old) => old.step <= step) + 1);
    const seen = [...before.filter((old) => old.step < step), report];
    const last = seen.find((one) => this.#parts.pruner?.report(one) === true);
    if (last !== undefined) this.#endPruned(last.step);
  }

  prune(): never {
    this.#check();
    return this.#endPruned(this.#lastStep < 0 ? undefined : this.#lastStep);
  }

  #endPruned(step: number | undefined): never {
    const fields = { trial: this.number, ...(step === undefined ? {} : { step }) };
    this.ended = new LapicqueError('pruned', fields) as LapicqueError;
    throw this.ended;
  }

  set(name: string, value: unknown): void {
    this.#check();
    text('name', name);
    checkPlain(name, value);
    this.user ??= Object.create(null) as Record<string, unknown>;
    this.user[name] = structuredClone(value);
  }

  /** Calls after the end of the trial have no effect on it. */
  close(): void {
    this.#isOver = true;
  }

  #check(): void {
    if (this.#isOver) throw new LapicqueError('disposed', { what: `trial ${this.number}, which has ended,` });
    if (this.ended !== undefined) throw this.ended;
  }

  #checkpointOf(): TrialCheckpoint {
    const path = () => {
      this.checkpointed = true;
      return this.#path(checkpointName);
    };
    return {
      get path() {
        return path();
      },
      get: () => this.read(checkpointName),
      save: (bytes) => this.write(checkpointName, bytes),
    };
  }

  #artifactsOf(): TrialArtifacts {
    const store = this.#parts.artifacts;
    const checked = (name: string) => {
      if (isCheckpoint(checkArtifactName(name)))
        invalid('artifact', name, `a name that does not begin with "${checkpointName}"`);
      return name;
    };
    return {
      path: (name) => this.#path(checked(name)),
      read: async (name) => this.#ofStore(store.read(this.number, checked(name))),
      write: async (name, bytes) => {
        this.#check();
        await this.#ofStore(store.write(this.number, checked(name), checkBytes(bytes)));
      },
      list: async () => (await store.list(this.number)).filter((name) => !isCheckpoint(name)),
    };
  }

  /** The folder is created on the first write, because most trials leave no files. */
  #path(name: string): string | undefined {
    const path = this.#parts.artifacts.path(this.number, name);
    if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
    return path;
  }

  nameOf(kind: string): string {
    const call = (this.#calls.get(kind) ?? 0) + 1;
    this.#calls.set(kind, call);
    return `${checkpointName}-${kind}-${call}`;
  }

  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#ofStore(this.#parts.artifacts.read(this.number, name));
  }

  async write(name: string, bytes: Uint8Array): Promise<void> {
    this.#check();
    checkBytes(bytes);
    this.checkpointed = true;
    const began = performance.now();
    // A trial that continues from this checkpoint does not repeat earlier reports, so they must be on disk first.
    await this.#ofStore(this.#parts.flushed());
    await this.#ofStore(this.#parts.artifacts.write(this.number, name, bytes));
    this.#lastCheckpoint = performance.now();
    this.#checkpointTook = this.#lastCheckpoint - began;
  }

  async #ofStore<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.storeFailure ??= error;
      throw error;
    }
  }

  isDue(): boolean {
    // Checkpoints take at most a twentieth of the time.
    const pause = Math.max(this.#parts.checkpointEvery, 20 * this.#checkpointTook);
    return performance.now() - this.#lastCheckpoint >= pause;
  }
}

function checkBytes(bytes: unknown): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : invalid('bytes', bytes, 'a Uint8Array');
}

function reportedValue(value: unknown, objectives: number): number | readonly number[] {
  if (typeof value === 'number') return value;
  const expected = objectives === 1 ? 'a number' : `a number, or a list of ${objectives} numbers`;
  if (
    !Array.isArray(value) ||
    value.length !== objectives ||
    !value.every((item) => typeof item === 'number')
  )
    invalid('value', value, expected);
  return [...value];
}
