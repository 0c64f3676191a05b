/** Other stateless layers as plain frozen nodes, and the union of all of them. */
import { options as checkOptions, integer, invalid, text } from '../checks/check.ts';
import type { Conv, Pointwise } from './convolutions.ts';
import { type MapOptions, named, node } from './map-node.ts';
import type { OperationLayer } from './operations.generated.ts';
import type { GlobalPool } from './pools.ts';
import type { TracedLayer } from './traced-layer-types.ts';

/** The shape of an image input; allowed only as the first layer. */
export interface InputShape<S extends readonly number[] = readonly number[]> {
  readonly layer: 'input';
  readonly shape: S;
}

/** {@link lateralInhibition} */
export interface LateralInhibition {
  readonly layer: 'lateral-inhibition';
  readonly state: string;
  readonly name?: string;
}

/** Options of {@link lateralInhibition}. */
export interface LateralInhibitionOptions extends MapOptions {
  /** The state of the population that is compared; default `'v'`. */
  state?: string;
}

/** A layer without a state. */
export type MapLayer = Conv | Pointwise | GlobalPool | LateralInhibition | OperationLayer | TracedLayer;

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
 * Lateral inhibition after a population: among its neurons (for an image, among those at one pixel) only the one with the
 * largest potential may spike: `y[i] = s[i] where v[i] = max v, else 0`. The others are reset as if they had spiked, but their spikes are suppressed
 * (snnTorch's `inhibition`). For a population that does not spike, the largest value is the output.
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
