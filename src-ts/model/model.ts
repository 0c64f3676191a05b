/** A compiled model: runs, trains, streams, saves. */

import { options as checkOptions, frozenCopy, invalid } from '../checks/check.ts';
import {
  currentDescription,
  type ModelMetadata,
  type ModelSummary,
  type NativeModel,
  type Weights,
} from '../compiled/compiled-model.ts';
import { type ModelContent, modelBytes, readModel, writeModel } from '../compiled/model-file.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import type { NetworkState } from '../compiled/state.ts';
import { setTensors, tensorsOf } from '../compiled/tensors.ts';
import type { Description } from '../description/description.ts';
import type { InputOptions, InputTensor } from '../description/input-tensor.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import { type Shaped, shaped } from '../files/tensor-data.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import type { Batches, TrainingBatch } from '../train/batch.ts';
import type { CheckpointOptions } from '../train/checkpoint.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from '../train/evaluate.ts';
import { fit } from '../train/fit.ts';
import type { Loss, Regulariser } from '../train/loss.ts';
import type { MethodOptions } from '../train/method.ts';
import type { FrozenBy } from '../train/native-step.ts';
import type { Optimizer, OwnSchedule, Schedule } from '../train/optimizer.ts';
import type { OwnLoss } from '../train/own-loss.ts';
import type { Decision, EvaluateStepOptions, StepReport, TrainStepOptions } from '../train/step.ts';
import type { EpochRecord, FitResult, TrainingState } from '../train/training-state.ts';
import type { EarlyStopping } from '../train/watch.ts';
import { arraysOf, type GivenWeights } from '../weights/given-weights.ts';
import { type ImportOptions, type ImportReport, importWeights } from '../weights/import.ts';
import { type CountedPass, type ForwardResult, Passes } from './forward.ts';
import { estimateMemory, type MemoryEstimate, type MemoryWork } from './memory-estimate.ts';
import {
  type PredictInput,
  type Prediction,
  type PredictOptions,
  predicted,
  predictRequest,
} from './predict.ts';
import { checkRecordings, type RunOptions, type RunResult, run } from './run.ts';
import { Session } from './session.ts';
import { outputOf, Steps } from './steps.ts';
import { summaryOf } from './summary.ts';
import { withSurrogates } from './surrogate-change.ts';

/** A model in the engine's memory. Dispose of it, or let it be collected. */
export class Model implements Disposable {
  readonly #native: NativeModel;
  readonly #steps = new Steps(this);
  readonly #passes = new Passes(this);
  #metadata: ModelMetadata = Object.freeze({});
  /** The network as plain data, with every default written out; parameters as they were at the start. */
  readonly description: Description;
  readonly info: ModelInfo;
  /** Optimiser steps taken so far, also those before the model was saved and loaded. */
  updates = 0;

  /** @internal */
  constructor(native: NativeModel, summary = JSON.parse(native.summary) as ModelSummary) {
    this.#native = native;
    const { description, ...info } = summary;
    this.description = description;
    this.info = info;
  }

  /**
   * What you keep with the model: an object of plain data, as JSON has them, such as `{ labels: ['cat', 'dog'], version: '1.2', license:
   * 'MIT' }`. Files have it, and {@link Model.load} brings it back; `lapicque inspect` shows it. Set it as a whole: what is set is copied and frozen.
   *
   * @throws LapicqueError `invalid-parameter` for what is no object or JSON cannot hold
   */
  get metadata(): ModelMetadata {
    return this.#metadata;
  }

  set metadata(metadata: ModelMetadata) {
    if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
      invalid('metadata', metadata, 'an object of plain data');
    this.#metadata = frozenCopy('metadata', metadata) as ModelMetadata;
  }

  /** @internal */
  get native(): NativeModel {
    return this.#native;
  }

  /** Number of trained values. */
  get parameterCount(): number {
    return this.info.parameterCount;
  }

  /** Neurons of the output population. */
  get outputs(): number {
    return outputOf(this).neurons;
  }

  /** A table of the layers, for people. */
  summary(): string {
    return summaryOf(this.description, this.info);
  }

  /**
   * Runs a batch without learning.
   *
   * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
   * @throws LapicqueError `shape-mismatch`, `non-finite`, `unknown-name` for a recording, `too-large`, `aborted`,
   * `disposed`
   */
  run(input: InputTensor, options: RunOptions = {}): Promise<RunResult> {
    return run(this, input, options);
  }

  /**
   * Predicted labels `[batch]`: `by` spike count (default where the output spikes), the membrane summed over time (default where it
   * does not), its largest value, or the first spike; see {@link Decision}. Steps before `from` do not count, as those of a loss. With
   * `populationClasses` the outputs are grouped into so many classes of equal size, and all neurons of a class vote for it; without,
   * each output is a class.
   *
   * ```ts
   * const labels = await model.predict(batch);
   * const { scores, shape: [samples, classes] } = await model.predict(batch, { scores: true });
   * ```
   *
   * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`; with `lengths`, the steps of each sample that count
   * @returns the labels, or with `scores` a {@link Prediction}: the labels and what decided them
   * @throws LapicqueError as {@link Model.run}, and `invalid-parameter` for another `by` or for classes that do not divide
   * the outputs
   */
  predict(input: PredictInput, options?: PredictOptions & { scores?: false }): Promise<Uint32Array>;
  predict(input: PredictInput, options: PredictOptions & { scores: true }): Promise<Prediction>;
  predict(input: PredictInput, options?: PredictOptions): Promise<Uint32Array | Prediction>;
  async predict(input: PredictInput, options: PredictOptions = {}): Promise<Uint32Array | Prediction> {
    const { batch, request } = predictRequest(this, input, options);
    return predicted(await this.#steps.take(batch, request, false), request.scores);
  }

  /**
   * Loss, accuracy, confusion matrix and activity over a data set.
   * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
   * @throws LapicqueError as {@link Model.evaluateStep}; `invalid-parameter` where there is no batch
   */
  evaluate(data: Batches, options: EvaluateOptions): Promise<Evaluation> {
    return evaluate(this, data, options);
  }

  /**
   * Trains over a data set, epoch by epoch. One training at a time: another call before the promise has settled is refused. What else
   * is asked of the model meanwhile (`run`, `session`, `save` …) gets the weights between two steps.
   * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
   * @throws LapicqueError as {@link Model.trainStep}; `invalid-parameter` also while another `fit` of the model is under way; `io` for
   * a checkpoint that cannot be written; `aborted`, after which
   * the weights are those of the last step that was taken. What callbacks and data throw is passed on.
   */
  fit(data: Batches, options: FitOptions): Promise<FitResult> {
    return fit(this, data, options);
  }

  /**
   * Gradients of one batch and, with an optimiser, a step.
   * @throws LapicqueError `shape-mismatch`, `invalid-parameter` for labels out of range and options, `unknown-name`,
   * `non-finite` with layer and step (no weight has changed then), `too-large`, `aborted`, `disposed`
   */
  async trainStep(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport> {
    return this.#steps.train(batch, options);
  }

  /**
   * A training step that may be called before the last one has ended: one that `follows` is not taken when that
   * fails. What is wrong with the batch is thrown at once.
   *
   * @internal
   */
  startStep(
    batch: TrainingBatch,
    options: TrainStepOptions & FrozenBy,
    follows: boolean,
  ): Promise<StepReport> {
    return this.#steps.start(batch, options, follows);
  }

  /**
   * Loss and predictions of one batch, without gradients.
   * @throws LapicqueError as {@link Model.trainStep}
   */
  async evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport> {
    return this.#steps.evaluate(batch, options);
  }

  /**
   * Outputs for a loss of your own. The loop is then: `forward`, your own gradient with respect to the outputs,
   * `backward`, `step`.
   *
   * A pass that begins from the `state` of the one before goes on with a sequence that is longer than a batch: truncated
   * back-propagation over as long a stream as there is. The state is a constant for the gradient. {@link dropout} draws anew in each
   * pass, and what reads a whole sequence ({@link psn}) begins from rest only.
   *
   * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
   * @returns spikes and membrane of the output population, `[time, batch, neurons]` each, and the state at the end
   * @throws LapicqueError as {@link Model.run}; of `backward`: `shape-mismatch`, `non-finite`, `invalid-parameter` for a pass
   * that is not the model's last
   */
  async forward(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: NetworkState | undefined } = {},
  ): Promise<ForwardResult> {
    return (await this.forwardCounted(input, options)).passed;
  }

  /** A forward pass with what it counts; `optimizer` says what is frozen in it. @internal */
  async forwardCounted(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: NetworkState | undefined },
    optimizer?: Optimizer,
  ): Promise<CountedPass> {
    return this.#passes.forward(input, options, optimizer);
  }

  /**
   * Takes a step on the gradients there are and clears them.
   * @throws LapicqueError `invalid-parameter`, `non-finite` (no weight has changed then), `aborted`, `disposed`
   */
  async step(
    optimizer: Optimizer,
    options: TaskOptions & { lrFactor?: number; scale?: number; clipValue?: number } = {},
  ): Promise<void> {
    checkOptions('step', options, ['lrFactor', 'scale', 'clipValue', 'signal', 'onProgress']);
    await this.#steps.update(optimizer, options);
  }

  /**
   * All parameters by name, row-major; copies. Each array tells its `shape`, that of `info.parameters`, so that
   * {@link writeTensors} writes them as they are and {@link Model.setWeights} takes back what {@link readTensors} then reads.
   * @throws LapicqueError `too-large`, `disposed`
   */
  async weights(): Promise<Record<string, Shaped<Weights>>> {
    return this.#shaped(await tensorsOf(this.#native, 'value'));
  }

  #shaped(tensors: Record<string, Weights>): Record<string, Shaped<Weights>> {
    for (const { name, shape } of this.info.parameters) {
      const values = tensors[name];
      // Of gradients there are none before the first backward pass.
      if (values !== undefined) shaped(values, values.length === 0 ? [0] : shape);
    }
    return tensors as Record<string, Shaped<Weights>>;
  }

  /** Forgets the gradients of batches since the last step. @internal */
  async clearGradients(): Promise<void> {
    unwrap((await this.#native.clearGradients()) as never);
  }

  /**
   * All gradients by name, as {@link Model.weights}; empty arrays before the first backward pass.
   * @throws LapicqueError `too-large`, `disposed`
   */
  async gradients(): Promise<Record<string, Shaped<Weights>>> {
    return this.#shaped(await tensorsOf(this.#native, 'grad'));
  }

  /**
   * Replaces parameters, all or, where one of them is refused, none; in its turn among the calls before and after it, none of which
   * sees some of them old and some new. Takes what {@link readTensors} finds in a file, where the names are those of this model.
   * @param weights - by name: an array, or one with its shape, which is then compared
   * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` for a value that is not finite or that the tensor
   * cannot have: a `runningVariance` below 0, a `lambda` outside 0 to 1, `draws` that are no count
   */
  async setWeights(weights: GivenWeights): Promise<void> {
    await setTensors(this.#native, 'value', arraysOf(weights, this.info.parameters));
  }

  /**
   * Weights that torch, snnTorch, SpikingJelly or Norse trained: the tensors of a `state_dict`, as {@link readTensors} finds them
   * in what `safetensors.torch.save_file` or `numpy.savez` wrote. All of them or, where something does not fit, none.
   *
   * Tensors find their layers by what `map` says, by the layer's own name, else by structure and shape: projections, norms and
   * populations each among themselves, in the order of their names where those are numbered (`0`, `2`; `fc1`, `fc2`). Numbers of neurons
   * (`lif1.beta`, `lif1.threshold`, SpikingJelly's `w`, Norse's `tau_mem_inv`) become parameters where the model learns them; where
   * they are constants of its description they are compared, and refused if they are others. Running values of batch norm are set.
   *
   * @example
   * ```ts
   * const { tensors } = await readTensors('net.safetensors');
   * const report = await model.importWeights(tensors, { from: 'snntorch' });
   * console.log(report.set, report.ignored);
   * ```
   * @param tensors - by name, each with its shape
   * @returns what went where, what was compared, and what was ignored and why
   * @throws LapicqueError `weights-mismatch` for tensors or parameters without a counterpart, for what could go to several layers and
   * for numbers that differ from those of the description; `shape-mismatch`, `unknown-name` and `invalid-parameter` for what `map`
   * and the tensors say; `disposed`
   */
  async importWeights(tensors: GivenWeights, options: ImportOptions = {}): Promise<ImportReport> {
    // Of a model that has been disposed of, before the tensors are looked at.
    await this.currentDescription();
    return importWeights(this, tensors, options);
  }

  /**
   * SHA-256 over all parameters' bytes in order: equal exactly when the weights are equal.
   * @throws LapicqueError `disposed`
   */
  async weightsSha256(): Promise<string> {
    return unwrap((await this.#native.weightsSha256()) as never);
  }

  /**
   * Bytes that a batch needs, known before it runs: those of the model, and at most these during the batch. One neuron
   * in ten is taken to fire in a step. What is larger than the memory at hand is refused, with `too-large`, before any
   * of it is allocated. Not counted is what the C library keeps of memory that was given back (with glibc some 10 MiB).
   * @throws LapicqueError `invalid-parameter`, `unknown-name`, `disposed`
   */
  estimate(work: MemoryWork): MemoryEstimate {
    return estimateMemory(this.#native, work);
  }

  /**
   * A streaming session with the weights as they are now. Sessions begun on the same weights share one copy of them; each costs its state.
   * @param options - `record`: what {@link Session.recorded} tells of each step, by the names that `run` takes
   * @throws LapicqueError `unsupported` for a network that cannot go step by step, `unknown-name` for a recording, `too-large`, `disposed`
   */
  async session(options: Pick<RunOptions, 'record'> = {}): Promise<Session> {
    const { record = [] } = checkOptions('session', options, ['record']);
    checkRecordings(this, record);
    const native = unwrap((await this.#native.session([...record])) as never);
    return new Session(native, this.description.input.size, this.outputs, [...record]);
  }

  /**
   * This model with other surrogate gradients, the optimiser's moments and the number of updates included: for surrogates that
   * become narrower while training goes on. The model itself stays as it is.
   *
   * ```ts
   * for (let epoch = 0; epoch < epochs; epoch++) {
   *   model = await model.withSurrogates({ lif1: surrogate.sigmoid({ slope: 2 + 4 * epoch }) });
   *   await model.fit(data, { epochs: 1, loss, optimizer });
   * }
   * ```
   *
   * @param surrogates - by the name of the layer; the others keep theirs
   * @throws LapicqueError `unknown-name` for what is no layer that spikes, `invalid-parameter` and `equation` for a surrogate that is
   * none, `disposed`
   */
  async withSurrogates(
    surrogates: Readonly<Record<string, Surrogate>>,
    options: TaskOptions = {},
  ): Promise<Model> {
    const changed = await withSurrogates(this, surrogates, options);
    return modelOf({ ...changed, metadata: this.metadata });
  }

  /** The network as plain data with its learned neuron parameters as they are now. */
  async currentDescription(): Promise<Description> {
    return currentDescription(this.#native);
  }

  /**
   * Writes the model to a `.safetensors` file, atomically: a crash leaves the old file.
   *
   * @param target - a path or a `file:` URL, or a `WritableStream`; {@link Model.toBytes} gives bytes
   * @throws LapicqueError `io`, `aborted`, `disposed`
   */
  save(target: FileTarget, options: TaskOptions = {}): Promise<void> {
    return writeModel(this, target, options);
  }

  /**
   * The bytes of the file that {@link Model.save} writes, for a database or an object store.
   *
   * @throws LapicqueError `too-large`, `aborted`, `disposed`
   */
  toBytes(options: TaskOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return modelBytes(this, options);
  }

  /**
   * Reads a model that {@link Model.save} (or a checkpoint) wrote.
   *
   * ```ts
   * using model = await Model.load(new URL('model.safetensors', import.meta.url));
   * using other = await Model.load(await response.arrayBuffer());
   * ```
   *
   * @param source - a path or a `file:` URL, the bytes of a file (`Uint8Array`, `ArrayBuffer`, `Blob`), or a stream of them
   * @param options - `limits`: what the model may take in memory; a file of a stranger's cannot make it take more
   * @throws LapicqueError `malformed-file` for a file that is cut short or has a bit flipped, `unsupported` for one of a
   * newer version, `too-large`, `io`, `aborted`
   */
  static async load(source: FileSource, options: LoadOptions = {}): Promise<Model> {
    return modelOf(await readModel('Model.load', source, options));
  }

  /** Frees the native memory; using the model afterwards throws `disposed`. */
  dispose(): void {
    this.#native.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Whether this is a model, of this copy of the package or of another: `import` and `require` have one each, over the same addon. */
export function isModel(value: unknown): value is Model {
  return (value as Partial<Model> | null | undefined)?.native instanceof addon.NativeModel;
}

/** A model of a network that the engine has. (Not within the class: where it names itself, esbuild gives it another name.) */
export function modelOf({
  native,
  summary,
  updates,
  metadata,
}: Pick<ModelContent, 'native' | 'updates' | 'metadata'> & { readonly summary?: ModelSummary }): Model {
  const model = new Model(native, summary);
  model.updates = updates;
  if (metadata !== undefined) model.metadata = metadata;
  return model;
}

/** Calls during training. What they throw ends it. */
export interface Callbacks {
  /** After every batch, with the means over the samples of the epoch so far; default nothing. */
  onBatch?: (info: { epoch: number; batch: number; loss: number; accuracy: number }) => void | Promise<void>;
  /** After every epoch; returning `false` ends training. Default nothing. */
  onEpoch?: (record: EpochRecord, model: Model) => unknown;
}

/** Options of `model.fit`. */
export interface FitOptions extends InputOptions, TaskOptions, MethodOptions {
  /** How often training goes through the data, at least 1. */
  epochs: number;
  /** What training makes small: `loss.crossEntropyRate()` for example, or a function of outputs and batch that returns a value and its gradient. */
  loss: Loss | OwnLoss;
  /** Default Adam with torch's settings. Its moments stay with the model for the next training; another kind of optimiser begins without. */
  optimizer?: Optimizer;
  /** A factor on the learning rate over epochs or steps, also as a function of how many are done; default none. */
  schedule?: Schedule | OwnSchedule;
  /** Whether the schedule counts epochs (default) or optimiser steps, from the beginning of this training. */
  scheduleBy?: 'epoch' | 'step';
  /** What decides the label for the accuracy; default what the loss compares, see {@link Decision}. */
  by?: Decision;
  /** Data to evaluate after every epoch, without learning from them; default none. */
  validation?: Batches;
  /** Ends training when a metric no longer improves; by default all epochs are trained. */
  earlyStopping?: EarlyStopping;
  /**
   * Number of batches whose mean gradient makes one step. Where fewer are left at the end of an epoch, their sum is divided by this
   * number all the same, so that every batch counts as much. Default 1.
   */
  accumulate?: number;
  /** Clips each element of the gradients to at most this magnitude, before the optimiser's `maxNorm`; default none. */
  clipValue?: number;
  /** Penalties on firing rates, added to the loss; default none. */
  regularisers?: readonly Regulariser[];
  /**
   * Number of time steps kept in memory at once: checkpointed back-propagation through time, which finds the same gradient with one more
   * forward pass (T. Chen et al., arXiv:1604.06174); default all.
   */
  segment?: number;
  /**
   * Writes a checkpoint after every epoch, and with `everyBatches` after every so many batches (with `accumulate`, after the next step);
   * default none, but within a trial of a study: there, checkpoints are kept with the trial, and training goes on from the last one by itself
   * when the trial was interrupted by a kill. It goes to a file, atomically, or its bytes to a function: {@link loadCheckpoint} takes either.
   */
  checkpoint?: CheckpointOptions;
  /** The `training` that `loadCheckpoint` gave beside its `model`: training goes on from there, with the same kind of optimiser. Default: it begins anew. */
  resume?: TrainingState;
  /** Functions to call after a batch and after an epoch; default none. */
  callbacks?: Callbacks;
}
