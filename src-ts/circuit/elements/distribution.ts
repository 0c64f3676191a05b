/** Values of synapses and neurons: one for all, one for each, or drawn. */
import {
  attached,
  options as checkOptions,
  definite,
  eachFinite,
  finite,
  integer,
  invalid,
  noFurther,
  oneOf,
  text,
} from '../../checks/check.ts';
import { isKind } from '../../checks/typed.ts';
import { asDoubles, isWhole, type WholeNumbers } from '../../checks/whole-numbers.ts';
import { addon, unwrap } from '../../engine/native.ts';

/** A distribution to draw from. Numbers outside `min` and `max` are drawn again. */
export type Distribution =
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'normal';
      readonly mean: number;
      readonly sd: number;
      readonly min?: number;
      readonly max?: number;
    }
  | {
      readonly kind: 'log-normal';
      readonly mu: number;
      readonly sigma: number;
      readonly min?: number;
      readonly max?: number;
    };

/** One number for all, one per element, or a distribution. */
export type Values = number | readonly number[] | Float64Array | Float32Array | Distribution;

/**
 * Values of synapses: {@link Values}, or an expression such as `'0.2 + 0.5 * d'` that is computed for each pair of neurons. It may use their distance
 * `d` and the displacements `dx`, `dy` and `dz` from source to target (for populations with layouts), and their indices `i` and `j`.
 */
export type SynapseValues = Values | string;

/** Bounds of random numbers; a number outside is drawn again. */
export interface Bounds {
  min?: number;
  max?: number;
}

/** Uniform from `low` to `high`. */
export function uniform(low: number, high: number): Distribution;
export function uniform(low: number, high: number, ...further: unknown[]): Distribution {
  noFurther('distribution.uniform', further, 'none; low and high are the bounds');
  return Object.freeze({
    kind: 'uniform',
    low: finite('low', low),
    high: finite('high', high, { min: low }),
  });
}

/** Normal with this mean and standard deviation, within `bounds`; values outside are drawn again. */
export function normal(mean: number, sd: number, bounds?: Bounds): Distribution;
export function normal(mean: number, sd: number, bounds: Bounds = {}, ...further: unknown[]): Distribution {
  noFurther('distribution.normal', further, 'none; the bounds are one object: { min, max }');
  return Object.freeze({
    kind: 'normal',
    mean: finite('mean', mean),
    sd: finite('sd', sd, { min: 0 }),
    ...checked(bounds),
  });
}

/** `exp` of a normal number with mean `mu` and standard deviation `sigma`, within `bounds`; values outside are drawn again. */
export function logNormal(mu: number, sigma: number, bounds?: Bounds): Distribution;
export function logNormal(
  mu: number,
  sigma: number,
  bounds: Bounds = {},
  ...further: unknown[]
): Distribution {
  noFurther('distribution.logNormal', further, 'none; the bounds are one object: { min, max }');
  return Object.freeze({
    kind: 'log-normal',
    mu: finite('mu', mu),
    sigma: finite('sigma', sigma, { min: 0 }),
    ...checked(bounds),
  });
}

function checked(bounds: Bounds): Bounds {
  checkOptions('bounds', bounds, ['min', 'max']);
  const of = (name: 'min' | 'max') =>
    bounds[name] === undefined ? {} : { [name]: finite(name, bounds[name]) };
  return { ...of('min'), ...of('max') };
}

/**
 * Draws now, where values depend on each other: several parameters of a neuron on one random number.
 *
 * @param seed - the same seed gives the same numbers; the numbers of different seeds are independent
 * @returns `[count]`
 * @throws LapicqueError `invalid-parameter`
 */
export function draw(distribution: Distribution, count: number, seed: number): Float64Array;
export function draw(
  distribution: Distribution,
  count: number,
  seed: number,
  ...further: unknown[]
): Float64Array {
  noFurther('distribution.draw', further, 'none after the seed');
  if (typeof distribution !== 'object' || distribution === null)
    invalid('distribution', distribution, 'a distribution, such as distribution.uniform(0, 1)');
  definite('distribution', distribution);
  return unwrap(
    addon.drawValues(
      JSON.stringify(distribution),
      integer('count', count, { min: 0 }),
      integer('seed', seed, { min: 0 }),
    ),
  );
}

/** The numbers of each kind, those that may be left out behind those that may not. */
const kinds = {
  uniform: ['low', 'high'],
  normal: ['mean', 'sd', 'min', 'max'],
  'log-normal': ['mu', 'sigma', 'min', 'max'],
} as const;

/** One that is written by hand has the numbers of its kind; which of them go together, the engine knows. @internal */
export function distributionOf(name: string, distribution: Distribution): Distribution {
  const kind = oneOf(`${name}.kind`, distribution.kind, Object.keys(kinds) as (keyof typeof kinds)[]);
  checkOptions<object>(name, distribution, ['kind', ...kinds[kind]] as never);
  const numbers = distribution as unknown as Readonly<Record<string, unknown>>;
  const parameters = kinds[kind]
    .filter((key, i) => i < 2 || numbers[key] !== undefined)
    .map((key) => [key, finite(`${name}.${key}`, numbers[key])]);
  return Object.freeze({ kind, ...Object.fromEntries(parameters) }) as Distribution;
}

/** @internal */
export function isDistribution(value: unknown): value is Distribution {
  return typeof value === 'object' && value !== null && 'kind' in value && !Array.isArray(value);
}

/** @internal */
export function isList(values: unknown): values is readonly number[] | Float64Array | Float32Array {
  return Array.isArray(values) || isKind(values, Float64Array) || isKind(values, Float32Array);
}

/** As a description has them: checked for their form, lists copied. @internal */
export function valuesOf(name: string, given: Values | WholeNumbers): Values {
  const values = asDoubles(name, given);
  if (typeof values === 'number') return finite(name, values);
  if (isList(values)) {
    attached(name, values);
    eachFinite(name, values);
    return new Float64Array(values);
  }
  if (typeof values === 'object' && values !== null && 'kind' in values) return distributionOf(name, values);
  return invalid(name, values, 'a number, a list of numbers, or a distribution');
}

/**
 * An expression of the neurons that a synapse connects. Without one of these names it is a mistake: a number in quotes, or a word.
 * @param others - further permitted names, separated by commas
 * @internal
 */
export function expression(name: string, given: string, others: string): string {
  if (!/(?<![\w.])(?:d|dx|dy|dz|i|j)(?!\w)/.test(text(name, given)))
    invalid(name, given, `${others}, or an expression of d, dx, dy, dz, i or j, such as '0.2 + 0.5 * d'`);
  return given;
}

/** The same for synapses, which may have an expression. @internal */
export function synapseValuesOf(name: string, values: SynapseValues): SynapseValues {
  if (typeof values === 'string')
    return expression(name, values, 'a number, a list of numbers, a distribution');
  if (typeof values === 'number' || isList(values) || isWhole(values)) return valuesOf(name, values);
  if (typeof values === 'object' && values !== null && 'kind' in values) return distributionOf(name, values);
  return invalid(
    name,
    values,
    'a number, a list of numbers, a distribution, or an expression of d, dx, dy, dz, i and j',
  );
}
