/** The sources of a `DataLoader`: arrays with a shape, a list of samples, or a user's own `Dataset`. */
import {
  attached,
  callback,
  shape as checkShape,
  fits,
  flag,
  integer,
  invalid,
  options,
  typedArray,
} from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, gatherSequencesYielding, gatherYielding, type Shape } from '../checks/tensor.ts';
import { type TypedArray, typedArrayKinds } from '../checks/typed.ts';
import { narrowed, narrowedValues, stepCounts, type WholeNumbers } from '../checks/whole-numbers.ts';
import { type LoaderContext, withStreams } from '../numbers/random-streams.ts';

/** Samples in one typed array, with one target for each. */
export interface TensorSource<
  X extends TypedArray = TypedArray,
  Y extends TypedArray | undefined = undefined,
> {
  /** Inputs: `[sample, …]`, `[sample, time, …]` with `sequences`, or `[time, sample, …]` with `timeMajor`. */
  x: X;
  /** Targets: `[sample]`, or of shape `yShape`. */
  y?: Y;
  /** Shape of `x`, including the number of samples. */
  shape: Shape;
  /** Shape of `y`, with the number of samples first (after the time with `yTimeMajor`); default `[samples]`. */
  yShape?: Shape;
  /** `x` is `[sample, time, …]`, as in most files. Batches are `[time, sample, …]`, as the engine expects them. */
  sequences?: boolean;
  /** `x` is `[time, sample, …]`, as in batches. */
  timeMajor?: boolean;
  /** `y` is `[sample, time, …]`, with targets for each step. Batches are `[time, sample, …]`. */
  ySequences?: boolean;
  /** `y` is `[time, sample, …]`, with targets for each step. */
  yTimeMajor?: boolean;
  /**
   * Number of valid steps of each sample, `[sample]`; a batch contains the values of its samples. Default: all steps of all samples.
   */
  lengths?: WholeNumbers | undefined;
}

/** Samples that are computed or read one at a time. */
export interface Dataset<S> {
  readonly length: number;
  /** Returns the sample at `index`, from 0 to `length - 1`. */
  get(index: number): S | Promise<S>;
}

/** A batch from a {@link TensorSource}, in the layout of the source; with `sequences` time comes first. */
export interface TensorBatch<
  X extends TypedArray = TypedArray,
  Y extends TypedArray | undefined = undefined,
> {
  x: X;
  y: Y;
  /** Shape of `x`: the source's shape, with this batch's number of samples. */
  shape: Shape;
  /** Shape of `y`, if the source has one. */
  yShape?: Shape;
  /** Number of valid steps of each sample of this batch, if the source has it. */
  lengths?: Uint32Array;
  /** Number of samples. */
  size: number;
  /** Indices of the samples in the source. */
  indices: Uint32Array;
}

/** A source as the loader uses it: `length` samples, read in batches or one by one. */
export type Reader =
  | { kind: 'tensors'; length: number; read(indices: Uint32Array): Promise<TensorBatch<TypedArray, never>> }
  | {
      kind: 'samples';
      length: number;
      read(indices: Uint32Array, context: LoaderContext): unknown[] | Promise<unknown[]>;
    };

/** Indices are 32 bits wide. */
const maxSamples = 2 ** 32 - 1;

const forms = 'an array of samples, a dataset { length, get(index) }, or { x, y, shape }';

/** Checks a source and makes it readable in batches. */
export function readerOf(source: unknown): Reader {
  if (Array.isArray(source)) {
    const length = integer('source.length', source.length, { min: 1 });
    return { kind: 'samples', length, read: (indices) => Array.from(indices, (index) => source[index]) };
  }
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) {
    invalid('source', source, forms);
  }
  if ('get' in source) return datasetReader(source as Dataset<unknown>);
  if (!('x' in source)) invalid('source', source, forms);
  return tensorReader(source as never);
}

function datasetReader(source: Dataset<unknown>): Reader {
  callback('source.get', source.get);
  const length = integer('source.length', source.length, { min: 1, max: maxSamples });
  const read = (indices: Uint32Array, context: LoaderContext) =>
    Promise.all(
      Array.from(indices, (index) =>
        withStreams('get', { ...context, indices: Uint32Array.of(index) }, async () => source.get(index)),
      ),
    );
  return { kind: 'samples', length, read };
}

/** The layout of samples in an array: `[sample, …]`, `[sample, time, …]` or `[time, sample, …]`. */
type Layout = 'samples' | 'sequences' | 'time-major';

/** Batches without a time axis; a run accepts them only with `steps`. */
const timeless = new WeakSet<object>();

export function markTimeless(batch: object): void {
  timeless.add(batch);
}

/** Batches whose targets have the sample as their first axis, so they are not targets for each step. */
const sampleTargets = new WeakSet<object>();

export function markSampleTargets(batch: object): void {
  sampleTargets.add(batch);
}

/** Whether the targets of this batch of a loader have the sample as their first axis. */
export function hasSampleTargets(batch: object): boolean {
  return sampleTargets.has(batch);
}

/** Whether this batch of a loader has no time axis. */
export function isTimeless(batch: object): boolean {
  return timeless.has(batch);
}

function tensorReader(source: TensorSource<TypedArray, TypedArray | undefined>): Reader {
  const known = [
    'x',
    'y',
    'shape',
    'yShape',
    'sequences',
    'timeMajor',
    'ySequences',
    'yTimeMajor',
    'lengths',
  ] as const;
  options('source', source, known);
  // NumPy's integers have 64 bits: labels and, as inputs, counts or tokens.
  const y = narrowed('source.y', source.y);
  const x = typedArray('source.x', narrowedValues('source.x', source.x), typedArrayKinds);
  const layout = layoutOf(source, 'sequences', 'timeMajor');
  const shape = shapeOf('source.shape', source.shape, layout);
  fits('source.x', x.length, shape);
  const axis = layout === 'time-major' ? 1 : 0;
  const length = integer(`source.shape[${axis}]`, shape[axis], { max: maxSamples });
  const yLayout = layoutOf(source, 'ySequences', 'yTimeMajor');
  const yShape = y === undefined ? [] : targetShape(y, source.yShape, yLayout, length);
  const lengths = source.lengths === undefined ? undefined : lengthsOf(source.lengths, length);
  return {
    kind: 'tensors',
    length,
    read: async (indices) => {
      // The memory of the source may be transferred during the loop.
      const check = () => {
        attached('source.x', x);
        attached('source.y', y);
        attached('source.lengths', lengths);
      };
      check();
      const [inputs, targets] = await Promise.all([
        take(x, shape, layout, indices, check),
        y === undefined ? undefined : take(y, yShape, yLayout, indices, check),
      ]);
      return batch(indices, inputs, targets);
    },
  };
  function batch(
    indices: Uint32Array,
    x: TypedArray,
    y: TypedArray | undefined,
  ): TensorBatch<TypedArray, never> {
    const { length: size } = indices;
    const tensorSource = {
      x,
      y: y as never,
      shape: ofBatch(shape, layout, size),
      ...(source.yShape === undefined || y === undefined ? {} : { yShape: ofBatch(yShape, yLayout, size) }),
      ...(lengths === undefined ? {} : { lengths: Uint32Array.from(indices, (index) => lengths[index]!) }),
      size,
      indices,
    };
    if (layout === 'samples') markTimeless(tensorSource);
    if (yLayout === 'samples') markSampleTargets(tensorSource);
    return tensorSource;
  }
}

/** The shape of a batch with this number of samples, from that of the source. */
function ofBatch(shape: Shape, layout: Layout, size: number): Shape {
  if (layout === 'sequences') return [shape[1]!, size, ...shape.slice(2)];
  return shape.with(layout === 'time-major' ? 1 : 0, size);
}

function layoutOf(
  source: TensorSource<TypedArray, TypedArray | undefined>,
  sequences: 'sequences' | 'ySequences',
  timeMajor: 'timeMajor' | 'yTimeMajor',
): Layout {
  const [inSequences = false, inTime = false] = [source[sequences], source[timeMajor]];
  flag(`source.${sequences}`, inSequences);
  flag(`source.${timeMajor}`, inTime);
  if (inSequences && inTime) invalid(`source.${sequences}`, true, `false, because ${timeMajor} is true`);
  if (inSequences) return 'sequences';
  return inTime ? 'time-major' : 'samples';
}

const axes: Record<Layout, string> = {
  samples: '[sample, …]',
  sequences: '[sample, time, …]',
  'time-major': '[time, sample, …]',
};

function shapeOf(name: string, value: unknown, layout: Layout): number[] {
  const shape = [...checkShape(name, value)];
  if (shape.length >= (layout === 'samples' ? 1 : 2)) return shape;
  throw new LapicqueError('shape-mismatch', {
    layer: name,
    expected: axes[layout],
    got: `[${shape.join(', ')}]`,
  });
}

function take<A extends TypedArray>(
  data: A,
  shape: Shape,
  layout: Layout,
  indices: Uint32Array,
  check: () => void,
): Promise<A> {
  if (layout === 'sequences') return gatherSequencesYielding(data, shape, indices, check);
  return gatherYielding(data, shape, layout === 'time-major' ? 1 : 0, indices, check);
}

function targetShape(y: TypedArray, given: Shape | undefined, layout: Layout, length: number): Shape {
  typedArray('source.y', y, typedArrayKinds);
  const shape = given === undefined ? [length] : [...checkShape('source.yShape', given)];
  const wrong = shape[layout === 'time-major' ? 1 : 0] !== length;
  if (wrong || (layout === 'sequences' && shape.length < 2)) {
    const [expected, got] = [axes[layout].replace('sample', `${length}`), `[${shape.join(', ')}]`];
    throw new LapicqueError('shape-mismatch', { layer: 'source.yShape', expected, got });
  }
  if (elementCount(shape) !== y.length) fits('source.y', y.length, shape);
  return shape;
}

function lengthsOf(given: WholeNumbers, samples: number): Uint32Array {
  const lengths = stepCounts('source.lengths', given)!;
  fits('source.lengths', lengths.length, [samples]);
  return lengths;
}
