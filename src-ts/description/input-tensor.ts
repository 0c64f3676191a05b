/** The input of a batch: its public form, and its form for the addon. */
import type { JsInput } from '#native';
import { flag, integer, invalid, refuseMisspelled, typedArray } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { elementCount, type Shape } from '../checks/tensor.ts';
import { isKind } from '../checks/typed.ts';
import { doublesOf, isWhole, type WholeNumbers } from '../checks/whole-numbers.ts';
import { isTimeless } from '../data/source.ts';
import type { Description } from './description.ts';

/** Numbers with a shape. */
export interface InputTensor {
  /**
   * Values, also as integers of 16 bits or more, or spikes as bytes 0 and 1 (a quarter of the memory), also for a constant
   * input. Values that are all 0 or 1 count as spikes too: the engine stores either as bits. `[time, batch, channels]`, or
   * `[batch, channels]` for a constant input at every step.
   */
  x: Float32Array | Float64Array | Exclude<WholeNumbers, BigInt64Array | BigUint64Array>;
  /**
   * Shape of `x`. A sample at a step is one flat axis of `channels` elements, or has the axes of {@link input} in their order.
   * Other axes are refused, because their elements would be misread. Without `input(…)` several axes are read in their order.
   */
  shape: readonly number[];
}

/** What an input, or a batch for training or prediction, may have; `indices` and `size` are of a DataLoader. */
const inputKeys = ['x', 'shape', 'y', 'yShape', 'lengths', 'indices', 'size'];

/** How a batch is interpreted. */
export interface InputOptions {
  /**
   * Number of time steps. If given, `x` is `[batch, channels]` and is a constant input current at every step. Default: `x`
   * is `[time, batch, channels]`.
   */
  steps?: number | undefined;
}

/** Sizes of a batch. */
export interface BatchShape {
  steps: number;
  batch: number;
  channels: number;
}

/** Checks an input against the network's: its number of channels and, for an image, its axes. */
export function nativeInput(
  input: InputTensor,
  declared: Description['input'],
  options: InputOptions,
): JsInput & BatchShape {
  const channels = declared.size;
  if (typeof input !== 'object' || input === null) invalid('input', input, 'an object { x, shape }');
  if (Array.isArray(input) || ArrayBuffer.isView(input))
    invalid(
      'input',
      input,
      'an object { x, shape }, which a DataLoader makes of samples { x, y }, or its `collate`',
    );
  refuseMisspelled('key of the input', input, inputKeys);
  // Integers other than bytes are values: counts, or row indices of an embedding.
  const given: InputTensor['x'] | WholeNumbers = input.x;
  const x =
    isWhole(given) && !isKind(given, Uint8Array)
      ? doublesOf('input.x', given)
      : typedArray('input.x', given, [Float32Array, Float64Array, Uint8Array]);
  if (!Array.isArray(input.shape)) invalid('input.shape', input.shape, 'an array of sizes');
  const constant = options.steps !== undefined;
  const outer = constant ? 1 : 2;
  if (input.shape.length <= outer) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'input',
      expected: constant
        ? '[batch, channels]'
        : '[time, batch, channels] (or give `steps` for a constant input)',
      got: `[${input.shape.join(', ')}]`,
    });
  }
  if (!constant && isTimeless(input)) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'input',
      expected:
        '[time, batch, channels]; give `steps` for a constant input, or the loader’s source `sequences: true` where it is [sample, time, …]',
      got: `[${input.shape.join(', ')}], samples without a time axis`,
    });
  }
  for (const [axis, size] of input.shape.entries()) integer(`input.shape[${axis}]`, size, { min: 1 });
  const axes = input.shape.slice(outer);
  checkAxes(input.shape, axes, declared.shape);
  const inner = elementCount(axes);
  const steps = constant ? integer('steps', options.steps, { min: 1 }) : input.shape[0]!;
  const batch = input.shape[outer - 1]!;
  const expected = constant ? [batch, channels] : [steps, batch, channels];
  const count = elementCount(expected);
  if (inner !== channels || x.length !== count) {
    throw new LapicqueError('shape-mismatch', {
      layer: 'input',
      expected: `[${expected.join(', ')}]`,
      got:
        x.length === count
          ? `[${input.shape.join(', ')}]`
          : `${x.length} values in the shape [${input.shape.join(', ')}]`,
    });
  }
  if (constant && isKind(x, Uint8Array)) {
    const other = x.findIndex((byte) => byte > 1);
    if (other >= 0)
      invalid(
        `input[${other}]`,
        x[other],
        '0 or 1, because bytes are spikes (counts and intensities are a Float32Array)',
      );
  }
  const native: JsInput & BatchShape = { steps, batch, channels, constant: flag('constant', constant) };
  if (isKind(x, Float32Array)) native.values = x;
  else if (isKind(x, Float64Array)) native.doubles = x;
  else native.spikes = x as Uint8Array;
  return native;
}

/**
 * Refuses axes of a sample that differ from those of the network's image: the same number of elements in another order is
 * different data.
 */
function checkAxes(shape: Shape, axes: Shape, declared: Shape | undefined): void {
  if (declared === undefined || axes.length === 1 || `${axes}` === `${declared}`) return;
  const before = shape.length - axes.length === 1 ? ['batch'] : ['time', 'batch'];
  const [image, flat] = [declared, [elementCount(declared)]].map(
    (sizes) => `[${[...before, ...sizes].join(', ')}]`,
  );
  throw new LapicqueError('shape-mismatch', {
    layer: 'input',
    expected: `${image} because input(${declared.join(', ')}) was given, or flat ${flat},`,
    got: `[${shape.join(', ')}]`,
  });
}
