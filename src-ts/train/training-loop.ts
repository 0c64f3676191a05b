/** The training loop: epochs, the steps of an epoch, and the work between two epochs. */
import { invalid } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { prefetches } from '../data/loader.ts';
import { itemsUntilAborted } from '../engine/abort.ts';
import type { Batches, TrainingBatch } from './batch.ts';
import { joined, mayPipeline } from './callbacks.ts';
import { keep, type Resumable } from './checkpoint.ts';
import { type Evaluation, evaluate, labelsOf, lossContribution, maybeOnce } from './evaluate.ts';
import type { CallbacksOf } from './fit-options.ts';
import { meansOf, withBatch } from './named-sums.ts';
import { ProgressReporter } from './progress.ts';
import { factorOf } from './schedule-form.ts';
import type { StepReport } from './step.ts';
import type { PreparedSteps, TrainedModel } from './trained-model.ts';
import type { EpochRecord, FitResult, TrainingState } from './training-state.ts';
import type { TrialFit } from './trial-fit.ts';
import type { Watch } from './watch.ts';

/** The state of a running training. */
export type RunningState = TrainingState & { updates: number };

/** A step that was started and has not been reported yet. */
interface PendingStep {
  batch: TrainingBatch;
  report: Promise<StepReport>;
  /** Whether the optimizer updates the weights after this batch. */
  last: boolean;
}

/** One training. */
export class TrainingLoop {
  readonly #model: TrainedModel;
  readonly #loader: Batches & Resumable;
  readonly #setting: TrialFit;
  readonly #prepared: PreparedSteps;
  readonly #state: RunningState;
  readonly #watch: Watch;
  readonly #callbacks: CallbacksOf<TrainedModel>;
  readonly #reporter: ProgressReporter;
  /** Batches of an epoch; 0 if the loader has no length. */
  readonly #perEpoch: number;
  /** Batches of an epoch, for progress. If the loader has no length: those of the previous epoch. */
  #expected: number;
  /** Batches to skip after a resume. */
  #toSkip: number;
  /** How many steps may be pending when the next batch is read. */
  readonly #pipelined: 0 | 1;
  /** Pending steps of this epoch, in order. */
  #pending: PendingStep[] = [];
  /** `state.batch` of the last checkpoint in this epoch. */
  #lastSaved = 0;
  #validation: Evaluation | undefined;
  #lastBatch: TrainingBatch | undefined;

  constructor(
    model: TrainedModel,
    loader: Batches & Resumable,
    setting: TrialFit,
    prepared: PreparedSteps,
    state: RunningState,
    watch: Watch,
  ) {
    const { options } = setting;
    this.#model = model;
    this.#loader = loader;
    this.#setting = setting;
    this.#state = state;
    this.#watch = watch;
    this.#callbacks = joined(options.callbacks);
    this.#prepared = prepared;
    this.#reporter = new ProgressReporter(options.onProgress);
    this.#perEpoch = loader.length ?? 0;
    this.#expected = this.#perEpoch;
    this.#validation = state.evaluation;
    // A loader that cannot be restored starts its epoch again: skip the batches that are done.
    this.#toSkip = state.loader === undefined ? state.batch : 0;
    // Pipeline one step ahead if no callback runs between batches, so that the engine need not wait for the next batch.
    const watched =
      !mayPipeline(this.#callbacks) ||
      options.onProgress !== undefined ||
      options.checkpoint?.everyBatches !== undefined ||
      options.scheduleBy === 'step';
    this.#pipelined = !watched && prefetches(loader) && typeof options.loss !== 'function' ? 1 : 0;
  }

  async run(): Promise<FitResult> {
    const [state, watch] = [this.#state, this.#watch];
    const { options, isResumed } = this.#setting;
    let stopped: FitResult['stopped'] = watch.patienceIsOver ? 'early' : 'done';
    if (isResumed === true && state.batch === 0 && state.history.length > 0) {
      // The process may have been killed between the checkpoint and this callback.
      if ((await this.#callBack(state.history.at(-1)!)) === false) stopped = 'callback';
    }
    while (stopped === 'done' && state.epoch < options.epochs) {
      const record = await this.#epoch();
      if ((await this.#callBack(record)) === false) stopped = 'callback';
      else if (watch.patienceIsOver) stopped = 'early';
    }
    this.#reporter.end();
    if (state.best !== undefined && watch.best !== state.history.length)
      await this.#model.setWeights(state.best);
    return {
      history: state.history,
      stopped,
      bestEpoch: watch.best,
      ...(this.#validation === undefined ? {} : { validation: this.#validation }),
    };
  }

  /** Calls `onEpoch`; a result of `false` stops the training. */
  async #callBack(record: EpochRecord): Promise<unknown> {
    const batch = this.#lastBatch;
    const last = batch === undefined ? undefined : { batch, steps: this.#setting.options.steps };
    return this.#callbacks.onEpoch?.(record, this.#model, last);
  }

  #factor(n: number): number {
    return factorOf(this.#setting.options.schedule, n, this.#state.watched);
  }

  /** Loss and accuracy of the finished batches of this epoch. */
  #means(): { loss: number; accuracy: number } {
    const { samples, loss, correct } = this.#state.running;
    return { loss: loss / samples, accuracy: correct / samples };
  }

  /** The means of the terms of a traced loss. */
  #terms(): { terms?: Record<string, number> } {
    const { samples, terms } = this.#state.running;
    return terms === undefined ? {} : { terms: meansOf(terms, samples) };
  }

  #saveCheckpoint(): Promise<void> {
    return keep(this.#model, this.#setting.options, this.#loader, this.#state);
  }

  /** Trains on all batches once and validates. */
  async #epoch(): Promise<EpochRecord> {
    const { options, isDue } = this.#setting;
    const [state, watch] = [this.#state, this.#watch];
    const began = performance.now();
    const lrFactor = await this.#steps();
    if (state.running.samples === 0) {
      const epoch = state.epoch + 1;
      const expected = `at least one batch in an epoch${maybeOnce(this.#loader)}`;
      invalid('data', `no batch in epoch ${epoch}`, expected);
    }
    const record: EpochRecord = {
      epoch: state.epoch + 1,
      ...this.#means(),
      ...this.#terms(),
      lrFactor,
      seconds: (performance.now() - began) / 1000,
    };
    await this.#validate(record);
    state.history.push(record);
    const improved = watch.see(record);
    state.watched.push(watch.last);
    if (improved && watch.restores) state.best = await this.#model.weights();
    state.epoch += 1;
    if (this.#perEpoch === 0) this.#expected = state.batch;
    state.batch = 0;
    state.running = { samples: 0, loss: 0, correct: 0 };
    if (isDue !== undefined && this.#validation !== undefined) state.evaluation = this.#validation;
    if (options.checkpoint !== undefined && isDue?.() !== false) await this.#saveCheckpoint();
    return record;
  }

  /** All steps of an epoch. @returns the schedule's factor of the last step */
  async #steps(): Promise<number> {
    const { options, isDue } = this.#setting;
    const { accumulate = 1, scheduleBy } = options;
    const state = this.#state;
    const perEpoch = this.#perEpoch;
    let lrFactor = this.#factor(scheduleBy === 'step' ? state.updates : state.epoch);
    let last = true;
    this.#lastSaved = state.batch;
    this.#pending = [];
    const pending = this.#pending;
    // The checkpoint was written after the last batch of an epoch but before its end: iterating the loader would start another epoch.
    const isOver = state.loader !== undefined && perEpoch > 0 && state.batch >= perEpoch;
    try {
      for await (const batch of itemsUntilAborted(options.signal, isOver ? [] : this.#loader)) {
        throwIfAborted(options.signal);
        this.#watch.check(batch, options.steps);
        if (this.#toSkip > 0) {
          this.#toSkip -= 1;
          continue;
        }
        if (scheduleBy === 'step') lrFactor = this.#factor(state.updates);
        const number = state.batch + pending.length + 1;
        last = number % accumulate === 0 || (perEpoch > 0 && number === perEpoch);
        const report = this.#prepared.train(batch, last ? lrFactor : undefined, pending.length > 0);
        // `#finish` reports the error, so it must not become an unhandled rejection before.
        report.catch(() => {});
        pending.push({ batch, report, last });
        while (pending.length > this.#pipelined) await this.#finish();
        if (last && isDue?.() === true) {
          // A checkpoint needs all steps finished.
          while (pending.length > 0) await this.#finish();
          await this.#saveCheckpoint();
        }
      }
      while (pending.length > 0) await this.#finish();
    } catch (error) {
      // An error of an earlier batch takes precedence.
      await pending[0]?.report;
      throw error;
    } finally {
      await Promise.allSettled(pending.map(({ report }) => report));
    }
    // Without a length, only the end of the loader shows which batch was the last.
    if (!last) await this.#applyIncompleteGroup(lrFactor);
    return lrFactor;
  }

  /** Waits for the earliest pending step, and reports it. */
  async #finish(): Promise<void> {
    const { options } = this.#setting;
    const state = this.#state;
    const { batch, report: started, last } = this.#pending[0]!;
    const report = await started;
    this.#lastBatch = batch;
    state.batch += 1;
    if (last) state.updates += 1;
    // The report has one label per sample for any loss and targets.
    const size = report.labels.length;
    const lossSum = lossContribution(options.loss, report, size);
    const correctOnes = correct(batch, report.labels, report.classes);
    state.running.samples += size;
    state.running.loss += lossSum;
    state.running.correct += correctOnes;
    if (report.terms !== undefined)
      state.running.terms = withBatch(state.running.terms ?? {}, report.terms, size);
    const soFar = this.#means();
    const epoch = state.epoch + 1;
    const done = state.epoch * this.#expected + state.batch;
    // Without a length, one more batch may always follow.
    const total = Math.max(options.epochs * this.#expected, this.#perEpoch === 0 ? done + 1 : done);
    this.#reporter.update({ done, total, epoch, ...soFar });
    const ofBatch = { batchLoss: lossSum / size, batchAccuracy: correctOnes / size };
    const info = { epoch, batch: state.batch, iteration: done, ...soFar, ...ofBatch };
    await this.#callbacks.onBatch?.(info, this.#model);
    // Only after an update: within a group of accumulated batches the checkpoint would need the gradients, too.
    const every = options.checkpoint?.everyBatches;
    if (
      every !== undefined &&
      last &&
      Math.floor(state.batch / every) > Math.floor(this.#lastSaved / every)
    ) {
      this.#lastSaved = state.batch;
      await this.#saveCheckpoint();
    }
    this.#pending.shift();
  }

  /** The update with the gradients of an incomplete group of accumulated batches at the end of an epoch. */
  async #applyIncompleteGroup(lrFactor: number): Promise<void> {
    await this.#prepared.update(lrFactor);
    this.#state.updates += 1;
  }

  async #validate(record: EpochRecord): Promise<void> {
    const { loss, by, regularizers, steps, signal, validation } = this.#setting.options;
    if (validation === undefined) return;
    const how = {
      loss,
      steps,
      signal,
      ...(by === undefined ? {} : { by }),
      ...(regularizers === undefined ? {} : { regularizers }),
    };
    this.#validation = await evaluate(this.#model, validation, how, 'validation');
    record.validationLoss = this.#validation.loss;
    record.validationAccuracy = this.#validation.accuracy;
  }
}

function correct(batch: TrainingBatch, predicted: Uint32Array, classes: number): number {
  const labels = labelsOf(batch, predicted.length, classes);
  if (labels === undefined) return Number.NaN;
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === predicted[i]) count += 1;
  return count;
}
