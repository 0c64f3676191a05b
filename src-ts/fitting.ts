/** What a network is made of, and the types that check in the editor that neighbours fit. */
import { invalid } from './check.ts';
import type { Branches } from './graph.ts';
import type { Dropout, Flatten, InputShape, LateralInhibition, MapLayer } from './layers.ts';
import type { BatchNorm, LayerNorm } from './normalisation.ts';
import type { TimeLayer } from './over-time.ts';
import type { Population, PortedPopulation } from './population.ts';
import type { Dense } from './projection.ts';

/** A layer of {@link sequential}. */
export type Layer = Dense<number, number> | Population | MapLayer | TimeLayer | Branches | InputShape;

type FieldType = 'number' | 'string' | 'list' | 'object';

const image = { inputs: 'number', outputs: 'number' } as const;
const window = { kernel: 'list', stride: 'list', padding: 'list' } as const;

/** What a layer of each kind cannot be written without; its factory fills in the rest. */
const kinds: Readonly<Record<string, Readonly<Record<string, FieldType>>>> = {
  dense: image,
  population: { dynamics: 'object' },
  conv: { ...image, ...window, dilation: 'list', groups: 'number' },
  pointwise: image,
  pool: { pooling: 'string', ...window },
  'global-pool': { pooling: 'string' },
  flatten: {},
  'lateral-inhibition': { state: 'string' },
  dropout: { rate: 'number' },
  'layer-norm': {},
  'batch-norm': {},
  embedding: { count: 'number', size: 'number' },
  filter: { kernel: 'list' },
  mixture: { steps: 'number' },
  'time-reduction': { reduction: 'string' },
  branches: { branches: 'list' },
};

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Refuses what is no layer, or stands first only. */
export function checkLayers(name: (index: number) => string, layers: readonly Layer[]): void {
  for (const [i, layer] of layers.entries()) {
    if (layer?.layer === 'input') invalid(name(i), 'input()', 'input() as the first layer of a network only');
    const fields = Object.hasOwn(kinds, String(layer?.layer)) ? kinds[layer.layer] : undefined;
    if (fields === undefined) invalid(name(i), layer, 'a layer, such as dense(3, 4) or lif()');
    for (const [field, type] of Object.entries(fields)) {
      const value = (layer as unknown as Readonly<Record<string, unknown>>)[field];
      if (typeOf(value) !== type || value === null) {
        const wanted = type === 'object' ? 'an object' : `a ${type}`;
        invalid(
          `${name(i)}.${field}`,
          value,
          `${wanted}: layers come from functions such as dense or conv2d`,
        );
      }
    }
  }
}

/** Checks that neighbouring layers fit; a layer that does not is replaced by a type that says why. */
export type Fitting<L extends readonly unknown[], N extends number = number> = L extends readonly [
  infer First,
  ...infer Rest,
]
  ? First extends Dense<infer In, infer Out>
    ? [
        Fits<In, N> extends true ? First : `expected ${In} inputs but the layer before has ${N}`,
        ...Fitting<Rest, Out>,
      ]
    : First extends PortedPopulation
      ? [First, ...Fitting<Rest>]
      : First extends Population | LateralInhibition | Dropout | LayerNorm | BatchNorm | TimeLayer | Flatten
        ? [First, ...Fitting<Rest, N>]
        : [First, ...Fitting<Rest>]
  : L extends readonly []
    ? []
    : L;

/** Whether a width fits an expected one; unknown widths do. */
export type Fits<In extends number, N extends number> = number extends In
  ? true
  : number extends N
    ? true
    : In extends N
      ? true
      : false;
