/** The interfaces through which training uses a model. {@link Model} implements them; this room depends on nothing else of it. */
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import type { ModelState } from '../compiled/state.ts';
import type { InputOptions, InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TrainingBatch } from './batch.ts';
import type { NativeUpdate } from './native-step.ts';
import type { StepReport, TrainStepOptions } from './step.ts';

/** Steps of a model whose options have been checked. */
export interface PreparedSteps {
  /**
   * A training step. It may be called before the previous one has ended; with `follows` it is not taken if that one fails. Errors in the batch are
   * thrown at once.
   *
   * @param lrFactor - takes the optimizer's step, too, with this factor on the learning rate; `undefined` only adds gradients to the accumulated ones
   */
  train(batch: TrainingBatch, lrFactor: number | undefined, follows: boolean): Promise<StepReport>;
  /** Loss and predictions of a batch, without gradients. */
  evaluate(batch: TrainingBatch): Promise<StepReport>;
  /** The optimizer's step on the accumulated gradients. */
  update(lrFactor: number): Promise<unknown>;
}

/** A model that can be trained and evaluated step by step. */
export interface TrainedModel extends CompiledModel {
  /** Neurons of the output population. */
  readonly outputs: number;
  /**
   * Checks the options of steps, once for all steps.
   * @throws LapicqueError `invalid-parameter`, `unknown-name`, `disposed`
   */
  prepareSteps(options: TrainStepOptions): PreparedSteps;
  clearGradients(): Promise<void>;
  weights(): Promise<Record<string, Weights>>;
  setWeights(weights: Readonly<Record<string, Weights>>): Promise<void>;
}

/** A model whose outputs a custom loss can read. */
export interface DifferentiableModel extends Pick<CompiledModel, 'info'> {
  /** A forward pass with its counts; `update` defines the frozen parameters. */
  forwardCounted(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: ModelState | undefined },
    update?: NativeUpdate,
  ): Promise<{
    passed: {
      spikes: Uint8Array;
      v: Float64Array;
      shape: [number, number, number];
      state: ModelState;
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
    options: InputOptions & TaskOptions & { state?: ModelState | undefined },
  ): Promise<{
    spikes?: Uint8Array;
    v: Weights;
    shape: [number, number, number];
    spikeCounts: Record<string, number>;
    state: ModelState;
  }>;
}
