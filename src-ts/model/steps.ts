/** Training and evaluation steps of a model, with a loss of the engine or a custom loss. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import { task } from '../engine/native.ts';
import type { TrainingBatch } from '../train/batch.ts';
import { isOfMembrane } from '../train/loss.ts';
import {
  type FrozenBy,
  nativeStep,
  type StepRequest,
  type UpdateOptions,
  updateRequest,
} from '../train/native-step.ts';
import type { Optimizer } from '../train/optimizers.generated.ts';
import type { OwnLoss } from '../train/own-loss.ts';
import { ownGradients, ownValue } from '../train/own-loss-step.ts';
import {
  type EvaluateStepOptions,
  evaluateStepOptions,
  type StepReport,
  type TrainStepOptions,
  trainStepOptions,
} from '../train/step.ts';
import type { DifferentiableModel } from '../train/trained-model.ts';

/** A model, as its steps use it. */
type SteppedModel = CompiledModel & DifferentiableModel & { clearGradients(): Promise<void> };

/** The output population. */
export function outputOf({ info }: Pick<CompiledModel, 'info'>): ModelInfo['layers'][number] {
  return info.layers.find((layer) => layer.name === info.output)!;
}

/** Takes the steps of one model. */
export class Steps {
  readonly #model: SteppedModel;
  /** Settles when the last step with a custom loss has ended. */
  #own: Promise<unknown> = Promise.resolve();

  constructor(model: SteppedModel) {
    this.#model = model;
  }

  /** As {@link Model.trainStep}. */
  async train(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport> {
    const checked = checkOptions('trainStep', options, trainStepOptions);
    if (isOwn(checked)) return this.#ownStep(batch, checked);
    const step = () => this.take(batch, checked as StepRequest, true);
    return checked.optimizer === undefined ? step() : this.#counted(step);
  }

  /** As {@link Model.startStep}. */
  start(batch: TrainingBatch, options: TrainStepOptions & FrozenBy, follows: boolean): Promise<StepReport> {
    if (isOwn(options)) return this.#ownStep(batch, options);
    const step = this.#prepared(batch, options as StepRequest, true, follows);
    return options.optimizer === undefined ? step() : this.#counted(step);
  }

  /** As {@link Model.evaluateStep}. */
  async evaluate(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport> {
    const checked = checkOptions('evaluateStep', options, evaluateStepOptions);
    return isOwn(checked)
      ? ownValue(this.#model, batch, checked.loss, checked)
      : this.take(batch, checked as StepRequest, false);
  }

  /** A step with a loss of the engine. @param backward - whether to compute gradients */
  async take(batch: TrainingBatch, request: StepRequest, backward: boolean): Promise<StepReport> {
    return this.#prepared(batch, request, backward, false)();
  }

  /** Takes an optimizer step on the accumulated gradients. @returns their norm if the optimizer clips by it */
  update(optimizer: Optimizer, options: UpdateOptions): Promise<number | null> {
    const update = JSON.stringify(updateRequest(optimizer, options));
    return this.#counted(() => task(options, (handle) => this.#model.native.update(update, handle)));
  }

  /** A step with a custom loss. It waits for those requested before, because only one pass can run at a time. */
  #ownStep(batch: TrainingBatch, options: Owned): Promise<StepReport> {
    const { optimizer, frozenBy, lrFactor, scale, clipValue, keepGradients } = options;
    const how = { lrFactor, scale, clipValue, keepGradients };
    const step = this.#own.then(async () => {
      // Check the update before the pass: once gradients exist, the update must be taken.
      if (optimizer !== undefined) updateRequest(optimizer, how);
      const report = await ownGradients(this.#model, batch, options.loss, options, optimizer ?? frozenBy);
      if (optimizer === undefined) return report;
      try {
        return { ...report, gradientNorm: await this.update(optimizer, how) };
      } catch (error) {
        await this.#model.clearGradients();
        throw error;
      }
    });
    this.#own = step.catch(() => {});
    return step;
  }

  /** Runs an optimizer step and counts it in `model.updates`. */
  async #counted<T>(start: () => Promise<T>): Promise<T> {
    const result = await start();
    this.#model.updates += 1;
    return result;
  }

  /** Checks batch and options. @returns a function that starts the step */
  #prepared(
    batch: TrainingBatch,
    options: StepRequest,
    backward: boolean,
    follows: boolean,
  ): () => Promise<StepReport> {
    const { description, info, native } = this.#model;
    const output = outputOf(this.#model);
    const how = { backward, follows };
    const step = nativeStep(batch, description.input, output.shape, options, how);
    const { input, classes, values, lengths, request } = step;
    if (!isOfMembrane(options.loss) && !output.spiking) {
      const expected = `a loss of the membrane, such as loss.crossEntropyMeanMembrane(), because ${info.output} does not spike`;
      invalid('loss', options.loss.kind, expected);
    }
    return () =>
      task(options, (handle) =>
        native.trainStep(input, classes, values, lengths, request, backward, handle),
      ) as Promise<StepReport>;
  }
}

/** Options of a step with a custom loss. */
type Owned = Omit<TrainStepOptions, 'loss'> & FrozenBy & { loss: OwnLoss };

function isOwn(options: { loss: unknown }): options is Owned {
  return typeof options.loss === 'function';
}
