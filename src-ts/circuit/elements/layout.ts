/** Where neurons are, for wiring that depends on distance. */
import { options as checkOptions, finite, flag, integer, invalid, noFurther } from '../../checks/check.ts';
import { checkMemory } from '../../engine/native.ts';
import { draw, uniform } from './distribution.ts';

/** Positions of neurons in one, two or three dimensions, in any unit of length. */
export interface Layout {
  readonly dimensions: number;
  /** `[neurons, dimensions]` */
  readonly positions: Float64Array;
  /** Length of each periodic dimension, 0 for others; by default no dimension is periodic. */
  readonly period?: readonly number[];
}

/** Size and ends of a layout. */
export interface LayoutOptions {
  /** Length of each dimension; default 1. */
  extent?: readonly number[];
  /** Whether dimensions are periodic: one value for all, or one per dimension; default false. */
  periodic?: boolean | readonly boolean[];
}

const oneObject = 'none; all options are one object: { extent, periodic }';

/**
 * A regular grid with the last dimension fastest; each neuron is at the center of its cell.
 *
 * @param shape - neurons in each of one to three dimensions: `grid([20, 50])` is for 1,000
 */
export function grid(shape: readonly number[], options?: LayoutOptions): Layout;
export function grid(shape: readonly number[], options: LayoutOptions = {}, ...further: unknown[]): Layout {
  noFurther('layout.grid', further, oneObject);
  if (!Array.isArray(shape) || shape.length < 1 || shape.length > 3)
    invalid('shape', shape, 'a list of one to three sizes');
  shape.forEach((n, i) => {
    integer(`shape[${i}]`, n, { min: 1, max: 2 ** 30 });
  });
  const { extent, period } = edges(shape.length, options, ['extent', 'periodic']);
  const count = shape.reduce((product, n) => product * n, 1);
  integer('neurons of shape', count, { max: 2 ** 30 });
  checkMemory('places of neurons', 8 * count * shape.length);
  const positions = new Float64Array(count * shape.length);
  for (let neuron = 0, at = 0; neuron < count; neuron += 1) {
    let remaining = neuron;
    for (let k = shape.length - 1; k >= 0; k -= 1) {
      positions[at + k] = (((remaining % shape[k]!) + 0.5) / shape[k]!) * extent[k]!;
      remaining = Math.floor(remaining / shape[k]!);
    }
    at += shape.length;
  }
  return newLayout(shape.length, positions, period);
}

/** `count` neurons at random positions, uniform over the extent; `dimensions` default 2. The same `seed` gives the same positions. */
export function random(
  count: number,
  options?: LayoutOptions & { dimensions?: number; seed?: number },
): Layout;
export function random(
  count: number,
  options: LayoutOptions & { dimensions?: number; seed?: number } = {},
  ...further: unknown[]
): Layout {
  noFurther('layout.random', further, oneObject);
  integer('count', count, { min: 1, max: 2 ** 30 });
  checkOptions('layout', options, ['extent', 'periodic', 'dimensions', 'seed']);
  const dimensions = integer('dimensions', options.dimensions ?? options.extent?.length ?? 2, {
    min: 1,
    max: 3,
  });
  const { extent, period } = edges(dimensions, options, ['extent', 'periodic', 'dimensions', 'seed']);
  // Those drawn, in the engine and here, and those stretched over the extent.
  checkMemory('places of neurons', 24 * count * dimensions);
  const uniforms = draw(uniform(0, 1), count * dimensions, integer('seed', options.seed ?? 0, { min: 0 }));
  return newLayout(
    dimensions,
    uniforms.map((x, i) => x * extent[i % dimensions]!),
    period,
  );
}

/** Given positions.
 *
 * @param points - `[neurons][dimensions]`
 * @param options - `period`: the length of each periodic dimension, 0 for others
 */
export function positions(
  points: readonly (readonly number[])[],
  options?: { period?: readonly number[] },
): Layout;
export function positions(
  points: readonly (readonly number[])[],
  options: { period?: readonly number[] } = {},
  ...further: unknown[]
): Layout {
  noFurther('layout.positions', further, 'none; the option is { period }');
  if (!Array.isArray(points) || points.length === 0 || !Array.isArray(points[0]))
    invalid('points', points, 'a list of coordinates for each neuron');
  const dimensions = integer('points[0].length', points[0]!.length, { min: 1, max: 3 });
  const flat = points.flatMap((point, i) => {
    if (!Array.isArray(point) || point.length !== dimensions)
      invalid(`points[${i}]`, point, `${dimensions} coordinates, as the first has`);
    return point.map((x, k) => finite(`points[${i}][${k}]`, x));
  });
  const { period } = checkOptions('layout', options, ['period']);
  if (period === undefined) return newLayout(dimensions, Float64Array.from(flat));
  if (!Array.isArray(period) || period.length !== dimensions)
    invalid('layout.period', period, `one length for each of ${dimensions} dimensions`);
  return newLayout(
    dimensions,
    Float64Array.from(flat),
    period.map((x, k) => finite(`layout.period[${k}]`, x, { min: 0 })),
  );
}

function edges(dimensions: number, options: LayoutOptions, known: readonly string[]) {
  const { extent, periodic = false } = checkOptions('layout', options, known as never);
  if (extent !== undefined && (!Array.isArray(extent) || extent.length !== dimensions))
    invalid('layout.extent', extent, `one length for each of ${dimensions} dimensions`);
  const lengths = (extent ?? Array.from({ length: dimensions }, () => 1)).map((x, k) =>
    finite(`layout.extent[${k}]`, x, { above: 0 }),
  );
  if (typeof periodic !== 'boolean' && (!Array.isArray(periodic) || periodic.length !== dimensions))
    invalid('layout.periodic', periodic, `true, false, or one for each of ${dimensions} dimensions`);
  const meets = (k: number) =>
    typeof periodic === 'boolean' ? periodic : flag(`layout.periodic[${k}]`, periodic[k]);
  const period = lengths.map((length, k) => (meets(k) ? length : 0));
  return { extent: lengths, period: period.some((x) => x > 0) ? period : undefined };
}

function newLayout(dimensions: number, coordinates: Float64Array, period?: readonly number[]): Layout {
  return Object.freeze({
    dimensions,
    positions: coordinates,
    ...(period === undefined ? {} : { period: Object.freeze(period) }),
  });
}
