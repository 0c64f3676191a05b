/** Other stateless layers as plain frozen nodes, and the union of all of them. */
import { options as checkOptions, finite, integer, invalid, oneOf, text } from '../checks/check.ts';
import { type Initialiser, initialisers } from '../neurons/initialiser.ts';
import type { Conv, Pointwise } from './convolutions.ts';
import { type MapOptions, named, node } from './map-node.ts';
import type { BatchNorm } from './normalisation.ts';
import type { OperationLayer } from './operations.generated.ts';
import type { GlobalPool, Pool } from './pools.ts';

/** The shape of an image input; allowed only as the first layer. */
export interface InputShape<S extends readonly number[] = readonly number[]> {
  readonly layer: 'input';
  readonly shape: S;
}

/** {@link flatten} */
export interface Flatten {
  readonly layer: 'flatten';
  readonly name?: string;
}

/** {@link unflatten} */
export interface Unflatten<S extends readonly number[] = readonly number[]> {
  readonly layer: 'unflatten';
  readonly shape: S;
  readonly name?: string;
}

/** {@link lateralInhibition} */
export interface LateralInhibition {
  readonly layer: 'lateral-inhibition';
  readonly state: string;
  readonly name?: string;
}

/** Options of {@link dropout}. */
export interface DropoutOptions extends MapOptions {
  /** What is dropped as a whole: elements (default), or channels with all their pixels, as in `torch.nn.Dropout2d`. */
  over?: 'elements' | 'channels';
  /**
   * How long a sample keeps its mask: for the whole `'sequence'` (default), as SpikingJelly's `layer.Dropout`, or for one
   * `'step'`, as when `torch.nn.Dropout` is called in a loop over time, which is usual in snnTorch.
   */
  mask?: 'sequence' | 'step';
}

/** {@link dropout} */
export interface Dropout extends DropoutOptions {
  readonly layer: 'dropout';
  readonly rate: number;
}

/** Options of {@link lateralInhibition}. */
export interface LateralInhibitionOptions extends MapOptions {
  /** The state of the population that is compared; default `'v'`. */
  state?: string;
}

/** Options of {@link embedding}. */
export interface EmbeddingOptions extends MapOptions {
  /** Default `normal` with mean 0 and deviation 1, as in torch. */
  initial?: Initialiser;
  /** Whether training changes it; default true. */
  trainable?: boolean;
}

/** {@link embedding} */
export interface Embedding<Size extends number = number> {
  readonly layer: 'embedding';
  readonly count: number;
  readonly size: Size;
  readonly name?: string;
  readonly initial?: Initialiser;
  readonly trainable?: boolean;
}

/** A layer without a state. */
export type MapLayer =
  | Conv
  | Pointwise
  | Pool
  | GlobalPool
  | Flatten
  | Unflatten
  | LateralInhibition
  | Dropout
  | BatchNorm
  | Embedding
  | OperationLayer;

/**
 * The shape of an image input: `[channels, height, width]`, or `[channels, width]`, or for a volume `[channels, depth, height,
 * width]`. The first layer of a network that begins with a convolution or a pool. Data must have this number of elements per
 * sample and step, in this order.
 *
 * @param shape - one to four positive integers
 * @returns the first layer of `sequential`, with exactly this shape
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer, or at `compile` if it is not the first
 * layer
 */
export function input<const S extends readonly number[]>(...shape: S): InputShape<S> {
  if (shape.length < 1 || shape.length > 4) invalid('input', shape, 'one to four sizes');
  shape.forEach((size, i) => {
    integer(`input[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
  return Object.freeze({ layer: 'input', shape: Object.freeze([...shape]) as readonly number[] as S });
}

/**
 * Flattens an image to one axis: element `(c, y, x)` becomes `(c height + y) width + x`. The values do not change; {@link
 * dense} also accepts an image directly.
 *
 * @returns a layer from `[channels, height, width]` to `[channels height width]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function flatten(options: MapOptions = {}): Flatten {
  checkOptions('flatten', options, ['name']);
  return node({ layer: 'flatten', ...named('flatten', options) }) as Flatten;
}

/**
 * Reshapes one axis to an image, the inverse of {@link flatten}: element `(c height + y) width + x` becomes `(c, y, x)`; as
 * `torch.nn.Unflatten`. With it a dense layer can feed transposed convolutions, as in a decoder.
 *
 * @param shape - `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]`, positive integers
 * @returns a layer from this number of elements to that shape
 * @throws LapicqueError `invalid-parameter` for an invalid shape; at `compile` `shape-mismatch` for another number of elements
 *
 * @example
 * ```ts
 * sequential(dense(10, 64), unflatten([4, 4, 4]), conv2d(4, 1, 2, { stride: 2, transposed: true }), lif({ beta: 0.5 }));
 * ```
 */
export function unflatten<const S extends readonly number[]>(
  shape: S,
  options: MapOptions = {},
): Unflatten<S> {
  checkOptions('unflatten', options, ['name']);
  if (!Array.isArray(shape) || shape.length < 2 || shape.length > 4)
    invalid(
      'unflatten.shape',
      shape,
      '[channels, width], [channels, height, width] or [channels, depth, height, width]',
    );
  shape.forEach((size, i) => {
    integer(`unflatten.shape[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
  return node({
    layer: 'unflatten',
    shape: Object.freeze([...shape]),
    ...named('unflatten', options),
  }) as Unflatten<S>;
}

/**
 * Lateral inhibition after a population: among its neurons (for an image, among those at one pixel) only the one with the
 * largest potential may spike: `y[i] = s[i] where v[i] = max v, else 0`. The others are reset as usual, but their spikes are
 * suppressed (snnTorch's `inhibition`). For a population that does not spike, the largest value is the output.
 *
 * @returns a layer that keeps the shape of the population
 *
 * @example
 * ```ts
 * sequential(dense(784, 100), lif({ beta: 0.9 }), lateralInhibition(), dense(100, 10), lif({ beta: 0.9 }));
 * ```
 * @throws LapicqueError at `compile` `invalid-parameter` after anything but a population, `unknown-name` for a state that it
 * does not have
 */
export function lateralInhibition(options: LateralInhibitionOptions = {}): LateralInhibition {
  checkOptions('lateralInhibition', options, ['name', 'state']);
  const state = text('lateralInhibition.state', options.state ?? 'v');
  return node({
    layer: 'lateral-inhibition',
    state,
    ...named('lateralInhibition', options),
  }) as LateralInhibition;
}

/**
 * Sets a fraction of the elements, or of the channels, to zero; only in training, where the others are scaled by `1 / (1 -
 * rate)`. A sample keeps its mask over the whole sequence, or with `mask: 'step'` gets a new one at each step. The mask
 * follows from the network's seed, the number of the batch, the sample and, with `mask: 'step'`, the step (N. Srivastava et
 * al., JMLR 15, 2014).
 *
 * @param rate - the fraction that is set to zero, from 0 to below 1
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for another rate
 */
export function dropout(rate: number, options: DropoutOptions = {}): Dropout {
  checkOptions('dropout', options, ['name', 'over', 'mask']);
  finite('dropout.rate', rate, { min: 0, below: 1 });
  const { over, mask } = options;
  if (over !== undefined) oneOf('dropout.over', over, ['elements', 'channels']);
  if (mask !== undefined) oneOf('dropout.mask', mask, ['sequence', 'step']);
  return node({ layer: 'dropout', rate, over, mask, ...named('dropout', options) }) as unknown as Dropout;
}

/**
 * A trained row for each index: `y = W[x]`, weights `[count, size]`. The input is `[time, batch, 1]` with integers from 0 to
 * `count - 1` (`torch.nn.Embedding`). Allowed only directly after the input.
 *
 * @param count - the number of rows, at least 2
 * @param size - values of a row
 * @returns a layer from `[1]` to `[size]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer; when it runs, for another number
 */
export function embedding<const Size extends number>(
  count: number,
  size: Size,
  options: EmbeddingOptions = {},
): Embedding<Size> {
  checkOptions('embedding', options, ['name', 'initial', 'trainable']);
  initialisers('embedding', options, ['initial']);
  return node({
    layer: 'embedding',
    count: integer('embedding.count', count, { min: 2, max: 2 ** 24 }),
    size: integer('embedding.size', size, { min: 1, max: 2 ** 24 }),
    ...named('embedding', options),
    initial: options.initial,
  }) as Embedding<Size>;
}
