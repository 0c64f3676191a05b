/** What a `DataLoader` reads: arrays with a shape, a list of samples, or a user's own `Dataset`. */
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
} from '../check.ts';
import { LapicqueError } from '../errors.ts';
import { elementCount, gatherInTurns, type Shape } from '../tensor.ts';
import { type TypedArray, typedArrayKinds } from '../typed.ts';

/** Samples in one typed array, with a target each. */
export interface TensorSource<
  X extends TypedArray = TypedArray,
  Y extends TypedArray | undefined = undefined,
> {
  /** Inputs: `[sample, …]`, or `[time, sample, …]` with `timeMajor`. */
  x: X;
  /** Targets: `[sample]`, or of shape `yShape`. */
  y?: Y;
  /** Shape of `x`, the number of samples included. */
  shape: Shape;
  /** Shape of `y`, the number of samples first (behind the time with `yTimeMajor`); default `[samples]`. */
  yShape?: Shape;
  /** `x` is `[time, sample, …]`, the layout in which the engine runs sequences. */
  timeMajor?: boolean;
  /** `y` is `[time, sample, …]`: targets of each step. */
  yTimeMajor?: boolean;
}

/** Samples that are made or read one at a time. */
export interface Dataset<S> {
  readonly length: number;
  /** The sample at `index`, from 0 to `length - 1`. */
  get(index: number): S | Promise<S>;
}

/** A batch taken from a {@link TensorSource}, in the layout of the source. */
export interface TensorBatch<
  X extends TypedArray = TypedArray,
  Y extends TypedArray | undefined = undefined,
> {
  x: X;
  y: Y;
  /** Shape of `x`: that of the source with the number of samples of this batch. */
  shape: Shape;
  /** Number of samples. */
  size: number;
  /** Which samples of the source they are. */
  indices: Uint32Array;
}

/** A source as the loader uses it: `length` samples, and a way to bring some of them together. */
export interface Reader<B> {
  length: number;
  read(indices: Uint32Array): B | Promise<B>;
}

/** Indices are 32 bits wide. */
const mostSamples = 2 ** 32 - 1;

/** Checks a source and makes it readable in batches. */
export function readerOf(source: unknown): Reader<unknown> {
  if (Array.isArray(source)) {
    integer('source.length', source.length, { min: 1 });
    return { length: source.length, read: (indices) => Array.from(indices, (index) => source[index]) };
  }
  if (typeof source !== 'object' || source === null || ArrayBuffer.isView(source)) {
    invalid('source', source, 'an array of samples, a dataset, or { x, y, shape }');
  }
  return 'get' in source ? datasetReader(source as Dataset<unknown>) : tensorReader(source as never);
}

function datasetReader(source: Dataset<unknown>): Reader<unknown> {
  callback('source.get', source.get);
  const length = integer('source.length', source.length, { min: 1, max: mostSamples });
  return { length, read: (indices) => Promise.all(Array.from(indices, async (index) => source.get(index))) };
}

function tensorReader(
  source: TensorSource<TypedArray, TypedArray | undefined>,
): Reader<TensorBatch<TypedArray, never>> {
  options('source', source, ['x', 'y', 'shape', 'yShape', 'timeMajor', 'yTimeMajor']);
  const { timeMajor = false, yTimeMajor = false, y } = source;
  const x = typedArray('source.x', source.x, typedArrayKinds);
  const shape = [...checkShape('source.shape', source.shape)];
  const axis = timeMajor ? 1 : 0;
  if (shape.length <= axis) {
    const expected = timeMajor ? '[time, sample, …]' : '[sample, …]';
    throw new LapicqueError('shape-mismatch', {
      layer: 'source.shape',
      expected,
      got: `[${shape.join(', ')}]`,
    });
  }
  fits('source.x', x.length, shape);
  const length = integer(`source.shape[${axis}]`, shape[axis], { max: mostSamples });
  const yAxis = flag('source.yTimeMajor', yTimeMajor) ? 1 : 0;
  const yShape = y === undefined ? [] : targetShape(y, source.yShape, yAxis, length);
  return {
    length,
    read: async (indices) => {
      // A loop may outlive the memory that it reads.
      const check = () => {
        attached('source.x', x);
        attached('source.y', y);
      };
      check();
      const [inputs, targets] = await Promise.all([
        gatherInTurns(x, shape, axis, indices, check),
        y === undefined ? undefined : gatherInTurns(y, yShape, yAxis, indices, check),
      ]);
      return batch(indices, inputs, targets);
    },
  };
  function batch(
    indices: Uint32Array,
    x: TypedArray,
    y: TypedArray | undefined,
  ): TensorBatch<TypedArray, never> {
    return {
      x,
      y: y as never,
      shape: shape.with(axis, indices.length),
      size: indices.length,
      indices,
    };
  }
}

function targetShape(y: TypedArray, given: Shape | undefined, axis: 0 | 1, length: number): Shape {
  typedArray('source.y', y, typedArrayKinds);
  const shape = given === undefined ? [length] : [...checkShape('source.yShape', given)];
  if (shape[axis] !== length) {
    const [expected, got] = [axis === 1 ? `[time, ${length}, …]` : `[${length}, …]`, `[${shape.join(', ')}]`];
    throw new LapicqueError('shape-mismatch', { layer: 'source.yShape', expected, got });
  }
  if (elementCount(shape) !== y.length) fits('source.y', y.length, shape);
  return shape;
}
