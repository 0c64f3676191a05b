/**
 * Layers from their definition: nodes from checked arguments, and their form in a description. The engine contains the
 * definitions.
 */
import {
  options as checkOptions,
  finite,
  flag,
  integer,
  invalid,
  oneOf,
  type Range,
} from '../checks/check.ts';
import { initializers } from '../neurons/initializer.ts';
import { checkDelays, type Delays, describedDelays } from './delays.ts';
import { named, node, type Pair, sizes } from './map-node.ts';

/** The type of a parameter. */
type ParamKind =
  | { readonly is: 'number'; readonly bounds: Range }
  | { readonly is: 'count'; readonly min: number; readonly max: number }
  | { readonly is: 'flag' }
  | { readonly is: 'sizes'; readonly axes: number; readonly min: number; readonly max: number }
  /** Sizes for the axes of a window: as many as the function of the layer says. */
  | { readonly is: 'axes'; readonly min: number }
  | { readonly is: 'shape'; readonly minRank: number }
  | { readonly is: 'words'; readonly values: readonly string[] }
  | { readonly is: 'switch'; readonly values: readonly [string, string] }
  | { readonly is: 'initial' }
  | { readonly is: 'delays' }
  | { readonly is: 'plain' };

/** A parameter of a layer. */
interface ParamTable {
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
  /** Whether a description omits it unless it was given. */
  readonly sparse: boolean;
  /** Whether it is no argument: what makes the node makes it. */
  readonly internal: boolean;
  /** Whether the node has its default, if it is not given. */
  readonly stated: boolean;
}

/** A function that makes layers of a kind. */
interface FactoryTable {
  readonly name: string;
  /** The name of layers without a name, before their number. */
  readonly base: string;
  /** The number of axes of its windows. */
  readonly axes: number;
  /** The parameter that the function decides. */
  readonly preset: { readonly name: string; readonly value: string } | null;
}

/** The definition of a layer's kind, generated from the engine's. */
export interface OperationTable {
  /** Its name in descriptions. */
  readonly kind: string;
  /** The functions that make it; none if it only joins branches. */
  readonly factories: readonly FactoryTable[];
  readonly keepsShape: boolean;
  /** The field that is the number of outputs, where they are one axis whatever the shape of the source. */
  readonly flatOutputs: string | null;
  /** The module of torch whose tensors have the same names and shapes. */
  readonly torch: string | null;
  readonly params: readonly ParamTable[];
}

type Fields = Readonly<Record<string, unknown>>;

/** The frozen node of a layer, with its arguments checked; called by the generated functions. */
export function operationNode(
  table: OperationTable,
  who: string,
  leading: readonly unknown[],
  options: object,
): object {
  const factory = table.factories.find(({ name }) => name === who);
  // Functions such as `pointwise` make layers of their own with the parameters of this one.
  const { preset, axes } = factory ?? { preset: null, axes: 0 };
  const open = table.params.filter(({ name, internal }) => !internal && name !== preset?.name);
  const optional = open.filter(({ positional }) => !positional);
  const fields: Record<string, unknown> = {};
  for (const [i, param] of open.filter(({ positional }) => positional).entries()) {
    fields[param.name] = check(who, param, leading[i], axes);
  }
  const known = ['name', ...optional.map(({ name }) => name)];
  const checked = checkOptions<object>(who, options, known as never[]) as Fields;
  for (const param of optional) {
    const value = checked[param.name] ?? (param.stated ? fallbackOf(param, fields) : undefined);
    if (value !== undefined) fields[param.name] = check(who, param, value, axes);
  }
  return node({
    layer: table.kind,
    ...(preset === null ? {} : { [preset.name]: preset.value }),
    ...fields,
    ...named(who, { name: checked.name as string | undefined }),
  });
}

/** The frozen options of a join, checked and with its defaults. */
export function operationJoin(table: OperationTable, who: string, options: object): object {
  const checked = checkOptions<object>(who, options, optionNames(table) as never[]) as Fields;
  const fields: Record<string, unknown> = {};
  for (const param of table.params) {
    fields[param.name] = check(who, param, checked[param.name] ?? fallbackOf(param, fields), 0);
  }
  return Object.freeze({ kind: table.kind, ...fields });
}

/** The options of a layer, apart from its name. */
export function optionNames({ params }: OperationTable): readonly string[] {
  return params.filter(({ positional, internal }) => !positional && !internal).map(({ name }) => name);
}

function fallbackOf({ fallback }: ParamTable, fields: Fields): unknown {
  if (fallback.is === 'same') return fields[fallback.name];
  return fallback.is === 'value' ? fallback.value : undefined;
}

function check(who: string, { name, kind }: ParamTable, value: unknown, axes: number): unknown {
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
    case 'axes':
      return sizes(path, axes, value as Pair, kind.min);
    case 'shape':
      return shape(path, kind.minRank, value);
    case 'words':
    case 'switch':
      return oneOf(path, value, kind.values);
    case 'initial':
      initializers(who, { [name]: value }, [name]);
      return value;
    case 'delays':
      return checkDelays(path, value);
    case 'plain':
      return value;
  }
}

/** Sizes of channels and pixels. */
function shape(path: string, minRank: number, value: unknown): readonly number[] {
  if (!Array.isArray(value) || value.length < minRank || value.length > 4) {
    const all = [
      '[channels]',
      '[channels, width]',
      '[channels, height, width]',
      '[channels, depth, height, width]',
    ];
    const shapes = all.slice(minRank - 1);
    invalid(path, value, `${shapes.slice(0, -1).join(', ')} or ${shapes.at(-1)}`);
  }
  value.forEach((size, i) => {
    integer(`${path}[${i}]`, size, { min: 1, max: 2 ** 24 });
  });
  return Object.freeze([...value]);
}

/** The name of layers of this kind without a name, before their number. */
export function operationBase({ factories, kind }: OperationTable, layer: object): string {
  const factory = factories.find(
    ({ preset }) => preset === null || (layer as Fields)[preset.name] === preset.value,
  );
  return (factory ?? factories[0])?.base ?? kind;
}

/** A value as a description has it. */
function described(kind: ParamKind, value: unknown): unknown {
  if (kind.is === 'switch') return value === kind.values[1];
  return kind.is === 'delays' ? describedDelays(value as number | Delays) : value;
}

/** The fields of a layer in a description, with its defaults written out. */
export function operationFields(table: OperationTable, layer: object): Fields {
  const fields: Record<string, unknown> = {};
  for (const { name, field, kind, fallback, quiet, sparse } of table.params) {
    const given = (layer as Fields)[name];
    const value = given === undefined ? undefined : described(kind, given);
    if (value !== undefined) {
      if (!(quiet && fallback.is === 'value' && value === fallback.value)) fields[field] = value;
    } else if (fallback.is === 'value' && !quiet && !sparse) fields[field] = fallback.value;
    else if (fallback.is === 'same') fields[field] = fields[fallback.name];
  }
  return fields;
}

/** The fields that every node of this kind has, with their types. */
export function neededFields({
  params,
}: OperationTable): Readonly<Record<string, 'number' | 'string' | 'boolean' | 'list' | 'object'>> {
  const types = {
    flag: 'boolean',
    number: 'number',
    count: 'number',
    sizes: 'list',
    axes: 'list',
    shape: 'list',
    words: 'string',
    initial: 'object',
  } as const;
  const needed = params.filter(
    ({ fallback, stated, internal }) => !internal && (fallback.is === 'needed' || stated),
  );
  return Object.fromEntries(needed.map(({ name, kind }) => [name, types[kind.is as keyof typeof types]]));
}
