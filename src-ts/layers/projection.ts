/** Projections between populations as plain frozen nodes. */
import { options as checkOptions, finite, flag, integer, text } from '../checks/check.ts';
import { type Initialiser, initialisers } from '../neurons/initialiser.ts';

/** Delays of a {@link dense} projection, one per synapse. */
export interface Delays {
  /** The longest delay in ms, not below any initial one. Learned delays are clamped to 0 to `max` after each step. */
  max: number;
  /** Default uniform from 0 to `max`. */
  initial?: Initialiser;
  /** Whether training changes them; default true. */
  trainable?: boolean;
}

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Name in files, recordings and messages; default `dense` and a number. */
  name?: string;
  /** Adds a trained constant to each output; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
  /**
   * Delay of a spike from an input to an output, in ms: one fixed number for all synapses, or `{ max, … }` for a delay per
   * synapse. Delays per synapse are learned by default; they are a tensor `delay` with the shape of the weights. Delays are
   * rounded to whole steps. In training a learned delay is interpolated between two steps, so that it has a gradient (I.
   * Hammouamri, I. Khalfaoui-Hassani, T. Masquelier, ICLR 2024, with a triangle as kernel). Default 0.
   */
  delay?: number | Delays;
}

/** A dense projection, weights `[outputs, inputs]`. */
export interface Dense<In extends number = number, Out extends number = number> extends DenseOptions {
  readonly layer: 'dense';
  readonly inputs: In;
  readonly outputs: Out;
}

/**
 * Connects every input to every output: `y[o] = Σ W[o, i] x[i] + b[o]`, weights `[outputs, inputs]`, bias `[outputs]`; as
 * `torch.nn.Linear`. With a delay `y[t, o] = Σ W[o, i] x[t - d[o, i], i] + b[o]`, `d` in steps. For spike inputs, weights are
 * added, not multiplied.
 *
 * @param inputs - number of inputs
 * @param outputs - number of outputs
 * @returns a layer from any shape with `inputs` elements, such as `[inputs]` or an image, to `[outputs]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer, or a delay below 0; at `compile`
 * `shape-mismatch` for a different number of elements (a type error if sizes are literals)
 */
export function dense<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  options: DenseOptions = {},
): Dense<In, Out> {
  integer('dense.inputs', inputs, { min: 1, max: 2 ** 24 });
  integer('dense.outputs', outputs, { min: 1, max: 2 ** 24 });
  checkOptions('dense', options, ['name', 'bias', 'initial', 'initialBias', 'trainable', 'delay']);
  if (options.name !== undefined) text('dense.name', options.name);
  if (options.bias !== undefined) flag('dense.bias', options.bias);
  if (options.trainable !== undefined) flag('dense.trainable', options.trainable);
  initialisers('dense', options, ['initial', 'initialBias']);
  const { delay } = options;
  if (typeof delay === 'object' && delay !== null) {
    checkOptions('dense.delay', delay, ['max', 'initial', 'trainable']);
    finite('dense.delay.max', delay.max, { min: 0 });
    initialisers('dense.delay', delay, ['initial']);
    if (delay.trainable !== undefined) flag('dense.delay.trainable', delay.trainable);
  } else if (delay !== undefined) {
    finite('dense.delay', delay, { min: 0 });
  }
  return Object.freeze({ layer: 'dense', inputs, outputs, ...options });
}
