/** Layer norm and batch norm as plain frozen nodes. */
import { options as checkOptions, finite, flag } from './check.ts';
import { named, node } from './map-node.ts';

/** What {@link layerNorm} may be told. */
export interface LayerNormOptions {
  /** Name in files, recordings and messages; default the layer's and a number. */
  name?: string;
  /** ε, added to the variance, above 0; default 1e-5. */
  epsilon?: number;
  /** A trained factor and offset; default true. */
  affine?: boolean;
  /** Whether training changes factor and offset; default true. */
  trainable?: boolean;
}

/** {@link layerNorm} */
export interface LayerNorm extends LayerNormOptions {
  readonly layer: 'layer-norm';
}

/** What {@link batchNorm} may be told. */
export interface BatchNormOptions extends LayerNormOptions {
  /** Share of a batch in the running averages, from 0 to 1; default 0.1. */
  momentum?: number;
  /**
   * Deviation of what leaves before factor and offset, above 0; for the threshold-dependent form α times the threshold.
   * Default 1.
   */
  scale?: number;
}

/** {@link batchNorm} */
export interface BatchNorm extends BatchNormOptions {
  readonly layer: 'batch-norm';
}

/**
 * Layer norm: `y = weight (x - mean) / √(variance + ε) + bias` over all elements of one sample at one step, with a trained factor
 * and offset for each element (J. L. Ba, J. R. Kiros, G. E. Hinton, arXiv:1607.06450), as `torch.nn.LayerNorm` over the whole shape. Tensors
 * `weight` and `bias` of that shape.
 *
 * @returns a layer that keeps its shape
 * @throws LapicqueError `invalid-parameter` for an option out of range
 */
export function layerNorm(options: LayerNormOptions = {}): LayerNorm {
  checkOptions('layerNorm', options, ['name', 'epsilon', 'affine', 'trainable']);
  return node({ layer: 'layer-norm', ...norm('layerNorm', options) }) as unknown as LayerNorm;
}

/**
 * Batch norm: `y = weight scale (x - mean) / √(variance + ε) + bias` for each channel over time, batch and pixels, with a trained factor and
 * offset for each channel (S. Ioffe, C. Szegedy, ICML 2015), as `torch.nn.BatchNorm2d` over time and batch together. With `scale` α
 * times the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments. All steps count in the statistics, as in torch, also those behind the `lengths` of samples: what fills them
 * changes losses, gradients and running averages. Tensors `weight`, `bias`, `runningMean` and `runningVariance`, `[channels]` each.
 *
 * @returns a layer that keeps its shape, `[channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; `unsupported` for training with `segment`
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  checkOptions('batchNorm', options, ['name', 'epsilon', 'affine', 'trainable', 'momentum', 'scale']);
  const { momentum, scale } = options;
  if (momentum !== undefined) finite('batchNorm.momentum', momentum, { min: 0, max: 1 });
  if (scale !== undefined) finite('batchNorm.scale', scale, { above: 0 });
  return node({
    layer: 'batch-norm',
    ...norm('batchNorm', options),
    momentum,
    scale,
  }) as unknown as BatchNorm;
}

function norm(who: string, { name, epsilon, affine, trainable }: LayerNormOptions) {
  if (epsilon !== undefined) finite(`${who}.epsilon`, epsilon, { above: 0 });
  if (affine !== undefined) flag(`${who}.affine`, affine);
  return { ...named(who, { name, trainable }), epsilon, affine };
}
