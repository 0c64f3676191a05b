/** The kinds of layers, and the required fields of each kind. */
import { invalid } from '../checks/check.ts';
import type { Neuron } from '../neurons/neuron-node.ts';
import type { InputShape, MapLayer } from './layers.ts';
import { neededFields, type OperationTable } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { AttentionJoin } from './operations.generated.ts';
import type { TimeLayer } from './over-time.ts';

/** A layer of {@link sequential}. */
export type Layer = Neuron | MapLayer | TimeLayer | Branches | InputShape;

type FieldType = 'number' | 'string' | 'boolean' | 'list' | 'object';

/** The required fields of each kind of layer; factories fill in the rest. */
const kinds: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  population: { dynamics: 'object' },
  pointwise: neededFields(operationTables.dense),
  'global-pool': { pooling: 'string' },
  'lateral-inhibition': { state: 'string' },
  traced: { name: 'string', graph: 'object', parameters: 'list' },
  branches: { branches: 'list' },
  ...Object.fromEntries(
    Object.values<OperationTable>(operationTables)
      .filter(({ factories }) => factories.length > 0)
      .map((table) => [table.kind, neededFields(table)]),
  ),
  filter: { ...neededFields(operationTables.filter), kernel: 'list' },
};

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Refuses objects that are not layers, and layers that are allowed only at the beginning. */
export function checkLayers(name: (index: number) => string, layers: readonly Layer[]): void {
  for (const [i, layer] of layers.entries()) {
    if (layer?.layer === 'input') invalid(name(i), 'input()', 'input() as the first layer of a network only');
    const fields = Object.hasOwn(kinds, String(layer?.layer)) ? kinds[layer.layer] : undefined;
    if (fields === undefined) invalid(name(i), layer, 'a layer, such as dense(3, 4) or lif()');
    for (const [field, type] of Object.entries(fields)) {
      const value = (layer as unknown as Readonly<Record<string, unknown>>)[field];
      if (typeOf(value) !== type || value === null) {
        const expectedType = type === 'object' ? 'an object' : `a ${type}`;
        invalid(
          `${name(i)}.${field}`,
          value,
          `${expectedType}: layers come from functions such as dense or conv2d`,
        );
      }
    }
  }
}

/** The product of two sources as matrices, `[rows, inner]` and `[inner, columns]`, row by row; see {@link join}. */
export interface MatrixProductJoin {
  readonly kind: 'matrix-product';
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** How sources are joined. */
export type Joining = 'add' | 'concat' | 'multiply' | AttentionJoin | MatrixProductJoin;

/** Branches with a common input, which are joined. */
export interface Branches<
  J extends Joining = Joining,
  L extends readonly (readonly Layer[])[] = readonly (readonly Layer[])[],
> {
  readonly layer: 'branches';
  readonly join: J;
  readonly branches: L;
  readonly name?: string;
}
