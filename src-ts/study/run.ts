/**
 * Runs the trials of a study, several at a time, and acknowledges each when its result is on disk.
 *
 * 1. A run opens the journal of this process and reads all journals of the folder into a log of trials (trial-log.ts).
 * 2. A schedule (schedule.ts) proposes the next trial from trials that have ended. Neither the number of jobs nor which one
 *    was faster changes a result.
 * 3. An executor (executor.ts) runs the trial: this process, a pool of processes, or remote workers. All of them call
 *    `runTrial`, which turns whatever the objective does into an outcome.
 * 4. The outcome is appended to the journal. A trial is acknowledged when its batch is on disk.
 *
 * An interrupted trial (`start` without `end`, and no process holds the lock of the journal) is called again with the same
 * parameters and seed. While an objective runs, its trial is the current one of its asynchronous context
 * (engine/trial-context.ts). `fit` and `simulate` look there for checkpoints, and continue from the last one. A checkpoint is
 * written only after everything reported before it is on disk.
 */
import { setImmediate } from 'node:timers/promises';
import { abortError } from '../checks/errors.ts';
import type { TaskProgress } from '../engine/task-options.ts';
import { isBetter } from './best.ts';
import type { TrialExecutor, TrialOutcome, TrialRequest } from './executor.ts';
import type { OpenStudy, Shard } from './open-study.ts';
import type { Schedule } from './schedule.ts';
import type { Direction, TrialRecord } from './search/trials.ts';
import { removeCheckpoints } from './trial.ts';

/** The progress of a study. */
export interface StudyProgress extends TaskProgress {
  /** Number of trials of this process's shard whose result is on disk. */
  done: number;
  total: number;
  complete: number;
  pruned: number;
  failed: number;
  /** Numbers of the running trials. */
  running: readonly number[];
  /** The best trial so far, for studies with one objective. */
  best?: { number: number; value: number };
  /** Trials per second in this run. */
  rate: number;
  /** Estimated seconds to the end. */
  left: number;
}

/** Callbacks of a run. */
export interface RunListeners {
  onProgress?: ((progress: StudyProgress) => void) | undefined;
  onTrial?: ((trial: TrialRecord) => void) | undefined;
}

/** Maximum number of results that wait for the disk; above it no trial starts. */
const maxUnacknowledged = 1000;

/** Time between two yields to the event loop, in ms. */
const yieldInterval = 5;

/** Time between two reports of progress, in ms. */
const reportInterval = 50;

export class StudyRun {
  readonly #open: OpenStudy;
  readonly #schedule: Schedule;
  readonly #executor: TrialExecutor;
  readonly #jobs: number;
  readonly #total: number;
  readonly #shard: Shard;
  readonly #directions: readonly Direction[];
  readonly #listeners: RunListeners;
  readonly #stop = new AbortController();
  readonly #stopped = new Promise<void>((resolve) =>
    this.#stop.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  readonly #counts = { complete: 0, pruned: 0, failed: 0 };
  readonly #began = performance.now();
  #best: { number: number; value: number } | undefined;
  #acknowledgedNow = 0;
  #unacknowledged = 0;
  #failure: { error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #lastReported = Number.NEGATIVE_INFINITY;

  constructor(
    open: OpenStudy,
    schedule: Schedule,
    executor: TrialExecutor,
    {
      jobs,
      total,
      shard,
      directions,
      ...listeners
    }: { jobs: number; total: number; shard: Shard; directions: readonly Direction[] } & RunListeners,
  ) {
    this.#open = open;
    this.#schedule = schedule;
    this.#executor = executor;
    this.#jobs = jobs;
    this.#total = total;
    this.#shard = shard;
    this.#directions = directions;
    this.#listeners = listeners;
  }

  /** Runs until the study has `total` trials, or the search has ended. */
  async run(signal: AbortSignal | undefined): Promise<void> {
    for (const trial of this.#open.log.trials()) if (trial.state !== 'running') this.#count(trial);
    const abort = () => this.#end(abortError(signal!));
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    try {
      await this.#loop();
    } finally {
      signal?.removeEventListener('abort', abort);
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#report(true);
    if (this.#failure !== undefined) throw (this.#failure as { error: unknown }).error;
  }

  async #loop(): Promise<void> {
    let lastTurn = performance.now();
    for (;;) {
      while (this.#canBegin()) {
        const request = this.#next();
        if (request === undefined) break;
        this.#begin(request);
      }
      if (this.#schedule.inProgress.size === 0 && this.#unacknowledged === 0) return;
      if (performance.now() - lastTurn > yieldInterval) {
        await setImmediate();
        lastTurn = performance.now();
      }
      await this.#somethingEnded();
    }
  }

  #canBegin(): boolean {
    return (
      this.#failure === undefined &&
      this.#unacknowledged < maxUnacknowledged &&
      this.#schedule.inProgress.size < Math.min(this.#jobs, this.#executor.slots)
    );
  }

  /** An error of a sampler ends the study. */
  #next(): TrialRequest | undefined {
    try {
      return this.#schedule.next(this.#total);
    } catch (error) {
      this.#end(error);
      return undefined;
    }
  }

  #changed = false;

  #wakeUp(): void {
    this.#changed = true;
    this.#wake?.();
  }

  async #somethingEnded(): Promise<void> {
    if (!this.#changed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    [this.#changed, this.#wake] = [false, undefined];
  }

  #begin(request: TrialRequest): void {
    const { number, parameters, seed, attempt } = request;
    this.#open.record({ t: 'start', n: number, p: parameters, s: seed, a: attempt, at: Date.now() });
    const hooks = {
      signal: this.#stop.signal,
      report: ({ step, value }: { step: number; value: number | readonly number[] }) => {
        // Reports of a trial or a study that has ended are ignored.
        if (this.#schedule.inProgress.has(number))
          this.#open.record({ t: 'report', n: number, s: step, v: value });
      },
      restarted: (again: number) =>
        this.#open.record({ t: 'start', n: number, p: parameters, s: seed, a: again, at: Date.now() }),
      flushed: () => this.#open.flush(),
    };
    this.#executor.execute(request, hooks).then(
      (outcome) => this.#finished(number, attempt, outcome),
      (error) => {
        this.#schedule.ended(number);
        this.#end(error);
      },
    );
  }

  #finished(number: number, attempt: number, { checkpointed, ...outcome }: TrialOutcome): void {
    this.#open.record({ t: 'end', n: number, a: outcome.attempts ?? attempt, ...outcome });
    this.#schedule.ended(number);
    this.#unacknowledged += 1;
    this.#open
      .flush()
      .then(() => this.#acknowledge(number, checkpointed === true))
      .catch((error) => this.#end(error))
      .finally(() => {
        this.#unacknowledged -= 1;
        this.#wakeUp();
      });
    this.#wakeUp();
  }

  async #acknowledge(number: number, checkpointed: boolean): Promise<void> {
    const trial = this.#open.log.trial(number);
    this.#count(trial);
    this.#acknowledgedNow += 1;
    this.#listeners.onTrial?.(trial);
    this.#report(false);
    if (checkpointed) await removeCheckpoints(this.#open.artifacts, number);
    // The result is on disk. A run that is told to end does not wait for an executor that cannot be reached.
    await Promise.race([this.#executor.acknowledge?.(number), this.#stopped]);
  }

  #count(trial: TrialRecord): void {
    if (trial.state === 'running' || trial.number % this.#shard.count !== this.#shard.index) return;
    this.#counts[trial.state] += 1;
    if (trial.state !== 'complete' || this.#directions.length > 1) return;
    const { number } = trial;
    const value = trial.values![0]!;
    const best = this.#best;
    const isFirst = best !== undefined && value === best.value && number < best.number;
    if (best === undefined || isFirst || isBetter(this.#directions[0]!, value, best.value))
      this.#best = { number, value };
  }

  #report(last: boolean): void {
    const { onProgress } = this.#listeners;
    const now = performance.now();
    if (onProgress === undefined || (!last && now - this.#lastReported < reportInterval)) return;
    this.#lastReported = now;
    const { complete, pruned, failed } = this.#counts;
    const done = complete + pruned + failed;
    const rate = this.#acknowledgedNow / Math.max(1e-3, (now - this.#began) / 1000);
    const { index, count } = this.#shard;
    const share = Math.max(0, Math.ceil((this.#total - index) / count));
    const running = [...this.#schedule.inProgress];
    // A search that has ended early finishes the trials that run.
    const total = this.#schedule.hasEnded ? done + running.length : Math.max(share, done);
    // Trials of earlier runs took none of this run's time.
    const left = total === done ? 0 : (total - done) / rate;
    const progress: StudyProgress = {
      ...{ done, total, complete, pruned, failed },
      running,
      ...(this.#best === undefined ? {} : { best: this.#best }),
      rate,
      left: Number.isFinite(left) ? left : Number.NaN,
    };
    try {
      onProgress(progress);
    } catch (error) {
      this.#end(error);
    }
  }

  /** The first reason counts; running trials are told to end. */
  #end(error: unknown): void {
    this.#failure ??= { error };
    this.#stop.abort(error);
    this.#wakeUp();
  }
}
