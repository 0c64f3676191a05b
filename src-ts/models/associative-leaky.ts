/** A spiking associative memory. */
import { options as checkOptions, finite, flag, integer } from '../checks/check.ts';
import { type Edge, type GraphSpec, join } from '../layers/branches.ts';
import { dense } from '../layers/projection.ts';
import { graph } from '../model/graph.ts';
import type { Network } from '../model/uncompiled-network.ts';
import { gatedLeaky, rateUnit } from '../neurons/models.generated.ts';
import { neuron } from '../neurons/neuron.ts';

/** What {@link associativeLeaky} may be told. */
export interface AssociativeLeakyOptions {
  /** Channels that enter. */
  inputs: number;
  /** Rows of the memory, as many as a value has. */
  values: number;
  /** Columns of the memory, as many as a key has. */
  keys: number;
  /** Default 1. */
  vThreshold?: number;
  /** Whether the spikes are read out by a query; default true. */
  queries?: boolean;
  /**
   * What snnTorch, with 1e-8, adds to the product of all gates since the first step before it divides by it: a write is weighted by
   * `p[t] / (p[t] + epsilon)`, and once the product is below `epsilon` the memory takes nothing more. Default 0: it never does.
   */
  epsilon?: number;
}

/** The memory whose writes fade with the product of its gates, `p`. */
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
 * snnTorch's `AssociativeLeaky`: a memory `[values, keys]` into which each step writes the outer product of a value and a key,
 * both dense functions of the input, while each column decays by a gate, `sigmoid` of another: `S[t] = S[t-1] a[t] + v[t] k[t]ᵀ`.
 * Where it exceeds the threshold it spikes, and the spikes are read out by a query `[keys, values]`: `y = spikes q`. The layers
 * are `value`, `key`, `decay`, `query` and `memory`. (Outer products as memory:
 * T. Kohonen, IEEE Transactions on Computers C-21, 1972.)
 *
 * @returns a network from `[inputs]` to `[values values]`, row by row, without queries to `[values keys]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export function associativeLeaky(options: AssociativeLeakyOptions): Network {
  const names = ['inputs', 'values', 'keys', 'vThreshold', 'queries', 'epsilon'] as const;
  const given = checkOptions('associativeLeaky', options, names);
  const { inputs, values, keys, vThreshold = 1, queries = true, epsilon = 0 } = given;
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
