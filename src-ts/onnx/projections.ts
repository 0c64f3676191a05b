/** Dense products and batch norm. */

import { batchNorm } from '../layers/normalization.ts';
import type { Dense } from '../layers/operations.generated.ts';
import { dense } from '../layers/operations.generated.ts';
import * as attribute from './attributes.ts';
import type { GraphBuilder } from './builder.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import { constantInput, signalInput } from './node-inputs.ts';
import type { ConstantTensor } from './tensor.ts';
import type { Inputs, SignalValue } from './values.ts';

/** A matrix with its axes exchanged. */
function transposed(
  data: ConstantTensor['data'],
  rows: number,
  columns: number,
): Float32Array | Float64Array {
  const result = data.slice();
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      result[column * rows + row] = data[row * columns + column]!;
  return result;
}

function vector(node: NodeProto, x: SignalValue): number {
  if (x.shape.length !== 1)
    throw unsupported(
      node,
      `a product with [batch, ${x.shape.join(', ')}]; with [batch, features] it is read`,
    );
  return x.shape[0]!;
}

export function gemm(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['alpha', 'beta', 'transA', 'transB']);
  const x = signalInput(node, inputs, 0);
  const b = constantInput(node, inputs, 1);
  const c = inputs[2] === undefined ? undefined : constantInput(node, inputs, 2);
  if (attribute.int(node, 'transA', 0) !== 0) throw unsupported(node, 'transA');
  const isTransposed = attribute.int(node, 'transB', 0) !== 0;
  const features = vector(node, x);
  const [outputs = 0, entering = 0] = isTransposed ? b.shape : b.shape.toReversed();
  if (b.shape.length !== 2 || entering !== features)
    throw unsupported(node, `weights [${b.shape.join(', ')}] for ${features} features`);
  const [alpha, beta] = [attribute.float(node, 'alpha', 1), attribute.float(node, 'beta', 1)];
  const data = isTransposed ? b.data : transposed(b.data, features, outputs);
  const scaled = alpha === 1 ? data : data.map((value) => value * alpha);
  const bias = c === undefined ? undefined : biasOf(node, c, outputs, beta);
  const layer = dense(features, outputs, { bias: bias !== undefined, trainable: builder.isTrained(b, true) });
  const name = builder.layer(node, 'dense', layer, [x], b);
  builder.weight(name, 'weight', b, [outputs, features], scaled);
  if (bias !== undefined) builder.weight(name, 'bias', c!, [outputs], bias);
  return { kind: 'signal', layer: name, shape: [outputs] };
}

/** One number an output, from what is spread over them. */
function biasOf(node: NodeProto, { data, shape }: ConstantTensor, outputs: number, factor: number) {
  if (data.length !== 1 && !(data.length === outputs && shape.at(-1) === outputs))
    throw unsupported(node, `a bias [${shape.join(', ')}] for ${outputs} outputs`);
  const spread = data.length === outputs ? data : new Float32Array(outputs).fill(data[0]!);
  return factor === 1 ? spread : spread.map((value) => value * factor);
}

export function matMul(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  const x = signalInput(node, inputs, 0);
  const b = constantInput(node, inputs, 1);
  const features = vector(node, x);
  const [entering, outputs = 0] = b.shape;
  if (b.shape.length !== 2 || entering !== features)
    throw unsupported(node, `weights [${b.shape.join(', ')}] for ${features} features`);
  const layer = dense(features, outputs, { bias: false, trainable: builder.isTrained(b, true) });
  const name = builder.layer(node, 'dense', layer, [x], b);
  builder.weight(name, 'weight', b, [outputs, features], transposed(b.data, features, outputs));
  return { kind: 'signal', layer: name, shape: [outputs] };
}

/** A constant added to a product without a bias, which nothing else reads: its bias. */
export function asBias(
  node: NodeProto,
  signal: SignalValue,
  constant: ConstantTensor,
  builder: GraphBuilder,
): SignalValue | undefined {
  const { layer } = signal;
  const before = layer === undefined ? undefined : builder.nodes.get(layer);
  if (before?.layer !== 'dense' || before.bias !== false || !builder.isReadOnce(signal)) return undefined;
  const [outputs] = signal.shape;
  const fits = constant.data.length === outputs && constant.shape.at(-1) === outputs && !constant.isInteger;
  if (!fits || builder.edges.some(([from]) => from === layer)) return undefined;
  const { layer: _, inputs, outputs: count, ...options } = before as Dense;
  builder.nodes.set(layer!, dense(inputs, count, { ...options, bias: true }));
  builder.weight(layer!, 'bias', constant, [outputs!]);
  builder.translated.push({ node: node.name, operator: node.operator, layer: layer! });
  return { kind: 'signal', layer: layer!, shape: signal.shape };
}

export function batchNormalization(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['epsilon', 'momentum', 'training_mode']);
  if (attribute.int(node, 'training_mode', 0) !== 0)
    throw unsupported(node, 'training_mode: export the network in evaluation (model.eval())');
  const x = signalInput(node, inputs, 0);
  const channels = x.shape[0]!;
  const tensors = [1, 2, 3, 4].map((i) => constantInput(node, inputs, i));
  for (const { data, name } of tensors)
    if (data.length !== channels)
      throw unsupported(node, `${name} has ${data.length} numbers for ${channels} channels`);
  const [scale, bias, mean, variance] = tensors as [
    ConstantTensor,
    ConstantTensor,
    ConstantTensor,
    ConstantTensor,
  ];
  if (variance.data.some((value) => !(value >= 0)))
    throw unsupported(node, `${variance.name} is not 0 or above`);
  const layer = batchNorm({
    epsilon: attribute.float(node, 'epsilon', 1e-5),
    // Of the old average in ONNX, of the new batch in torch and here.
    momentum: Math.min(1, Math.max(0, 1 - attribute.float(node, 'momentum', 0.9))),
    trainable: builder.isTrained(scale, true),
  });
  const name = builder.layer(node, 'batchNorm', layer, [x], scale);
  builder.weight(name, 'weight', scale, [channels]);
  builder.weight(name, 'bias', bias, [channels]);
  builder.weight(name, 'runningMean', mean, [channels]);
  builder.weight(name, 'runningVariance', variance, [channels]);
  return { kind: 'signal', layer: name, shape: x.shape };
}
