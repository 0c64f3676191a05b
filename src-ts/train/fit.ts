/** The usual training loop: epochs over a loader, schedules, early stopping, checkpoints, history. */

import { callback, options as checkOptions, filePath, integer, invalid } from '../checks/check.ts';
import { LapicqueError, throwIfAborted } from '../checks/errors.ts';
import { ofPeers, unknownOption } from '../checks/peer-names.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { type LoaderState, readsAhead } from '../data/loader.ts';
import type { InputOptions } from '../description/input-tensor.ts';
import { itemsUntilAborted, untilAborted } from '../engine/abort.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { currentTrial } from '../engine/trial-context.ts';
import type { Model, Weights } from '../model/model.ts';
import { modelBytes, writeModel } from '../model/model-file.ts';
import { classesOf, type Evaluation, evaluate, labelsOf, maybeOnce, weighed } from './evaluate.ts';
import { checkRegularisers, type Loss, type Regulariser } from './loss.ts';
import { type MethodOptions, methodOptions } from './method.ts';
import type { FrozenBy } from './native-step.ts';
import { adam, type Optimizer, type OwnSchedule, type Schedule } from './optimizer.ts';
import type { OwnLoss } from './own-loss.ts';
import { Teller } from './progress.ts';
import { checkedState, fresh } from './resume.ts';
import { checkSchedule, factorOf } from './schedule-form.ts';
import {
  type Batches,
  checkBatches,
  type Decision,
  decisions,
  type StepReport,
  type TrainingBatch,
  type TrainStepOptions,
} from './step.ts';
import { fitInTrial, type TrialFit } from './trial-fit.ts';
import { Watch } from './watch.ts';

/** One epoch's record. */
export interface EpochRecord {
  /** From 1. */
  epoch: number;
  loss: number;
  /** 0 to 1; NaN for targets that are not one label a sample. */
  accuracy: number;
  validationLoss?: number;
  validationAccuracy?: number;
  /** Factor of the schedule in this epoch's last step. */
  lrFactor: number;
  seconds: number;
}

/** What early stopping watches. */
export type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

/** Ends training when a metric no longer improves. */
export interface EarlyStopping {
  /** Default `validationLoss` with validation data, else `loss`. */
  metric?: Metric;
  /** How many epochs without improvement to wait; default 5. */
  patience?: number;
  /** How much better an epoch must be to count as an improvement; default 0. */
  minDelta?: number;
  /** Ends with the weights of the best epoch; default true. */
  restoreBest?: boolean;
}

/** Calls during training. What they throw ends it. */
export interface Callbacks {
  /** After every batch, with the means over the samples of the epoch so far; default nothing. */
  onBatch?: (info: { epoch: number; batch: number; loss: number; accuracy: number }) => void | Promise<void>;
  /** After every epoch; returning `false` ends training. Default nothing. */
  onEpoch?: (record: EpochRecord, model: Model) => unknown;
}

/** Options of `model.fit`. */
export interface FitOptions extends InputOptions, TaskOptions, MethodOptions {
  /** How often training goes through the data, at least 1. */
  epochs: number;
  /** What training makes small: `loss.crossEntropyRate()` for example, or a function of outputs and batch that returns a value and its gradient. */
  loss: Loss | OwnLoss;
  /** Default Adam with torch's settings. Its moments stay with the model for the next training; another kind of optimiser begins without. */
  optimizer?: Optimizer;
  /** A factor on the learning rate over epochs or steps, also as a function of how many are done; default none. */
  schedule?: Schedule | OwnSchedule;
  /** Whether the schedule counts epochs (default) or optimiser steps, from the beginning of this training. */
  scheduleBy?: 'epoch' | 'step';
  /** What decides the label for the accuracy; default what the loss compares, see {@link Decision}. */
  by?: Decision;
  /** Data to evaluate after every epoch, without learning from them; default none. */
  validation?: Batches;
  /** Ends training when a metric no longer improves; by default all epochs are trained. */
  earlyStopping?: EarlyStopping;
  /**
   * Number of batches whose mean gradient makes one step. Where fewer are left at the end of an epoch, their sum is divided by this
   * number all the same, so that every batch counts as much. Default 1.
   */
  accumulate?: number;
  /** Clips each element of the gradients to at most this magnitude, before the optimiser's `maxNorm`; default none. */
  clipValue?: number;
  /** Penalties on firing rates, added to the loss; default none. */
  regularisers?: readonly Regulariser[];
  /**
   * Number of time steps kept in memory at once: checkpointed back-propagation through time, which finds the same gradient with one more
   * forward pass (T. Chen et al., arXiv:1604.06174); default all.
   */
  segment?: number;
  /**
   * Writes a checkpoint after every epoch, and with `everyBatches` after every so many batches (with `accumulate`, after the next step);
   * default none, but within a trial of a study: there, checkpoints are kept with the trial, and training goes on from the last one by itself
   * when the trial was interrupted by a kill. It goes to a file, atomically, or its bytes to a function: {@link loadCheckpoint} takes either.
   */
  checkpoint?: CheckpointOptions;
  /** The `training` that `loadCheckpoint` gave beside its `model`: training goes on from there, with the same kind of optimiser. Default: it begins anew. */
  resume?: TrainingState;
  /** Functions to call after a batch and after an epoch; default none. */
  callbacks?: Callbacks;
}

/** Where checkpoints go: `path` or `write`. */
export interface CheckpointOptions {
  /** The file, written atomically: a path or a `file:` URL; default none. */
  path?: string | URL;
  /** Gets the bytes of each checkpoint; training waits until it has them. What it throws ends the training. Default none. */
  write?: (checkpoint: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Also after so many batches; default only after each epoch. */
  everyBatches?: number;
}

/** Where training stands, as plain data; with the model and the optimiser's moments it makes a checkpoint. */
export interface TrainingState {
  /** Finished epochs. */
  epoch: number;
  /** Finished batches of the running epoch. */
  batch: number;
  /** Optimiser steps of this training; absent in checkpoints of older versions. */
  updates?: number;
  /** Of the loader, where it tells. */
  loader?: LoaderState;
  /** Of the validation data, where they tell. */
  validation?: LoaderState;
  history: EpochRecord[];
  /** Values that a plateau schedule and early stopping have seen. */
  watched: number[];
  /** Sums of the running epoch. */
  running: { samples: number; loss: number; correct: number };
  /** The optimiser, whose moments the checkpoint holds. */
  optimizer?: Optimizer['kind'];
  /** Of the validation data after the last epoch, in checkpoints of trials. */
  evaluation?: Evaluation;
  /** Weights of the best epoch so far, where early stopping is to end with them. */
  best?: Record<string, Weights>;
}

/** What training gives back. */
export interface FitResult {
  history: EpochRecord[];
  /** Why it ended. */
  stopped: 'done' | 'early' | 'callback';
  /** The best epoch by the watched metric, from 1. */
  bestEpoch: number;
  /** On the validation data after the last epoch, also where the weights are then those of the best epoch. */
  validation?: Evaluation;
}

const known = [
  'epochs',
  'loss',
  'optimizer',
  'schedule',
  'scheduleBy',
  'by',
  'validation',
  'earlyStopping',
  'accumulate',
  'clipValue',
  'regularisers',
  'segment',
  ...methodOptions,
  'checkpoint',
  'resume',
  'callbacks',
  'steps',
  'signal',
  'onProgress',
] as const;

/** Loaders that can tell where they stand and how long they are. */
interface Resumable {
  length?: number;
  state?: () => LoaderState;
  restore?: (state: LoaderState) => void;
}

/** Where training stands while it runs. */
type Standing = TrainingState & { updates: number };

/** A step that has been started. */
interface Underway {
  batch: TrainingBatch;
  report: Promise<StepReport>;
  /** Whether the optimiser takes its step behind it. */
  last: boolean;
}

/** Models of which a `fit` is under way. */
const training = new WeakSet<Model>();

/** See {@link Model.fit}. */
export async function fit(model: Model, data: Batches, given: FitOptions): Promise<FitResult> {
  const options = checked(given);
  checkBatches('data', data);
  // Of two at once each would take and clear the gradients that the other has gathered.
  if (training.has(model)) {
    const fields = {
      name: 'fit',
      value: 'a call during another fit()',
      expected: 'no other fit() under way',
    };
    const message = 'fit: the model is being trained by another fit(); await it first';
    throw new LapicqueError('invalid-parameter', fields, { message });
  }
  training.add(model);
  try {
    const trial = currentTrial();
    return await begun(
      model,
      data,
      trial === undefined ? { options } : await fitInTrial(trial, model, options),
    );
  } finally {
    training.delete(model);
  }
}

async function begun(model: Model, data: Batches, within: TrialFit): Promise<FitResult> {
  const { options } = within;
  const optimizer = options.optimizer ?? adam();
  const loader = data as Batches & Resumable;
  const begin = options.resume === undefined ? fresh() : checkedState(options.resume);
  const state: Standing = { ...begin, updates: begin.updates ?? model.updates };
  if (state.optimizer !== undefined && state.optimizer !== optimizer.kind) {
    invalid('optimizer', optimizer.kind, `${state.optimizer}, whose moments training is resumed with`);
  }
  state.optimizer = optimizer.kind;
  restore('data', loader, state.loader);
  if (options.validation !== undefined)
    restore('validation', options.validation as Resumable, state.validation);
  const watch = new Watch(options);
  watch.replay(state.history);
  // Checkpoints are of between two steps: no gradient from before belongs to this training.
  await model.clearGradients();
  try {
    return await train(model, loader, within, optimizer, state, watch);
  } catch (error) {
    // Those of a group of batches that has not come to its step are nobody's. Of a model disposed of they are gone.
    await model.clearGradients().catch(() => {});
    throw error;
  }
}

async function train(
  model: Model,
  loader: Batches & Resumable,
  { options, isDue, goesOn }: TrialFit,
  optimizer: Optimizer,
  state: Standing,
  watch: Watch,
): Promise<FitResult> {
  const { epochs, accumulate = 1 } = options;
  const factor = (n: number) => factorOf(options.schedule, n, state.watched);
  const perEpoch = loader.length ?? 0;
  // Batches of an epoch as far as anybody knows: of a loader that does not tell, those of the last one.
  let expected = perEpoch;
  const teller = new Teller(options.onProgress);
  let validation = state.evaluation;
  let stopped: FitResult['stopped'] = watch.patienceIsOver ? 'early' : 'done';
  if (goesOn === true && state.batch === 0 && state.history.length > 0) {
    // A kill may have come between the checkpoint and this call.
    if ((await options.callbacks?.onEpoch?.(state.history.at(-1)!, model)) === false) stopped = 'callback';
  }
  // A loader that cannot be restored begins its epoch anew: what was seen of it is passed over.
  let seen = state.loader === undefined ? state.batch : 0;
  const every = options.checkpoint?.everyBatches;

  // Where nobody looks on between two batches, one more is on its way: the engine need not wait for it.
  const watched =
    options.callbacks?.onBatch !== undefined ||
    options.onProgress !== undefined ||
    every !== undefined ||
    options.scheduleBy === 'step';
  const ahead = !watched && readsAhead(loader) && typeof options.loss !== 'function' ? 1 : 0;

  while (stopped === 'done' && state.epoch < epochs) {
    const began = performance.now();
    const epoch = state.epoch + 1;
    let lrFactor = factor(options.scheduleBy === 'step' ? state.updates : state.epoch);
    let last = true;
    // Batches of this epoch when the last checkpoint was written.
    let kept = state.batch;
    // A checkpoint of between an epoch's last batch and its end: the loader's next loop would be another epoch.
    const isOver = state.loader !== undefined && perEpoch > 0 && state.batch >= perEpoch;
    const underway: Underway[] = [];
    const finish = async () => {
      const { batch, report: running, last } = underway[0]!;
      const report = await running;
      state.batch += 1;
      if (last) state.updates += 1;
      // One label a sample, whatever the loss and the targets.
      const size = report.labels.length;
      state.running.samples += size;
      state.running.loss += weighed(options.loss, report, size);
      state.running.correct += correct(batch, report.labels, classesOf(model, options.loss));
      const { samples, loss } = state.running;
      const soFar = { loss: loss / samples, accuracy: state.running.correct / samples };
      const done = state.epoch * expected + state.batch;
      // Without a length there may always be one more.
      const total = Math.max(epochs * expected, perEpoch === 0 ? done + 1 : done);
      teller.stands({ done, total, epoch, ...soFar });
      await options.callbacks?.onBatch?.({ epoch, batch: state.batch, ...soFar });
      // Of accumulated batches the next step is waited for: between two, gradients would have to be kept.
      if (every !== undefined && last && Math.floor(state.batch / every) > Math.floor(kept / every)) {
        kept = state.batch;
        await keep(model, options, loader, state);
      }
      underway.shift();
    };
    try {
      for await (const batch of itemsUntilAborted(options.signal, isOver ? [] : loader)) {
        throwIfAborted(options.signal);
        watch.check(batch, options.steps);
        if (seen > 0) {
          seen -= 1;
          continue;
        }
        if (options.scheduleBy === 'step') lrFactor = factor(state.updates);
        const number = state.batch + underway.length + 1;
        last = number % accumulate === 0 || (perEpoch > 0 && number === perEpoch);
        const step: TrainStepOptions & FrozenBy = {
          steps: options.steps,
          loss: options.loss,
          optimizer: last ? optimizer : undefined,
          frozenBy: optimizer,
          lrFactor,
          scale: 1 / accumulate,
          clipValue: options.clipValue,
          regularisers: options.regularisers ?? [],
          segment: options.segment,
          by: options.by,
          method: options.method,
          truncate: options.truncate,
          signal: options.signal,
        };
        const report = model.startStep(batch, step, underway.length > 0);
        // Reported when its turn comes, not as an unhandled rejection.
        report.catch(() => {});
        underway.push({ batch, report, last });
        while (underway.length > ahead) await finish();
        if (last && isDue?.() === true) {
          // Between two steps, none of which is under way.
          while (underway.length > 0) await finish();
          await keep(model, options, loader, state);
        }
      }
      while (underway.length > 0) await finish();
    } catch (error) {
      // What went wrong with an earlier batch comes first.
      await underway[0]?.report;
      throw error;
    } finally {
      await Promise.allSettled(underway.map(({ report }) => report));
    }
    if (!last) {
      // Of a loader without a length only its end tells which batch was the last.
      const { clipValue, signal } = options;
      const step = { lrFactor, scale: 1 / accumulate, signal };
      await model.step(optimizer, clipValue === undefined ? step : { ...step, clipValue });
      state.updates += 1;
    }
    if (state.running.samples === 0)
      invalid('data', `no batch in epoch ${epoch}`, `at least one batch in an epoch${maybeOnce(loader)}`);
    const { samples, loss, correct: right } = state.running;
    const record: EpochRecord = {
      epoch,
      loss: loss / samples,
      accuracy: right / samples,
      lrFactor,
      seconds: (performance.now() - began) / 1000,
    };
    if (options.validation !== undefined) {
      const { loss: l, by, regularisers, steps, signal } = options;
      const how = {
        loss: l,
        steps,
        signal,
        ...(by === undefined ? {} : { by }),
        ...(regularisers === undefined ? {} : { regularisers }),
      };
      validation = await evaluate(model, options.validation, how, 'validation');
      record.validationLoss = validation.loss;
      record.validationAccuracy = validation.accuracy;
    }
    state.history.push(record);
    const improved = watch.see(record);
    state.watched.push(watch.last);
    if (improved && watch.restores) state.best = await model.weights();
    state.epoch += 1;
    if (perEpoch === 0) expected = state.batch;
    state.batch = 0;
    state.running = { samples: 0, loss: 0, correct: 0 };
    if (isDue !== undefined && validation !== undefined) state.evaluation = validation;
    if (options.checkpoint !== undefined && isDue?.() !== false) await keep(model, options, loader, state);
    if ((await options.callbacks?.onEpoch?.(record, model)) === false) stopped = 'callback';
    else if (watch.patienceIsOver) stopped = 'early';
  }
  teller.ends();
  if (state.best !== undefined && watch.best !== state.history.length) await model.setWeights(state.best);
  return {
    history: state.history,
    stopped,
    bestEpoch: watch.best,
    ...(validation === undefined ? {} : { validation }),
  };
}

/** Refuses what is wrong with the options before the first batch; those of a step are checked with each step. */
function checked(given: FitOptions): FitOptions {
  const other = Object.keys(Object(given)).find((key) => ofPeers(key, known) !== undefined);
  if (other !== undefined) throw unknownOption('fit', other, known);
  const options = checkOptions('fit', given, known);
  const { accumulate, scheduleBy, by, validation, checkpoint } = options;
  checkTask(options);
  integer('epochs', options.epochs, { min: 1 });
  if (accumulate !== undefined) integer('accumulate', accumulate, { min: 1 });
  if (options.schedule !== undefined && typeof options.schedule !== 'function')
    checkSchedule('schedule', options.schedule);
  if (options.regularisers !== undefined) checkRegularisers(options.regularisers);
  if (scheduleBy !== undefined) oneOfOption('scheduleBy', scheduleBy, ['epoch', 'step']);
  if (by !== undefined) oneOfOption('by', by, decisions);
  if (validation !== undefined) checkBatches('validation', validation);
  if (checkpoint !== undefined) {
    const { path, write, everyBatches } = checkOptions('checkpoint', checkpoint, [
      'path',
      'write',
      'everyBatches',
    ]);
    if (write === undefined) filePath('checkpoint.path', path);
    else {
      callback('checkpoint.write', write);
      if (path !== undefined) invalid('checkpoint.path', path, 'nothing beside checkpoint.write');
    }
    if (everyBatches !== undefined) integer('checkpoint.everyBatches', everyBatches, { min: 1 });
  }
  const callbacks = checkOptions('callbacks', options.callbacks, ['onBatch', 'onEpoch']);
  if (callbacks.onBatch !== undefined) callback('callbacks.onBatch', callbacks.onBatch);
  if (callbacks.onEpoch !== undefined) callback('callbacks.onEpoch', callbacks.onEpoch);
  return options;
}

/** Puts a loader back where it stood. */
function restore(name: string, loader: Resumable, state: LoaderState | undefined): void {
  if (state === undefined) return;
  if (loader.restore === undefined)
    invalid(name, loader, 'a loader that can be restored, such as a DataLoader');
  loader.restore(state);
}

async function keep(
  model: Model,
  options: FitOptions,
  loader: Resumable,
  state: TrainingState,
): Promise<void> {
  const position = loader.state?.();
  const ofValidation = (options.validation as Resumable | undefined)?.state?.();
  const snapshot: TrainingState = {
    ...state,
    ...(position === undefined ? {} : { loader: position }),
    ...(ofValidation === undefined ? {} : { validation: ofValidation }),
  };
  const { path, write } = options.checkpoint!;
  const task = { signal: options.signal };
  if (write === undefined) await writeModel(model, path!, task, snapshot);
  else await untilAborted(options.signal, Promise.resolve(write(await modelBytes(model, task, snapshot))));
}

function correct(batch: TrainingBatch, predicted: Uint32Array, classes: number): number {
  const labels = labelsOf(batch, predicted.length, classes);
  if (labels === undefined) return Number.NaN;
  let count = 0;
  for (let i = 0; i < labels.length; i++) if (labels[i] === predicted[i]) count += 1;
  return count;
}
