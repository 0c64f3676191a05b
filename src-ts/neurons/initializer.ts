/** Initial values of weights. */
import { options as checkOptions, finite, integer, invalid, oneOf } from '../checks/check.ts';

/**
 * Initializer of weights, with formulas as in `torch.nn.init`. Values are drawn in double precision from the network's
 * seed. The fan-in is the number of inputs of an output (channels times pixels of the window), the fan-out the number
 * of outputs of an input.
 */
export type Initializer =
  /** U(-b, b), b = gain / √fan-in, gain 1: torch's `Linear`, the default */
  | { kind: 'fan-in-uniform'; gain?: number }
  /**
   * U(-b, b), b = gain √(6 / (fan-in + fan-out)), or N(0, s), s = gain √(2 / (fan-in + fan-out)), gain 1 (X. Glorot, Y. Bengio,
   * AISTATS 2010)
   */
  | { kind: 'xavier-uniform' | 'xavier-normal'; gain?: number }
  /**
   * U(-b, b), b = √(6 / ((1 + a²) fan)), or N(0, s), s = √(2 / ((1 + a²) fan)), a = 0, the fan of `mode`, by default the
   * fan-in (K. He et al., ICCV 2015)
   */
  | { kind: 'kaiming-uniform' | 'kaiming-normal'; a?: number; mode?: 'fan-in' | 'fan-out' }
  /**
   * gain times a matrix whose rows or columns, whichever are fewer, are orthonormal (A. Saxe et al., ICLR 2014), or gain on
   * the diagonal of a dense projection and 0 elsewhere; gain 1
   */
  | { kind: 'orthogonal' | 'identity'; gain?: number }
  /** U(low, high) */
  | { kind: 'uniform'; low: number; high: number }
  /** N(mean, std), std at least 0 */
  | { kind: 'normal'; mean: number; std: number }
  /** all equal */
  | { kind: 'constant'; value: number }
  /**
   * A Legendre memory of `theta` steps for each of outputs / order inputs: its state transition (`legendre-memory`, one
   * block of `[order, order]` each) and its input weights (`legendre-input`); method `'zoh'`; see {@link
   * legendreMemory}
   */
  | {
      kind: 'legendre-memory' | 'legendre-input';
      order: number;
      theta: number;
      method?: 'zoh' | 'euler' | 'tustin';
    }
  /** all 0 */
  | { kind: 'zeros' }
  /** These values, in the public order of the tensor; the count must match. */
  | { kind: 'values'; values: readonly number[] };

/** For each kind, its required and its optional fields. */
const fields: Record<
  Initializer['kind'],
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
const kinds = Object.keys(fields) as Initializer['kind'][];

/** Checks the options that are initializers. The engine checks ranges, which may depend on the layer. */
export function initializers<T extends object>(
  who: string,
  given: T,
  names: readonly (keyof T & string)[],
): void {
  for (const name of names) {
    if (given[name] !== undefined) initializer(`${who}.${name}`, given[name]);
  }
}

function initializer(name: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    invalid(name, value, "an initializer, such as { kind: 'zeros' }");
  }
  const values = value as Readonly<Record<string, unknown>>;
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

function numbers(name: string, value: unknown): void {
  if (!Array.isArray(value)) invalid(name, value, 'a list of numbers');
  // A hole of a sparse array is not a number either; forEach would skip it.
  for (let i = 0; i < value.length; i++) finite(`${name}[${i}]`, value[i]);
}
