/**
 * Layers from their definition: nodes from checked arguments, and their form in a description. The engine contains the
 * definitions.
 */
import { options as checkOptions, finite, flag, integer, oneOf, type Range } from '../checks/check.ts';
import { initialisers } from '../neurons/initialiser.ts';
import { named, node, type Pair, sizes } from './map-node.ts';

/** The type of a parameter. */
export type ParamKind =
  | { readonly is: 'number'; readonly bounds: Range }
  | { readonly is: 'count'; readonly min: number; readonly max: number }
  | { readonly is: 'flag' }
  | { readonly is: 'sizes'; readonly axes: number; readonly min: number; readonly max: number }
  | { readonly is: 'switch'; readonly values: readonly [string, string] }
  | { readonly is: 'initial' };

/** A parameter of a layer. */
export interface ParamTable {
  readonly name: string;
  /** Its name in a description. */
  readonly field: string;
  readonly kind: ParamKind;
  readonly fallback:
    | { readonly is: 'needed' | 'absent' }
    | { readonly is: 'value'; readonly value: unknown }
    | { readonly is: 'same'; readonly name: string };
  /** Whether it is an argument before the options. */
  readonly positional: boolean;
  /** Whether a description omits it if it has its default. */
  readonly quiet: boolean;
}

/** The definition of a layer's kind, generated from the engine's. */
export interface OperationTable {
  /** Its name in descriptions. */
  readonly kind: string;
  /** The function that makes it. */
  readonly name: string;
  readonly keepsShape: boolean;
  /** The module of torch whose tensors have the same names and shapes. */
  readonly torch: string | null;
  readonly params: readonly ParamTable[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The frozen node of a layer, with its arguments checked; called by the generated functions. */
export function operationNode(table: OperationTable, leading: readonly unknown[], options: object): object {
  const who = table.name;
  const positional = table.params.filter((param) => param.positional);
  const optional = table.params.filter((param) => !param.positional);
  const arguments_ = positional.map((param, i) => [param.name, check(who, param, leading[i])] as const);
  const given = checkOptions<object>(who, options, ['name', ...optional.map(({ name }) => name)] as never[]);
  const told = optional
    .map((param) => [param, (given as Fields)[param.name]] as const)
    .filter(([, value]) => value !== undefined)
    .map(([param, value]) => [param.name, check(who, param, value)] as const);
  return node({
    layer: table.kind,
    ...Object.fromEntries(arguments_),
    ...named(who, { name: (given as { name?: string }).name }),
    ...Object.fromEntries(told),
  });
}

function check(who: string, { name, kind }: ParamTable, value: unknown): unknown {
  const path = `${who}.${name}`;
  switch (kind.is) {
    case 'number':
      return finite(path, value, kind.bounds);
    case 'count':
      return integer(path, value, { min: kind.min, max: kind.max });
    case 'flag':
      return flag(path, value);
    case 'sizes':
      return sizes(path, kind.axes, value as Pair, kind.min);
    case 'switch':
      return oneOf(path, value, kind.values);
    case 'initial':
      initialisers(who, { [name]: value }, [name]);
      return value;
  }
}

/** The fields of a layer in a description, with its defaults written out. */
export function operationFields(table: OperationTable, layer: object): Fields {
  const fields: Record<string, unknown> = {};
  for (const { name, field, kind, fallback, quiet } of table.params) {
    const given = (layer as Fields)[name];
    const value = kind.is === 'switch' && given !== undefined ? given === kind.values[1] : given;
    if (value !== undefined) {
      if (!(quiet && fallback.is === 'value' && value === fallback.value)) fields[field] = value;
    } else if (fallback.is === 'value' && !quiet) fields[field] = fallback.value;
    else if (fallback.is === 'same') fields[field] = fields[fallback.name];
  }
  return fields;
}

/** The required fields of a layer of this kind, with their types. */
export function neededFields({
  params,
}: OperationTable): Readonly<Record<string, 'number' | 'list' | 'object'>> {
  const types = { number: 'number', count: 'number', sizes: 'list', initial: 'object' } as const;
  const needed = params.filter(({ fallback }) => fallback.is === 'needed');
  return Object.fromEntries(needed.map(({ name, kind }) => [name, types[kind.is as keyof typeof types]]));
}
