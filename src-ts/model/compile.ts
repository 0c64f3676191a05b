/** From layers to a model: chains and graphs. */

import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { Description } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { describeGraph } from '../description/graph-description.ts';
import type { NetworkOptions } from '../description/network-options.ts';
import { describeSequential } from '../description/sequential-description.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { GraphSpec } from '../layers/branches.ts';
import type { Fitting } from '../layers/fitting.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { Model } from './model.ts';

/** A network before it is compiled: plain data and the way to make it run. */
export interface Network {
  readonly description: Description;
  /** Validates everything and makes the model. Options override those given before. */
  compile(options?: NetworkOptions & TaskOptions): Promise<Model>;
}

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

/**
 * Any directed graph of layers; every cycle needs a `delayed` edge ({@link EdgeOptions}).
 *
 * @example
 * ```ts
 * graph({
 *   inputs: [20],
 *   nodes: { a: dense(20, 30), b: dense(20, 30), both: join('concat'), hidden: lif({ beta: 0.9 }), out: dense(60, 4), last: li({ beta: 0.9 }) },
 *   edges: [['input', 'a'], ['input', 'b'], ['a', 'both'], ['b', 'both'], ['both', 'hidden'], ['hidden', 'out'], ['out', 'last']],
 *   output: 'last',
 * });
 * ```
 * @param spec - nodes by name, edges, the shape of the input, and which node is the output
 * @returns a frozen network, from `inputs` to the shape of `output`; `compile` makes it run
 * @throws LapicqueError at `compile` `unknown-name` for an edge to a node that is not there, `invalid-parameter` for a cycle without a delay
 */
export function graph(spec: GraphSpec): Network {
  return Object.freeze({
    get description() {
      return describeGraph(spec);
    },
    async compile(options: NetworkOptions & TaskOptions = {}) {
      const { signal, onProgress, ...network } = optionsOf(options);
      return compile(describeGraph(spec, network), { signal, onProgress });
    },
  });
}

/** Which of them there are is checked by those who take them. */
function optionsOf<T extends object>(options: T): T {
  if (typeof options !== 'object' || options === null) invalid('compile', options, 'an object of options');
  return options;
}

/**
 * Compiles a description.
 *
 * @throws LapicqueError `shape-mismatch`, `unknown-name`, `invalid-parameter`, `equation`, `unsupported`, `too-large`,
 * each naming the layer or, of a description that has not the form of one, the path of what is wrong
 */
export async function compile(description: Description, options: TaskOptions = {}): Promise<Model> {
  try {
    return await compileWith('drawn', description, options);
  } catch (error) {
    const unread = error instanceof LapicqueError && error.code === 'malformed-file';
    throw unread ? ofDescription(error, JSON.stringify(description)) : error;
  }
}

/** As {@link compile}; weights that are `unset` are 0 until they are set, which takes less time than to draw them. */
export async function compileWith(
  weights: 'drawn' | 'unset',
  description: Description,
  options: TaskOptions = {},
): Promise<Model> {
  if (typeof description !== 'object' || description === null) {
    invalid('description', description, 'the description of a network');
  }
  let text: string;
  try {
    text = JSON.stringify(description);
  } catch (error) {
    // A number of the kind 10n, or data that hold themselves.
    invalid('description', description, `plain data (${(error as Error).message.split('\n')[0]})`);
  }
  const native = await task(options, (handle) => addon.compile(text, weights === 'unset', handle) as never);
  return new Model(native as ConstructorParameters<typeof Model>[0]);
}
