/** Spikformer: a spiking vision transformer. */

import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { imageShape } from '../description/image-shape.ts';
import { selfAttention } from '../layers/attention.ts';
import { residual } from '../layers/branches.ts';
import { conv2d, pointwise } from '../layers/convolutions.ts';
import type { Layer } from '../layers/layer-kinds.ts';
import { input } from '../layers/layers.ts';
import { batchNorm } from '../layers/normalization.ts';
import { dense, maxPool2d } from '../layers/operations.generated.ts';
import { globalAvgPool } from '../layers/pools.ts';
import type { Network } from '../model/network.ts';
import { sequential } from '../model/sequential.ts';
import { li, lif } from '../neurons/models.generated.ts';
import type { Neuron } from '../neurons/neuron-node.ts';

/** Options of {@link spikformerBlock}. */
export interface SpikformerBlockOptions {
  /** Heads of the attention; default 8. */
  heads?: number;
  /** Hidden channels of the perceptron per channel; default 4. */
  ratio?: number;
  /**
   * The neuron of all layers except those after the attention; default `lif` with a time constant of 2 ms and reset to
   * 0.
   */
  neuron?: Neuron;
}

/** Options of {@link spikformer}. */
export interface SpikformerOptions extends SpikformerBlockOptions {
  /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
  image?: readonly [number, number, number];
  /** Default 10. */
  classes?: number;
  /** Channels of a token, a multiple of 8 and of `heads`; default 128. */
  channels?: number;
  /** Default 2. */
  blocks?: number;
  /** Number of the four convolutions, from the last, that halve the image: 0 to 4; default 2. */
  halvings?: number;
}

const blockNames = ['heads', 'ratio', 'neuron'] as const;
const defaultNeuron = lif({ like: 'spikingjelly', tauMem: 2, detachReset: true });

/**
 * Spikformer (Z. Zhou et al., ICLR 2023): four convolutions convert the image to tokens, and a convolution with a
 * shortcut adds their positions. Blocks of spiking self-attention and perceptron follow, and a dense layer reads the
 * mean over tokens. The output population `li` passes its values on: train it with `loss.crossEntropyMeanMembrane()`,
 * which is the cross-entropy of the readout's mean over time. Order and neurons are those of SpikingJelly 2.0.
 *
 * @returns a network from `[channels, height, width]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for a number of channels that is not a multiple of 8
 * @example
 * ```ts
 * const model = await networks.spikformer({ channels: 64, heads: 4 }).compile({ seed: 1 });
 * await model.fit(loader, { epochs: 5, steps: 4, loss: loss.crossEntropyMeanMembrane(), optimizer: adam({ lr: 1e-3 }) });
 * ```
 */
export function spikformer(options: SpikformerOptions = {}): Network {
  const names = [...blockNames, 'image', 'classes', 'channels', 'blocks', 'halvings'] as const;
  const {
    image = [1, 28, 28],
    classes = 10,
    channels = 128,
    blocks = 2,
    halvings = 2,
    ...block
  } = checkOptions('spikformer', options, names);
  imageShape('spikformer.image', image);
  integer('spikformer.halvings', halvings, { min: 0, max: 4 });
  if (channels % 8 !== 0) invalid('spikformer.channels', channels, 'a multiple of 8');
  integer('spikformer.blocks', blocks, { min: 0 });
  const neuron = block.neuron ?? defaultNeuron;
  const sizes = [image[0], channels / 8, channels / 4, channels / 2, channels];
  const convolution = (stage: number): Layer[] => [
    conv2d(sizes[stage]!, sizes[stage + 1]!, 3, { padding: 1, bias: false }),
    batchNorm(),
    ...(stage < 4 - halvings ? [] : [maxPool2d(3, { stride: 2, padding: 1 })]),
    neuron,
  ];
  const positionEmbedding = [conv2d(channels, channels, 3, { padding: 1, bias: false }), batchNorm(), neuron];
  const layers: Layer[] = [
    input(...image),
    ...[0, 1, 2, 3].flatMap(convolution),
    residual(positionEmbedding),
    ...Array.from({ length: blocks }, () => spikformerBlock(channels, block)).flat(),
    globalAvgPool(),
    dense(channels, classes),
    li({ beta: 0 }),
  ];
  return (sequential as (...layers: Layer[]) => Network)(...layers);
}

/**
 * One block of {@link spikformer}: `x += attention(x); x += perceptron(x)`.
 *
 * @param channels - number of input and output channels
 * @returns layers in sequence that keep the shape `[channels, height, width]` or `[channels, tokens]`
 * @throws LapicqueError `invalid-parameter` for a size that is not a positive integer
 */
export function spikformerBlock(channels: number, options: SpikformerBlockOptions = {}): readonly Layer[] {
  const {
    heads = 8,
    ratio = 4,
    neuron = defaultNeuron,
  } = checkOptions('spikformerBlock', options, blockNames);
  integer('spikformerBlock.channels', channels, { min: 1, max: 2 ** 24 });
  integer('spikformerBlock.ratio', ratio, { min: 1, max: 2 ** 10 });
  const project = (from: number, to: number) => [pointwise(from, to, { bias: false }), batchNorm(), neuron];
  const hidden = channels * ratio;
  return [
    residual(selfAttention(channels, { heads, neuron })),
    residual([...project(channels, hidden), ...project(hidden, channels)]),
  ];
}
