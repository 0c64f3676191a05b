/** The usual training loop: epochs over a loader, schedules, early stopping, checkpoints, history. */

import { callback, options as checkOptions, filePath, integer, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { ofPeers, unknownOption } from '../checks/peer-names.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { checkTask } from '../engine/native.ts';
import { currentTrial } from '../engine/trial-context.ts';
import { type Batches, checkBatches } from './batch.ts';
import { checkCallbacks, joined, mayPipeline } from './callbacks.ts';
import { type Resumable, restore } from './checkpoint.ts';
import type { FitOptionsOf } from './fit-options.ts';
import { methodOptions } from './method.ts';
import { adam, type Optimizer } from './optimizers.generated.ts';
import { checkedState, fresh } from './resume.ts';
import { checkSchedule } from './schedule-form.ts';
import type { TrainStepOptions } from './step.ts';
import type { TrainedModel } from './trained-model.ts';
import { type RunningState, TrainingLoop } from './training-loop.ts';
import type { FitResult } from './training-state.ts';
import { fitInTrial, type TrialFit } from './trial-fit.ts';
import { Watch } from './watch.ts';

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
  'regularizers',
  'segment',
  ...methodOptions,
  'checkpoint',
  'resume',
  'callbacks',
  'steps',
  'signal',
  'onProgress',
] as const;

/** Models with a running `fit`. */
const training = new WeakSet<TrainedModel>();

/** See {@link Model.fit}. */
export async function fit(
  model: TrainedModel,
  data: Batches,
  rawOptions: FitOptionsOf<TrainedModel>,
): Promise<FitResult> {
  const options = checked(rawOptions);
  checkBatches('data', data);
  // Two at once would each use and clear the gradients that the other has accumulated.
  if (training.has(model)) {
    const fields = {
      name: 'fit',
      value: 'a call during another fit()',
      expected: 'no other running fit()',
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

async function begun(model: TrainedModel, data: Batches, within: TrialFit): Promise<FitResult> {
  const { options } = within;
  const optimizer = options.optimizer ?? adam();
  const prepared = model.prepareSteps(stepOptions(options, optimizer));
  const loader = data as Batches & Resumable;
  const begin = options.resume === undefined ? fresh() : checkedState(options.resume);
  const state: RunningState = { ...begin, updates: begin.updates ?? model.updates };
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
    return await new TrainingLoop(model, loader, within, prepared, state, watch).run();
  } catch (error) {
    // Those of a group of batches that has not come to its step are nobody's. Of a model disposed of they are gone.
    await model.clearGradients().catch(() => {});
    throw error;
  }
}

/** The options of the steps of a training. */
function stepOptions(options: FitOptionsOf<TrainedModel>, optimizer: Optimizer): TrainStepOptions {
  const {
    steps,
    loss,
    accumulate = 1,
    clipValue,
    regularizers = [],
    segment,
    by,
    method,
    truncate,
  } = options;
  return {
    ...{ steps, loss, optimizer, clipValue, regularizers, segment, by, method, truncate },
    scale: 1 / accumulate,
    keepGradients: !mayPipeline(joined(options.callbacks)),
    signal: options.signal,
  };
}

/** Refuses invalid options of the training; those of its steps are checked when they are prepared. */
function checked(rawOptions: FitOptionsOf<TrainedModel>): FitOptionsOf<TrainedModel> {
  const other = Object.keys(Object(rawOptions)).find((key) => ofPeers(key, known) !== undefined);
  if (other !== undefined) throw unknownOption('fit', other, known);
  const options = checkOptions('fit', rawOptions, known);
  const { accumulate, scheduleBy, validation, checkpoint } = options;
  checkTask(options);
  integer('epochs', options.epochs, { min: 1 });
  if (accumulate !== undefined) integer('accumulate', accumulate, { min: 1 });
  if (options.schedule !== undefined && typeof options.schedule !== 'function')
    checkSchedule('schedule', options.schedule);
  if (scheduleBy !== undefined) oneOfOption('scheduleBy', scheduleBy, ['epoch', 'step']);
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
      if (path !== undefined) invalid('checkpoint.path', path, 'no value, because checkpoint.write is given');
    }
    if (everyBatches !== undefined) integer('checkpoint.everyBatches', everyBatches, { min: 1 });
  }
  checkCallbacks(options.callbacks);
  return options;
}
