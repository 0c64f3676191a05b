/** Scale: a factor for each element. */
import { elementCount } from '../checks/tensor.ts';
import { numbersOf, reals } from './graph.ts';
import { imageOf, type LoweredLayer } from './layer-specs.ts';
import { type NirNodeType, refuseLayer, type StatelessNode } from './node-type.ts';

function factors({ node, shape }: StatelessNode): LoweredLayer {
  const neurons = elementCount(shape);
  const scale = numbersOf(node, 'scale')!;
  const data = Float64Array.from({ length: neurons }, (_, i) => scale[scale.length === 1 ? 0 : i]!);
  return { spec: { kind: 'one-to-one', neurons }, weights: { weight: { data, shape: [neurons] } } };
}

export const Scale: NirNodeType = {
  fields: { scale: { kind: 'finite', trained: true } },
  becomes: 'one trainable factor per element',
  elementwise: true,
  projection: true,
  // A factor per element outputs a vector, which is reshaped to the image.
  layers: (node) => [factors(node), ...(node.shape.length === 1 ? [] : [imageOf(node.shape)])],
  layersInCycle: (node) => [factors(node)],
  writesLayers: {
    'one-to-one': ({ node, shape, weight }) => {
      if ((node.parts ?? 1) !== 1)
        refuseLayer(node.name, 'the one-to-one projection', 'NIR neurons have one input');
      const own = weight('weight');
      return {
        scale: reals(node.shared === true ? new Float64Array(node.neurons).fill(own[0]!) : own, shape),
      };
    },
  },
};
