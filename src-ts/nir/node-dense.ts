/** Affine and Linear: dense weights with and without a bias. */
import { reals } from './graph.ts';
import { type NirNodeType, refuseLayer, tensorOf, type WrittenLayer } from './node-type.ts';
import { biasField, checkWeights, weightField, weightsOf } from './weights.ts';

const weight = weightField('[outputs, inputs]');

const shared = {
  becomes: '`dense`',
  projection: true,
  flattens: true,
  check: (name, fields) => checkWeights(name, fields, weight),
  demands: (node) => [tensorOf(node, 'weight').shape[1]!],
  output: (_, node) => ({ shape: [tensorOf(node, 'weight').shape[0]!] }),
  layers: ({ node }) => {
    const weights = weightsOf(node);
    const [out, inputs] = weights.weight.shape as [number, number];
    return [{ spec: { kind: 'dense', in: inputs, out, bias: weights.bias !== undefined }, weights }];
  },
} as const satisfies Partial<NirNodeType>;

/** The weight of a dense layer. */
function written({ node, weight }: WrittenLayer<'dense'>) {
  if (node.delay !== undefined)
    refuseLayer(node.name, 'the dense layer', 'NIR has no delays of individual synapses');
  return { weight: reals(weight('weight'), [node.out, node.in]) };
}

export const Affine: NirNodeType = {
  ...shared,
  fields: { weight, bias: biasField },
  writesLayers: {
    dense: (layer) => {
      const { bias, out } = layer.node;
      return bias ? { ...written(layer), bias: reals(layer.weight('bias'), [out]) } : undefined;
    },
  },
};

export const Linear: NirNodeType = { ...shared, fields: { weight }, writesLayers: { dense: written } };
