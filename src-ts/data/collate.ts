/** Combines samples that are objects into one batch. */
import {
  options as checkOptions,
  shape as checkShape,
  fits,
  flag,
  integer,
  invalid,
} from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount } from '../checks/tensor.ts';
import { kindOf, type TypedArray, typedArrayKinds, zerosLike } from '../checks/typed.ts';
import { isWide, narrowed, narrowedValues } from '../checks/whole-numbers.ts';
import { markSampleTargets, markTimeless } from './source.ts';

/** Whether samples have a time axis. */
export interface CollateOptions {
  /**
   * `x` of each sample is `[time, …]` (with `shape`; without it, one channel). The batch is `[time, sample, …]`, as the
   * engine expects it. Its number of steps is the longest sample's; shorter samples are padded with zeros, and
   * `lengths` contains the number of steps of each. Default `false`.
   */
  sequences?: boolean;
  /** With `sequences`: `y` of each sample is `[time, …]` too, with targets for each step. Default `false`. */
  ySequences?: boolean;
}

/** One field of many samples: see {@link collate}. */
export type CollatedField<V, K = unknown> = V extends TypedArray
  ? V
  : V extends BigInt64Array | BigUint64Array
    ? K extends 'y'
      ? Uint32Array
      : Float64Array
    : V extends bigint
      ? K extends 'y'
        ? Uint32Array
        : bigint[]
      : V extends number
        ? K extends 'y'
          ? Uint32Array
          : Float64Array
        : V extends CollatedLeaf
          ? V[]
          : V extends object
            ? CollatedFields<V>
            : V[];

/** A value that is not an object of fields: a batch contains a list of such values. */
export type CollatedLeaf =
  | readonly unknown[]
  | ((...args: never[]) => unknown)
  | Date
  | { readonly [Symbol.toStringTag]: string };

export type CollatedFields<S> = {
  [K in keyof S as K extends 'shape' ? never : K]: CollatedField<S[K], K>;
} & (S extends { readonly x: TypedArray } | { readonly data: TypedArray }
  ? { shape: number[] }
  : S extends { readonly shape: infer V }
    ? { shape: V[] }
    : unknown);

/** A batch of samples that are objects: see {@link collate}. */
export type Collated<S> = CollatedFields<S> &
  (S extends { readonly x: TypedArray }
    ? {
        /** With `sequences`: steps of each sample, `[sample]`. */
        lengths?: Uint32Array;
      }
    : unknown);

/**
 * Combines samples that are objects into one batch, field by field, as torch's `default_collate` does. A {@link
 * DataLoader} does this with them by default.
 *
 * - typed arrays of one kind and length are concatenated: `[sample, …]`. `shape` is the shape of `x` (or `data`); the batch's shape has the number of
 * samples as its first axis. Without `shape`, the arrays are vectors
 * - typed arrays of 64-bit integers become a `Uint32Array` as `y`, else a `Float64Array`
 * - numbers become a `Float64Array`; numbers of `y` are labels and become a `Uint32Array`. Pass a target value as `Float32Array.of(value)`
 * - nested objects are collated in the same way
 * - anything else, such as strings, becomes a list
 *
 * @example
 * ```ts
 * const samples = [
 *   { x: Float32Array.of(0.1, 0.9), y: 0 },
 *   { x: Float32Array.of(0.8, 0.3), y: 1 },
 * ];
 * const { x, y, shape } = collate(samples); // shape [2, 2], y Uint32Array [0, 1]
 * ```
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch` if the shapes of samples differ
 */
export function collate<S extends object>(samples: readonly S[], options: CollateOptions = {}): Collated<S> {
  if (!Array.isArray(samples)) invalid('samples', samples, 'a list of samples');
  integer('samples.length', samples.length, { min: 1 });
  const { sequences = false, ySequences = false } = checkOptions('collate', options, [
    'sequences',
    'ySequences',
  ]);
  checkSequences(sequences, ySequences);
  return collated(samples, { sequences, ySequences }, [...samples.keys()]) as Collated<S>;
}

/** Refuses `ySequences` without `sequences`. */
export function checkSequences(sequences: boolean, ySequences: boolean): void {
  flag('sequences', sequences);
  if (flag('ySequences', ySequences) && !sequences)
    invalid('ySequences', true, 'false, because sequences is not set');
}

/** Whether a sample is an object of fields; instances of a user's class and objects of other contexts count too. */
export function isFields(sample: unknown): sample is Record<string, unknown> {
  return Object.prototype.toString.call(sample) === '[object Object]';
}

/** As {@link collate}, for samples with these indices. */
export function collated(
  samples: readonly unknown[],
  { sequences, ySequences }: Required<CollateOptions>,
  indices: ArrayLike<number>,
): object {
  const named = samples.map((value, i) => {
    const name = `samples[${indices[i]}]`;
    if (!isFields(value)) invalid(name, value, 'an object such as { x, y }');
    return { name, value };
  });
  if (!sequences) {
    const batch = fields(named);
    markTimeless(batch);
    markSampleTargets(batch);
    return batch;
  }
  const inputs = named.map(sequenceOf);
  const lengths = Uint32Array.from(inputs, ({ steps }) => steps);
  const { data: x, shape } = padded(inputs);
  const batch = fields(named, ySequences ? ['x', 'shape', 'y'] : ['x', 'shape']);
  const targets = ySequences ? { y: padded(named.map(targetsOf(lengths))).data } : {};
  const merged = { ...batch, ...targets, x, shape, lengths };
  if (!ySequences) markSampleTargets(merged);
  return merged;
}

/** A value and its path for error messages. */
interface Named<V = unknown> {
  name: string;
  value: V;
}

/** All samples have the fields of the first. */
function fields(
  samples: readonly Named[],
  without: readonly string[] = [],
  above: readonly unknown[] = [],
): Record<string, unknown> {
  const { name, value } = samples[0]!;
  if (above.includes(value)) invalid(name, value, 'fields that do not contain the sample itself');
  const within = [...above, value];
  const keys = Object.keys(value as object);
  const tensor = ['x', 'data'].find(
    (key) => kindOf((samples[0]!.value as Record<string, unknown>)[key]) !== undefined,
  );
  for (const { name, value } of samples) {
    if (!isFields(value)) invalid(name, value, `an object { ${keys.join(', ')} }, as ${samples[0]!.name}`);
    const other =
      keys.find((key) => !(key in value)) ?? Object.keys(value).find((key) => !keys.includes(key));
    if (other !== undefined) {
      invalid(`${name}.${other}`, value[other], `the same fields as ${samples[0]!.name}: ${keys.join(', ')}`);
    }
  }
  const of = (key: string) =>
    samples.map(({ name, value }) => ({
      name: `${name}.${key}`,
      value: (value as Record<string, unknown>)[key],
    }));
  const kept = keys.filter((key) => !without.includes(key) && (key !== 'shape' || tensor === undefined));
  const out = Object.fromEntries(kept.map((key) => [key, field(key, of(key), within)]));
  if (tensor === undefined || without.includes('shape')) return out;
  return { ...out, shape: [samples.length, ...sharedShape(samples, of(tensor) as Named<TypedArray>[])] };
}

function field(key: string, values: readonly Named[], within: readonly unknown[]): unknown {
  const first = values[0]!.value;
  // NumPy's integers have 64 bits.
  if (isWide(first)) {
    const narrow = key === 'y' ? narrowed : narrowedValues;
    return field(
      key,
      values.map(({ name, value }) => ({ name, value: narrow(name, value) })),
      within,
    );
  }
  if (key === 'y' && typeof first === 'bigint') return labels(values);
  if (isTypedArray(first)) return stacked(values as Named<TypedArray>[]);
  if (typeof first === 'number') return key === 'y' ? labels(values) : numbers(values);
  return isFields(first) ? fields(values, [], within) : values.map(({ value }) => value);
}

function labels(values: readonly Named[]): Uint32Array {
  return Uint32Array.from(values, ({ name, value }) => {
    const x = typeof value === 'bigint' ? Number(value) : value;
    const label = Number.isInteger(x) && (x as number) >= 0 && (x as number) < 2 ** 32;
    if (!label)
      invalid(
        name,
        value,
        'a label, an integer from 0 (values are a Float32Array, such as Float32Array.of(0.5))',
      );
    return x as number;
  });
}

function numbers(values: readonly Named[]): Float64Array {
  return Float64Array.from(values, ({ name, value }) => {
    if (typeof value !== 'number') invalid(name, value, `a number, as ${values[0]!.name}`);
    return value;
  });
}

function isTypedArray(value: unknown): value is TypedArray {
  return typedArrayKinds.some(({ name }) => kindOf(value) === name);
}

/** Concatenates arrays. */
function stacked(values: readonly Named<TypedArray>[]): TypedArray {
  const first = values[0]!.value;
  const out = zerosLike(first, first.length * values.length);
  values.forEach(({ name, value }, i) => {
    sameKind(name, value, values[0]!);
    if (value.length !== first.length) {
      throw new LapicqueError('shape-mismatch', {
        layer: name,
        expected: `[${first.length}], as ${values[0]!.name} (sequences of different lengths: \`sequences: true\`)`,
        got: `[${value.length}]`,
      });
    }
    out.set(value, i * first.length);
  });
  return out;
}

function sameKind(name: string, value: unknown, first: Named<TypedArray>): void {
  const kind = kindOf(first.value)!;
  if (kindOf(value) !== kind) invalid(name, value, `a ${kind}, as ${first.name}`);
}

/** Checks that all samples give their array the same shape. */
function sharedShape(samples: readonly Named[], arrays: readonly Named<TypedArray>[]): number[] {
  const shapes = samples.map((sample, i) => shapeOf(sample as Named<object>, arrays[i]!, []));
  const [first] = shapes as [number[]];
  shapes.forEach((shape, i) => {
    if (`${shape}` === `${first}`) return;
    throw new LapicqueError('shape-mismatch', {
      layer: `${samples[i]!.name}.shape`,
      expected: `[${first.join(', ')}], as ${samples[0]!.name}`,
      got: `[${shape.join(', ')}]`,
    });
  });
  return first;
}

/** A sample's shape, or that of a vector whose elements have the shape `inner`. */
function shapeOf({ name, value }: Named<object>, array: Named<TypedArray>, inner: number[]): number[] {
  const given = (value as { shape?: unknown }).shape;
  const { length } = array.value;
  const shape = given === undefined ? [length, ...inner] : [...checkShape(`${name}.shape`, given)];
  fits(array.name, length, shape);
  return shape;
}

/** A sequence of `steps` elements of shape `shape`. */
interface Sequence {
  name: string;
  steps: number;
  shape: number[];
  data: TypedArray;
}

function sequenceOf(sample: Named<object>): Sequence {
  const [name, data] = [`${sample.name}.x`, (sample.value as { x?: unknown }).x];
  if (!isTypedArray(data)) invalid(name, data, 'a typed array');
  const [steps, ...shape] = shapeOf(sample, { name, value: data }, [1]);
  if (steps === undefined || steps === 0) invalid(name, data, 'at least one step');
  return { name, steps, shape, data };
}

/** Targets, which must have the same number of steps as the input. */
function targetsOf(lengths: Uint32Array): (sample: Named<object>, i: number) => Sequence {
  return ({ name, value }, i) => {
    const [steps, data] = [lengths[i]!, (value as { y?: unknown }).y];
    if (!isTypedArray(data)) invalid(`${name}.y`, data, `a typed array of ${steps} steps`);
    if (data.length === 0 || data.length % steps !== 0) {
      const [expected, got] = [`[${steps}, …], as many steps as x`, `${data.length} elements`];
      throw new LapicqueError('shape-mismatch', { layer: `${name}.y`, expected, got });
    }
    return { name: `${name}.y`, steps, shape: [data.length / steps], data };
  };
}

/** Combines sequences into `[time, sample, …]`; shorter ones are padded with zeros. */
function padded(sequences: readonly Sequence[]): { data: TypedArray; shape: number[] } {
  const [first] = sequences as [Sequence];
  const max = sequences.reduce((steps, sequence) => Math.max(steps, sequence.steps), 0);
  const size = elementCount(first.shape);
  const out = zerosLike(first.data, max * sequences.length * size);
  sequences.forEach(({ name, steps, shape, data }, i) => {
    sameKind(name, data, { name: first.name, value: first.data });
    if (`${shape}` !== `${first.shape}`) {
      const of = (sequence: Sequence) => `[${['time', ...sequence.shape].join(', ')}]`;
      const [expected, got] = [`${of(first)}, as ${first.name}`, of({ name, steps, shape, data })];
      throw new LapicqueError('shape-mismatch', { layer: name, expected, got });
    }
    for (let step = 0; step < steps; step++) {
      const row = data.subarray(step * size, (step + 1) * size);
      out.set(row, (step * sequences.length + i) * size);
    }
  });
  return { data: out, shape: [max, sequences.length, ...first.shape] };
}
