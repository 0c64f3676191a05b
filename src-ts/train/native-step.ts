/** What the engine gets for a training step: a batch and options, checked, as it takes them. */
import { attached, finite, flag, integer, invalid } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import type { Shape } from '../checks/tensor.ts';
import { isReals, nativeReals } from '../checks/typed.ts';
import { isWhole, stepCounts, unsigned } from '../checks/whole-numbers.ts';
import type { Description } from '../description/description.ts';
import { nativeInput } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TrainingBatch } from './batch.ts';
import { checkLoss, checkRegularizers } from './loss.ts';
import type { Loss, PooledLossOptions } from './losses.generated.ts';
import { methodRequest } from './method.ts';
import { checkOptimizer } from './optimizer.ts';
import type { Optimizer } from './optimizers.generated.ts';
import { decisions, type TrainStepOptions } from './step.ts';
import { checkTargetAxes } from './target-axes.ts';

/** Of a step without an optimizer the one whose step comes later: what it freezes is frozen now. */
export interface FrozenBy {
  frozenBy?: Optimizer | undefined;
}

/** Options of an optimizer step on the accumulated gradients. */
export interface UpdateOptions extends TaskOptions {
  /** Factor on the learning rate; default 1. */
  lrFactor?: number | undefined;
  /** Factor on the gradients, for example 1 / accumulated batches; default 1. */
  scale?: number | undefined;
  /** Clips each element of the gradients to at most this magnitude, before the optimizer's `maxNorm`; default none. */
  clipValue?: number | undefined;
  /** Whether the gradients stay readable until the next ones are computed; by default the step clears them. */
  keepGradients?: boolean | undefined;
}

/** Names of the options of {@link Model.step}. @internal */
export const updateOptions = [
  'lrFactor',
  'scale',
  'clipValue',
  'keepGradients',
  'signal',
  'onProgress',
] as const;

/** The request of a step; `populationClasses` if the loss does not group the outputs. */
export type StepRequest = Omit<TrainStepOptions, 'loss'> &
  FrozenBy & {
    loss: Loss;
    populationClasses?: number;
    /** Also what decides the labels. */
    scores?: boolean;
  };

/**
 * Checks everything.
 *
 * @param inputs - the network's input
 * @param outputs - shape of the output population
 * @param how - `backward`: with gradients; `follows`: not taken when the step before it fails
 */
export function nativeStep(
  batch: TrainingBatch,
  inputs: Description['input'],
  outputs: Shape,
  options: StepRequest,
  { backward, follows }: { backward: boolean; follows: boolean },
) {
  const input = nativeInput(batch, inputs, options);
  const {
    loss,
    populationClasses,
    optimizer,
    frozenBy,
    regularizers = [],
    segment,
    by,
    inputGradient = false,
    scores = false,
  } = options;
  const request = {
    loss,
    regularizers,
    ...(populationClasses === undefined ? {} : { populationClasses }),
    ...(segment === undefined ? {} : { segment }),
    ...(by === undefined ? {} : { by }),
    ...(backward ? methodRequest(options) : {}),
    inputGradient,
    scores,
    follows,
    ...(optimizer === undefined ? { optimizer: frozenBy } : { update: updateRequest(optimizer, options) }),
  };
  checkLoss(loss);
  checkRegularizers(regularizers);
  if (segment !== undefined) integer('segment', segment, { min: 1 });
  if (by !== undefined) oneOfOption('by', by, decisions);
  flag('inputGradient', inputGradient);
  const { y, lengths } = batch;
  if (!isWhole(y) && !isReals(y)) {
    const labels = Array.isArray(y) ? ' (Uint32Array.from(y))' : '';
    const expected = `labels in an integer array such as a Uint32Array${labels}, or values in a Float32Array or Float64Array`;
    invalid('batch.y', y, expected);
  }
  if (y.length === 0) attached('batch.y', y);
  const classes = (loss as PooledLossOptions).populationClasses;
  checkTargetAxes(batch, input, isReals(y) ? (classes === undefined ? outputs : [classes]) : []);
  return {
    input,
    classes: isReals(y) ? undefined : unsigned('batch.y', y),
    values: nativeReals(isReals(y) ? y : undefined),
    lengths: stepCounts('batch.lengths', lengths),
    request: JSON.stringify(request),
  };
}

/** An optimizer's step as the engine takes it. */
export function updateRequest(
  optimizer: Optimizer,
  { lrFactor = 1, scale = 1, clipValue, keepGradients = false }: UpdateOptions,
): object {
  checkOptimizer(optimizer);
  finite('lrFactor', lrFactor);
  finite('scale', scale);
  flag('keepGradients', keepGradients);
  if (clipValue !== undefined) finite('clipValue', clipValue);
  return { optimizer, lrFactor, scale, keepGradients, ...(clipValue === undefined ? {} : { clipValue }) };
}
