/** Training and evaluation steps of a model, with a loss of the engine or a custom loss. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { addParameters } from '../compiled/loss-parameters.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import { ModelState } from '../compiled/state.ts';
import { checkTask, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TrainingBatch } from '../train/batch.ts';
import { isOfMembrane, isTraced } from '../train/loss.ts';
import type { Loss } from '../train/losses.generated.ts';
import {
  checkForms,
  type NativeObjective,
  type NativeUpdate,
  nativeBatch,
  nativeObjective,
  nativeUpdate,
  type StepRequest,
  type UpdateOptions,
  updateOptions,
} from '../train/native-step.ts';
import type { Optimizer } from '../train/optimizers.generated.ts';
import type { OwnLoss } from '../train/own-loss.ts';
import { ownGradients, ownValue, refuseEngineLossOptions } from '../train/own-loss-step.ts';
import {
  type EvaluateStepOptions,
  evaluateStepOptions,
  type StepReport,
  type TrainStepOptions,
  trainStepOptions,
} from '../train/step.ts';
import type { DifferentiableModel, PreparedSteps } from '../train/trained-model.ts';

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
  #last: Promise<unknown> = Promise.resolve();

  constructor(model: SteppedModel) {
    this.#model = model;
  }

  /** As {@link Model.prepareSteps}. */
  prepare(requested: StepRequest): PreparedSteps {
    const model = this.#model;
    const options = this.#withReadout(requested);
    const { optimizer, signal, onProgress } = options;
    const ofTask = checkTask({ signal, onProgress });
    // First, because groups of the optimizer may name the parameters of a loss.
    const objective = isOwn(options) ? undefined : nativeObjective(model.native, options);
    const update = optimizer === undefined ? undefined : nativeUpdate(model.native, optimizer, options);
    const step = isOwn(options) ? this.#own(options, update) : this.#engine(options, objective!, update);
    return { ...step, update: (lrFactor) => this.#update(update!, lrFactor, ofTask) };
  }

  /** With the read-out of the model, if nothing else decides the labels. */
  #withReadout(options: StepRequest): StepRequest {
    const { readout } = this.#model.description;
    if (readout === undefined || options.by !== undefined || 'readout' in options) return options;
    if (isOwn(options)) {
      const expected =
        "a criterion such as 'membrane', because labels by the model's read-out need a loss of the engine or of loss.trace";
      return invalid('by', undefined, expected);
    }
    return { ...options, readout };
  }

  /** As {@link Model.trainStep}. */
  async train(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport> {
    const checked = checkOptions('trainStep', options, trainStepOptions);
    const lrFactor = checked.optimizer === undefined ? undefined : (checked.lrFactor ?? 1);
    return this.prepare(checked).train(batch, lrFactor, false);
  }

  /** As {@link Model.evaluateStep}. */
  async evaluate(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport> {
    return this.prepare(checkOptions('evaluateStep', options, evaluateStepOptions)).evaluate(batch);
  }

  /** As {@link Model.step}. */
  async update(optimizer: Optimizer, options: UpdateOptions): Promise<void> {
    const checked = checkOptions('step', options, updateOptions);
    await this.#update(nativeUpdate(this.#model.native, optimizer, checked), checked.lrFactor ?? 1, checked);
  }

  /** @returns the norm of the gradients if the optimizer clips by it */
  #update(update: NativeUpdate, lrFactor: number, options: TaskOptions): Promise<number | null> {
    return this.#counted(() =>
      task(options, (handle) => this.#model.native.update(update, lrFactor, handle)),
    );
  }

  /** Steps with a loss of the engine. */
  #engine(
    options: StepRequest,
    objective: NativeObjective,
    update: NativeUpdate | undefined,
  ): Omit<PreparedSteps, 'update'> {
    const { description, info, native } = this.#model;
    const output = outputOf(this.#model);
    declareParameters(info, options);
    const loss = options.loss as Loss;
    if (!isTraced(options.loss) && !isOfMembrane(loss) && !output.spiking) {
      const expected = `a loss of the membrane, such as loss.crossEntropyMeanMembrane(), because ${info.output} does not spike`;
      invalid('loss', loss.kind, expected);
    }
    // Errors in the batch are thrown at once, so that they do not wait for the steps before.
    const prepared = (
      batch: TrainingBatch,
      lrFactor: number | undefined,
      backward: boolean,
      follows: boolean,
    ) => {
      const { input, classes, values, lengths, state, tensorNames, tensors } = nativeBatch(
        batch,
        description.input,
        output.shape,
        options,
      );
      return async () => {
        const report = (await task(options, (handle) =>
          native.trainStep(
            input,
            classes,
            values,
            lengths,
            tensorNames,
            tensors,
            state,
            objective,
            update,
            lrFactor,
            backward,
            follows,
            handle,
          ),
        )) as unknown as Omit<StepReport, 'metrics' | 'state'> & { metrics?: Terms[]; state?: never };
        const { metrics, state: last, ...rest } = report;
        return {
          ...rest,
          ...(metrics === undefined ? {} : { metrics: metricsByName(metrics, options) }),
          ...(last === undefined ? {} : { state: new ModelState(last) }),
        };
      };
    };
    return {
      train: (batch, lrFactor, follows) => {
        const step = prepared(batch, lrFactor, true, follows);
        return lrFactor === undefined ? step() : this.#counted(step);
      },
      evaluate: (batch) => prepared(batch, undefined, false, false)(),
    };
  }

  /** Steps with a custom loss. Each waits for those requested before, because only one pass can run at a time. */
  #own(options: Owned, update: NativeUpdate | undefined): Omit<PreparedSteps, 'update'> {
    const model = this.#model;
    checkForms(options);
    refuseEngineLossOptions(options);
    const taken = async (batch: TrainingBatch, lrFactor: number | undefined): Promise<StepReport> => {
      const report = await ownGradients(model, batch, options.loss, options, update);
      if (lrFactor === undefined) return report;
      try {
        return { ...report, gradientNorm: await this.#update(update!, lrFactor, {}) };
      } catch (error) {
        await model.clearGradients();
        throw error;
      }
    };
    return {
      train: (batch, lrFactor) => {
        const step = this.#last.then(() => taken(batch, lrFactor));
        this.#last = step.catch(() => {});
        return step;
      },
      evaluate: (batch) => ownValue(model, batch, options.loss, options),
    };
  }

  /** Runs an optimizer step and counts it in `model.updates`. */
  async #counted<T>(start: () => Promise<T>): Promise<T> {
    const result = await start();
    this.#model.updates += 1;
    return result;
  }
}

/** Lists the parameters that traced functions declare. */
function declareParameters(info: ModelInfo, { loss, readout, metrics = {} }: StepRequest): void {
  for (const traced of [loss, readout, ...Object.values(metrics)]) {
    if (isTraced(traced)) addParameters(info, traced.parameters ?? []);
  }
}

type Terms = Readonly<Record<string, number>>;

/** The terms of all metrics in one object. */
function metricsByName(terms: readonly Terms[], { metrics = {} }: StepRequest): Terms {
  const named = Object.keys(metrics).flatMap((metric, i) => {
    const entries = Object.entries(terms[i]!);
    const isOne = entries.length === 1 && entries[0]![0] === 'loss';
    return entries.map(([term, value]) => [isOne ? metric : `${metric}.${term}`, value] as const);
  });
  return Object.fromEntries(named);
}

/** Options of steps with a custom loss. */
type Owned = StepRequest & { loss: OwnLoss };

function isOwn(options: StepRequest): options is Owned {
  return typeof options.loss === 'function';
}
