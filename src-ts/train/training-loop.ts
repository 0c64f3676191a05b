/** The loop of a training: epochs, the steps of each, and what comes between two epochs. */
import { invalid } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { readsAhead } from '../data/loader.ts';
import { itemsUntilAborted } from '../engine/abort.ts';
import type { Batches, TrainingBatch } from './batch.ts';
import { keep, type Resumable } from './checkpoint.ts';
import { classesOf, type Evaluation, evaluate, labelsOf, maybeOnce, weighed } from './evaluate.ts';
import type { FrozenBy } from './native-step.ts';
import type { Optimizer } from './optimizer.ts';
import { Teller } from './progress.ts';
import { factorOf } from './schedule-form.ts';
import type { StepReport, TrainStepOptions } from './step.ts';
import type { TrainedModel } from './trained-model.ts';
import type { EpochRecord, FitResult, TrainingState } from './training-state.ts';
import type { TrialFit } from './trial-fit.ts';
import type { Watch } from './watch.ts';

/** The state of a running training. */
export type Standing = TrainingState & { updates: number };

/** A step that has been started. */
interface Underway {
  batch: TrainingBatch;
  report: Promise<StepReport>;
  /** Whether the optimizer takes its step after it. */
  last: boolean;
}

/** One training. */
export class TrainingLoop {
  readonly #model: TrainedModel;
  readonly #loader: Batches & Resumable;
  readonly #within: TrialFit;
  readonly #optimizer: Optimizer;
  readonly #state: Standing;
  readonly #watch: Watch;
  readonly #teller: Teller;
  /** Batches of an epoch; 0 of a loader that does not tell. */
  readonly #perEpoch: number;
  /** Batches of an epoch as far as anybody knows: of a loader that does not tell, those of the last one. */
  #expected: number;
  /** Batches to pass over. */
  #seen: number;
  /** How many steps may be under way when the next batch is asked for. */
  readonly #ahead: 0 | 1;
  /** Steps of this epoch that have been started, in their order. */
  #underway: Underway[] = [];
  /** Batches of this epoch when the last checkpoint was written. */
  #kept = 0;
  #validation: Evaluation | undefined;

  constructor(
    model: TrainedModel,
    loader: Batches & Resumable,
    within: TrialFit,
    optimizer: Optimizer,
    state: Standing,
    watch: Watch,
  ) {
    const { options } = within;
    this.#model = model;
    this.#loader = loader;
    this.#within = within;
    this.#optimizer = optimizer;
    this.#state = state;
    this.#watch = watch;
    this.#teller = new Teller(options.onProgress);
    this.#perEpoch = loader.length ?? 0;
    this.#expected = this.#perEpoch;
    this.#validation = state.evaluation;
    // A loader that cannot be restored begins its epoch anew: what was seen of it is passed over.
    this.#seen = state.loader === undefined ? state.batch : 0;
    // Where nobody looks on between two batches, one more is on its way: the engine need not wait for it.
    const watched =
      options.callbacks?.onBatch !== undefined ||
      options.onProgress !== undefined ||
      options.checkpoint?.everyBatches !== undefined ||
      options.scheduleBy === 'step';
    this.#ahead = !watched && readsAhead(loader) && typeof options.loss !== 'function' ? 1 : 0;
  }

  async run(): Promise<FitResult> {
    const [state, watch] = [this.#state, this.#watch];
    const { options, goesOn } = this.#within;
    let stopped: FitResult['stopped'] = watch.patienceIsOver ? 'early' : 'done';
    if (goesOn === true && state.batch === 0 && state.history.length > 0) {
      // A kill may have come between the checkpoint and this call.
      if ((await this.#report(state.history.at(-1)!)) === false) stopped = 'callback';
    }
    while (stopped === 'done' && state.epoch < options.epochs) {
      const record = await this.#epoch();
      if ((await this.#report(record)) === false) stopped = 'callback';
      else if (watch.patienceIsOver) stopped = 'early';
    }
    this.#teller.ends();
    if (state.best !== undefined && watch.best !== state.history.length)
      await this.#model.setWeights(state.best);
    return {
      history: state.history,
      stopped,
      bestEpoch: watch.best,
      ...(this.#validation === undefined ? {} : { validation: this.#validation }),
    };
  }

  /** Calls back at the end of an epoch. */
  async #report(record: EpochRecord): Promise<unknown> {
    return this.#within.options.callbacks?.onEpoch?.(record, this.#model);
  }

  #factor(n: number): number {
    return factorOf(this.#within.options.schedule, n, this.#state.watched);
  }

  #keep(): Promise<void> {
    return keep(this.#model, this.#within.options, this.#loader, this.#state);
  }

  /** Trains on all batches once. */
  async #epoch(): Promise<EpochRecord> {
    const { options, isDue } = this.#within;
    const [state, watch] = [this.#state, this.#watch];
    const began = performance.now();
    const lrFactor = await this.#steps();
    const { samples, loss, correct } = state.running;
    if (samples === 0) {
      const epoch = state.epoch + 1;
      const expected = `at least one batch in an epoch${maybeOnce(this.#loader)}`;
      invalid('data', `no batch in epoch ${epoch}`, expected);
    }
    const record: EpochRecord = {
      epoch: state.epoch + 1,
      loss: loss / samples,
      accuracy: correct / samples,
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
    if (options.checkpoint !== undefined && isDue?.() !== false) await this.#keep();
    return record;
  }

  /** All steps of an epoch. @returns the schedule's factor in the last one */
  async #steps(): Promise<number> {
    const { options, isDue } = this.#within;
    const { accumulate = 1, scheduleBy } = options;
    const state = this.#state;
    const perEpoch = this.#perEpoch;
    let lrFactor = this.#factor(scheduleBy === 'step' ? state.updates : state.epoch);
    let last = true;
    this.#kept = state.batch;
    this.#underway = [];
    const underway = this.#underway;
    // A checkpoint of between an epoch's last batch and its end: the loader's next loop would be another epoch.
    const isOver = state.loader !== undefined && perEpoch > 0 && state.batch >= perEpoch;
    try {
      for await (const batch of itemsUntilAborted(options.signal, isOver ? [] : this.#loader)) {
        throwIfAborted(options.signal);
        this.#watch.check(batch, options.steps);
        if (this.#seen > 0) {
          this.#seen -= 1;
          continue;
        }
        if (scheduleBy === 'step') lrFactor = this.#factor(state.updates);
        const number = state.batch + underway.length + 1;
        last = number % accumulate === 0 || (perEpoch > 0 && number === perEpoch);
        const step = this.#stepOptions(last, lrFactor);
        const report = this.#model.startStep(batch, step, underway.length > 0);
        // Reported when its turn comes, not as an unhandled rejection.
        report.catch(() => {});
        underway.push({ batch, report, last });
        while (underway.length > this.#ahead) await this.#finish();
        if (last && isDue?.() === true) {
          // Between two steps, none of which is under way.
          while (underway.length > 0) await this.#finish();
          await this.#keep();
        }
      }
      while (underway.length > 0) await this.#finish();
    } catch (error) {
      // What went wrong with an earlier batch comes first.
      await underway[0]?.report;
      throw error;
    } finally {
      await Promise.allSettled(underway.map(({ report }) => report));
    }
    // Of a loader without a length only its end tells which batch was the last.
    if (!last) await this.#stepOfRest(lrFactor);
    return lrFactor;
  }

  /** @param last - whether the optimiser takes its step behind this batch */
  #stepOptions(last: boolean, lrFactor: number): TrainStepOptions & FrozenBy {
    const { options } = this.#within;
    return {
      steps: options.steps,
      loss: options.loss,
      optimizer: last ? this.#optimizer : undefined,
      frozenBy: this.#optimizer,
      lrFactor,
      scale: 1 / (options.accumulate ?? 1),
      clipValue: options.clipValue,
      regularisers: options.regularisers ?? [],
      segment: options.segment,
      by: options.by,
      method: options.method,
      truncate: options.truncate,
      signal: options.signal,
    };
  }

  /** Waits for the earliest step under way, and tells of it. */
  async #finish(): Promise<void> {
    const { options } = this.#within;
    const state = this.#state;
    const { batch, report: running, last } = this.#underway[0]!;
    const report = await running;
    state.batch += 1;
    if (last) state.updates += 1;
    // One label a sample, whatever the loss and the targets.
    const size = report.labels.length;
    state.running.samples += size;
    state.running.loss += weighed(options.loss, report, size);
    state.running.correct += correct(batch, report.labels, classesOf(this.#model, options.loss));
    const { samples, loss } = state.running;
    const soFar = { loss: loss / samples, accuracy: state.running.correct / samples };
    const epoch = state.epoch + 1;
    const done = state.epoch * this.#expected + state.batch;
    // Without a length there may always be one more.
    const total = Math.max(options.epochs * this.#expected, this.#perEpoch === 0 ? done + 1 : done);
    this.#teller.stands({ done, total, epoch, ...soFar });
    await options.callbacks?.onBatch?.({ epoch, batch: state.batch, ...soFar });
    // Of accumulated batches the next step is waited for: between two, gradients would have to be kept.
    const every = options.checkpoint?.everyBatches;
    if (every !== undefined && last && Math.floor(state.batch / every) > Math.floor(this.#kept / every)) {
      this.#kept = state.batch;
      await this.#keep();
    }
    this.#underway.shift();
  }

  /** The step on the gradients of the batches that were left at the end of an epoch. */
  async #stepOfRest(lrFactor: number): Promise<void> {
    const { accumulate = 1, clipValue, signal } = this.#within.options;
    const step = { lrFactor, scale: 1 / accumulate, signal };
    await this.#model.step(this.#optimizer, clipValue === undefined ? step : { ...step, clipValue });
    this.#state.updates += 1;
  }

  async #validate(record: EpochRecord): Promise<void> {
    const { loss, by, regularisers, steps, signal, validation } = this.#within.options;
    if (validation === undefined) return;
    const how = {
      loss,
      steps,
      signal,
      ...(by === undefined ? {} : { by }),
      ...(regularisers === undefined ? {} : { regularisers }),
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
