/** Inputs of neurons from devices: Poisson trains, noise, currents. */
import {
  attached,
  options as checkOptions,
  eachFinite,
  finite,
  invalid,
  noFurther,
} from '../../checks/check.ts';
import { asDoubles, type WholeNumbers } from '../../checks/whole-numbers.ts';
import { type Distribution, distributionOf, isDistribution, isList } from './distribution.ts';

/**
 * One constant value, one per neuron, a distribution, or `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values` has one per time,
 * or `[times, neurons]`.
 */
export type OverTime =
  | number
  | readonly number[]
  | Distribution
  | { readonly times: readonly number[]; readonly values: readonly number[] };

/** An independent Poisson train for each neuron. */
export interface PoissonSource {
  readonly element: 'poisson';
  /** In Hz. */
  readonly rate: OverTime;
}

/** A normal number for each neuron and step. */
export interface NoiseSource {
  readonly element: 'noise';
  readonly mean: number;
  readonly sd: number;
}

/** A current, piecewise constant. */
export interface CurrentSource<V = readonly number[] | Distribution> {
  readonly element: 'current';
  /** In ms, ascending. */
  readonly times: readonly number[];
  /** One value per time, `[times, neurons]`, or a distribution from which each neuron draws. */
  readonly values: V;
}

/** The forms in which rates and currents may be given. */
export type Course =
  | number
  | readonly number[]
  | Float64Array
  | WholeNumbers
  | Distribution
  | {
      times: readonly number[] | Float64Array | WholeNumbers;
      values: Float64Array | WholeNumbers | readonly (number | readonly number[] | Float64Array)[];
    };

/**
 * An independent Poisson spike train for each connected neuron.
 *
 * @example
 * ```ts
 * connect(poisson(distribution.uniform(5, 15)), excitatory, { weight: 20 }); // drawn for each neuron by the simulation's seed
 * ```
 * @param rate - rates in Hz: one for all, one per connected neuron, or a distribution from which the simulation draws one per neuron with its seed;
 * or over time, `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values[i]` is one rate or a list with one per neuron
 */
export function poisson(rate: Course): PoissonSource;
export function poisson(given: Course, ...further: unknown[]): PoissonSource {
  noFurther(
    'poisson',
    further,
    'none; poisson({ times: [50, 60], values: [8000, 0] }) is on from 50 to 60 ms',
  );
  const rate = asDoubles('rate', given);
  if (isDistribution(rate)) return Object.freeze({ element: 'poisson', rate: distributionOf('rate', rate) });
  if (typeof rate === 'number') {
    return Object.freeze({ element: 'poisson', rate: finite('rate', rate, { min: 0 }) });
  }
  if (isList(rate)) {
    attached('rate', rate);
    eachFinite('rate', rate, { min: 0 });
    return Object.freeze({ element: 'poisson', rate: Object.freeze(Array.from(rate)) });
  }
  return Object.freeze({ element: 'poisson', rate: Object.freeze(courseOf('rate', rate, { min: 0 })) });
}

function numbers(name: string, values: ArrayLike<number>): readonly number[] {
  attached(name, values);
  eachFinite(name, values);
  return Object.freeze(Array.from(values));
}

/** White noise: a normal number for each neuron and step, in the unit of the port. */
export function noise(options: { mean?: number; sd: number }): NoiseSource;
export function noise(options: { mean?: number; sd: number }, ...further: unknown[]): NoiseSource {
  noFurther('noise', further, 'none; simulation.set changes mean and sd between runs');
  const { mean = 0, sd } = checkOptions('noise', options, ['mean', 'sd']);
  return Object.freeze({
    element: 'noise',
    mean: finite('noise.mean', mean),
    sd: finite('noise.sd', sd, { min: 0 }),
  });
}

/** What changes over time, checked: the values of each time after one another. */
function courseOf(
  name: string,
  given: Exclude<Course, number | Distribution>,
  range: { min?: number } = {},
): { times: readonly number[]; values: readonly number[] } {
  const course = checkOptions(name, given as { times: readonly number[]; values: readonly number[] }, [
    'times',
    'values',
  ]);
  const times = asDoubles(`${name}.times`, course.times);
  const values = asDoubles(`${name}.values`, course.values);
  if (!isList(times)) invalid(`${name}.times`, times, 'a list of times in ms');
  if (!isList(values) && !Array.isArray(values))
    invalid(`${name}.values`, values, 'one value, or one list, for each time');
  attached(`${name}.values`, values);
  const rows = Array.from(values as ArrayLike<number | ArrayLike<number>>);
  if (rows.length !== times.length)
    invalid(`${name}.values`, values, `one value, or one list, for each of ${times.length} times`);
  return { times: numbers(`${name}.times`, times), values: flatOf(name, rows, range) };
}

/** Rows of one value or one per neuron, after one another. */
function flatOf(name: string, rows: readonly unknown[], range: { min?: number }): readonly number[] {
  // One value among lists is that of all neurons.
  const first = rows.find(isList);
  const width = first?.length ?? 1;
  const flat = new Array<number>(rows.length * width);
  rows.forEach((row, i) => {
    const where = `${name}.values[${i}]`;
    if (!isList(row)) {
      flat.fill(finite(where, row as number, range), i * width, (i + 1) * width);
      return;
    }
    if (row.length !== width) invalid(where, row, `${width} ${width === 1 ? 'value' : 'values'}, as before`);
    attached(where, row);
    eachFinite(where, row, range);
    for (let k = 0; k < width; k++) flat[i * width + k] = row[k]!;
  });
  return Object.freeze(flat);
}

/**
 * A current: one value for all neurons, one per connected neuron, or a distribution from which the simulation draws one per neuron with its seed. Or
 * over time: `values[i]` from `times[i]` ms on and 0 before `times[0]`, where `values[i]` is one value or a list with one per neuron.
 *
 * @example
 * ```ts
 * connect(currentSource({ times: [100, 200], values: [50, 0] }), excitatory); // 50 pA from 100 to 200 ms
 * connect(currentSource(Array.from({ length: 10 }, (_, i) => 10 * i)), excitatory.slice(0, 10));
 * connect(currentSource(distribution.normal(100, 20)), excitatory);
 * ```
 */
export function currentSource(current: Distribution): CurrentSource<Distribution>;
export function currentSource(current: Exclude<Course, Distribution>): CurrentSource<readonly number[]>;
export function currentSource(given: Course, ...further: unknown[]): CurrentSource {
  noFurther(
    'currentSource',
    further,
    'none; currentSource({ times: [50, 60], values: [100, 0] }) is on from 50 to 60 ms',
  );
  const current = asDoubles('currentSource', given);
  if (isDistribution(current)) {
    const values = distributionOf('currentSource', current);
    return Object.freeze({ element: 'current', times: Object.freeze([0]), values });
  }
  if (typeof current === 'number' || isList(current)) {
    const values = flatOf('currentSource', [current], {});
    return Object.freeze({ element: 'current', times: Object.freeze([0]), values });
  }
  return Object.freeze({ element: 'current', ...courseOf('currentSource', current) });
}
