/** Projections between populations as plain frozen nodes. */
import { options as checkOptions, flag, integer, text } from './check.ts';

/** How weights begin; formulas as in `torch.nn.init`. */
export type Initialiser =
  /** U(-b, b), b = gain / √fan-in: torch's `Linear`, the default */
  | { kind: 'fan-in-uniform'; gain?: number }
  | { kind: 'xavier-uniform' | 'xavier-normal'; gain?: number }
  | { kind: 'kaiming-uniform' | 'kaiming-normal'; a?: number; mode?: 'fan-in' | 'fan-out' }
  | { kind: 'orthogonal' | 'identity'; gain?: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; std: number }
  | { kind: 'constant'; value: number }
  /**
   * A Legendre memory of `theta` steps for each of outputs / order inputs: how it goes on (`legendre-memory`, a block of
   * `[order, order]` each) and how it takes in its inputs (`legendre-input`); see {@link legendreMemory}
   */
  | {
      kind: 'legendre-memory' | 'legendre-input';
      order: number;
      theta: number;
      method?: 'zoh' | 'euler' | 'tustin';
    }
  | { kind: 'zeros' };

/** Options of {@link dense}. */
export interface DenseOptions {
  /** Name in files and messages; default `dense` and a number. */
  name?: string;
  /** Adds a trained constant to each output; default true. */
  bias?: boolean;
  /** Default `fan-in-uniform`. */
  initial?: Initialiser;
  /** Default `fan-in-uniform`, with the fan-in of the weights. */
  initialBias?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** A dense projection, weights `[outputs, inputs]`. */
export interface Dense<In extends number = number, Out extends number = number> extends DenseOptions {
  readonly layer: 'dense';
  readonly inputs: In;
  readonly outputs: Out;
}

/**
 * Every input to every output: `y = x Wᵀ + b`, `W` of shape `[outputs, inputs]`. Where the input is spikes, weights are
 * added, not multiplied.
 *
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export function dense<const In extends number, const Out extends number>(
  inputs: In,
  outputs: Out,
  options: DenseOptions = {},
): Dense<In, Out> {
  integer('dense.inputs', inputs, { min: 1, max: 2 ** 24 });
  integer('dense.outputs', outputs, { min: 1, max: 2 ** 24 });
  checkOptions('dense', options, ['name', 'bias', 'initial', 'initialBias', 'trainable']);
  if (options.name !== undefined) text('dense.name', options.name);
  if (options.bias !== undefined) flag('dense.bias', options.bias);
  if (options.trainable !== undefined) flag('dense.trainable', options.trainable);
  return Object.freeze({ layer: 'dense', inputs, outputs, ...options });
}
