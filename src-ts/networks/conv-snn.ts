/** The small convolutional network of many papers: 12C5-MP2-64C5-MP2-10. */

import { options as checkOptions, invalid } from '../checks/check.ts';
import { imageShape } from '../description/image-shape.ts';
import { conv2d } from '../layers/convolutions.ts';
import { input } from '../layers/layers.ts';
import { dense, flatten, maxPool2d } from '../layers/operations.generated.ts';
import type { Network } from '../model/network.ts';
import { sequential } from '../model/sequential.ts';
import { type LifOptions, lif } from '../neurons/models.generated.ts';
import { fastSigmoid } from '../neurons/surrogates.generated.ts';

/** Options of {@link convSnn}. */
export interface ConvSnnOptions {
  /** `[channels, height, width]` of an image; default `[1, 28, 28]`. */
  image?: readonly [number, number, number];
  /** Default 10. */
  classes?: number;
  /** The neuron of all layers; default a decay of 0.5 and the fast sigmoid's surrogate with slope 25. */
  neuron?: LifOptions;
}

/**
 * Convolution of 12 channels and 5 × 5, pool, LIF, convolution of 64 channels, pool, LIF, dense, LIF: 29,826 parameters
 * for 28 × 28 images. The network of snnTorch's tutorial 6 (J. K. Eshraghian et al., Proceedings of the IEEE 111, 2023).
 * The output neurons spike; train it with `loss.crossEntropyRate()`.
 *
 * @returns a network from `[channels, height, width]` to `[classes]`
 * @throws LapicqueError `invalid-parameter` for an invalid shape and an image smaller than 16 × 16
 * @example
 * ```ts
 * const model = await networks.convSnn().compile({ seed: 1 });
 * ```
 */
export function convSnn(options: ConvSnnOptions = {}): Network {
  const {
    image = [1, 28, 28],
    classes = 10,
    neuron = { beta: 0.5, surrogate: fastSigmoid({ slope: 25 }) },
  } = checkOptions('convSnn', options, ['image', 'classes', 'neuron']);
  imageShape('convSnn.image', image);
  const [channels, height, width] = image;
  if (Math.min(height, width) < 16) invalid('convSnn.image', image, 'an image of at least 16 × 16 pixels');
  const left = (pixels: number) => Math.floor((Math.floor((pixels - 4) / 2) - 4) / 2);
  return sequential(
    input(...image),
    conv2d(channels, 12, 5),
    maxPool2d(2),
    lif(neuron),
    conv2d(12, 64, 5),
    maxPool2d(2),
    lif(neuron),
    flatten(),
    dense(64 * left(height) * left(width), classes),
    lif(neuron),
  );
}
