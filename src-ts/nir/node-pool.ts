/** SumPool2d and AvgPool2d. */

import { invalid } from '../checks/check.ts';
import { shapeMismatch } from './errors.ts';
import type { FieldType } from './field-type.ts';
import { integers, type NirNode } from './graph.ts';
import { maxNumbers, tooLarge } from './layer-specs.ts';
import { type Fields, type NirNodeType, refuseLayer } from './node-type.ts';
import { perAxis, slide } from './windows.ts';

const sizes: FieldType = { kind: 'sizes' };

/** The fields of a pool that is written. */
export function poolFields(
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
): Fields {
  return { kernel_size: integers(kernel), stride: integers(stride), padding: integers(padding) };
}

function windowOf(node: NirNode) {
  const [kernel, stride, padding] = ['kernel_size', 'stride', 'padding'].map((key) => perAxis(node, key, 2));
  return { kernel: kernel!, stride: stride!, padding: padding! };
}

function pool(pooling: 'sum' | 'average', layer: string): NirNodeType {
  return {
    fields: { kernel_size: sizes, stride: sizes, padding: sizes },
    becomes: `\`${layer}\``,
    projection: true,
    output: (name, node, inputShape) => {
      if (inputShape.length !== 3) shapeMismatch(name, '[channels, height, width]', inputShape);
      const { kernel, stride, padding } = windowOf(node);
      for (const [i, size] of [...kernel, ...stride].entries())
        if (size < 1)
          invalid(`${name}.${i < 2 ? 'kernel_size' : 'stride'}`, size, 'an integer of at least 1');
      const pixels = [0, 1].map((i) => slide(name, inputShape[i + 1]!, kernel[i]!, stride[i]!, padding[i]!));
      return { shape: [inputShape[0]!, ...pixels] };
    },
    layers: ({ node }) => [{ spec: { kind: 'pool', pooling, ...windowOf(node) } }],
    // A depthwise convolution with constant weights.
    layersInCycle: ({ path, node, shape }) => {
      const window = windowOf(node);
      const channels = shape[0]!;
      const area = window.kernel[0]! * window.kernel[1]!;
      if (channels * area > maxNumbers) tooLarge(path, 4 * channels * area);
      const data = new Float32Array(channels * area).fill(pooling === 'sum' ? 1 : 1 / area);
      return [
        {
          spec: {
            kind: 'conv',
            in: channels,
            out: channels,
            ...window,
            dilation: [1, 1],
            groups: channels,
            bias: false,
            trainable: false,
          },
          weights: { weight: { data, shape: [channels, 1, ...window.kernel] } },
        },
      ];
    },
    writesLayers: {
      pool: ({ node }) => {
        const { name, kernel, stride, padding } = node;
        if (node.pooling === 'max') refuseLayer(name, 'the max pool', 'NIR has sum and average pools only');
        if (kernel.length !== 2)
          refuseLayer(name, 'the pool over one axis', 'NIR has pools over two axes only');
        if (node.countIncludePad === false && padding.some((pixels) => pixels > 0))
          refuseLayer(
            name,
            'the mean without the pixels of the padding',
            'NIR has means over whole windows only',
          );
        return node.pooling === pooling ? poolFields(kernel, stride, padding) : undefined;
      },
    },
  };
}

export const SumPool2d = pool('sum', 'sumPool2d');
export const AvgPool2d = pool('average', 'avgPool2d');
