/** Tracing: a function runs once on tensors without values and becomes a graph, which the engine evaluates and differentiates. */

import { callback, options as checkOptions, invalid, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { addon, task, unwrap } from '../engine/native.ts';
import { joined } from '../numbers/joined.ts';
import { checkedGraph, GraphBuilder, place, type TracedGraph } from './graph-builder.ts';
import { TracedTensor } from './traced-tensor.ts';

/** The axes of an input: their names, or names with sizes where these are known. */
export type TracedAxes = readonly string[] | Readonly<Record<string, number>>;

/** A function that has been traced, as plain data. */
export interface TracedFunction {
  readonly kind: 'function';
  readonly graph: TracedGraph;
}

/** The results of a traced function: one tensor, or several by name. */
export type TracedResults = TracedTensor | Readonly<Record<string, TracedTensor>>;

/** Numbers with their shape. */
export interface TensorValues {
  readonly values: ArrayLike<number>;
  readonly shape: readonly number[];
}

/** The value of {@link evaluateTraced}. */
export interface TracedValues {
  /** By name; a function that returns one tensor calls it `result`. */
  readonly results: Readonly<Record<string, { values: Float64Array; shape: number[] }>>;
  /** Gradients of the sum of all results, each times its `seeds`, by input; an input that no result depends on has none. */
  readonly gradients: Readonly<Record<string, { values: Float64Array; shape: number[] }>>;
}

/** A scope of named values, which refuses names that do not exist. @internal */
export function namedScope<T extends object>(kind: string, values: T): T {
  return new Proxy(values, {
    get(target, name) {
      if (typeof name === 'symbol' || name in target || name === 'then') return Reflect.get(target, name);
      const known = Object.keys(target);
      throw new LapicqueError('unknown-name', { kind: place(kind), name, known });
    },
  });
}

/** The axes as the engine takes them. @internal */
export function axesOf(name: string, axes: unknown): [string, number | null][] {
  if (Array.isArray(axes)) {
    return axes.map((axis: unknown) => {
      if (typeof axis !== 'string') invalid(name, axes, 'names of axes');
      return [axis, null];
    });
  }
  if (typeof axes !== 'object' || axes === null) invalid(name, axes, 'names of axes, or an object of sizes');
  return Object.entries(axes as Record<string, unknown>).map(([axis, size]) => {
    if (typeof size !== 'number' || !Number.isInteger(size) || size < 0) {
      invalid(`${name}.${axis}`, size, 'a whole number of elements');
    }
    return [axis, size];
  });
}

/** Refuses anything but a function that can be called. @internal */
export function checkFunction(build: unknown): void {
  callback('the traced function', build as () => unknown);
  if (/^class\b/.test(String(build))) invalid('the traced function', build, 'a function, not a class');
}

/** Creates the inputs of a function, each when it is read for the first time. @internal */
export class TracedScope {
  readonly builder = new GraphBuilder();
  readonly #inputs = new Map<string, TracedTensor>();

  input(name: string, axes: readonly (readonly [string, number | null])[]): TracedTensor {
    let input = this.#inputs.get(name);
    if (input === undefined) {
      input = new TracedTensor(this.builder, this.builder.push('input', [], { name, axes }));
      this.#inputs.set(name, input);
    }
    return input;
  }

  /** Names and nodes of the function's results. */
  results(given: unknown, single: string): [string, number][] {
    const named = given instanceof TracedTensor ? { [single]: given } : given;
    const expected = 'a tensor, or an object of tensors';
    if (typeof named !== 'object' || named === null || Array.isArray(named) || named instanceof Promise) {
      return invalid(place('the traced function'), given, expected);
    }
    const entries = Object.entries(named as Record<string, unknown>);
    if (entries.length === 0) invalid(place('the traced function'), 'no result', expected);
    return entries.map(([name, result]) => {
      const label = place(`the traced function's result ${name}`);
      if (!(result instanceof TracedTensor)) return invalid(label, result, 'a tensor');
      if (result.builder !== this.builder)
        return invalid(label, 'a tensor of another function', 'one of its own');
      return [name, result.node.number];
    });
  }
}

/**
 * Traces a function of tensors. It runs once, on tensors without values; what it computes is recorded as plain data and checked.
 *
 * ```ts
 * const distance = trace({ a: ['batch', 'neuron'], b: ['batch', 'neuron'] }, ({ a, b }) => a.sub(b).square().sum('neuron'));
 * const { results, gradients } = await evaluateTraced(distance, {
 *   a: { values: [1, 2], shape: [1, 2] },
 *   b: { values: [0, 0], shape: [1, 2] },
 * });
 * ```
 *
 * @param inputs - the axes of each input
 * @throws LapicqueError `shape-mismatch`, `unknown-name` and `invalid-parameter` with the line of the function
 */
export function trace<const Inputs extends Readonly<Record<string, TracedAxes>>>(
  inputs: Inputs,
  build: (inputs: { readonly [Name in keyof Inputs]: TracedTensor }) => TracedResults,
): TracedFunction {
  if (typeof inputs !== 'object' || inputs === null) invalid('inputs', inputs, 'an object of axes');
  checkFunction(build);
  const scope = new TracedScope();
  const given = Object.entries(inputs).map(([name, axes]) => [name, scope.input(name, axesOf(name, axes))]);
  const tensors = namedScope('input', Object.fromEntries(given) as Record<string, TracedTensor>);
  const results = scope.results(
    build(tensors as { readonly [Name in keyof Inputs]: TracedTensor }),
    'result',
  );
  return Object.freeze({ kind: 'function' as const, graph: scope.builder.finish(results) });
}

/**
 * Evaluates a traced function for values, with gradients. In double precision, unless `precision` is `'f32'`.
 *
 * @param options.seeds - by result: the gradient of the final value with respect to it, in its shape; default 1 everywhere
 * @param options.gradients - whether to compute gradients; default true
 * @throws LapicqueError `shape-mismatch` for values of another shape, `invalid-parameter` for a missing input
 */
export async function evaluateTraced(
  traced: { readonly graph: TracedGraph },
  inputs: Readonly<Record<string, TensorValues>>,
  options: {
    readonly precision?: 'f32' | 'f64';
    readonly gradients?: boolean;
    readonly seeds?: Readonly<Record<string, ArrayLike<number>>>;
  } = {},
): Promise<TracedValues> {
  const {
    precision = 'f64',
    gradients = true,
    seeds = {},
  } = checkOptions('evaluateTraced', options, ['precision', 'gradients', 'seeds']);
  if (typeof traced !== 'object' || traced === null) invalid('traced', traced, 'a traced function');
  if (typeof inputs !== 'object' || inputs === null)
    invalid('inputs', inputs, 'an object of { values, shape }');
  const graph = JSON.stringify(checkedGraph('traced.graph', traced.graph));
  const { specs, values } = nativeInputs(inputs, gradients);
  if (typeof seeds !== 'object' || seeds === null) invalid('seeds', seeds, 'an object of lists of numbers');
  const parts = Object.entries(seeds).map(([name, seed]) => [name, Float64Array.from(seed)] as const);
  const counts = JSON.stringify(parts.map(([name, { length }]) => [name, length]));
  const seedValues = joined(parts.map(([, seed]) => seed));
  const outcome = (await task({}, () =>
    addon.evaluateGraph(graph, specs, values, counts, seedValues, precision),
  )) as unknown as { results: Named[]; gradients: Named[] };
  const byName = (tensors: Named[]) =>
    Object.fromEntries(tensors.map(({ name, sizes, values }) => [name, { values, shape: sizes }]));
  return { results: byName(outcome.results), gradients: byName(outcome.gradients) };
}

/** The first result of a function, computed before this returns. @internal */
export function tracedValue(
  traced: { readonly graph: TracedGraph },
  inputs: Readonly<Record<string, TensorValues>>,
  precision: 'f32' | 'f64',
): Float64Array {
  const { specs, values } = nativeInputs(inputs, false);
  return unwrap(addon.graphValue(JSON.stringify(traced.graph), specs, values, precision));
}

/** The inputs as the engine takes them. */
function nativeInputs(inputs: Readonly<Record<string, TensorValues>>, gradients: boolean) {
  const given = Object.entries(inputs).map(([name, tensor]) => ({ name, ...checked(name, tensor) }));
  const specs = JSON.stringify(given.map(({ name, shape }) => [name, shape, gradients]));
  return { specs, values: joined(given.map(({ values }) => values)) };
}

interface Named {
  name: string;
  sizes: number[];
  values: Float64Array;
}

function checked(name: string, tensor: TensorValues): { values: Float64Array; shape: readonly number[] } {
  if (typeof tensor !== 'object' || tensor === null) invalid(name, tensor, 'an object { values, shape }');
  const { values, shape } = checkOptions(name, tensor, ['values', 'shape']);
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) invalid(`${name}.shape`, shape, 'a list of sizes');
  if (typeof values !== 'object' || values === null) invalid(`${name}.values`, values, 'a list of numbers');
  const doubles = Float64Array.from(values as ArrayLike<number>);
  const count = (shape as number[]).reduce((product, size) => product * size, 1);
  typedArray(`${name}.values`, doubles, [Float64Array], count);
  return { values: doubles, shape: shape as number[] };
}
