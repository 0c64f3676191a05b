/** How weights begin. */
import { options as checkOptions, finite, integer, invalid, oneOf } from './check.ts';

/** How weights begin; formulas as in `torch.nn.init`. */
export type Initialiser =
  /** U(-b, b), b = gain / √fan-in: torch's `Linear`, the default */
  | { kind: 'fan-in-uniform'; gain?: number }
  | { kind: 'xavier-uniform' | 'xavier-normal'; gain?: number }
  | { kind: 'kaiming-uniform' | 'kaiming-normal'; a?: number; mode?: 'fan-in' | 'fan-out' }
  | { kind: 'orthogonal' | 'identity'; gain?: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; std: number }
  | { kind: 'constant'; value: number }
  /**
   * A Legendre memory of `theta` steps for each of outputs / order inputs: how it goes on (`legendre-memory`, a block of
   * `[order, order]` each) and how it takes in its inputs (`legendre-input`); see {@link legendreMemory}
   */
  | {
      kind: 'legendre-memory' | 'legendre-input';
      order: number;
      theta: number;
      method?: 'zoh' | 'euler' | 'tustin';
    }
  | { kind: 'zeros' }
  /** These, in the public order of the tensor. */
  | { kind: 'values'; values: readonly number[] };

/** Of each kind what has to be told, and what may be. */
const fields: Record<
  Initialiser['kind'],
  { readonly needed?: readonly string[]; readonly more?: readonly string[] }
> = {
  'fan-in-uniform': { more: ['gain'] },
  'xavier-uniform': { more: ['gain'] },
  'xavier-normal': { more: ['gain'] },
  'kaiming-uniform': { more: ['a', 'mode'] },
  'kaiming-normal': { more: ['a', 'mode'] },
  orthogonal: { more: ['gain'] },
  identity: { more: ['gain'] },
  uniform: { needed: ['low', 'high'] },
  normal: { needed: ['mean', 'std'] },
  constant: { needed: ['value'] },
  'legendre-memory': { needed: ['order', 'theta'], more: ['method'] },
  'legendre-input': { needed: ['order', 'theta'], more: ['method'] },
  zeros: {},
  values: { needed: ['values'] },
};
const kinds = Object.keys(fields) as Initialiser['kind'][];

/** Checks those of some options that are initialisers and are given. Ranges, which may depend on the layer, are the engine's. */
export function initialisers<T extends object>(
  who: string,
  given: T,
  names: readonly (keyof T & string)[],
): void {
  for (const name of names) {
    if (given[name] !== undefined) initialiser(`${who}.${name}`, given[name]);
  }
}

function initialiser(name: string, given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    invalid(name, given, "an initialiser, such as { kind: 'zeros' }");
  }
  const values = given as Readonly<Record<string, unknown>>;
  const { needed = [], more = [] } = fields[oneOf(`${name}.kind`, values.kind, kinds)];
  checkOptions(name, values, ['kind', ...needed, ...more]);
  for (const key of [...needed, ...more]) {
    const [path, value] = [`${name}.${key}`, values[key]];
    if (value === undefined && more.includes(key)) continue;
    if (key === 'mode') oneOf(path, value, ['fan-in', 'fan-out']);
    else if (key === 'method') oneOf(path, value, ['zoh', 'euler', 'tustin']);
    else if (key === 'order') integer(path, value, { min: 1 });
    else if (key === 'values') numbers(path, value);
    else finite(path, value);
  }
}

function numbers(name: string, given: unknown): void {
  if (!Array.isArray(given)) invalid(name, given, 'a list of numbers');
  given.forEach((value, i) => {
    finite(`${name}[${i}]`, value);
  });
}
