/** The rows of a sweep: the values of its axes, and a seed for each row. */
import { attached, eachFinite, integer, invalid, oneOf } from '../checks/check.ts';
import { asDoubles } from '../checks/whole-numbers.ts';
import {
  type Distribution,
  distributionOf,
  draw,
  isDistribution,
  isList,
} from '../circuit/elements/distribution.ts';
import { checkMemory } from '../engine/native.ts';

/** How the values of axes become rows. */
export type Design = 'grid' | 'zip' | 'sample';

/** Values of an axis; with the design `'sample'` alternatively a distribution. */
export type AxisValues = readonly number[] | Float64Array | Float32Array | Distribution;

/** The rows of a sweep. @internal */
export interface Rows {
  readonly count: number;
  readonly values: readonly Float64Array[];
  readonly seeds: Float64Array;
}

/** Options of a design. */
export interface DesignOptions {
  /**
   * `'grid'` (default): every combination of values and seeds; the first axis changes slowest, the seed fastest.
   * `'zip'`: row `i` has value `i` of each axis and seed `i`. `'sample'`: `samples` rows with values drawn from the
   * distributions and lists of the axes.
   */
  design?: Design;
  /** Seeds of wiring, initial values and noise, or of the models that are trained: one for all rows (default 0), or a list. */
  seeds?: number | readonly number[] | Float64Array;
  /** Number of rows of the design `'sample'`. */
  samples?: number;
  /** Seed of that design; default 0. */
  sampleSeed?: number;
}

/** The maximum number of rows. */
const maxRows = 2 ** 32;

/** @internal */
export function rowsOf(axes: Readonly<Record<string, AxisValues>>, options: DesignOptions): Rows {
  if (typeof axes !== 'object' || axes === null || Array.isArray(axes))
    invalid('axes', axes, "an object of values by axis, such as { 'E.tauMem': [10, 20] }");
  const design = oneOf('design', options.design ?? 'grid', ['grid', 'zip', 'sample']);
  if (design !== 'sample') {
    if (options.samples !== undefined)
      invalid('samples', options.samples, "no value, unless design is 'sample'");
    if (options.sampleSeed !== undefined)
      invalid('sampleSeed', options.sampleSeed, "no value, unless design is 'sample'");
  }
  const seeds = seedsOf(options.seeds ?? 0);
  const columns = Object.entries(axes).map(([name, values]): [string, Float64Array | Distribution] => [
    name,
    valuesOf(`axes['${name}']`, values, design),
  ]);
  switch (design) {
    case 'grid':
      return grid(
        columns.map(([, values]) => values as Float64Array),
        typeof seeds === 'number' ? Float64Array.of(seeds) : seeds,
      );
    case 'zip': {
      const lists: [string, Float64Array][] = columns.map(([name, values]) => [name, values as Float64Array]);
      if (typeof seeds !== 'number') lists.push(['seeds', seeds]);
      const count = lists[0]?.[1].length ?? 1;
      for (const [name, list] of lists)
        if (list.length !== count)
          invalid(name, `${list.length} values`, `${count}, one per row, as in ${lists[0]![0]}`);
      return rows(
        count,
        columns.map(([, values]) => values as Float64Array),
        seeds,
      );
    }
    case 'sample': {
      const count = integer('samples', options.samples, { min: 1, max: maxRows });
      const seed = integer('sampleSeed', options.sampleSeed ?? 0, { min: 0, max: 2 ** 40 });
      checkMemory('the rows of the sweep', 8 * count * (columns.length + 1));
      if (typeof seeds !== 'number' && seeds.length !== count)
        invalid('seeds', `${seeds.length} seeds`, `one number, or one per sample: ${count}`);
      const values = columns.map(([, of], axis) => sampled(of, count, seed * 4096 + axis));
      return rows(count, values, seeds);
    }
  }
}

function seedsOf(seeds: number | readonly number[] | Float64Array): number | Float64Array {
  if (typeof seeds === 'number') return integer('seeds', seeds, { min: 0 });
  const list = asDoubles('seeds', seeds);
  if (!isList(list) || list.length === 0) invalid('seeds', seeds, 'a seed, or a list of seeds');
  attached('seeds', list);
  for (let i = 0; i < list.length; i++) integer(`seeds[${i}]`, list[i], { min: 0 });
  return new Float64Array(list);
}

function valuesOf(name: string, values: AxisValues, design: Design): Float64Array | Distribution {
  if (isDistribution(values)) {
    if (design !== 'sample')
      invalid(name, values, "a list of values (only design: 'sample' takes a distribution)");
    return distributionOf(name, values);
  }
  const list = asDoubles(name, values);
  if (!isList(list) || list.length === 0)
    invalid(name, values, design === 'sample' ? 'a list of values, or a distribution' : 'a list of values');
  attached(name, list);
  eachFinite(name, list);
  return new Float64Array(list);
}

/** Values in the order of their rows; each value of a list is equally likely. */
function sampled(of: Float64Array | Distribution, count: number, seed: number): Float64Array {
  if (isDistribution(of)) return draw(of, count, seed);
  const positions = draw({ kind: 'uniform', low: 0, high: of.length }, count, seed);
  return positions.map((position) => of[Math.min(of.length - 1, Math.floor(position))]!);
}

function rows(count: number, values: readonly Float64Array[], seeds: number | Float64Array): Rows {
  return { count, values, seeds: typeof seeds === 'number' ? new Float64Array(count).fill(seeds) : seeds };
}

/** Every combination: the first axis changes slowest, seeds change fastest. */
function grid(axes: readonly Float64Array[], seeds: Float64Array): Rows {
  const count = axes.reduce((product, axis) => product * axis.length, seeds.length);
  if (count > maxRows) invalid('axes', `${count} rows`, `at most ${maxRows} rows`);
  checkMemory('the rows of the sweep', 8 * count * (axes.length + 1));
  let each = count;
  const values = axes.map((axis) => {
    each /= axis.length;
    const column = new Float64Array(count);
    for (let row = 0; row < count; row++) column[row] = axis[Math.floor(row / each) % axis.length]!;
    return column;
  });
  const column = new Float64Array(count);
  for (let row = 0; row < count; row++) column[row] = seeds[row % seeds.length]!;
  return { count, values, seeds: column };
}
