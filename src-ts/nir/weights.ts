/** The fields weight and bias of projections. */

import { elementCount } from '../checks/tensor.ts';
import { shapeMismatch } from './errors.ts';
import type { FieldType } from './field-type.ts';
import type { NirField, NirNode, NirTensor } from './graph.ts';
import type { LoweredWeights } from './layer-specs.ts';
import { tensorOf } from './node-type.ts';

/** The field of weights. @param shape - such as `[outputs, inputs]` */
export const weightField = (shape: string): FieldType => ({ kind: 'weight', shape, trained: true });

/** One number for each output, or a single number for all. */
export const biasField: FieldType = { kind: 'finite', shape: '[outputs]', trained: true };

/** The weights of a node by their names in a layer. */
export function weightsOf(node: NirNode): {
  readonly weight: LoweredWeights;
  readonly bias?: LoweredWeights;
} {
  const { data, shape } = tensorOf(node, 'weight');
  const bias = node.fields.get('bias') as NirTensor | undefined;
  const out = shape[0]!;
  const weight = { data, shape };
  return bias === undefined ? { weight } : { weight, bias: { data: repeated(bias, out), shape: [out] } };
}

function repeated({ data }: NirTensor, count: number): Float32Array | Float64Array {
  return data.length === count ? data : Float64Array.from({ length: count }, () => data[0]!);
}

/** Checks the shapes of a weight and its bias. */
export function checkWeights(
  name: string,
  fields: ReadonlyMap<string, NirField>,
  { shape: expected = '' }: FieldType,
): void {
  const weight = fields.get('weight') as NirTensor;
  if (weight.shape.length !== expected.split(', ').length || elementCount(weight.shape) === 0)
    shapeMismatch(`${name}.weight`, expected, weight.shape);
  const outputs = weight.shape[0]!;
  const bias = fields.get('bias') as NirTensor | undefined;
  if (bias !== undefined && bias.data.length !== 1 && `${bias.shape}` !== `${outputs}`)
    shapeMismatch(`${name}.bias`, `[${outputs}]`, bias.shape);
}
