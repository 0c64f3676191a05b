/** The interfaces through which training uses a model. {@link Model} implements them; this room depends on nothing else of it. */
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import type { InputOptions, InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TrainingBatch } from './batch.ts';
import type { FrozenBy, UpdateOptions } from './native-step.ts';
import type { Optimizer } from './optimizers.generated.ts';
import type { EvaluateStepOptions, StepReport, TrainStepOptions } from './step.ts';

/** A model that can be trained and evaluated step by step. */
export interface TrainedModel extends CompiledModel {
  /** Neurons of the output population. */
  readonly outputs: number;
  /** A training step that may be called before the previous one has ended. A step that `follows` another is not taken if that one fails. */
  startStep(
    batch: TrainingBatch,
    options: TrainStepOptions & FrozenBy,
    follows: boolean,
  ): Promise<StepReport>;
  evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport>;
  /** Takes an optimizer step on the accumulated gradients and clears them. */
  step(optimizer: Optimizer, options: UpdateOptions): Promise<void>;
  clearGradients(): Promise<void>;
  weights(): Promise<Record<string, Weights>>;
  setWeights(weights: Readonly<Record<string, Weights>>): Promise<void>;
}

/** A model whose outputs a custom loss can read. */
export interface DifferentiableModel extends Pick<CompiledModel, 'info'> {
  /** A forward pass with its counts; `optimizer` defines the frozen parameters. */
  forwardCounted(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number },
    optimizer?: Optimizer,
  ): Promise<{
    passed: {
      spikes: Uint8Array;
      v: Float64Array;
      shape: [number, number, number];
      backward(
        gradients: { spikes?: Weights; v?: Weights },
        options?: TaskOptions & { inputGradient?: boolean },
      ): Promise<{ inputGradient?: Float64Array }>;
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
