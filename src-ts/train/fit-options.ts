/** Options of a training. Generic over the model, because this room does not know {@link Model}, which callbacks receive. */
import type { InputOptions } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import type { Batches, TrainingBatch } from './batch.ts';
import type { CheckpointOptions } from './checkpoint.ts';
import type { Regularizer } from './loss.ts';
import type { Loss } from './losses.generated.ts';
import type { MethodOptions } from './method.ts';
import type { Optimizer } from './optimizers.generated.ts';
import type { OwnLoss } from './own-loss.ts';
import type { OwnSchedule, Schedule } from './schedule.ts';
import type { Decision } from './step.ts';
import type { EpochRecord, TrainingState } from './training-state.ts';
import type { EarlyStopping } from './watch.ts';

/** The record that `onBatch` receives. */
export interface BatchRecord {
  /** From 1. */
  epoch: number;
  /** Finished batches of this epoch, from 1. */
  batch: number;
  /** Finished batches of the training, from 1. If the loader has no length, earlier epochs count as many batches as the previous one had. */
  iteration: number;
  /** Mean over the samples of the epoch so far. */
  loss: number;
  /** Of the samples of the epoch so far, 0 to 1; NaN for targets that are not one label per sample. */
  accuracy: number;
  /** Mean over the samples of this batch. */
  batchLoss: number;
  /** Of the samples of this batch, 0 to 1; NaN for targets that are not one label per sample. */
  batchAccuracy: number;
}

/** The last batch of an epoch. */
export interface LastBatch {
  readonly batch: TrainingBatch;
  /** The training's `steps`: if given, the batch is `[batch, …]` and constant in time. */
  readonly steps?: number | undefined;
}

/**
 * The type of `onBatch`. It is declared as a method, like `onEpoch`: TypeScript then accepts callbacks that receive a {@link Model} although training
 * knows only a part of it.
 */
export type AfterBatch<M> = {
  call(info: BatchRecord, model: M): void | Promise<void> | undefined;
}['call'];

/** Functions that the training of a model of type `M` calls. An error that one throws ends the training. */
export interface CallbacksOf<M> {
  /**
   * After every batch; default nothing. Until the promise that it returns has settled, `model.gradients()` and `model.gradientNorms()` give the
   * gradients of the step that the batch ended (clipped by `clipValue`, before `maxNorm`), or with `accumulate` the sum so far.
   */
  onBatch?: AfterBatch<M> | undefined;
  /**
   * After every epoch; returning `false` ends training. Default nothing.
   *
   * @param last - the epoch's last batch, on which the model's activity can be examined; undefined if the epoch ended before training was resumed
   */
  onEpoch?(record: EpochRecord, model: M, last?: LastBatch): unknown;
}

/** Options of the training of a model of type `M`: for {@link Model.fit} and the training loop. */
export interface FitOptionsOf<M> extends InputOptions, TaskOptions, MethodOptions {
  /** How often training goes through the data, at least 1. */
  epochs: number;
  /** The objective to minimize: `loss.crossEntropyRate()` for example, or a function of outputs and batch that returns a value and its gradient. */
  loss: Loss | TracedLoss | OwnLoss;
  /** Default Adam with torch's settings. Its moments stay with the model for the next training; another kind of optimizer starts without them. */
  optimizer?: Optimizer;
  /** A factor on the learning rate over epochs or steps, also as a function of the number of finished ones; default none. */
  schedule?: Schedule | OwnSchedule;
  /** Whether the schedule counts epochs (default) or optimizer steps, from the start of this training. */
  scheduleBy?: 'epoch' | 'step';
  /** The criterion of the label for the accuracy; default: the loss's criterion, see {@link Decision}. */
  by?: Decision;
  /** Data to evaluate after every epoch, without learning from them; default none. */
  validation?: Batches;
  /** Ends training when a metric no longer improves; by default all epochs are trained. */
  earlyStopping?: EarlyStopping;
  /**
   * Number of batches whose mean gradient makes one step. If fewer are left at the end of an epoch, their sum is also divided by this
   * number, so that every batch has the same weight. Default 1.
   */
  accumulate?: number;
  /** Clips each element of the gradients to at most this magnitude, before the optimizer's `maxNorm`; default none. */
  clipValue?: number;
  /** Penalties on firing rates, added to the loss; default none. */
  regularizers?: readonly Regularizer[];
  /**
   * Number of time steps kept in memory at once: checkpointed back-propagation through time, which finds the same gradient with one more
   * forward pass (T. Chen et al., arXiv:1604.06174); default all.
   */
  segment?: number;
  /**
   * Writes a checkpoint after every epoch, and with `everyBatches` also after this number of batches (with `accumulate`, after the next step);
   * default none. Within a trial of a study, the default is checkpoints that are kept with the trial, and a killed trial continues from the last one automatically.
   * A checkpoint is written to a file, atomically, or its bytes are passed to a function: {@link loadCheckpoint} reads either.
   */
  checkpoint?: CheckpointOptions;
  /** The `training` that `loadCheckpoint` returned with its `model`: training continues from there, with the same kind of optimizer. Default: a new training. */
  resume?: TrainingState;
  /** Functions to call after a batch and after an epoch, a log such as `log.tensorboard('runs/1')`, or a list of these; default none. */
  callbacks?: CallbacksOf<M> | readonly CallbacksOf<M>[];
}
