/** Convolutions, pools and means over pixels. */
import { conv1d, conv2d } from '../layers/convolutions.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { avgPool1d, avgPool2d, flatten, maxPool1d, maxPool2d } from '../layers/operations.generated.ts';
import { globalAvgPool, globalMaxPool } from '../layers/pools.ts';
import * as attribute from './attributes.ts';
import type { GraphBuilder } from './builder.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import { constantInput, signalInput, sizesInput } from './node-inputs.ts';
import type { Inputs, SignalValue } from './values.ts';

interface Window {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** Side lengths of the output. */
  readonly sides: readonly number[];
}

const known = ['auto_pad', 'dilations', 'kernel_shape', 'pads', 'strides'];

/** The window of a node over the pixels of a signal. */
function windowOf(node: NodeProto, sides: readonly number[], kernel: readonly number[]): Window {
  const axes = sides.length;
  if (axes < 1 || axes > 2) throw unsupported(node, `${axes} axes of pixels; 1 or 2 are read`);
  const list = (name: string, count: number, byDefault: number, min: number) => {
    const values = attribute.ints(node, name) ?? new Array<number>(count).fill(byDefault);
    if (values.length !== count || values.some((value) => value < min || value > 2 ** 16))
      throw unsupported(node, `${name} [${values.join(', ')}] for ${axes} axes`);
    return values;
  };
  if (kernel.length !== axes || kernel.some((side) => side < 1 || side > 2 ** 16))
    throw unsupported(node, `a kernel of [${kernel.join(', ')}] for ${axes} axes`);
  const [stride, dilation] = [list('strides', axes, 1, 1), list('dilations', axes, 1, 1)];
  const reach = (axis: number) => dilation[axis]! * (kernel[axis]! - 1) + 1;
  const auto = attribute.text(node, 'auto_pad', 'NOTSET');
  let pads = list('pads', 2 * axes, 0, 0);
  if (auto === 'VALID') pads = new Array<number>(2 * axes).fill(0);
  else if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const total = sides.map((side, axis) =>
      Math.max(0, (Math.ceil(side / stride[axis]!) - 1) * stride[axis]! + reach(axis) - side),
    );
    const [less, more] = [total.map((all) => Math.floor(all / 2)), total.map((all) => Math.ceil(all / 2))];
    pads = auto === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less];
  } else if (auto !== 'NOTSET') throw unsupported(node, `auto_pad ${auto}`);
  const padding = pads.slice(0, axes);
  if (padding.some((pixels, axis) => pixels !== pads[axes + axis]))
    throw unsupported(node, `pads [${pads.join(', ')}], which are not the same on both sides`);
  const spans = sides.map((side, axis) => side + 2 * padding[axis]! - reach(axis));
  if (spans.some((span) => span < 0))
    throw unsupported(node, `a window larger than the image [${sides.join(', ')}]`);
  if (attribute.int(node, 'ceil_mode', 0) !== 0 && spans.some((span, axis) => span % stride[axis]! !== 0))
    throw unsupported(node, 'ceil_mode, where windows reach over the image');
  return {
    kernel,
    stride,
    padding,
    dilation,
    sides: spans.map((span, axis) => Math.floor(span / stride[axis]!) + 1),
  };
}

/** One number, or two. */
const pair = (values: readonly number[]) => values as unknown as readonly [number, number];

export function conv(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, [...known, 'group']);
  const x = signalInput(node, inputs, 0);
  const w = constantInput(node, inputs, 1);
  const bias = inputs[2] === undefined ? undefined : constantInput(node, inputs, 2);
  const [outputs = 0, perGroup = 0, ...kernel] = w.shape;
  const [channels = 0, ...sides] = x.shape;
  const group = attribute.int(node, 'group', 1);
  const declared = attribute.ints(node, 'kernel_shape');
  if (declared !== undefined && `${declared}` !== `${kernel}`)
    throw unsupported(node, `kernel_shape [${declared.join(', ')}] and weights [${w.shape.join(', ')}]`);
  if (group < 1 || perGroup * group !== channels || outputs % group !== 0)
    throw unsupported(node, `weights [${w.shape.join(', ')}] in ${group} groups for ${channels} channels`);
  if (bias !== undefined && bias.data.length !== outputs)
    throw unsupported(node, `a bias of ${bias.data.length} numbers for ${outputs} channels`);
  const window = windowOf(node, sides, kernel);
  const { stride, padding, dilation } = window;
  const trainable = builder.isTrained(w, true);
  const shared = { groups: group, bias: bias !== undefined, trainable };
  const layer =
    kernel.length === 1
      ? conv1d(channels, outputs, kernel[0]!, {
          ...shared,
          stride: stride[0]!,
          padding: padding[0]!,
          dilation: dilation[0]!,
        })
      : conv2d(channels, outputs, pair(kernel), {
          ...shared,
          stride: pair(stride),
          padding: pair(padding),
          dilation: pair(dilation),
        });
  const name = builder.layer(node, 'conv', layer as Layer, [x], w);
  builder.weight(name, 'weight', w, w.shape);
  if (bias !== undefined) builder.weight(name, 'bias', bias, [outputs]);
  return { kind: 'signal', layer: name, shape: [outputs, ...window.sides] };
}

export function pool(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, [...known, 'ceil_mode', 'count_include_pad', 'storage_order']);
  const x = signalInput(node, inputs, 0);
  const [channels = 0, ...sides] = x.shape;
  const {
    kernel,
    stride,
    padding,
    dilation,
    sides: after,
  } = windowOf(node, sides, attribute.ints(node, 'kernel_shape') ?? []);
  if (dilation.some((step) => step !== 1)) throw unsupported(node, `dilations [${dilation.join(', ')}]`);
  if (node.outputs.length > 1 && node.outputs[1] !== '') throw unsupported(node, 'the indices of a pool');
  const isMax = node.operator === 'MaxPool';
  const isPadded = padding.some((pixels) => pixels > 0);
  const counted =
    !isMax && isPadded ? { countIncludePad: attribute.int(node, 'count_include_pad', 0) !== 0 } : {};
  const line = { stride: stride[0]!, padding: padding[0]!, ...counted };
  const image = { stride: pair(stride), padding: pair(padding), ...counted };
  const layer =
    kernel.length === 1
      ? (isMax ? maxPool1d : avgPool1d)(kernel[0]!, line)
      : (isMax ? maxPool2d : avgPool2d)(pair(kernel), image);
  const name = builder.layer(node, 'pool', layer as Layer, [x]);
  return { kind: 'signal', layer: name, shape: [channels, ...after] };
}

export function globalPool(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  const x = signalInput(node, inputs, 0);
  if (x.shape.length < 2) throw unsupported(node, 'a signal without pixels');
  const layer = node.operator === 'GlobalMaxPool' ? globalMaxPool() : globalAvgPool();
  const name = builder.layer(node, 'globalPool', layer, [x]);
  return { kind: 'signal', layer: name, shape: [x.shape[0]!, ...x.shape.slice(1).map(() => 1)] };
}

/** The mean over all pixels; over anything else it is none of our layers. */
export function reduceMean(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['axes', 'keepdims', 'noop_with_empty_axes']);
  const x = signalInput(node, inputs, 0);
  const given = inputs[1] === undefined ? attribute.ints(node, 'axes') : sizesInput(node, inputs, 1);
  const rank = x.shape.length + 1;
  const axes = (given ?? []).map((axis) => (axis === 'batch' ? -1 : axis < 0 ? axis + rank : axis));
  const pixels = x.shape.slice(1).map((_, i) => i + 2);
  if (pixels.length === 0 || `${axes.toSorted((a, b) => a - b)}` !== `${pixels}`)
    throw unsupported(
      node,
      `a mean over the axes [${axes.join(', ')}]; that over all pixels, [${pixels.join(', ')}], is read`,
    );
  const name = builder.layer(node, 'globalPool', globalAvgPool(), [x]);
  const mean: SignalValue = { kind: 'signal', layer: name, shape: [x.shape[0]!, ...pixels.map(() => 1)] };
  if (attribute.int(node, 'keepdims', 1) !== 0) return mean;
  const flat = builder.layer(node, 'flatten', flatten(), [mean]);
  return { kind: 'signal', layer: flat, shape: [x.shape[0]!] };
}
