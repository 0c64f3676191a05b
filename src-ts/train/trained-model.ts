/** What training asks of a model. {@link Model} is one; no function of this room knows more of it. */
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import type { InputOptions, InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TrainingBatch } from './batch.ts';
import type { FrozenBy } from './native-step.ts';
import type { Optimizer } from './optimizer.ts';
import type { EvaluateStepOptions, StepReport, TrainStepOptions } from './step.ts';

/** A model that takes steps. */
export interface TrainedModel extends CompiledModel {
  /** Neurons of the output population. */
  readonly outputs: number;
  /** A training step that may be called before the last one has ended: one that `follows` is not taken when that fails. */
  startStep(
    batch: TrainingBatch,
    options: TrainStepOptions & FrozenBy,
    follows: boolean,
  ): Promise<StepReport>;
  evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport>;
  /** Takes a step on the gradients there are and clears them. */
  step(
    optimizer: Optimizer,
    options: TaskOptions & { lrFactor?: number; scale?: number; clipValue?: number },
  ): Promise<void>;
  clearGradients(): Promise<void>;
  weights(): Promise<Record<string, Weights>>;
  setWeights(weights: Readonly<Record<string, Weights>>): Promise<void>;
}

/** A model whose outputs a loss of one's own reads. */
export interface DifferentiableModel extends Pick<CompiledModel, 'info'> {
  /** A forward pass with what it counts; `optimizer` says what is frozen in it. */
  forwardCounted(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number },
    optimizer?: Optimizer,
  ): Promise<{
    passed: {
      spikes: Uint8Array;
      v: Float64Array;
      shape: [number, number, number];
      backward(gradients: { spikes?: Weights; v?: Weights }, options?: TaskOptions): Promise<void>;
    };
    counts: number[];
    inputEvents: number;
  }>;
  run(
    input: InputTensor,
    options: InputOptions & TaskOptions,
  ): Promise<{
    spikes?: Uint8Array;
    v: Weights;
    shape: [number, number, number];
    spikeCounts: Record<string, number>;
  }>;
}
