/** Chains of layers. */
import type { NetworkOptions } from '../description/network-options.ts';
import { describeSequential } from '../description/sequential-description.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Fitting } from '../layers/fitting.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { compile } from './compile.ts';
import { type Network, optionsOf } from './uncompiled-network.ts';

/**
 * Layers one after the other, each feeding the one behind it: projections, the populations they feed, and layers without a
 * state. The last is a population. Where sizes are literals, an editor checks elements, channels and pixels: behind `input`,
 * convolutions, pools, `flatten` and branches, too. It does not check what enters a population with several ports.
 *
 * @example
 * ```ts
 * const model = await sequential(dense(784, 1000), lif({ beta: 0.95 }), dense(1000, 10), lif({ beta: 0.95 })).compile();
 * ```
 * @param layers - of which each takes the shape that the one before it gives
 * @returns a frozen network, from the shape of the first layer to that of the last; `compile` makes it run
 * @throws LapicqueError at `compile` `shape-mismatch` when neighbours do not fit (a type error where sizes are literals),
 * `invalid-parameter` when the network does not end with a population (a type error)
 */
export function sequential<const L extends readonly Layer[]>(...layers: Fitting<L>): Network {
  const plain = layers as unknown as readonly Layer[];
  return Object.freeze({
    get description() {
      return describeSequential(plain);
    },
    async compile(options: NetworkOptions & TaskOptions = {}) {
      const { signal, onProgress, ...network } = optionsOf(options);
      return compile(describeSequential(plain, network), { signal, onProgress });
    },
  });
}
