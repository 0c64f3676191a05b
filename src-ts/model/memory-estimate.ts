/** How much memory a batch needs. */
import { options as checkOptions, flag, integer, invalid, oneOf } from '../checks/check.ts';
import type { NativeModel } from '../compiled/compiled-model.ts';
import { unwrap } from '../engine/native.ts';
import { methodOptions, type TrainingMethod, trainingMethods } from '../train/method.ts';
import { checkOptimizer } from '../train/optimizer.ts';
import { adam, type Optimizer } from '../train/optimizers.generated.ts';

/** The task whose memory is estimated. */
export interface MemoryWork {
  steps: number;
  batch: number;
  /** Default false: a run. */
  training?: boolean;
  /** As in training; default all steps. */
  segment?: number;
  /** As in training: truncated back-propagation, with the memory of this number of steps; default: no truncation. */
  truncate?: number;
  /** How gradients are found in training; default `'bptt'`. */
  method?: TrainingMethod;
  /** The optimizer of the training; the number of its moments counts. Default `adam()`, which has two. */
  optimizer?: Optimizer;
  /** Default `'values'`: a `Float32Array` with numbers for each step. */
  input?: 'values' | 'constant' | 'spikes';
}

/** Memory in bytes, beyond the arrays that the caller holds. */
export interface MemoryEstimate {
  /** Trained parameters. */
  parameters: number;
  /** Gradients, moments, transposed weights. */
  training: number;
  /** The engine's copy of the input. */
  input: number;
  /** States and spikes, and their copies for the backward pass. */
  tape: number;
  /** Outputs and, for a run, its final state. */
  outputs: number;
  total: number;
}

/** See {@link Model.estimate}. */
export function estimateMemory(native: NativeModel, work: MemoryWork): MemoryEstimate {
  const known = ['steps', 'batch', 'training', 'segment', 'input', 'optimizer', ...methodOptions] as const;
  const checked = checkOptions('estimate', work, known);
  const { steps, batch, training = false, segment, truncate, method = 'bptt', input = 'values' } = checked;
  const { optimizer = adam() } = checked;
  integer('steps', steps, { min: 1 });
  integer('batch', batch, { min: 1 });
  if (segment !== undefined) integer('segment', segment, { min: 1 });
  oneOf('training method', method, trainingMethods);
  if (truncate !== undefined) integer('truncate', truncate, { min: 1 });
  if (truncate !== undefined && method !== 'bptt') {
    invalid('truncate', truncate, 'no value with a method forward in time');
  }
  if (!flag('training', training) && method !== 'bptt') {
    invalid('method', method, '"bptt", because no parameter is trained');
  }
  oneOf('input', input, ['values', 'constant', 'spikes']);
  checkOptimizer(optimizer);
  if (checked.optimizer !== undefined && !training) {
    invalid('optimizer', optimizer.kind, 'nothing, because no parameter is trained');
  }
  // A truncated pass goes segment by segment too, whatever `segment` says.
  const trainedBy = training ? JSON.stringify(optimizer) : undefined;
  const text = unwrap(native.estimate(steps, batch, truncate ?? segment, trainedBy, input, method));
  return JSON.parse(text) as MemoryEstimate;
}
