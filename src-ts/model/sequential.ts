/** Chains of layers. */
import type { NetworkOptions } from '../description/network-options.ts';
import { describeSequential } from '../description/sequential-description.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Fitting } from '../layers/fitting.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { compile } from './compile.ts';
import { type Network, optionsOf } from './network.ts';

/** A chain of layers before it is compiled. */
export interface Sequential extends Network {
  /** As they were given. */
  readonly layers: readonly Layer[];
}

/**
 * A chain of layers: projections, populations, and layers without a
 * state. The last is a population. If sizes are literals, an editor checks elements, channels and pixels, also after `input`,
 * convolutions, pools, `flatten` and branches. It does not check the input of a population with several ports.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 })).compile();
 * ```
 * @param layers - each takes the output shape of the layer before it
 * @returns a frozen network, from the shape of the first layer to that of the last; `compile` makes it run
 * @throws LapicqueError at `compile` `shape-mismatch` when consecutive layers do not fit (a type error if sizes are literals),
 * `invalid-parameter` when the network does not end with a population (a type error)
 */
export function sequential<const L extends readonly Layer[]>(...layers: Fitting<L>): Sequential {
  const plain = layers as unknown as readonly Layer[];
  return Object.freeze({
    layers: Object.freeze([...plain]),
    get description() {
      return describeSequential(plain);
    },
    async compile(options: NetworkOptions & TaskOptions = {}) {
      const { signal, onProgress, ...network } = optionsOf(options);
      return compile(describeSequential(plain, network), { signal, onProgress });
    },
  });
}
