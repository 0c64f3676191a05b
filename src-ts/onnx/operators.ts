/** The operators that are read, each as a function from its inputs to its output. */
import { dropout } from '../layers/operations.generated.ts';
import {
  binary,
  binaryOperators,
  clip,
  concat,
  floor,
  leakyRelu,
  unaryNode,
  unaryOperators,
} from './arithmetic.ts';
import * as attribute from './attributes.ts';
import type { GraphBuilder } from './builder.ts';
import { unsupported } from './errors.ts';
import type { NodeProto } from './messages.ts';
import { signalInput, sizesOf } from './node-inputs.ts';
import { batchNormalization, gemm, matMul } from './projections.ts';
import { concatenatedSizes, flattenNode, gather, reshape, shapeNode, slice, squeeze } from './shapes.ts';
import { BFLOAT16, type ConstantTensor, DOUBLE, FLOAT, FLOAT16, INT32, INT64 } from './tensor.ts';
import type { Inputs, Value } from './values.ts';
import { conv, globalPool, pool, reduceMean } from './windows.ts';

/** What operators receive beside their inputs. */
export interface Context {
  readonly builder: GraphBuilder;
  /** The size of the batch that the file fixes, if it does. */
  readonly batch: number | undefined;
  /** Numbers of the attribute `value` of Constant nodes, which were read before. */
  readonly constants: ReadonlyMap<NodeProto, ConstantTensor>;
}

type Operator = (node: NodeProto, inputs: Inputs, context: Context) => Value;

const built =
  (of: (node: NodeProto, inputs: Inputs, builder: GraphBuilder) => Value): Operator =>
  (node, inputs, { builder }) =>
    of(node, inputs, builder);

/** By the name of the operator in ONNX's own domain. */
export const operators: Readonly<Record<string, Operator>> = {
  Conv: built(conv),
  Gemm: built(gemm),
  MatMul: built(matMul),
  BatchNormalization: built(batchNormalization),
  MaxPool: built(pool),
  AveragePool: built(pool),
  GlobalAveragePool: built(globalPool),
  GlobalMaxPool: built(globalPool),
  ReduceMean: built(reduceMean),
  Flatten: built(flattenNode),
  Squeeze: built(squeeze),
  Unsqueeze: built(squeeze),
  Reshape: (node, inputs, { builder, batch }) => reshape(node, inputs, builder, batch),
  Shape: (node, inputs) => shapeNode(node, inputs),
  Gather: (node, inputs) => gather(node, inputs),
  Slice: (node, inputs) => slice(node, inputs),
  Concat: (node, inputs, { builder }) => concatenatedSizes(node, inputs) ?? concat(node, inputs, builder),
  Constant: (node, _, { constants }) => constant(node, constants),
  Identity: (node, inputs) => {
    attribute.rejectUnknown(node, []);
    return carried(node, inputs);
  },
  Cast: (node, inputs) => cast(node, inputs),
  Dropout: (node, inputs, { builder }) => dropoutNode(node, inputs, builder),
  Clip: built(clip),
  Floor: built(floor),
  LeakyRelu: built(leakyRelu),
  ...Object.fromEntries(unaryOperators.map((name) => [name, built(unaryNode)])),
  ...Object.fromEntries(binaryOperators.map((name) => [name, built(binary)])),
};

/** The same value under another name. */
function carried(node: NodeProto, inputs: Inputs): Value {
  const [value] = inputs;
  if (value === undefined) throw unsupported(node, 'its input is missing');
  return value;
}

function constant(node: NodeProto, constants: ReadonlyMap<NodeProto, ConstantTensor>): Value {
  attribute.rejectUnknown(node, ['value', 'value_float', 'value_floats', 'value_int', 'value_ints']);
  const tensor = constants.get(node);
  if (tensor !== undefined) return { kind: 'constant', tensor, isInitializer: false };
  const [[kind, { int, float, ints, floats }] = ['', {} as never]] = node.attributes;
  const of = (data: Float32Array | Float64Array, shape: readonly number[], isInteger: boolean): Value => ({
    kind: 'constant',
    tensor: { name: '', shape, data, isInteger },
    isInitializer: false,
  });
  if (kind === 'value_int') return of(Float64Array.of(int ?? 0), [], true);
  if (kind === 'value_ints') return of(Float64Array.from(ints), [ints.length], true);
  if (kind === 'value_float') return of(Float32Array.of(float ?? 0), [], false);
  if (kind === 'value_floats') return of(Float32Array.from(floats), [floats.length], false);
  throw unsupported(node, 'no value');
}

/** Floating-point types; here all of them are the precision of the model. */
const floatTypes: readonly number[] = [FLOAT, FLOAT16, DOUBLE, BFLOAT16];

function cast(node: NodeProto, inputs: Inputs): Value {
  attribute.rejectUnknown(node, ['to', 'saturate', 'round_mode']);
  const value = carried(node, inputs);
  const to = attribute.int(node, 'to', 0);
  if (floatTypes.includes(to)) {
    if (value.kind === 'signal') return value;
    if (value.kind === 'constant') return { ...value, tensor: { ...value.tensor, isInteger: false } };
  }
  if (sizesOf(value) !== undefined && (to === INT32 || to === INT64)) return value;
  throw unsupported(node, `to the element type ${to}`);
}

/** Zeroes elements in training only; a rate that the file does not fix is 0.5 by the standard. */
function dropoutNode(node: NodeProto, inputs: Inputs, builder: GraphBuilder): Value {
  attribute.rejectUnknown(node, ['seed']);
  const x = signalInput(node, inputs, 0);
  const ratio = inputs[1];
  if (ratio !== undefined && ratio.kind !== 'constant') throw unsupported(node, 'a rate that is computed');
  const rate = ratio === undefined ? 0.5 : ratio.tensor.data[0]!;
  if (!(rate >= 0 && rate < 1)) throw unsupported(node, `the rate ${rate}`);
  return { kind: 'signal', layer: builder.layer(node, 'dropout', dropout(rate), [x]), shape: x.shape };
}
