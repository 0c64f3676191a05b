/** Forward passes for custom losses, whose gradients start the backward pass. */
import { options as checkOptions, flag, integer, invalid, typedArray } from '../checks/check.ts';
import { nativeReals } from '../checks/typed.ts';
import type { CompiledModel, Weights } from '../compiled/compiled-model.ts';
import { isState, ModelState } from '../compiled/state.ts';
import { type InputOptions, type InputTensor, nativeInput } from '../description/input-tensor.ts';
import { task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { NativeUpdate } from '../train/native-step.ts';

/** Options of {@link ForwardResult.backward}. */
export interface BackwardOptions extends TaskOptions {
  /** Whether to compute the gradient with respect to the input, too; default false. */
  inputGradient?: boolean;
}

/** The result of {@link ForwardResult.backward}. */
export interface BackwardResult {
  /** With `inputGradient`: the gradient of the loss with respect to the input, in the order and shape of the input's `x`. */
  inputGradient?: Float64Array;
}

/** Outputs of {@link Model.forward}, and the backward pass. */
export interface ForwardResult {
  /**
   * `[time, batch, neurons]`, 0 and 1; empty if the output does not spike. The gradient that `backward` takes is with respect to the
   * output: for graded spikes, these times `gradedSpikes`.
   */
  spikes: Uint8Array;
  /** `[time, batch, neurons]` */
  v: Float64Array;
  shape: [number, number, number];
  /** The state of the network at the end; the next pass may start from it. */
  state: ModelState;
  /**
   * Computes the gradients of all parameters from those of the loss with respect to the outputs (either may be omitted), and adds them to
   * the accumulated ones. The gradient of graded spikes is with respect to the output: a spike times its value. Call it once for each forward
   * pass. Models of both precisions take both kinds of arrays. An f32 model rounds a `Float64Array`.
   *
   * ```ts
   * const { inputGradient } = await out.backward({ v: gradient }, { inputGradient: true }); // for saliency, or a network in front
   * ```
   *
   * @throws LapicqueError `shape-mismatch`; `invalid-parameter` for a number that is not finite in the model's precision
   */
  backward(gradients: { spikes?: Weights; v?: Weights }, options?: BackwardOptions): Promise<BackwardResult>;
}

/** A forward pass with its counts. */
export interface CountedPass {
  passed: ForwardResult;
  /** Spikes of each population. */
  counts: number[];
  /** Nonzero values of the input. */
  inputEvents: number;
}

/** The result of a forward pass, as the engine returns it. */
interface Raw {
  spikes: Uint8Array;
  v: Float64Array;
  state: never;
  counts: number[];
  inputEvents: number;
}

/** A model, as its passes use it. */
type PassedModel = CompiledModel & { readonly outputs: number };

/** The forward passes of one model. Only the last pass can run backward. */
export class Passes {
  readonly #model: PassedModel;
  /** Number of forward passes so far, and of the last one. */
  #count = 0;

  constructor(model: PassedModel) {
    this.#model = model;
  }

  /** As {@link Model.forwardCounted}. */
  async forward(
    input: InputTensor,
    options: InputOptions & TaskOptions & { segment?: number; state?: ModelState | undefined },
    update?: NativeUpdate,
  ): Promise<CountedPass> {
    checkOptions('forward', options, ['steps', 'segment', 'state', 'signal', 'onProgress']);
    if (options.segment !== undefined) integer('segment', options.segment, { min: 1 });
    if (options.state !== undefined && !isState(options.state)) {
      invalid('state', options.state, 'a ModelState');
    }
    const native = nativeInput(input, this.#model.description.input, options);
    this.#count += 1;
    const pass = this.#count;
    const { spikes, v, state, counts, inputEvents } = (await task(options, (handle) =>
      this.#model.native.forward(native, options.segment, options.state?.native, update, handle),
    )) as unknown as Raw;
    const passed: ForwardResult = {
      spikes,
      v,
      state: new ModelState(state),
      shape: [native.steps, native.batch, this.#model.outputs],
      backward: (gradients, backwardOptions = {}) => this.#backward(pass, gradients, backwardOptions),
    };
    return { passed, counts, inputEvents };
  }

  async #backward(
    pass: number,
    gradients: { spikes?: Weights; v?: Weights },
    options: BackwardOptions,
  ): Promise<BackwardResult> {
    const checked = checkOptions('gradients', gradients, ['spikes', 'v']);
    const { inputGradient = false } = checkOptions('backward', options, [
      'inputGradient',
      'signal',
      'onProgress',
    ]);
    flag('inputGradient', inputGradient);
    const [spikes, v] = (['spikes', 'v'] as const).map((name) => {
      const values = checked[name];
      if (values !== undefined) typedArray(`gradients.${name}`, values, [Float32Array, Float64Array]);
      return nativeReals(values);
    });
    if (pass !== this.#count)
      invalid('backward', 'an earlier forward pass', 'the last forward pass of the model');
    return task(options, (handle) => this.#model.native.backward(spikes!, v!, inputGradient, handle));
  }
}
