/**
 * The parameters of a space as axes: the content of their columns, and how figures and estimates measure distances
 * along them.
 */

import { log10, power } from '../../numbers/elementary.ts';
import { extent } from '../../numbers/extent.ts';
import type {
  Choice,
  Fixed,
  Int,
  ListNode,
  LogUniform,
  Space,
  SpaceNode,
  Uniform,
  WhenNode,
} from '../search/space.ts';
import { type Column, cell, columnOf } from './columns.ts';
import type { ParameterColumn, TrialTable } from './table.ts';

/** A varied parameter. */
export interface ParameterAxis extends ParameterColumn {
  readonly kind: Column['kind'];
  /** `categories` have no order. */
  readonly scale: 'linear' | 'log' | 'categories';
  /** Bounds of a number. */
  readonly low: number;
  readonly high: number;
  /** The values of a choice as strings, in order; empty for numbers. */
  readonly categories: readonly string[];
}

/** The parameters of a space in its order, by their paths in records; fixed parameters have no axis. */
export interface SpaceAxes {
  readonly columns: readonly ParameterColumn[];
  readonly axes: readonly ParameterAxis[];
}

/** The axes of a space. */
export function axesOfSpace(space: Space): SpaceAxes {
  const columns: ParameterColumn[] = [];
  const axes: ParameterAxis[] = [];
  for (const [name, node] of parametersOf('', space)) {
    if (node.kind === 'fixed') {
      columns.push({ name, kind: chosen([node.value]).kind });
      continue;
    }
    const axis = axisOf(name, node);
    columns.push(axis);
    axes.push(axis);
  }
  return { columns, axes };
}

type Leaf = Uniform | LogUniform | Int | Choice | Fixed;

/** The parameters within a node, with their paths. */
function* parametersOf(name: string, node: SpaceNode): Generator<[name: string, node: Leaf]> {
  // A group of parameters may have a member with the name `kind`.
  if (typeof node.kind !== 'string') {
    for (const [key, part] of Object.entries(node))
      yield* parametersOf(name === '' ? key : `${name}.${key}`, part);
    return;
  }
  const leaf = node as Leaf | WhenNode | ListNode;
  if (leaf.kind === 'when') yield* parametersOf(name, leaf.part);
  else if (leaf.kind === 'array') {
    const { of, length } = leaf;
    if (typeof length !== 'number') yield [`${name}.length`, length];
    const max = typeof length === 'number' ? length : length.high;
    for (let i = 0; i < max; i++) yield* parametersOf(`${name}[${i}]`, of);
  } else yield [name, leaf];
}

function axisOf(name: string, node: Exclude<Leaf, Fixed>): ParameterAxis {
  if (node.kind === 'choice') {
    const { kind, categories } = chosen(node.values);
    return { name, kind, scale: 'categories', low: 0, high: categories.length - 1, categories };
  }
  const { low, high } = node;
  const log = node.kind === 'log-uniform' || (node.kind === 'int' && node.log === true);
  const kind = node.kind === 'int' ? 'integer' : 'number';
  return { name, kind, scale: log ? 'log' : 'linear', low, high, categories: [] };
}

/** How a table stores these values, and their names. */
function chosen(values: readonly unknown[]): { kind: Column['kind']; categories: readonly string[] } {
  const column = columnOf('', values);
  return { kind: column.kind, categories: values.map((_, i) => String(cell(column, i))) };
}

/**
 * Axes of the parameters of trials without a space. Numbers have a logarithmic axis if all are positive and the largest
 * is at least a thousand times the smallest; anything else is categories. A parameter with one value in all trials has
 * no axis.
 */
export function axesOfTable(table: TrialTable<never>): readonly ParameterAxis[] {
  const root = 'parameters.';
  return table.columns.flatMap((column): ParameterAxis[] => {
    if (!column.name.startsWith(root)) return [];
    const name = column.name.slice(root.length);
    const cells = Array.from({ length: table.length }, (_, row) => cell(column, row));
    if (!('codes' in column) && column.kind !== 'flag') {
      const numbers = (cells as (number | undefined)[]).filter(Number.isFinite) as number[];
      const [low, high] = extent(numbers);
      if (!(low < high)) return [];
      return [
        {
          name,
          kind: column.kind,
          scale: low > 0 && high / low >= 1000 ? 'log' : 'linear',
          low,
          high,
          categories: [],
        },
      ];
    }
    const categories = [...new Set(cells.filter((value) => value !== undefined).map(String))].sort();
    if (categories.length < 2) return [];
    return [
      { name, kind: column.kind, scale: 'categories', low: 0, high: categories.length - 1, categories },
    ];
  });
}

/**
 * The positions of a table's rows on an axis: the number, its decimal logarithm, or the index of the category; NaN
 * without a value.
 */
export function positions(table: TrialTable<never>, axis: ParameterAxis): Float64Array {
  const column: Column = table.column(`parameters.${axis.name}`);
  const codes = new Map(axis.categories.map((text, i) => [text, i]));
  return Float64Array.from({ length: table.length }, (_, row) => {
    const value = cell(column, row);
    if (value === undefined) return Number.NaN;
    if (axis.scale === 'categories') return codes.get(String(value)) ?? Number.NaN;
    return axis.scale === 'log' ? log10(value as number) : (value as number);
  });
}

/** The ends of an axis, in units of {@link positions}. */
export function span({ scale, low, high }: ParameterAxis): readonly [low: number, high: number] {
  return scale === 'log' ? [log10(low), log10(high)] : [low, high];
}

/** The value at a position. */
export function valueAt({ scale, categories }: ParameterAxis, position: number): number | string {
  if (scale === 'categories') return categories[Math.round(position)] ?? '';
  return scale === 'log' ? power(10, position) : position;
}

/** Where figures draw a value: the inverse of {@link valueAt}; for categories the name. */
export function coordinateOf({ scale }: ParameterAxis, value: number | string): number | string {
  return scale === 'log' ? log10(value as number) : value;
}
