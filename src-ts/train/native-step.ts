/** What the engine gets for a training step: a batch and options, checked, as it takes them. */
import { attached, finite, flag, integer, invalid, typedArray } from '../check.ts';
import type { Description } from '../description.ts';
import { nativeInput } from '../input.ts';
import { checkLoss, checkRegularisers, type Loss, type PooledLossOptions } from '../loss.ts';
import { oneOfOption } from '../plain-data.ts';
import type { Shape } from '../tensor.ts';
import { isKind, isReals, nativeReals } from '../typed.ts';
import { methodRequest } from './method.ts';
import { checkOptimizer, type Optimizer } from './optimizer.ts';
import { decisions, type TrainingBatch, type TrainStepOptions } from './step.ts';
import { checkTargetAxes } from './target-axes.ts';

/** Of a step without an optimiser the one whose step comes later: what it freezes is frozen now. */
export interface FrozenBy {
  frozenBy?: Optimizer | undefined;
}

/** What a step is asked for; `populationClasses` where it is not the loss that groups the outputs. */
export type StepRequest = Omit<TrainStepOptions, 'loss'> &
  FrozenBy & { loss: Loss; populationClasses?: number };

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
    regularisers = [],
    segment,
    by,
    inputGradient = false,
  } = options;
  const request = {
    loss,
    regularisers,
    ...(populationClasses === undefined ? {} : { populationClasses }),
    ...(segment === undefined ? {} : { segment }),
    ...(by === undefined ? {} : { by }),
    ...(backward ? methodRequest(options) : {}),
    inputGradient,
    follows,
    ...(optimizer === undefined ? { optimizer: frozenBy } : { update: updateRequest(optimizer, options) }),
  };
  checkLoss(loss);
  checkRegularisers(regularisers);
  if (segment !== undefined) integer('segment', segment, { min: 1 });
  if (by !== undefined) oneOfOption('by', by, decisions);
  flag('inputGradient', inputGradient);
  const { y, lengths } = batch;
  if (lengths !== undefined) typedArray('batch.lengths', lengths, [Uint32Array]);
  if (!(isKind(y, Uint8Array) || isKind(y, Uint32Array) || isReals(y))) {
    // numpy's integers have 64 bits.
    const labels = Array.isArray(y) || ArrayBuffer.isView(y) ? ' (Uint32Array.from(y, Number))' : '';
    invalid(
      'batch.y',
      y,
      `a Uint8Array or Uint32Array of labels${labels}, or a Float32Array or Float64Array of values`,
    );
  }
  if (y.length === 0) attached('batch.y', y);
  const classes = (loss as PooledLossOptions).populationClasses;
  checkTargetAxes(batch, input, isReals(y) ? (classes === undefined ? outputs : [classes]) : []);
  return {
    input,
    classes: isReals(y) ? undefined : isKind(y, Uint32Array) ? y : Uint32Array.from(y),
    values: nativeReals(isReals(y) ? y : undefined),
    lengths,
    request: JSON.stringify(request),
  };
}

/** What the engine is told of an optimiser's step. */
export function updateRequest(
  optimizer: Optimizer,
  { lrFactor = 1, scale = 1, clipValue }: Partial<TrainStepOptions>,
): object {
  checkOptimizer(optimizer);
  finite('lrFactor', lrFactor);
  finite('scale', scale);
  if (clipValue !== undefined) finite('clipValue', clipValue);
  return { optimizer, lrFactor, scale, ...(clipValue === undefined ? {} : { clipValue }) };
}
