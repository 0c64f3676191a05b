/** Converts layers without state to NIR nodes, or says why NIR has no node for them. */

import { elementCount } from '../checks/tensor.ts';
import type { Weights } from '../compiled/compiled-model.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import { unsupportedNir } from './errors.ts';

/** Fields by name; integers are an Int32Array. */
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

/** The reason why a kind of layer cannot be written. */
export const unwrittenLayers: Readonly<Record<string, string>> = {
  mixture: 'NIR has no mixing of time steps',
  'time-reduction': 'NIR has no reduction over time',
  concat: 'NIR has no concatenation',
  multiply: 'NIR has no product of two signals',
  'matrix-product': 'NIR has no product of two signals',
  attention: 'NIR has no attention',
  inhibition: 'NIR has no lateral inhibition',
  unflatten: 'NIR has no reshape from a vector to an image',
  'layer-norm': 'NIR has no normalization',
  'batch-norm': 'NIR has no normalization; fold the running statistics into the previous layer',
  embedding: 'NIR has no embedding lookup',
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

/** Whether a node outputs its input unchanged (or the sum of its inputs): NIR has edges from its sources to its readers instead. */
export function isPassedOn(node: NodeSpec, { edges, output }: Description): boolean {
  if (node.kind === 'add' || node.kind === 'dropout') return true;
  if (node.kind !== 'dynamics') return false;
  const { model, params } = node.dynamics;
  const isIdentity =
    model === 'li' && params.beta === 0 && params.r === 1 && params.vLeak === 0 && params.vInit === 0;
  // A delayed edge at the output population reads its state of the previous step, so that population is written.
  const hasDelayedEdge = edges.some(
    ([from, to, how]) => (from === node.name || to === node.name) && how?.delayed === true,
  );
  return (
    isIdentity && node.dynamics.options.inputScale === 'weight' && (!hasDelayedEdge || node.name !== output)
  );
}

/** @param dt - ms @throws LapicqueError `unsupported` with the reason */
export function exportMap(
  node: NodeSpec,
  inputShape: readonly number[],
  shape: readonly number[],
  weights: Readonly<Record<string, Weights>>,
  dt: number,
): { type: string; fields: FieldValues } {
  const { name } = node;
  const weight = (end: string) => weights[`${name}.${end}`]!;
  switch (node.kind) {
    case 'dense': {
      if (node.delay !== undefined)
        refuse(name, 'the dense layer', 'NIR has no delays of individual synapses');
      const own = { weight: { values: weight('weight'), shape: [node.out, node.in] } };
      if (!node.bias) return { type: 'Linear', fields: own };
      return { type: 'Affine', fields: { ...own, bias: { values: weight('bias'), shape: [node.out] } } };
    }
    case 'conv': {
      if (node.outputPadding !== undefined)
        refuse(name, 'the transposed convolution', 'NIR has no transposed convolution');
      const axes = node.kernel.length;
      const pair = (values: readonly number[]) => ({ ...sizes(values), shape: axes === 1 ? [] : [axes] });
      return {
        type: axes === 1 ? 'Conv1d' : 'Conv2d',
        fields: {
          input_shape: pair(inputShape.slice(1)),
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
      if (type === undefined) return refuse(name, 'the max pool', 'NIR has sum and average pools only');
      if (node.kernel.length !== 2)
        refuse(name, 'the pool over one axis', 'NIR has pools over two axes only');
      if (node.countIncludePad === false && node.padding.some((pixels) => pixels > 0))
        refuse(name, 'the mean without the pixels of the padding', 'NIR has means over whole windows only');
      return {
        type,
        fields: { kernel_size: sizes(node.kernel), stride: sizes(node.stride), padding: sizes(node.padding) },
      };
    }
    case 'flatten':
      return { type: 'Flatten', fields: flattenFields(inputShape) };
    case 'one-to-one': {
      const parts = node.parts ?? 1;
      if (parts !== 1) refuse(name, 'the one-to-one projection', 'NIR neurons have one input');
      const own = weight('weight');
      const values = node.shared === true ? new Float64Array(node.neurons).fill(own[0]!) : own;
      return { type: 'Scale', fields: { scale: { values, shape } } };
    }
    case 'filter':
      return {
        type: 'Delay',
        fields: { delay: { values: delays(node, weight('weight'), inputShape, shape, dt), shape } },
      };
    default: {
      const reason = unwrittenLayers[node.kind] ?? 'NIR has no node for it';
      return refuse(name, `the layer ${node.kind}`, reason);
    }
  }
}

/** The delay of each element in seconds, of a filter whose kernels each consist of zeros and a single 1. */
function delays(
  node: NodeSpec & { kind: 'filter' },
  kernels: Weights,
  inputShape: readonly number[],
  shape: readonly number[],
  dt: number,
): Float64Array {
  const { name, length, each } = node;
  if (node.bias) refuse(name, 'the filter', 'NIR has delays only, and a delay has no bias');
  const elements = elementCount(shape);
  const own = each ? inputShape[0]! : 1;
  const lags = Array.from({ length: own }, (_, i) => {
    const kernel = kernels.slice(i * length, (i + 1) * length);
    const lag = kernel.indexOf(1);
    const isDelay = lag >= 0 && kernel.every((x, at) => x === (at === lag ? 1 : 0));
    return isDelay
      ? lag
      : refuse(
          name,
          'the filter',
          'NIR has delays only, so each kernel needs exactly one 1 and zeros elsewhere',
        );
  });
  return Float64Array.from(
    { length: elements },
    (_, i) => (lags[Math.floor(i / (elements / own))]! * dt) / 1000,
  );
}
