/** Who is connected to whom. */
import {
  attached,
  options as checkOptions,
  finite,
  flag,
  integer,
  invalid,
  noFurther,
} from '../../checks/check.ts';
import { isKind } from '../../checks/typed.ts';
import { isWhole, unsigned, type WholeNumbers } from '../../checks/whole-numbers.ts';
import { expression } from './distribution.ts';

/**
 * The pairs of source and target that get a synapse. `autapses`: whether a neuron may connect to itself; `multapses`:
 * whether a pair may have several synapses; both default to true.
 */
export interface Rule {
  readonly kind:
    | 'all-to-all'
    | 'one-to-one'
    | 'fixed-in-degree'
    | 'fixed-out-degree'
    | 'fixed-total'
    | 'bernoulli'
    | 'poisson'
    | 'list';
  readonly count?: number;
  /** A number, or an expression of the distance `d`. */
  readonly p?: number | string;
  readonly mean?: number;
  readonly sources?: Uint32Array;
  readonly targets?: Uint32Array;
  readonly autapses?: boolean;
  readonly multapses?: boolean;
}

/** Exclusions of a random connection rule. */
export interface RuleOptions {
  /** Whether a neuron may connect to itself; default true. */
  autapses?: boolean;
  /** Whether a pair may have several synapses; default true. */
  multapses?: boolean;
}

const oneObject = 'none; autapses and multapses are one object: { autapses: false }';

/** Every source to every target. */
export function allToAll(options?: Pick<RuleOptions, 'autapses'>): Rule;
export function allToAll(options: Pick<RuleOptions, 'autapses'> = {}, ...further: unknown[]): Rule {
  noFurther('rule.allToAll', further, oneObject);
  return rule({ kind: 'all-to-all' }, options, ['autapses']);
}

/** Source `i` to target `i`: both have the same size. */
export function oneToOne(options?: Pick<RuleOptions, 'autapses'>): Rule;
export function oneToOne(options: Pick<RuleOptions, 'autapses'> = {}, ...further: unknown[]): Rule {
  noFurther('rule.oneToOne', further, oneObject);
  return rule({ kind: 'one-to-one' }, options, ['autapses']);
}

/** `count` random sources for each target. */
export function fixedInDegree(count: number, options?: RuleOptions): Rule;
export function fixedInDegree(count: number, options: RuleOptions = {}, ...further: unknown[]): Rule {
  noFurther('rule.fixedInDegree', further, oneObject);
  return rule({ kind: 'fixed-in-degree', count: integer('count', count, { min: 0 }) }, options);
}

/** `count` random targets for each source. */
export function fixedOutDegree(count: number, options?: RuleOptions): Rule;
export function fixedOutDegree(count: number, options: RuleOptions = {}, ...further: unknown[]): Rule {
  noFurther('rule.fixedOutDegree', further, oneObject);
  return rule({ kind: 'fixed-out-degree', count: integer('count', count, { min: 0 }) }, options);
}

/** `count` synapses in all, each between a random source and a random target. */
export function fixedTotalNumber(count: number, options?: RuleOptions): Rule;
export function fixedTotalNumber(count: number, options: RuleOptions = {}, ...further: unknown[]): Rule {
  noFurther('rule.fixedTotalNumber', further, oneObject);
  return rule({ kind: 'fixed-total', count: integer('count', count, { min: 0 }) }, options);
}

/**
 * Each pair with probability `p`, at most once: never multapses. `multapses: false` also forbids those that `structural` plasticity would add.
 *
 * @param p - from 0 to 1; or an expression of the distance `d` between the two neurons, clipped to 0 … 1, such as
 * `'0.8 * exp(-d^2 / (2 * 0.1^2))'` or `'where(d < 0.2, 0.5, 0)'`, for populations with a {@link layout}
 */
export function pairwiseBernoulli(p: number | string, options?: RuleOptions): Rule;
export function pairwiseBernoulli(
  p: number | string,
  options: RuleOptions = {},
  ...further: unknown[]
): Rule {
  noFurther('rule.pairwiseBernoulli', further, oneObject);
  const given =
    typeof p === 'string' ? expression('p', p, 'a number from 0 to 1') : finite('p', p, { min: 0, max: 1 });
  return rule({ kind: 'bernoulli', p: given }, options);
}

/** A Poisson number of synapses for each pair, `mean` on average; multapses occur. */
export function pairwisePoisson(mean: number, options?: Pick<RuleOptions, 'autapses'>): Rule;
export function pairwisePoisson(
  mean: number,
  options: Pick<RuleOptions, 'autapses'> = {},
  ...further: unknown[]
): Rule {
  noFurther('rule.pairwisePoisson', further, oneObject);
  return rule({ kind: 'poisson', mean: finite('mean', mean, { min: 0 }) }, options, ['autapses']);
}

/**
 * Synapse `i` connects `sources[i]` to `targets[i]`: indices within their populations, also as NumPy's int64. Weights and delays may be lists. For a
 * sparse matrix of SciPy, use the rows and columns that {@link readSparse} returns.
 */
export function list(
  sources: readonly number[] | WholeNumbers,
  targets: readonly number[] | WholeNumbers,
): Rule;
export function list(
  sources: readonly number[] | WholeNumbers,
  targets: readonly number[] | WholeNumbers,
  ...further: unknown[]
): Rule {
  noFurther('rule.list', further, 'none; weights and delays are options of connect');
  const [from, to] = [indices('sources', sources), indices('targets', targets)];
  if (to.length !== from.length) invalid('targets', targets, `${from.length} targets, as many as sources`);
  return Object.freeze({ kind: 'list', sources: from, targets: to });
}

function rule(
  made: Rule,
  options: RuleOptions,
  known: readonly (keyof RuleOptions)[] = ['autapses', 'multapses'],
): Rule {
  checkOptions('rule', options, known);
  const present = known.filter((key) => options[key] !== undefined);
  return Object.freeze({
    ...made,
    ...Object.fromEntries(present.map((key) => [key, flag(`rule.${key}`, options[key])])),
  });
}

function indices(name: string, values: readonly number[] | WholeNumbers): Uint32Array {
  if (!Array.isArray(values) && !isWhole(values)) {
    invalid(name, values, 'a list of neurons, 0-based');
  }
  attached(name, values);
  // A copy in one piece: of millions a call for each, and a list between, cost more than the copy.
  if (isWhole(values)) return isKind(values, Uint32Array) ? values.slice() : unsigned(name, values);
  return Uint32Array.from(values as readonly number[], (x, i) =>
    integer(`${name}[${i}]`, x, { min: 0, max: 2 ** 32 - 1 }),
  );
}
