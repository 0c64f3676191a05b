/** Graphs of layers. */
import { describeGraph } from '../description/graph-description.ts';
import type { NetworkOptions } from '../description/network-options.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { GraphSpec } from '../layers/branches.ts';
import { compile } from './compile.ts';
import { type Network, optionsOf } from './network.ts';

/** A graph of layers before it is compiled. */
export interface Graph extends Network {
  /** The given specification. */
  readonly spec: GraphSpec;
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
 * @throws LapicqueError at `compile` `unknown-name` for an edge to an unknown node, `invalid-parameter` for a cycle without a delay
 */
export function graph(spec: GraphSpec): Graph {
  return Object.freeze({
    spec,
    get description() {
      return describeGraph(spec);
    },
    async compile(options: NetworkOptions & TaskOptions = {}) {
      const { signal, onProgress, ...network } = optionsOf(options);
      return compile(describeGraph(spec, network), { signal, onProgress });
    },
  });
}
