/** Layers without a state as nodes of NIR, and why the others are none. */

import { elementCount } from '../checks/tensor.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import { unsupportedNir } from './errors.ts';

/** Fields by name; of whole numbers an Int32Array. */
export type FieldValues = Readonly<
  Record<
    string,
    {
      readonly values: Float32Array | Float64Array | Int32Array;
      readonly shape: readonly number[];
      readonly type?: string;
    }
  >
>;

/** Why kinds of layers cannot be written; all others can. */
export const unwrittenLayers: Readonly<Record<string, string>> = {
  mixture: 'NIR has no matrix over steps',
  'time-reduction': 'NIR has no reduction over time',
  concat: 'NIR has no concatenation',
  multiply: 'NIR has no product of two signals',
  'matrix-product': 'NIR has no product of two signals',
  attention: 'NIR has no attention',
  inhibition: 'NIR has no comparison among neurons',
  unflatten: 'NIR has no node that makes an image of a line',
  'layer-norm': 'NIR has no normalisation',
  'batch-norm': 'NIR has no normalisation; fold its running values into the layer before it',
  embedding: 'NIR has no rows that a number chooses',
};

/** Sizes of axes as a field. */
export function sizes(shape: readonly number[]) {
  return { values: Int32Array.from(shape), shape: [shape.length] };
}

/** The fields of a Flatten of all axes. */
export function flattenFields(input: readonly number[]): FieldValues {
  const single = (value: number) => ({ values: Int32Array.of(value), shape: [] });
  return { start_dim: single(0), end_dim: single(-1), input_type: sizes(input) };
}

function refuse(name: string, what: string, reason: string): never {
  throw unsupportedNir(`${what} ${name}: ${reason}`, 'NIR');
}

/** Whether a node only passes on what arrives: in NIR its sources lead to its readers. */
export function isPassedOn(node: NodeSpec, { edges, output }: Description): boolean {
  if (node.kind === 'add' || node.kind === 'dropout') return true;
  if (node.kind !== 'dynamics') return false;
  const { model, params } = node.dynamics;
  const still =
    model === 'li' && params.beta === 0 && params.r === 1 && params.vLeak === 0 && params.vInit === 0;
  // Of the output the engine needs a population; what the step before gave is a state.
  const fromBefore = edges.some(
    ([from, to, how]) => (from === node.name || to === node.name) && how?.delayed === true,
  );
  return still && node.dynamics.options.inputScale === 'weight' && (!fromBefore || node.name !== output);
}

/** @param dt - ms @throws LapicqueError `unsupported` with the reason */
export function exportMap(
  node: NodeSpec,
  arrives: readonly number[],
  shape: readonly number[],
  weights: Readonly<Record<string, Weights>>,
  dt: number,
): { type: string; fields: FieldValues } {
  const { name } = node;
  const weight = (end: string) => weights[`${name}.${end}`]!;
  switch (node.kind) {
    case 'dense': {
      if (node.delay !== undefined) refuse(name, 'the dense layer', 'NIR has no delays of single synapses');
      const own = { weight: { values: weight('weight'), shape: [node.out, node.in] } };
      if (!node.bias) return { type: 'Linear', fields: own };
      return { type: 'Affine', fields: { ...own, bias: { values: weight('bias'), shape: [node.out] } } };
    }
    case 'conv': {
      if (node.outputPadding !== undefined) refuse(name, 'the transposed convolution', 'NIR has none');
      const axes = node.kernel.length;
      const pair = (values: readonly number[]) => ({ ...sizes(values), shape: axes === 1 ? [] : [axes] });
      return {
        type: axes === 1 ? 'Conv1d' : 'Conv2d',
        fields: {
          input_shape: pair(arrives.slice(1)),
          weight: { values: weight('weight'), shape: [node.out, node.in / node.groups, ...node.kernel] },
          stride: pair(node.stride),
          padding: pair(node.padding),
          dilation: pair(node.dilation),
          groups: { values: Int32Array.of(node.groups), shape: [] },
          bias: { values: node.bias ? weight('bias') : new Float32Array(node.out), shape: [node.out] },
        },
      };
    }
    case 'pool': {
      const type =
        node.pooling === 'sum' ? 'SumPool2d' : node.pooling === 'average' ? 'AvgPool2d' : undefined;
      if (type === undefined) return refuse(name, 'the max pool', 'NIR has sums and averages only');
      if (node.kernel.length !== 2) refuse(name, 'the pool over one axis', 'NIR has pools of images only');
      return {
        type,
        fields: { kernel_size: sizes(node.kernel), stride: sizes(node.stride), padding: sizes(node.padding) },
      };
    }
    case 'flatten':
      return { type: 'Flatten', fields: flattenFields(arrives) };
    case 'one-to-one': {
      const parts = node.parts ?? 1;
      if (parts !== 1) refuse(name, 'the one-to-one projection', 'NIR’s neurons have one input');
      const own = weight('weight');
      const values = node.shared === true ? new Float64Array(node.neurons).fill(own[0]!) : own;
      return { type: 'Scale', fields: { scale: { values, shape } } };
    }
    case 'filter':
      return {
        type: 'Delay',
        fields: { delay: { values: delays(node, weight('weight'), arrives, shape, dt), shape } },
      };
    default: {
      const reason = unwrittenLayers[node.kind] ?? 'NIR has no node for it';
      return refuse(name, `the layer ${node.kind}`, reason);
    }
  }
}

/** A filter whose kernels are a single 1 is a delay, in seconds. */
function delays(
  node: NodeSpec & { kind: 'filter' },
  kernels: Weights,
  arrives: readonly number[],
  shape: readonly number[],
  dt: number,
): Float64Array {
  const { name, length, each } = node;
  if (node.bias) refuse(name, 'the filter', 'NIR has delays only, without a bias');
  const elements = elementCount(shape);
  const own = each ? arrives[0]! : 1;
  const lags = Array.from({ length: own }, (_, i) => {
    const kernel = kernels.slice(i * length, (i + 1) * length);
    const lag = kernel.indexOf(1);
    const isDelay = lag >= 0 && kernel.every((x, at) => x === (at === lag ? 1 : 0));
    return isDelay ? lag : refuse(name, 'the filter', 'NIR has delays only: kernels with a single 1');
  });
  return Float64Array.from(
    { length: elements },
    (_, i) => (lags[Math.floor(i / (elements / own))]! * dt) / 1000,
  );
}
