/** What an ONNX node reads, as the kind of value that its operator needs. */

import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import type { ConstantTensor } from './tensor.ts';
import type { Inputs, SignalValue, Size, Value } from './values.ts';

function at(node: NodeProto, inputs: Inputs, i: number): Value {
  return inputs[i] ?? missing(node, i);
}

function missing(node: NodeProto, i: number): never {
  throw unsupported(node, `its input ${i} is missing`);
}

export function signalInput(node: NodeProto, inputs: Inputs, i: number): SignalValue {
  const value = at(node, inputs, i);
  if (value.kind !== 'signal')
    throw unsupported(node, `its input ${i} is a constant, not a value that the network computes`);
  return value;
}

/** Real numbers of the file. */
export function constantInput(node: NodeProto, inputs: Inputs, i: number): ConstantTensor {
  const value = at(node, inputs, i);
  if (value.kind !== 'constant')
    throw unsupported(
      node,
      `its input ${i} (${node.inputs[i]}) is computed; weights are constants of the file`,
    );
  if (value.tensor.isInteger)
    throw unsupported(node, `its input ${i} (${node.inputs[i]}) is of whole numbers`);
  return value.tensor;
}

/** Sizes, axes or indices. */
export function sizesInput(node: NodeProto, inputs: Inputs, i: number): readonly Size[] {
  return sizesOf(at(node, inputs, i)) ?? missing(node, i);
}

/** The sizes that a value is, if it is some. */
export function sizesOf(value: Value): readonly Size[] | undefined {
  if (value.kind === 'sizes') return value.sizes;
  if (value.kind === 'constant' && value.tensor.isInteger && value.tensor.shape.length <= 1)
    return value.tensor.data.length <= 1024 ? Array.from(value.tensor.data) : undefined;
  return undefined;
}
