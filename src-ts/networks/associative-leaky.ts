/** A spiking associative memory. */
import { options as checkOptions, finite, flag, integer } from '../checks/check.ts';
import { type Edge, type GraphSpec, join } from '../layers/branches.ts';
import { dense } from '../layers/operations.generated.ts';
import { graph } from '../model/graph.ts';
import type { Network } from '../model/network.ts';
import { gatedLeaky, rateUnit } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';

/** Options of {@link associativeLeaky}. */
export interface AssociativeLeakyOptions {
  /** Number of input channels. */
  inputs: number;
  /** Number of rows of the memory: the size of a value. */
  values: number;
  /** Number of columns of the memory: the size of a key. */
  keys: number;
  /** Default 1. */
  vThreshold?: number;
  /** Whether the spikes are read out by a query; default true. */
  queries?: boolean;
  /**
   * The constant (1e-8 in snnTorch) that is added to the product of all gates since the first step before the division
   * by it. A write is weighted by `p[t] / (p[t] + epsilon)`, so once the product is below `epsilon`, the memory accepts no more input. Default 0: no
   * such limit.
   */
  epsilon?: number;
}

/** The memory whose writes are weighted by the product of its gates, `p`. */
const fading = neuron({
  state: { v: 0, p: 1 },
  params: { vThreshold: 1, epsilon: 1e-8 },
  input: ['current', 'gate'],
  update: `
    v[t] = sigmoid(gate)*v[t-1] + current*p[t]/(p[t] + epsilon)
    p[t] = sigmoid(gate)*p[t-1]`,
  spike: 'v > vThreshold',
});

/**
 * snnTorch's `AssociativeLeaky`: a memory `[values, keys]` to which each step adds the outer product of a value and a
 * key, both dense functions of the input. Each column decays by a gate, `sigmoid` of another such function: `S[t] =
 * S[t-1] a[t] + v[t] k[t]ᵀ`.
 * It spikes where it exceeds the threshold, and a query `[keys, values]` reads the spikes: `y = spikes q`. The layers
 * are `value`, `key`, `decay`, `query` and `memory`. (Outer products as memory: T. Kohonen, IEEE Transactions on
 * Computers C-21, 1972.)
 *
 * @returns a network from `[inputs]` to `[values values]`, row by row, without queries to `[values keys]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export function associativeLeaky(options: AssociativeLeakyOptions): Network {
  const names = ['inputs', 'values', 'keys', 'vThreshold', 'queries', 'epsilon'] as const;
  const checked = checkOptions('associativeLeaky', options, names);
  const { inputs, values, keys, vThreshold = 1, queries = true, epsilon = 0 } = checked;
  finite('associativeLeaky.vThreshold', vThreshold);
  finite('associativeLeaky.epsilon', epsilon, { min: 0 });
  flag('associativeLeaky.queries', queries);
  for (const [name, size] of Object.entries({ inputs, values, keys })) {
    integer(`associativeLeaky.${name}`, size, { min: 1, max: 2 ** 12 });
  }
  const nodes: Record<string, GraphSpec['nodes'][string]> = {
    value: dense(inputs, values),
    key: dense(inputs, keys),
    decay: dense(inputs, keys),
    outer: join({ kind: 'matrix-product', rows: values, inner: 1, columns: keys }),
    // The same gate for every row.
    gate: join('concat'),
    memory:
      epsilon === 0
        ? gatedLeaky({ vThreshold, neurons: values * keys })
        : fading({ vThreshold, epsilon, neurons: values * keys }),
    out: rateUnit(),
  };
  const edges: Edge[] = [
    ['input', 'value'],
    ['input', 'key'],
    ['input', 'decay'],
    ['value', 'outer'],
    ['key', 'outer'],
    ...Array.from({ length: values }, (): Edge => ['decay', 'gate']),
    ['outer', 'memory', { port: 'current' }],
    ['gate', 'memory', { port: 'gate' }],
  ];
  if (queries) {
    nodes.query = dense(inputs, keys * values);
    nodes.read = join({ kind: 'matrix-product', rows: values, inner: keys, columns: values });
    edges.push(['input', 'query'], ['memory', 'read'], ['query', 'read'], ['read', 'out']);
  } else {
    edges.push(['memory', 'out']);
  }
  return graph({ inputs: [inputs], nodes, edges, output: 'out' });
}
