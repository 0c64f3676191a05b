/** Operators of each element by itself: equations of a population without memory, or joins of two signals. */
import { join } from '../layers/branches.ts';
import * as attribute from './attributes.ts';
import { type GraphBuilder, written } from './builder.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import { signalInput } from './node-inputs.ts';
import { asBias } from './projections.ts';
import type { Inputs, SignalValue, Value } from './values.ts';

/** Operators of one signal, as equations have them. */
const unary: Readonly<Record<string, (x: string) => string>> = {
  Relu: (x) => `relu(${x})`,
  Sigmoid: (x) => `sigmoid(${x})`,
  Tanh: (x) => `tanh(${x})`,
  Abs: (x) => `abs(${x})`,
  Neg: (x) => `-${x}`,
  Ceil: (x) => `ceil(${x})`,
  Exp: (x) => `exp(${x})`,
  Log: (x) => `ln(${x})`,
  Sqrt: (x) => `sqrt(${x})`,
  Sign: (x) => `sign(${x})`,
  Reciprocal: (x) => `1/${x}`,
};

export const unaryOperators = Object.keys(unary);

export function unaryNode(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  return builder.elementwise(node, signalInput(node, inputs, 0), unary[node.operator]!);
}

/** Single precision times this has no fraction, unless it is below 2^-40. */
const scale = 2 ** 64;

/**
 * The largest whole number that is not above. Its derivative is 0 everywhere, so that nothing in front of it would be trained; with
 * `'straight-through'` it is 1, as quantized networks are trained (Y. Bengio et al., arXiv:1308.3432): `x + (floor(x) - copy)`, where `copy`
 * is x to 64 fractional bits, and a constant for the gradient.
 */
export function floor(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  const exact = builder.options.floor === 'exact';
  return builder.elementwise(node, signalInput(node, inputs, 0), (x) =>
    exact ? `floor(${x})` : `${x} + (floor(${x}) - floor(${x}*${scale})/${scale})`,
  );
}

export function leakyRelu(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['alpha']);
  const alpha = attribute.float(node, 'alpha', 0.01);
  return builder.elementwise(
    node,
    signalInput(node, inputs, 0),
    (x) => `where(${x} > 0, ${x}, ${written(alpha)}*${x})`,
  );
}

/** Bounds that are missing or infinite do not bound. */
export function clip(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  const isBound = (value: Value | undefined): value is Value =>
    value !== undefined &&
    !(value.kind === 'constant' && value.tensor.data.length === 1 && !Number.isFinite(value.tensor.data[0]));
  const [, low, high] = inputs;
  return builder.elementwise(node, signalInput(node, inputs, 0), (x, write) => {
    // At a bound itself the gradient is that of torch's clamp: whole numbers from a floor lie on bounds.
    const below = isBound(high) ? `where(${x} < ${write(high)}, ${x}, ${write(high)})` : x;
    return isBound(low) ? `where(${x} > ${write(low)}, ${below}, ${write(low)})` : below;
  });
}

const infix: Readonly<Record<string, (a: string, b: string) => string>> = {
  Add: (a, b) => `${a} + ${b}`,
  Sub: (a, b) => `${a} - ${b}`,
  Mul: (a, b) => `${a}*${b}`,
  Div: (a, b) => `${a}/${b}`,
  Pow: (a, b) => `${a}^${b}`,
  Min: (a, b) => `min(${a}, ${b})`,
  Max: (a, b) => `max(${a}, ${b})`,
};

export const binaryOperators = Object.keys(infix);

export function binary(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, []);
  if (inputs.length !== 2) throw unsupported(node, `${inputs.length} inputs; two are read`);
  const [a, b] = inputs as [Value, Value];
  if (a === undefined || b === undefined) throw unsupported(node, 'an input is missing');
  const write = infix[node.operator]!;
  if (a.kind === 'signal' && b.kind === 'signal') return joined(node, a, b, builder);
  const signal = a.kind === 'signal' ? a : signalInput(node, inputs, 1);
  const constant = a.kind === 'signal' ? b : a;
  if (constant.kind === 'constant' && node.operator === 'Add') {
    const biased = asBias(node, signal, constant.tensor, builder);
    if (biased !== undefined) return biased;
  }
  return builder.elementwise(node, signal, (x, constantOf) =>
    a.kind === 'signal' ? write(x, constantOf(constant)) : write(constantOf(constant), x),
  );
}

/** Two signals: a sum, a difference or a product. */
function joined(node: NodeProto, a: SignalValue, b: SignalValue, builder: GraphBuilder): SignalValue {
  const { operator } = node;
  if (operator !== 'Add' && operator !== 'Sub' && operator !== 'Mul')
    throw unsupported(node, 'two operands that the network computes; of one it is read');
  const onePixel = b.shape[0] === a.shape[0] && b.shape.slice(1).every((size) => size === 1);
  if (`${a.shape}` !== `${b.shape}` && !(operator === 'Mul' && onePixel))
    throw unsupported(node, `operands [batch, ${a.shape.join(', ')}] and [batch, ${b.shape.join(', ')}]`);
  const taken = operator === 'Sub' ? builder.elementwise(node, b, (x) => `-${x}`) : b;
  const [left, right] = [builder.layerOf(a), builder.layerOf(taken)];
  if (left === right)
    return builder.elementwise(node, a, (x) => (operator === 'Mul' ? `${x}*${x}` : `2*${x}`));
  const kind = operator === 'Mul' ? 'multiply' : 'add';
  return { kind: 'signal', layer: builder.layer(node, kind, join(kind), [a, taken]), shape: a.shape };
}

/** Signals one behind the other along the channels. */
export function concat(node: NodeProto, inputs: Inputs, builder: GraphBuilder): SignalValue {
  attribute.rejectUnknown(node, ['axis']);
  const signals = inputs.map((_, i) => signalInput(node, inputs, i));
  const axis = attribute.int(node, 'axis', 1);
  const [first] = signals;
  if (first === undefined) throw unsupported(node, 'no inputs');
  if (axis !== 1 && axis !== -first.shape.length)
    throw unsupported(node, `axis ${axis}; that of the channels, 1, is read`);
  const pixels = first.shape.slice(1);
  if (signals.some(({ shape }) => `${shape.slice(1)}` !== `${pixels}`))
    throw unsupported(node, 'inputs of several sizes');
  if (new Set(signals.map((signal) => builder.layerOf(signal))).size < signals.length)
    throw unsupported(node, 'one input twice');
  const channels = signals.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const name = builder.layer(node, 'concat', join('concat'), signals);
  return { kind: 'signal', layer: name, shape: [channels, ...pixels] };
}
