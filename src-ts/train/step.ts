/** What one training step takes and tells. */

import type { ModelState } from '../compiled/state.ts';
import type { InputOptions } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import type { Regularizer } from './loss.ts';
import type { Loss } from './losses.generated.ts';
import { type MethodOptions, methodOptions } from './method.ts';
import type { Optimizer } from './optimizers.generated.ts';
import type { OwnLoss } from './own-loss.ts';

/**
 * The output neuron that gives a sample's label. Only steps from the loss's `from` to the end of the sample count. In a tie the lowest
 * neuron wins.
 *
 * - `'count'`: the one with most spikes
 * - `'membrane'`: the one whose membrane, summed over the steps, is largest
 * - `'max-membrane'`: the one with the largest membrane of any step
 * - `'first-spike'`: the one that spikes first; a silent neuron counts as spiking in the last step
 *
 * The default is the criterion of the loss: first spikes for a loss of first spikes; the largest membrane for
 * `loss.crossEntropyMaxMembrane` of an output that does not spike; otherwise the count if the output spikes and the membrane if it does
 * not. Graded spikes count with their values. With `populationClasses` of the loss the score of a class is the sum over its neurons: of
 * spikes, membranes, maxima, or steps of first spikes.
 */
export type Decision = 'count' | 'membrane' | 'max-membrane' | 'first-spike';
export const decisions = ['count', 'membrane', 'max-membrane', 'first-spike'] as const;

/** The report of one training step. */
export interface StepReport {
  loss: number;
  /** The loss of each sample, `[batch]`. */
  perSample: Float64Array;
  /** The terms of a traced loss by name; their sum and the penalties are `loss`. */
  terms?: Readonly<Record<string, number>>;
  /** Of {@link Model.evaluateStep}: the metrics by name; the terms of one that has several are `name.term`. */
  metrics?: Readonly<Record<string, number>>;
  /** Predicted labels by the criterion `by`, or by the model's read-out, `[batch]`. */
  labels: Uint32Array;
  /** Number of classes that these labels are decided between. */
  classes: number;
  /**
   * Predicted labels by spike count and by summed membrane, `[batch]`; the labels by count are empty for a readout that does not spike. For a loss
   * with `populationClasses` they are the classes with the most votes.
   */
  byCount: Uint32Array;
  byMembrane: Uint32Array;
  /** Spikes of each population, in order. */
  spikes: number[];
  inputEvents: number;
  /**
   * For each population, the fraction of its neurons and steps whose surrogate derivative is not zero; `null` if the derivative is never zero. Absent
   * without a backward pass, and for methods that learn forward in time.
   */
  active?: (number | null)[];
  /**
   * For each population, the fraction of the gradient of its spikes that was computed: 1 for the dense kernel, `active` if only the needed elements
   * were computed; `null` if no weights of a later layer read its spikes, or if `active` is `null`.
   */
  computed?: (number | null)[];
  /** The state after the last step; only if the batch has a state. */
  state?: ModelState;
  /** Norm of the gradient before clipping; only if the optimizer clips by norm. */
  gradientNorm?: number | null;
  /** With `inputGradient`: the gradient of the loss with respect to the input, in the order and shape of the batch's `x`. */
  inputGradient?: Float64Array;
}

/** Options of {@link Model.trainStep}. */
export interface TrainStepOptions extends InputOptions, TaskOptions, MethodOptions {
  /** The loss to minimize, or a function that computes it. */
  loss: Loss | TracedLoss | OwnLoss;
  /** Without one, the gradients are added to the accumulated ones, and no step is taken. */
  optimizer?: Optimizer | undefined;
  /** Factor on the learning rate; default 1. */
  lrFactor?: number | undefined;
  /** Factor on the gradients, for example 1 / accumulated batches; default 1. */
  scale?: number | undefined;
  /** Clips each element of the gradients to at most this magnitude, before the optimizer's `maxNorm`; default none. */
  clipValue?: number | undefined;
  /** With an optimizer: whether the gradients stay readable until the next ones are computed; by default the step clears them. */
  keepGradients?: boolean | undefined;
  regularizers?: readonly Regularizer[];
  /** Time steps kept at once; fewer need less memory and one more forward pass. Default: all. */
  segment?: number | undefined;
  /** Whether to compute the gradient with respect to the input, too; default false. */
  inputGradient?: boolean;
  /** The criterion of the labels; default: the model's read-out, or the loss's criterion, see {@link Decision}. */
  by?: Decision | undefined;
}

/** Names of the options that all steps have. */
const commonOptions = ['loss', 'regularizers', 'segment', 'by', 'steps', 'signal', 'onProgress'] as const;
/** Names of the options of {@link Model.evaluateStep}. @internal */
export const evaluateStepOptions = [...commonOptions, 'metrics'] as const;
/** Names of the options of {@link Model.trainStep}. @internal */
export const trainStepOptions = [
  ...commonOptions,
  ...methodOptions,
  'optimizer',
  'lrFactor',
  'scale',
  'clipValue',
  'keepGradients',
  'inputGradient',
] as const;

/** Options of {@link Model.evaluateStep}. */
export type EvaluateStepOptions = Pick<
  TrainStepOptions,
  'loss' | 'regularizers' | 'segment' | 'by' | 'steps' | 'signal' | 'onProgress'
> & {
  /** Further numbers by name, each a function as of {@link loss}.trace; not with a loss that is a function. */
  metrics?: Readonly<Record<string, TracedLoss>>;
};
