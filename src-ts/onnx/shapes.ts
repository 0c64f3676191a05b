/** Operators that change shapes, and the arithmetic of sizes that leads to them. */

import { elementCount } from '../checks/tensor.ts';
import { flatten, unflatten } from '../layers/operations.generated.ts';
import * as attribute from './attributes.ts';
import type { GraphBuilder } from './builder.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import { signalInput, sizesInput, sizesOf } from './node-inputs.ts';
import type { Inputs, SignalValue, Size, SizesValue, Value } from './values.ts';

/** The same elements in another shape. */
function reshaped(
  node: NodeProto,
  x: SignalValue,
  shape: readonly number[],
  builder: GraphBuilder,
): SignalValue {
  if (`${shape}` === `${x.shape}`) return x;
  if (shape.length < 1 || shape.length > 3 || shape.some((size) => size < 1))
    throw unsupported(node, `the shape [batch, ${shape.join(', ')}]`);
  const flat: SignalValue =
    x.shape.length === 1
      ? x
      : {
          kind: 'signal',
          layer: builder.layer(node, 'flatten', flatten(), [x]),
          shape: [elementCount(x.shape)],
        };
  if (shape.length === 1) return flat;
  const name = builder.layer(node, 'unflatten', unflatten(shape), [flat]);
  return { kind: 'signal', layer: name, shape };
}

export function flattenNode(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['axis']);
  const x = signalInput(node, inputs, 0);
  const axis = attribute.int(node, 'axis', 1);
  if (axis !== 1 && axis !== -x.shape.length)
    throw unsupported(node, `axis ${axis}; all but the batch, axis 1, is read`);
  return reshaped(node, x, [elementCount(x.shape)], builder);
}

/** @param batch - the size of the batch that the file fixes, if it does */
export function reshape(
  node: NodeProto,
  inputs: Inputs,
  builder: GraphBuilder,
  batch: number | undefined,
): Value {
  attribute.rejectUnknown(node, ['allowzero']);
  const target = sizesInput(node, inputs, 1);
  const own = inputs[0] === undefined ? undefined : sizesOf(inputs[0]);
  if (own !== undefined) return { kind: 'sizes', sizes: own, isScalar: target.length === 0 };
  const x = signalInput(node, inputs, 0);
  const keeps = attribute.int(node, 'allowzero', 0) === 0;
  const [first, ...rest] = target;
  const refuse = () =>
    unsupported(
      node,
      `the shape [${target.join(', ')}] of what is [batch, ${x.shape.join(', ')}]: the batch must stay the first axis`,
    );
  const count = elementCount(x.shape);
  const sizes = rest.map((size, axis) => {
    if (size === 'batch') throw refuse();
    return size === 0 && keeps ? (x.shape[axis] ?? 0) : size;
  });
  const isBatch =
    first === 'batch' || first === -1 || (first === 0 && keeps) || (first === batch && first !== undefined);
  const open = sizes.filter((size) => size === -1).length;
  if (!isBatch || open > 1 || (open === 1 && first === -1)) throw refuse();
  const fixedSize = sizes.reduce((product, size) => (size === -1 ? product : product * size), 1);
  const shape = sizes.map((size) => (size === -1 ? count / fixedSize : size));
  if (elementCount(shape) !== count || !shape.every(Number.isInteger)) throw refuse();
  return reshaped(node, x, shape, builder);
}

export function squeeze(node: NodeProto, inputs: Inputs, builder: GraphBuilder): Value {
  attribute.rejectUnknown(node, []);
  const isSqueeze = node.operator === 'Squeeze';
  const sizes = inputs[0] === undefined ? undefined : sizesOf(inputs[0]);
  const axes = inputs[1] === undefined ? undefined : sizesInput(node, inputs, 1);
  if (sizes !== undefined) {
    if (isSqueeze && sizes.length !== 1)
      throw unsupported(node, `a list of ${sizes.length} sizes as one size`);
    return { kind: 'sizes', sizes, isScalar: isSqueeze };
  }
  const x = signalInput(node, inputs, 0);
  if (axes === undefined)
    throw unsupported(node, 'no axes: the batch axis would be removed if its size is 1');
  const rank = x.shape.length + 1 + (isSqueeze ? 0 : axes.length);
  const positions = axes
    .map((axis) => (axis === 'batch' ? 0 : axis < 0 ? axis + rank : axis))
    .toSorted((a, b) => a - b);
  if (positions.some((axis) => axis < 1 || axis >= rank))
    throw unsupported(node, `the axes [${axes.join(', ')}]`);
  const shape: number[] = isSqueeze ? x.shape.filter((_, i) => !positions.includes(i + 1)) : [...x.shape];
  if (isSqueeze && positions.some((axis) => x.shape[axis - 1] !== 1))
    throw unsupported(
      node,
      `the axes [${axes.join(', ')}] of [batch, ${x.shape.join(', ')}], which are not all 1`,
    );
  if (!isSqueeze) for (const axis of positions) shape.splice(axis - 1, 0, 1);
  return reshaped(node, x, shape, builder);
}

/** The shape of a value as sizes. */
export function shapeNode(node: NodeProto, inputs: Inputs): SizesValue {
  attribute.rejectUnknown(node, ['start', 'end']);
  const value = inputs[0];
  const all: readonly Size[] =
    value?.kind === 'signal'
      ? ['batch', ...value.shape]
      : value?.kind === 'constant'
        ? value.tensor.shape
        : [];
  const start = attribute.int(node, 'start', 0);
  const end = node.attributes.get('end')?.int;
  return { kind: 'sizes', sizes: all.slice(start, end), isScalar: false };
}

/** One of several sizes, or some of them. */
export function gather(node: NodeProto, inputs: Inputs): SizesValue {
  attribute.rejectUnknown(node, ['axis']);
  const sizes = computedSizes(node, inputs);
  const value = inputs[1];
  const indices = sizesInput(node, inputs, 1);
  const gathered = indices.map((index) => {
    const at = index === 'batch' ? -1 : index < 0 ? index + sizes.length : index;
    return sizes[at] ?? outside(node, index);
  });
  const isScalar =
    value?.kind === 'sizes' ? value.isScalar : value?.kind === 'constant' && value.tensor.shape.length === 0;
  return { kind: 'sizes', sizes: gathered, isScalar };
}

export function slice(node: NodeProto, inputs: Inputs): SizesValue {
  attribute.rejectUnknown(node, []);
  const sizes = computedSizes(node, inputs);
  const one = (i: number, byDefault: number) => {
    if (inputs[i] === undefined) return byDefault;
    const [value] = sizesInput(node, inputs, i);
    return typeof value === 'number' ? value : outside(node, value ?? 'nothing');
  };
  if (one(4, 1) !== 1) throw unsupported(node, 'a step other than 1');
  return { kind: 'sizes', sizes: sizes.slice(one(1, 0), one(2, sizes.length)), isScalar: false };
}

export function concatenatedSizes(node: NodeProto, inputs: Inputs): SizesValue | undefined {
  const lists = inputs.map((value) => (value === undefined ? undefined : sizesOf(value)));
  if (!lists.every((list) => list !== undefined)) return undefined;
  const sizes = lists.flat() as Size[];
  if (sizes.length > 1024) throw unsupported(node, `${sizes.length} sizes`);
  return { kind: 'sizes', sizes, isScalar: false };
}

function computedSizes(node: NodeProto, inputs: Inputs): readonly Size[] {
  const sizes = inputs[0] === undefined ? undefined : sizesOf(inputs[0]);
  if (sizes === undefined)
    throw unsupported(node, 'of values that the network computes; it is supported only for sizes of shapes');
  return sizes;
}

function outside(node: NodeProto, index: Size | string): never {
  throw unsupported(node, `the index ${index}`);
}
