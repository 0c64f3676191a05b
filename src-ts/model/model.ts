/** A compiled model: runs, trains, streams, saves. */

import { options as checkOptions, flag, frozenCopy, integer, invalid } from '../checks/check.ts';
import {
  currentDescription,
  type ModelMetadata,
  type ModelSummary,
  type NativeModel,
  type Weights,
} from '../compiled/compiled-model.ts';
import { addParameters } from '../compiled/loss-parameters.ts';
import { type ModelContent, modelBytes, readModel, writeModel } from '../compiled/model-file.ts';
import type { ModelInfo } from '../compiled/model-info.ts';
import { ModelState } from '../compiled/state.ts';
import { setTensors, tensorsOf } from '../compiled/tensors.ts';
import type { Description } from '../description/description.ts';
import type { InputOptions, InputTensor } from '../description/input-tensor.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FileSource, FileTarget, LoadOptions } from '../files/file-source.ts';
import { type Shaped, shaped } from '../files/tensor-data.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import type { Batches, TrainingBatch } from '../train/batch.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from '../train/evaluate.ts';
import { fit } from '../train/fit.ts';
import type { CallbacksOf, FitOptionsOf } from '../train/fit-options.ts';
import type { NativeUpdate, UpdateOptions } from '../train/native-step.ts';
import type { Optimizer } from '../train/optimizers.generated.ts';
import type { Decision, EvaluateStepOptions, StepReport, TrainStepOptions } from '../train/step.ts';
import type { PreparedSteps } from '../train/trained-model.ts';
import type { FitResult } from '../train/training-state.ts';
import { arraysOf, type GivenWeights } from '../weights/given-weights.ts';
import { type ImportOptions, type ImportReport, importWeights } from '../weights/import.ts';
import { type CountedPass, type ForwardResult, Passes } from './forward.ts';
import { estimateMemory, type MemoryEstimate, type MemoryWork } from './memory-estimate.ts';
import { inputParts } from './named-inputs.ts';
import {
  type PredictInput,
  type Prediction,
  type PredictOptions,
  predicted,
  predictRequest,
} from './predict.ts';
import { type Profile, type ProfileOptions, profile } from './profile.ts';
import { checkRecordings, type RunOptions, type RunResult, run } from './run.ts';
import { Session, type SessionOptions, type SessionSource } from './session.ts';
import { SessionReadout } from './session-readout.ts';
import { outputOf, Steps } from './steps.ts';
import { summaryOf } from './summary.ts';
import { withSurrogates } from './surrogate-change.ts';

/** A model in the engine's memory. Call `dispose()`, or let the garbage collector free it. */
export class Model implements Disposable {
  readonly #native: NativeModel;
  readonly #steps = new Steps(this);
  readonly #passes = new Passes(this);
  #metadata: ModelMetadata = Object.freeze({});
  /** The network as plain data, with every default written out; with the initial values of the parameters. */
  readonly description: Description;
  readonly info: ModelInfo;
  /** Optimizer steps taken so far, also those before the model was saved and loaded. */
  updates = 0;

  /** @internal */
  constructor(native: NativeModel, summary = JSON.parse(native.summary) as ModelSummary) {
    this.#native = native;
    const { description, ...info } = summary;
    this.description = description;
    this.info = info;
    addParameters(info, description.readout?.parameters ?? []);
  }

  /**
   * Your metadata: an object of JSON values, such as `{ labels: ['cat', 'dog'], version: '1.2', license:
   * 'MIT' }`. Model files contain it, {@link Model.load} restores it, and `lapicque inspect` shows it. Assign the whole object: it is copied and frozen.
   *
   * @throws LapicqueError `invalid-parameter` for anything but an object of JSON values
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

  /** A human-readable table of the layers. */
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

  /** The state of `samples` samples at rest, where runs begin. @throws LapicqueError `invalid-parameter`, `too-large` */
  async restState(samples: number): Promise<ModelState> {
    integer('samples', samples, { min: 1, max: 2 ** 32 });
    return new ModelState(unwrap(await this.native.rest(samples)));
  }

  /**
   * Predicted labels `[batch]` by the model's read-out, if it has one ({@link NetworkOptions}). Otherwise, or with an option below, `by` spike count
   * (default if the output spikes), the membrane summed over time (default if it does not), its largest value, or the first spike; see {@link Decision}. Steps before `from` do not count, as in a loss. With
   * `populationClasses` the outputs are grouped into this number of classes of equal size, and all neurons of a class vote for it; without it,
   * each output is a class.
   *
   * ```ts
   * const labels = await model.predict(batch);
   * const { scores, shape: [samples, classes] } = await model.predict(batch, { scores: true });
   * ```
   *
   * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`; with `lengths`, the steps of each sample that count
   * @returns the labels, or with `scores` a {@link Prediction}: the labels and their scores
   * @throws LapicqueError as {@link Model.run}, and `invalid-parameter` for another `by` or for classes that do not divide
   * the outputs
   */
  predict(input: PredictInput, options?: PredictOptions & { scores?: false }): Promise<Uint32Array>;
  predict(input: PredictInput, options: PredictOptions & { scores: true }): Promise<Prediction>;
  predict(input: PredictInput, options?: PredictOptions): Promise<Uint32Array | Prediction>;
  async predict(input: PredictInput, options: PredictOptions = {}): Promise<Uint32Array | Prediction> {
    const { batch, request } = predictRequest(this, input, options);
    return predicted(await this.#steps.prepare(request).evaluate(batch), request.scores);
  }

  /**
   * Loss, accuracy, confusion matrix and activity over a data set.
   * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
   * @throws LapicqueError as {@link Model.evaluateStep}; `invalid-parameter` if there is no batch
   */
  evaluate(data: Batches, options: EvaluateOptions): Promise<Evaluation> {
    return evaluate(this, data, options);
  }

  /**
   * Trains over a data set, epoch by epoch. A second `fit` of a model that is being trained throws an error; await the first. Other calls
   * (`run`, `session`, `save` …) run between two steps, with the current weights.
   * @param data - batches with `x` as for {@link Model.run} and `y`, labels `[batch]` or values
   * @throws LapicqueError as {@link Model.trainStep}; `invalid-parameter` also while another `fit` of the model runs; `io` for
   * a checkpoint that cannot be written; `aborted`, after which
   * the weights are those of the last finished step. Errors of callbacks and data are passed on.
   */
  fit(data: Batches, options: FitOptions): Promise<FitResult> {
    return fit(this, data, options);
  }

  /**
   * Gradients of one batch and, with an optimizer, a step.
   * @throws LapicqueError `shape-mismatch`, `invalid-parameter` for labels out of range and options, `unknown-name`,
   * `non-finite` with layer and step (no weight has changed then), `too-large`, `aborted`, `disposed`
   */
  async trainStep(batch: TrainingBatch, options: TrainStepOptions): Promise<StepReport> {
    return this.#steps.train(batch, options);
  }

  /** Checks the options of steps, once for all steps. @internal */
  prepareSteps(options: TrainStepOptions): PreparedSteps {
    return this.#steps.prepare(options);
  }

  /**
   * How long each layer takes in a training step, forward and backward. The steps run on a copy, so the model does not change.
   * @throws LapicqueError as {@link Model.trainStep}
   */
  async profile(batch: TrainingBatch, options: ProfileOptions): Promise<Profile> {
    // So that the model keeps its weights, moments and running averages.
    using copy = await this.withSurrogates({});
    return await profile(copy, batch, options);
  }

  /** Loss and predictions of one batch, without gradients. @throws LapicqueError as {@link Model.trainStep} */
  async evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport> {
    return this.#steps.evaluate(batch, options);
  }

  /**
   * Outputs for a custom loss. The loop is: `forward`, your gradient with respect to the outputs, `backward`, `step`.
   *
   * To process a sequence that is longer than a batch, start each pass from the `state` of the previous one: truncated
   * back-propagation over a stream of any length. The state is a constant for the gradient. {@link dropout} draws a new mask in each
   * pass. Layers that read a whole sequence ({@link psn}) start only from rest.
   *
   * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
   * @returns spikes and membrane of the output population, `[time, batch, neurons]` each, and the state at the end
   * @throws LapicqueError as {@link Model.run}; of `backward`: `shape-mismatch`, `non-finite`, `invalid-parameter` for a pass
   * that is not the model's last
   */
  async forward(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: ModelState | undefined } = {},
  ): Promise<ForwardResult> {
    return (await this.forwardCounted(input, options)).passed;
  }

  /** A forward pass with its counts; `update` defines the frozen parameters. @internal */
  async forwardCounted(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: ModelState | undefined },
    update?: NativeUpdate,
  ): Promise<CountedPass> {
    return this.#passes.forward(input, options, update);
  }

  /**
   * Updates the weights with the accumulated gradients and clears the gradients.
   * @throws LapicqueError `invalid-parameter`, `non-finite` (no weight has changed then), `aborted`, `disposed`
   */
  async step(optimizer: Optimizer, options: UpdateOptions = {}): Promise<void> {
    await this.#steps.update(optimizer, options);
  }

  /**
   * All parameters by name, row-major; copies. Each array has its `shape`, as in `info.parameters`. So {@link writeTensors} writes them directly, and
   * {@link Model.setWeights} takes the result of {@link readTensors}.
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
   * All gradients by name, as {@link Model.weights}; empty arrays before the first backward pass. An optimizer step clears them; in `onBatch` of
   * {@link Model.fit} they are still available.
   * @throws LapicqueError `too-large`, `disposed`
   */
  async gradients(): Promise<Record<string, Shaped<Weights>>> {
    return this.#shaped(await tensorsOf(this.#native, 'grad'));
  }

  /**
   * The Euclidean norm of the gradient of each layer, over all its tensors, by the layer's name; 0 before the first backward pass. As
   * {@link Model.gradients}, without a copy of them.
   *
   * ```ts
   * await model.fit(data, {
   *   epochs: 10,
   *   loss: loss.crossEntropyRate(),
   *   callbacks: { onBatch: async ({ iteration }, model) => console.log(iteration, await model.gradientNorms()) },
   * });
   * ```
   * @throws LapicqueError `disposed`
   */
  async gradientNorms(): Promise<Record<string, number>> {
    const norms = JSON.parse(unwrap((await this.#native.gradientNorms()) as never)) as Record<string, number>;
    const byLayer = new Map<string, number>();
    for (const [tensor, norm] of Object.entries(norms)) {
      const layer = tensor.slice(0, tensor.lastIndexOf('.'));
      byLayer.set(layer, (byLayer.get(layer) ?? 0) + norm * norm);
    }
    return Object.fromEntries([...byLayer].map(([layer, squares]) => [layer, Math.sqrt(squares)]));
  }

  /**
   * Replaces parameters: all of them, or none if one is invalid. It is atomic: no other call uses some old and some new values.
   * It takes the tensors that {@link readTensors} reads from a file, if their names are those of this model.
   * @param weights - by name: an array, or an array with its shape, which is then checked: `{ data, shape }`, or an array with a property `shape`, as
   * returned by {@link Model.weights}. A parameter of a loss that the model has not been trained with yet (`loss.NAME`) needs its shape
   * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` for a value that is not finite or that the tensor
   * cannot have: a `runningVariance` below 0, a `lambda` outside 0 to 1, `draws` that are not a count
   */
  async setWeights(weights: GivenWeights): Promise<void> {
    const { arrays, declared } = arraysOf(weights, this.info.parameters);
    await setTensors(this.#native, 'value', arrays, declared);
    addParameters(this.info, declared);
  }

  /**
   * Imports weights that were trained with torch, snnTorch, SpikingJelly or Norse: the tensors of a `state_dict`, from a file of `torch.save`,
   * `safetensors.torch.save_file` or `numpy.savez`, or as {@link readTensors} returns them. Sets all of them, or none if one does not fit.
   * {@link stateDictOf} exports them again.
   *
   * A tensor is assigned to a layer by `map`, else by the layer's name, else by structure and shape: projections, norms and
   * populations separately, in the order of their names if those are numbered (`0`, `2`; `fc1`, `fc2`). Values of neurons
   * (`lif1.beta`, `lif1.threshold`, SpikingJelly's `w`, Norse's `tau_mem_inv`) are set if the model learns them. If they are constants of its
   * description, they must be equal. Running values of batch norm are set.
   *
   * @example
   * ```ts
   * const report = await model.importWeights('net.pth', { from: 'snntorch' });
   * console.log(report.set, report.ignored);
   * ```
   * @param tensors - a file, or tensors by name, each with its shape
   * @returns the tensors that were set, compared, and ignored with the reason
   * @throws LapicqueError `weights-mismatch` for tensors or parameters without a counterpart, for ambiguous assignments, and for values that differ
   * from the description; `shape-mismatch`, `unknown-name` and `invalid-parameter` for `map`
   * and the tensors; for a file the errors of {@link readTensors}; `disposed`
   */
  async importWeights(
    tensors: GivenWeights | FileSource,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
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
   * Predicts the memory in bytes that a batch needs: the model's, and an upper bound during the batch. It assumes that one neuron
   * in ten fires in a step. A batch that needs more than the available memory throws `too-large` before any allocation. Freed memory that the C
   * library keeps (about 10 MiB with glibc) is not counted.
   * @throws LapicqueError `invalid-parameter`, `unknown-name`, `disposed`
   */
  estimate(work: MemoryWork): MemoryEstimate {
    return estimateMemory(this.#native, work);
  }

  /**
   * A streaming session with the current weights. Sessions on the same weights share one copy of them; each needs only memory for its state.
   * @param options - `record`: the values that {@link Session.recorded} returns for each step, by the names that `run` takes; `readout`: whether
   * {@link Session.readout} returns the model's read-out, for which the session keeps what it reads of all steps
   * @throws LapicqueError `unsupported` for a network that cannot run step by step, `unknown-name` for a recording, `too-large`, `disposed`
   */
  async session(options: SessionOptions = {}): Promise<Session> {
    const { record = [], readout = false } = checkOptions('session', options, ['record', 'readout']);
    checkRecordings(this, record);
    flag('readout', readout);
    const ofReadout = readout ? SessionReadout.of(this) : undefined;
    const names = [...new Set([...record, ...(ofReadout?.recordings ?? [])])];
    // Both are requested at once, so that the parameters are those of the session's weights.
    const [session, values] = await Promise.all([this.#native.session(names), ofReadout?.parameters()]);
    const native = unwrap(session as never) as SessionSource['native'];
    return new Session({
      native,
      inputs: this.description.input.size,
      outputs: this.outputs,
      recorded: names,
      parts: inputParts(this.description),
      readout: ofReadout?.begun(values ?? {}),
    });
  }

  /**
   * Returns this model with other surrogate gradients, including the optimizer's moments and the number of updates: for surrogates that
   * become narrower during training. The model itself does not change.
   *
   * ```ts
   * for (let epoch = 0; epoch < epochs; epoch++) {
   *   model = await model.withSurrogates({ lif1: surrogate.sigmoid({ slope: 2 + 4 * epoch }) });
   *   await model.fit(data, { epochs: 1, loss, optimizer });
   * }
   * ```
   *
   * @param surrogates - by the name of the layer; other layers keep their surrogates
   * @throws LapicqueError `unknown-name` for anything but a layer that spikes, `invalid-parameter` and `equation` for an invalid
   * surrogate, `disposed`
   */
  async withSurrogates(
    surrogates: Readonly<Record<string, Surrogate>>,
    options: TaskOptions = {},
  ): Promise<Model> {
    const changed = await withSurrogates(this, surrogates, options);
    return modelOf({ ...changed, metadata: this.metadata });
  }

  /** The network as plain data with the current values of its learned neuron parameters. */
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
   * @param options - `limits`: the memory that the model may take; an untrusted file cannot exceed it
   * @throws LapicqueError `malformed-file` for a file that is truncated or has a flipped bit, `unsupported` for one of a
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

/** Whether this is a model, of this or another copy of the package: `import` and `require` have one copy each, over the same addon. */
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

/** Functions that training calls. An error that one throws ends the training. */
export type Callbacks = CallbacksOf<Model>;

/** Options of {@link Model.fit}. */
export type FitOptions = FitOptionsOf<Model>;
