/**
 * The search space of a study: a plain frozen object with one node per parameter, which can be written as JSON. The
 * type of the objective's argument follows from it ({@link ParametersOf}).
 */
import { definite, invalid, options as knownOptions, tree } from '../../checks/check.ts';
import { LapicqueError } from '../../checks/errors.ts';
import { nearestName } from '../../checks/nearest-name.ts';

/** A number from `low` to `high`, both included; with `step` one of `low`, `low + step`, … */
export interface Uniform {
  readonly kind: 'uniform';
  readonly low: number;
  readonly high: number;
  readonly step?: number;
}

/** A number from `low` to `high` whose logarithm is uniform. */
export interface LogUniform {
  readonly kind: 'log-uniform';
  readonly low: number;
  readonly high: number;
}

/** An integer from `low` to `high`, both included, in steps of `step`, or uniform in its logarithm. */
export interface Int {
  readonly kind: 'int';
  readonly low: number;
  readonly high: number;
  readonly step?: number;
  readonly log?: boolean;
}

/** One of several values without an order. */
export interface Choice<V = unknown> {
  readonly kind: 'choice';
  readonly values: readonly V[];
}

/** The same value in every trial. */
export interface Fixed<V = unknown> {
  readonly kind: 'fixed';
  readonly value: V;
}

/** A part of the space that exists only where another parameter has one of some values. */
export interface When<P extends string = string, V = unknown, N extends SpaceNode = SpaceNode> {
  readonly kind: 'when';
  readonly parameter: P;
  readonly is: readonly V[];
  readonly part: N;
}

/** Several copies of one node; each element varies independently. */
export interface List<N extends SpaceNode = SpaceNode> {
  readonly kind: 'array';
  readonly of: N;
  readonly length: number | Int;
}

/** Any part of a space; a plain object groups parameters. */
export type SpaceNode =
  | Uniform
  | LogUniform
  | Int
  | Choice<PlainValue>
  | Fixed<PlainValue>
  | WhenNode
  | ListNode
  | Space;

/** {@link When} of anything. */
export interface WhenNode extends When<string, PlainValue, SpaceNode> {}

/** {@link List} of anything. */
export interface ListNode extends List<SpaceNode> {}

/** Parameters by name. */
export interface Space {
  readonly [name: string]: SpaceNode;
}

/** JSON values, which a trial's record can hold. */
export type PlainValue =
  | string
  | number
  | boolean
  | null
  | readonly PlainValue[]
  | { readonly [key: string]: PlainValue };

/** The value of a node that the objective receives. */
export type ValueOf<N> = N extends Uniform | LogUniform | Int
  ? number
  : N extends Choice<infer V>
    ? V
    : N extends Fixed<infer V>
      ? V
      : N extends When<string, unknown, infer T>
        ? ValueOf<T>
        : N extends List<infer E>
          ? readonly ValueOf<E>[]
          : ParametersOf<N>;

/**
 * The argument of an objective over the space `S`. A parameter that depends by `when` on a sibling choice exists in
 * that branch of a union: `if (p.optimizer === 'sgd')` makes `p.momentum` a number. With any other condition it is
 * optional.
 */
export type ParametersOf<S> = Flat<
  {
    readonly [K in keyof S as S[K] extends WhenNode ? never : K extends Deciding<S> ? never : K]: ValueOf<
      S[K]
    >;
  } & {
    readonly [K in keyof S as S[K] extends When<infer P, unknown, SpaceNode>
      ? P extends Deciding<S>
        ? never
        : K
      : never]?: ValueOf<S[K]>;
  } & Branches<S, Deciding<S>>
>;

/** Siblings with literal values that a `when` of `S` refers to. */
export type Deciding<S> = {
  [K in keyof S]: S[K] extends When<infer P, unknown, SpaceNode>
    ? P extends keyof S
      ? S[P] extends Choice<infer V>
        ? IsLiteral<V> extends true
          ? P
          : never
        : never
      : never
    : never;
}[keyof S];

/** Whether values are literals, which can discriminate a union. */
export type IsLiteral<V> = string extends V
  ? false
  : number extends V
    ? false
    : V extends object
      ? false
      : true;

/** The intersection, over the deciding parameters, of the union over their values. */
export type Branches<S, P> = [P] extends [never]
  ? unknown
  : (P extends keyof S ? (branch: Branch<S, P, ValueOf<S[P]>>) => void : never) extends (
        branch: infer I,
      ) => void
    ? I
    : never;

/** The parameters where `P` has the value `V`. */
export type Branch<S, P extends keyof S, V> = V extends unknown
  ? { readonly [K in P]: V } & {
      readonly [K in keyof S as S[K] extends When<infer Q, infer W, SpaceNode>
        ? Q extends P
          ? V extends W
            ? K
            : never
          : never
        : never]: ValueOf<S[K]>;
    } & {
      readonly [K in keyof S as S[K] extends When<infer Q, infer W, SpaceNode>
        ? Q extends P
          ? V extends W
            ? never
            : K
          : never
        : never]?: undefined;
    }
  : never;

/** One object type instead of an intersection, in each member of a union. */
export type Flat<T> = T extends unknown ? { [K in keyof T]: T[K] } : never;

/**
 * A number from `low` to `high`, both included.
 *
 * @param options - `step`: only `low`, `low + step`, … up to `high`; default any number
 */
export function uniform(low: number, high: number, options: { step?: number } = {}): Uniform {
  return Object.freeze({ kind: 'uniform', low, high, ...knownOptions('uniform', options, ['step']) });
}

/**
 * A number from `low`, above 0, to `high`, uniform in its logarithm: for parameters that vary over powers of ten, such
 * as learning rates.
 */
export function logUniform(low: number, high: number): LogUniform {
  return Object.freeze({ kind: 'log-uniform', low, high });
}

/**
 * An integer from `low` to `high`, both included.
 *
 * @param options - `step`: only `low`, `low + step`, …, default 1; `log`: uniform in the logarithm, with `low` at least
 * 1 and `step` 1, default false
 */
export function int(low: number, high: number, options: { step?: number; log?: boolean } = {}): Int {
  return Object.freeze({ kind: 'int', low, high, ...knownOptions('int', options, ['step', 'log']) });
}

/** One of `values`, which have no order: strings, numbers, booleans, or plain data. */
export function choice<const V extends PlainValue>(values: readonly V[]): Choice<V> {
  return Object.freeze({ kind: 'choice', values });
}

/** `value` in every trial. It is recorded with the parameters. */
export function fixed<const V extends PlainValue>(value: V): Fixed<V> {
  return Object.freeze({ kind: 'fixed', value });
}

/**
 * `part` exists only if the parameter of that name has the value `is`, or one of several values. The parameter must be
 * in the same group or in an enclosing one, and must be a `choice`, an `int` or `fixed`.
 *
 * @example
 * ```ts
 * const parameters = {
 *   optimizer: space.choice(['adam', 'sgd']),
 *   momentum: space.when('optimizer', 'sgd', space.uniform(0, 0.99)),
 * };
 * ```
 */
export function when<
  const P extends string,
  const V extends string | number | boolean | null,
  N extends SpaceNode,
>(parameter: P, is: V | readonly V[], part: N): When<P, V, N> {
  const values = Array.isArray(is) ? (is as readonly V[]) : [is as V];
  return Object.freeze({ kind: 'when', parameter, is: values, part });
}

/**
 * `length` copies of the same node; each varies independently. With `int(low, high)` as the length, the number of
 * elements varies too. The parameters are `name[0]`, `name[1]`, … and `name.length`.
 */
export function array<N extends SpaceNode>(of: N, length: number | Int): List<N> {
  return Object.freeze({ kind: 'array', of, length });
}

/** The names and values of `S` that `when` may refer to; for any other, the type shows the valid ones. */
export type Checked<S> = {
  readonly [K in keyof S]: S[K] extends When<infer P, infer V, SpaceNode>
    ? P extends keyof S
      ? S[P] extends Choice<infer W>
        ? [V] extends [W]
          ? S[K]
          : When<P, W, SpaceNode>
        : S[K]
      : When<keyof S & string, unknown, SpaceNode>
    : S[K];
};

const kinds = ['uniform', 'log-uniform', 'int', 'choice', 'fixed', 'when', 'array'] as const;

/** Whether this is a node with a kind. A group contains nodes and may have a member with the name `kind`. */
function isLeaf(value: object): value is { kind: string } {
  return typeof (value as { kind?: unknown }).kind === 'string';
}

/**
 * Throws an error for an invalid space. Errors contain the path of the parameter: `space.lr.low`.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function checkSpace(name: string, given: unknown): asserts given is Space {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || isLeaf(given))
    invalid(name, given, 'an object of parameters such as { lr: space.logUniform(1e-4, 1e-1) }');
  tree(name, given);
  checkNode(name, given);
}

function checkNode(name: string, node: unknown): void {
  if (typeof node !== 'object' || node === null || Array.isArray(node))
    invalid(name, node, 'a part of a space such as space.uniform(0, 1); use space.fixed for a constant');
  if (!isLeaf(node)) {
    for (const [key, part] of Object.entries(node)) checkNode(`${name}.${key}`, part);
    return;
  }
  if (typeof node.kind !== 'string') invalid(`${name}.kind`, node.kind, `one of ${kinds.join(', ')}`);
  if (!(kinds as readonly string[]).includes(node.kind)) {
    const near = nearestName(node.kind, kinds);
    const found = near === undefined ? { known: kinds } : { didYouMean: near };
    throw new LapicqueError('unknown-name', { kind: `kind of ${name}`, name: node.kind, ...found });
  }
  for (const [key, part] of Object.entries(node)) {
    if (key === 'part' || key === 'of') checkNode(name, part);
    else if (key !== 'values' && key !== 'value' && key !== 'is') definite(`${name}.${key}`, part);
    else allPlain(`${name}.${key}`, part);
  }
}

/** As {@link definite}, but null is allowed too, as a value of a choice. */
function allPlain(name: string, value: unknown): void {
  if (value === null) return;
  if (Array.isArray(value)) for (const [i, item] of value.entries()) allPlain(`${name}[${i}]`, item);
  else if (typeof value === 'object')
    for (const [key, item] of Object.entries(value)) allPlain(`${name}.${key}`, item);
  else if (value === undefined) invalid(name, value, 'plain data');
  else definite(name, value);
}
