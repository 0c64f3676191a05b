/** Layers of a JSON recipe: an object with the function's name as `kind` and its arguments by name. */

import { invalid, oneOf } from '../checks/check.ts';
import { attention } from '../layers/attention.ts';
import { concat, multiply, residual } from '../layers/branches.ts';
import * as convolutions from '../layers/convolutions.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { input, lateralInhibition } from '../layers/layers.ts';
import { batchNorm } from '../layers/normalization.ts';
import type { OperationTable } from '../layers/operation-node.ts';
import { operationTables } from '../layers/operation-tables.generated.ts';
import * as operations from '../layers/operations.generated.ts';
import { threshold, timeFilter, timeMixture } from '../layers/over-time.ts';
import * as pools from '../layers/pools.ts';
import * as models from '../neurons/models.generated.ts';

/** `{ "kind": "conv2d", "inputs": 1, "outputs": 12, "kernel": 5 }`, `{ "kind": "lif", "beta": 0.95 }` … */
export type LayerSpec = { kind: string } & Record<string, unknown>;

/** The positional arguments of a function, before its options. */
const leading: Record<string, readonly string[]> = {
  pointwise: ['inputs', 'outputs'],
  globalAvgPool: [],
  globalMaxPool: [],
  globalSumPool: [],
  lateralInhibition: [],
  threshold: [],
  ...Object.fromEntries(
    Object.values<OperationTable>(operationTables).flatMap(({ factories, params }) => {
      const positional = params.filter(({ positional }) => positional).map(({ name }) => name);
      return factories.map(({ name }) => [name, positional]);
    }),
  ),
  timeFilter: ['kernel'],
};

/** Layers with other arguments than numbers. */
const joining = ['input', 'residual', 'concat', 'multiply', 'attention'];

type Maker = (...args: unknown[]) => Layer;
const overTime = { timeFilter, timeMixture, threshold };
const elements = { lateralInhibition };
const makers = new Map<string, Maker>(
  Object.entries({
    ...overTime,
    ...elements,
    batchNorm,
    ...convolutions,
    ...operations,
    ...pools,
  }) as unknown as [string, Maker][],
);
const neurons = new Map(Object.entries(models) as unknown as [string, Maker][]);

export function layerOf(spec: LayerSpec, name: string): Layer {
  if (typeof spec !== 'object' || spec === null) invalid(name, spec, 'an object with a kind');
  const known = [...Object.keys(leading), ...joining, ...neurons.keys()];
  const kind = oneOf(`${name}.kind`, spec.kind, known);
  const { kind: _, ...given } = spec;
  const list = (key: string, value: unknown = []): Layer[] => {
    if (!Array.isArray(value)) invalid(`${name}.${key}`, value, 'a list of layers');
    return value.map((inner, i) => layerOf(inner, `${name}.${key}[${i}]`));
  };
  if (kind === 'input') return input(...((given.shape ?? []) as number[]));
  if (kind === 'residual') return residual(list('body', given.body), list('shortcut', given.shortcut));
  if (kind === 'concat' || kind === 'multiply') {
    if (!Array.isArray(given.branches)) invalid(`${name}.branches`, given.branches, 'lists of layers');
    const lists = given.branches.map((branch, i) => list(`branches[${i}]`, branch));
    return kind === 'concat' ? concat(...lists) : multiply(...lists);
  }
  if (kind === 'attention') {
    const { queries, keys, values, ...options } = given;
    const lists = { queries, keys, values };
    const [q, k, v] = Object.entries(lists).map(([key, value]) => list(key, value));
    return attention(q!, k!, v!, options as operations.AttentionOptions);
  }
  const first = leading[kind];
  if (first === undefined) return neurons.get(kind)!(given);
  const options = Object.fromEntries(Object.entries(given).filter(([key]) => !first.includes(key)));
  return makers.get(kind)!(...first.map((key) => given[key]), options);
}
