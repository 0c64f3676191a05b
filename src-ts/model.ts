/** A compiled model: runs, trains, streams, saves. */

import { options as checkOptions, flag, frozenCopy, integer, invalid, oneOf, typedArray } from './check.ts';
import type { Description } from './description.ts';
import type { FileSource, FileTarget, LoadOptions } from './file-source.ts';
import { arraysOf, type GivenWeights } from './given-weights.ts';
import { type InputOptions, type InputTensor, nativeInput } from './input.ts';
import { isOfMembrane, type Loss } from './loss.ts';
import type { MemoryEstimate, MemoryWork } from './memory-estimate.ts';
import { modelBytes, readModel, writeModel } from './model-file.ts';
import type { ModelInfo } from './model-info.ts';
import { addon, type TaskOptions, task, unwrap } from './native.ts';
import { checkRecordings, type RunOptions, type RunResult, run } from './run.ts';
import { Session } from './session.ts';
import { isState, NetworkState } from './state.ts';
import { summaryOf } from './summary.ts';
import type { Surrogate } from './surrogate.ts';
import { withSurrogates } from './surrogate-change.ts';
import { type Shaped, shaped } from './tensor-file.ts';
import { type EvaluateOptions, type Evaluation, evaluate } from './train/evaluate.ts';
import { type FitOptions, type FitResult, fit } from './train/fit.ts';
import { methodOptions, methodRequest } from './train/method.ts';
import { type FrozenBy, nativeStep, type StepRequest, updateRequest } from './train/native-step.ts';
import type { Optimizer } from './train/optimizer.ts';
import { type OwnLoss, ownGradients, ownValue } from './train/own-loss.ts';
import {
  type Batches,
  type Decision,
  type EvaluateStepOptions,
  evaluateStepOptions,
  type StepReport,
  type TrainingBatch,
  type TrainStepOptions,
  trainStepOptions,
} from './train/step.ts';
import { isKind, nativeReals } from './typed.ts';
import { type ImportOptions, type ImportReport, importWeights } from './weights/import.ts';

type NativeModel = InstanceType<typeof addon.NativeModel>;

/** A tensor of weights, row-major. */
export type Weights = Float32Array | Float64Array;

/** What users keep with a model: labels, version, licence … */
export type ModelMetadata = Readonly<Record<string, unknown>>;

/** What the engine tells of a model. */
type ModelSummary = ModelInfo & { description: Description };

/** Outputs of {@link Model.forward}, and the way back. */
export interface ForwardResult {
  /**
   * `[time, batch, neurons]`, 0 and 1; empty where the output does not spike. The gradient that `backward` takes is that of what
   * leaves: where spikes are graded, of these times `gradedSpikes`.
   */
  spikes: Uint8Array;
  /** `[time, batch, neurons]` */
  v: Float64Array;
  shape: [number, number, number];
  /** That of the network at the end, from which the next pass may begin. */
  state: NetworkState;
  /**
   * Adds the gradients of all parameters, given those of the loss with respect to the outputs (either may be left
   * out). That of graded spikes is with respect to what leaves: a spike times its value. Once for each forward pass.
   * Arrays of either kind do for a model of either precision: a `Float64Array` enters an f64 model as it is and an f32 model
   * rounded, a `Float32Array` enters both as it is.
   *
   * @throws LapicqueError `shape-mismatch`; `invalid-parameter` for a number that is not finite in the model's precision
   */
  backward(gradients: { spikes?: Weights; v?: Weights }, options?: TaskOptions): Promise<void>;
}

/** A model in the engine's memory. Dispose of it, or let it be collected. */
export class Model implements Disposable {
  readonly #native: NativeModel;
  /** Counts forward passes: only the last one's `backward` can be called. */
  #forwards = 0;
  #metadata: ModelMetadata = Object.freeze({});
  /** The last step with a loss of your own. */
  #own: Promise<unknown> = Promise.resolve();
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
    return this.#output.neurons;
  }

  get #output(): ModelInfo['layers'][number] {
    return this.info.layers.find((layer) => layer.name === this.info.output)!;
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
    const known = ['steps', 'by', 'from', 'populationClasses', 'scores', 'signal', 'onProgress'] as const;
    const { from, scores: scored = false, ...step } = checkOptions('predict', options, known);
    if (step.populationClasses !== undefined)
      integer('populationClasses', step.populationClasses, { min: 1 });
    if (from !== undefined) integer('from', from, { min: 0 });
    flag('scores', scored);
    const y = new Uint32Array(nativeInput(input, this.description.input, options).batch);
    // Which loss is all the same; a cross-entropy of one output there is none.
    const kind = this.outputs === 1 ? 'mean-squared-membrane' : 'cross-entropy-sum-membrane';
    const loss: Loss = { kind, ...(from === undefined ? {} : { from }) };
    const request = { ...step, loss, scores: scored };
    const { labels, scores } = (await this.#step({ ...input, y }, request, false)) as StepReport & Scored;
    if (!scored) return labels;
    return { labels, scores: scores!, shape: [labels.length, scores!.length / labels.length] };
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
    const given = checkOptions('trainStep', options, trainStepOptions);
    if (isOwn(given)) return this.#ownStep(batch, given);
    const step = () => this.#step(batch, given as StepRequest, true);
    return given.optimizer === undefined ? step() : this.#counted(step);
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
    if (isOwn(options)) return this.#ownStep(batch, options);
    const step = this.#prepared(batch, options as StepRequest, true, follows);
    return options.optimizer === undefined ? step() : this.#counted(step);
  }

  /**
   * Loss and predictions of one batch, without gradients.
   * @throws LapicqueError as {@link Model.trainStep}
   */
  async evaluateStep(batch: TrainingBatch, options: EvaluateStepOptions): Promise<StepReport> {
    const given = checkOptions('evaluateStep', options, evaluateStepOptions);
    return isOwn(given)
      ? ownValue(this, batch, given.loss, given)
      : this.#step(batch, given as StepRequest, false);
  }

  /** A step with a loss of your own, behind those asked for before: only one pass at a time can be on its way. */
  #ownStep(batch: TrainingBatch, options: Owned): Promise<StepReport> {
    const { optimizer, frozenBy, lrFactor = 1, scale = 1, clipValue } = options;
    const how = { lrFactor, scale, ...(clipValue === undefined ? {} : { clipValue }) };
    const step = this.#own.then(async () => {
      // What is wrong with the step is told before there are gradients, and with gradients the step is taken.
      if (optimizer !== undefined) updateRequest(optimizer, how);
      const report = await ownGradients(this, batch, options.loss, options, optimizer ?? frozenBy);
      if (optimizer === undefined) return report;
      try {
        return { ...report, gradientNorm: await this.#update(optimizer, how) };
      } catch (error) {
        await this.clearGradients();
        throw error;
      }
    });
    this.#own = step.catch(() => {});
    return step;
  }

  /** Does what takes an optimiser step. */
  async #counted<T>(start: () => Promise<T>): Promise<T> {
    const result = await start();
    this.updates += 1;
    return result;
  }

  async #step(batch: TrainingBatch, options: StepRequest, backward: boolean): Promise<StepReport> {
    return this.#prepared(batch, options, backward, false)();
  }

  /** Checks everything and gives back what starts the step. */
  #prepared(
    batch: TrainingBatch,
    options: StepRequest,
    backward: boolean,
    follows: boolean,
  ): () => Promise<StepReport> {
    const { input, classes, values, lengths, request } = nativeStep(
      batch,
      this.description.input,
      this.#output.shape,
      options,
      { backward, follows },
    );
    if (!isOfMembrane(options.loss) && !this.#output.spiking) {
      const expected = `a loss of the membrane, such as loss.crossEntropyMeanMembrane(), for ${this.info.output} does not spike`;
      invalid('loss', options.loss.kind, expected);
    }
    return () =>
      task(options, (handle) =>
        this.#native.trainStep(input, classes, values, lengths, request, backward, handle),
      ) as Promise<StepReport>;
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
  ): Promise<{ passed: ForwardResult; counts: number[]; inputEvents: number }> {
    checkOptions('forward', options, ['steps', 'segment', 'state', 'signal', 'onProgress']);
    if (options.segment !== undefined) integer('segment', options.segment, { min: 1 });
    if (options.state !== undefined && !isState(options.state)) {
      invalid('state', options.state, 'a NetworkState');
    }
    const native = nativeInput(input, this.description.input, options);
    this.#forwards += 1;
    const pass = this.#forwards;
    const { spikes, v, state, counts, inputEvents } = (await task(options, (handle) =>
      this.#native.forward(
        native,
        options.segment,
        options.state?.native,
        optimizer === undefined ? undefined : JSON.stringify(optimizer),
        handle,
      ),
    )) as unknown as Raw;
    const passed: ForwardResult = {
      spikes,
      v,
      state: new NetworkState(state),
      shape: [native.steps, native.batch, this.outputs],
      backward: async (gradients, backwardOptions = {}) => {
        const given = checkOptions('gradients', gradients, ['spikes', 'v']);
        checkOptions('backward', backwardOptions, ['signal', 'onProgress']);
        const [spikes, v] = (['spikes', 'v'] as const).map((name) => {
          const values = given[name];
          if (values !== undefined) typedArray(`gradients.${name}`, values, [Float32Array, Float64Array]);
          return nativeReals(values);
        });
        if (pass !== this.#forwards)
          invalid('backward', 'an earlier forward pass', 'the last forward pass of the model');
        await task(backwardOptions, (handle) => this.#native.backward(spikes!, v!, handle));
      },
    };
    return { passed, counts, inputEvents };
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
    await this.#update(optimizer, options);
  }

  /** Takes a step and tells the norm of the gradients, where they are clipped by it. */
  #update(
    optimizer: Optimizer,
    options: TaskOptions & { lrFactor?: number; scale?: number; clipValue?: number },
  ): Promise<number | null> {
    const update = JSON.stringify(updateRequest(optimizer, options));
    return this.#counted(() => task(options, (handle) => this.#native.update(update, handle)));
  }

  /**
   * All parameters by name, row-major; copies. Each array tells its `shape`, that of `info.parameters`, so that
   * {@link writeTensors} writes them as they are and {@link Model.setWeights} takes back what {@link readTensors} then reads.
   * @throws LapicqueError `too-large`, `disposed`
   */
  async weights(): Promise<Record<string, Shaped<Weights>>> {
    return this.#shaped(unwrap((await this.#native.tensors('value')) as never));
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
    return this.#shaped(unwrap((await this.#native.tensors('grad')) as never));
  }

  /**
   * Replaces parameters, all or, where one of them is refused, none; in its turn among the calls before and after it, none of which
   * sees some of them old and some new. Takes what {@link readTensors} finds in a file, where the names are those of this model.
   * @param weights - by name: an array, or one with its shape, which is then compared
   * @throws LapicqueError `unknown-name`, `shape-mismatch`, `invalid-parameter` for a value that is not finite or that the tensor
   * cannot have: a `runningVariance` below 0, a `lambda` outside 0 to 1, `draws` that are no count
   */
  async setWeights(weights: GivenWeights): Promise<void> {
    await this.setTensors('value', arraysOf(weights, this.info.parameters));
  }

  /**
   * Weights that torch, snnTorch, SpikingJelly or Norse trained: the tensors of a `state_dict`, from a file of `torch.save`,
   * `safetensors.torch.save_file` or `numpy.savez`, or as {@link readTensors} finds them in it. All of them or, where something does not fit,
   * none. {@link stateDictOf} gives them back.
   *
   * Tensors find their layers by what `map` says, by the layer's own name, else by structure and shape: projections, norms and
   * populations each among themselves, in the order of their names where those are numbered (`0`, `2`; `fc1`, `fc2`). Numbers of neurons
   * (`lif1.beta`, `lif1.threshold`, SpikingJelly's `w`, Norse's `tau_mem_inv`) become parameters where the model learns them; where
   * they are constants of its description they are compared, and refused if they are others. Running values of batch norm are set.
   *
   * @example
   * ```ts
   * const report = await model.importWeights('net.pth', { from: 'snntorch' });
   * console.log(report.set, report.ignored);
   * ```
   * @param tensors - a file, or tensors by name, each with its shape
   * @returns what went where, what was compared, and what was ignored and why
   * @throws LapicqueError `weights-mismatch` for tensors or parameters without a counterpart, for what could go to several layers and
   * for numbers that differ from those of the description; `shape-mismatch`, `unknown-name` and `invalid-parameter` for what `map`
   * and the tensors say; of a file what {@link readTensors} throws; `disposed`
   */
  async importWeights(
    tensors: GivenWeights | FileSource,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
    // Of a model that has been disposed of, before the tensors are looked at.
    await this.currentDescription();
    return importWeights(this, tensors, options);
  }

  /** @internal Replaces one kind of tensor of these parameters, all or none. */
  async setTensors(
    kind: 'value' | 'moment1' | 'moment2',
    tensors: Readonly<Record<string, Weights>>,
  ): Promise<void> {
    const given = Object.entries(tensors).map(([name, tensor]) => {
      const [values, doubles] = inPrecision(name, tensor);
      return values === undefined ? { doubles: doubles! } : { values };
    });
    unwrap((await this.#native.setTensors(kind, Object.keys(tensors), given)) as never);
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
    const known = ['steps', 'batch', 'training', 'segment', 'input', ...methodOptions] as const;
    const given = checkOptions('estimate', work, known);
    const { steps, batch, training = false, segment, truncate, method = 'bptt', input = 'values' } = given;
    integer('steps', steps, { min: 1 });
    integer('batch', batch, { min: 1 });
    if (segment !== undefined) integer('segment', segment, { min: 1 });
    methodRequest({ method, truncate });
    if (!flag('training', training) && method !== 'bptt') {
      invalid('method', method, '"bptt", because nothing is trained');
    }
    oneOf('input', input, ['values', 'constant', 'spikes']);
    // A truncated pass goes segment by segment too, whatever `segment` says.
    const native = unwrap(this.#native.estimate(steps, batch, truncate ?? segment, training, input, method));
    return JSON.parse(native) as MemoryEstimate;
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
    return withSurrogates(this, surrogates, options);
  }

  /** The network as plain data with its learned neuron parameters as they are now. */
  async currentDescription(): Promise<Description> {
    return JSON.parse(unwrap((await this.#native.description()) as never)) as Description;
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
  static load(source: FileSource, options: LoadOptions = {}): Promise<Model> {
    return readModel(source, options);
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

/** What {@link Model.predict} takes. */
export type PredictInput = InputTensor & Pick<TrainingBatch, 'lengths'>;

/** Options of {@link Model.predict}. */
export interface PredictOptions extends InputOptions, TaskOptions {
  /** What decides; default spike count, or of an output that does not spike its membrane. */
  by?: Decision;
  /** The first step that counts; default 0. */
  from?: number;
  /** Classes whose neurons vote together; default each output is a class. */
  populationClasses?: number;
  /** Gives a {@link Prediction}; default false. */
  scores?: boolean;
}

/** Labels, and what decided them. */
export interface Prediction {
  /** `[batch]` */
  labels: Uint32Array;
  /**
   * `[batch, classes]`, row by row; the largest of a row is that of its label. By count a class's number of spikes, by membrane its sum over the
   * steps, by its maximum the largest value, by first spike minus the step of that (minus the last step of a silent neuron); of classes of several
   * neurons the sums over these. They are no probabilities.
   */
  scores: Float64Array;
  /** `[batch, classes]` */
  shape: [number, number];
}

interface Scored {
  scores?: Float64Array;
}

/** What the engine gives of a forward pass. */
interface Raw {
  spikes: Uint8Array;
  v: Float64Array;
  state: never;
  counts: number[];
  inputEvents: number;
}

/** Options of a step with a loss of your own. */
type Owned = Omit<TrainStepOptions, 'loss'> & FrozenBy & { loss: OwnLoss };

function isOwn(options: { loss: unknown }): options is Owned {
  return typeof options.loss === 'function';
}

/** A tensor as the addon takes it: in one argument or the other. */
function inPrecision(name: string, values: Weights): [Float32Array | undefined, Float64Array | undefined] {
  typedArray(name, values, [Float32Array, Float64Array]);
  return isKind(values, Float32Array) ? [values, undefined] : [undefined, values as Float64Array];
}
