/** Conv1d and Conv2d. */

import { invalid } from '../checks/check.ts';
import type { Shape } from '../checks/tensor.ts';
import { indexed, shapeMismatch, unsupportedNir } from './errors.ts';
import type { FieldType } from './field-type.ts';
import { integers, type NirField, type NirNode, type NirTensor, numbersOf, reals } from './graph.ts';
import { type NirNodeType, refuseLayer, tensorOf } from './node-type.ts';
import { biasField, checkWeights, weightField, weightsOf } from './weights.ts';
import { perAxis, slide } from './windows.ts';

const sizes: FieldType = { kind: 'sizes' };

/** The padding on each side of every axis; `same` keeps the size. */
function paddingOf(name: string, node: NirNode, axes: number): number[] {
  const padding = node.fields.get('padding')!;
  if (typeof padding !== 'string') return perAxis(node, 'padding', axes);
  if (padding === 'valid') return Array.from({ length: axes }, () => 0);
  const kernel = tensorOf(node, 'weight').shape.slice(2);
  const dilation = perAxis(node, 'dilation', axes);
  return kernel.map((size, i) => {
    const both = dilation[i]! * (size - 1);
    if (both % 2 === 0) return both / 2;
    const feature = `${name}.padding "same" with a kernel of ${size} and dilation ${dilation[i]}, which needs asymmetric padding`;
    throw unsupportedNir(feature);
  });
}

const groupsOf = (node: NirNode) => numbersOf(node, 'groups')![0]!;

/** The fields of a convolution that is written. */
export function convolutionFields(convolution: {
  readonly inputShape: Shape;
  readonly weight: NirTensor;
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  readonly bias: NirTensor;
}): Record<string, NirField> {
  const { weight, stride, padding, dilation, groups, bias } = convolution;
  const perAxis = (values: readonly number[]) => integers(values, stride.length === 1 ? [] : [stride.length]);
  return {
    input_shape: perAxis(convolution.inputShape.slice(1)),
    weight,
    stride: perAxis(stride),
    padding: perAxis(padding),
    dilation: perAxis(dilation),
    groups: integers([groups], []),
    bias,
  };
}

function convolution(axes: 1 | 2): NirNodeType {
  const pixels = axes === 1 ? 'width' : 'height, width';
  const weight = weightField(`[outputs, inputs / groups, ${pixels}]`);
  const windowOf = (name: string, node: NirNode) => ({
    stride: perAxis(node, 'stride', axes),
    padding: paddingOf(name, node, axes),
    dilation: perAxis(node, 'dilation', axes),
  });
  return {
    fields: {
      weight,
      bias: { ...biasField, optional: true },
      stride: sizes,
      padding: { kind: 'padding' },
      dilation: sizes,
      groups: sizes,
      input_shape: { kind: 'sizes', optional: true },
    },
    becomes: `\`conv${axes}d\` (padding \`same\` only if it is symmetric)`,
    projection: true,
    check: (name, fields) => {
      checkWeights(name, fields, weight);
      for (const key of ['stride', 'dilation', 'groups'] as const) {
        const { data, shape } = fields.get(key) as NirTensor;
        for (let i = 0; i < data.length; i++)
          if (data[i]! < 1) invalid(indexed(`${name}.${key}`, i, shape), data[i], 'an integer of at least 1');
      }
    },
    demands: (node) => {
      const size = numbersOf(node, 'input_shape');
      return size?.length === axes
        ? [tensorOf(node, 'weight').shape[1]! * groupsOf(node), ...size]
        : undefined;
    },
    output: (name, node, inputShape) => {
      const { shape } = tensorOf(node, 'weight');
      const groups = groupsOf(node);
      const channels = shape[1]! * groups;
      if (inputShape.length !== axes + 1 || inputShape[0] !== channels)
        shapeMismatch(name, `[${channels}, ${pixels}]`, inputShape);
      if (shape[0]! % groups !== 0)
        invalid(`${name}.groups`, groups, `a divisor of the ${shape[0]} output channels`);
      const { stride, padding, dilation } = windowOf(name, node);
      const out = shape
        .slice(2)
        .map((size, i) =>
          slide(name, inputShape[i + 1]!, dilation[i]! * (size - 1) + 1, stride[i]!, padding[i]!),
        );
      return { shape: [shape[0]!, ...out] };
    },
    layers: ({ path, node }) => {
      const weights = weightsOf(node);
      const { shape } = weights.weight;
      const groups = groupsOf(node);
      return [
        {
          spec: {
            kind: 'conv',
            in: shape[1]! * groups,
            out: shape[0]!,
            kernel: shape.slice(2),
            ...windowOf(path, node),
            groups,
            bias: weights.bias !== undefined,
          },
          weights,
        },
      ];
    },
    writesLayers: {
      conv: ({ node, inputShape, weight: values }) => {
        if (node.outputPadding !== undefined)
          refuseLayer(node.name, 'the transposed convolution', 'NIR has no transposed convolution');
        const { out, in: inputs, groups, kernel } = node;
        if (kernel.length !== axes) return undefined;
        return convolutionFields({
          ...node,
          inputShape,
          weight: reals(values('weight'), [out, inputs / groups, ...kernel]),
          bias: reals(node.bias ? values('bias') : new Float32Array(out), [out]),
        });
      },
    },
  };
}

export const Conv1d = convolution(1);
export const Conv2d = convolution(2);
