/** Batch norm as a plain frozen node; other norms are in operations.generated.ts. */
import { options as checkOptions, finite, flag, integer, invalid, oneOf } from '../checks/check.ts';
import { named, node } from './map-node.ts';

/** What norms may be told. */
export interface NormOptions {
  /** Name in files, recordings and messages; default the layer's and a number. */
  name?: string;
  /** ε, added to the variance, above 0; default 1e-5. */
  epsilon?: number;
  /** A trained factor and offset; default true. */
  affine?: boolean;
  /** Whether training changes factor and offset; default true. */
  trainable?: boolean;
}

/** What {@link batchNorm} may be told. */
export interface BatchNormOptions extends NormOptions {
  /** Share of a batch in the running averages, from 0 to 1; default 0.1. */
  momentum?: number;
  /**
   * Deviation of the output before factor and offset, above 0; for the threshold-dependent form α times the threshold.
   * Default 1.
   */
  scale?: number;
  /**
   * Whether the whole sequence has one mean and one variance in training, or each step its own, as where `torch.nn.BatchNorm2d` is
   * called within a loop over time; the running averages then take in step after step. Default `'sequence'`.
   */
  over?: 'sequence' | 'step';
  /**
   * With `over: 'step'`: the steps of every sequence, from 1 to 65,536, each of which then has weights and running averages of its own.
   * Default: all steps share them.
   */
  steps?: number;
  /** Whether there is an offset beside the factor; default true. */
  bias?: boolean;
  /**
   * By which mean and variance training normalizes: those of the `'batch'`, which the running averages take in (default), or the `'running'`
   * averages, which then stay as they are and are constants for the gradient. The default is `'running'` where the layer is frozen: with
   * `trainable: false`, or where a group of the optimizer freezes all that is trained of it. `'batch'` goes on with statistics of the batch
   * even so, as torch does where only `requires_grad` is false.
   */
  statistics?: 'batch' | 'running';
}

/** {@link batchNorm} */
export interface BatchNorm extends BatchNormOptions {
  readonly layer: 'batch-norm';
}

/**
 * Batch norm: `y = weight scale (x - mean) / √(variance + ε) + bias` for each channel over time, batch and pixels, with a trained factor and
 * offset for each channel (S. Ioffe, C. Szegedy, ICML 2015), as `torch.nn.BatchNorm2d` over time and batch together; with `over: 'step'` each step
 * has statistics of its own in training. With `scale` α
 * times the threshold of the neurons behind it, it is the threshold-dependent form (H. Zheng et al., AAAI 2021). Outside
 * training by running averages, which files keep. In training the whole batch is in memory at once, and the sequence
 * cannot be cut into segments. All steps count in the statistics, as in torch, also those behind the `lengths` of samples: what fills them
 * changes losses, gradients and running averages. Tensors `weight`, `bias`, `runningMean` and `runningVariance`, `[channels]` each.
 *
 * With `over: 'step'` and a number of `steps` it is batch norm through time (Y. Kim, P. Panda, Front. Neurosci. 2021, there without
 * offset: `bias: false`): each step has tensors of its own, `[steps, channels]` each. Runs and batches must have exactly this number of steps, in one call; a
 * session goes through them one sequence after the other, and may be `reset` before one is over.
 *
 * A frozen one (`trainable: false`, or frozen by a group of the optimizer) normalizes by its running averages in training, too, and leaves
 * them; see `statistics`.
 *
 * @returns a layer that keeps its shape, `[channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; `unsupported` for training with `segment` by statistics of the batch,
 * and with `steps` for a run that begins in the middle of a sequence; `shape-mismatch` for a run of another number of steps, and for training
 * by statistics of a single value for each channel, which torch refuses too
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  checkOptions('batchNorm', options, [
    'name',
    'epsilon',
    'affine',
    'trainable',
    'momentum',
    'scale',
    'over',
    'steps',
    'bias',
    'statistics',
  ]);
  const { momentum, scale, over, steps, bias, statistics } = options;
  if (momentum !== undefined) finite('batchNorm.momentum', momentum, { min: 0, max: 1 });
  if (scale !== undefined) finite('batchNorm.scale', scale, { above: 0 });
  if (over !== undefined) oneOf('batchNorm.over', over, ['sequence', 'step']);
  if (steps !== undefined) {
    integer('batchNorm.steps', steps, { min: 1, max: 2 ** 16 });
    if (over !== 'step') invalid('batchNorm.steps', steps, "over: 'step' as well");
  }
  if (bias !== undefined) flag('batchNorm.bias', bias);
  if (statistics !== undefined) oneOf('batchNorm.statistics', statistics, ['batch', 'running']);
  return node({
    layer: 'batch-norm',
    ...norm('batchNorm', options),
    momentum,
    scale,
    over,
    steps,
    bias,
    statistics,
  }) as unknown as BatchNorm;
}

function norm(who: string, { name, epsilon, affine, trainable }: NormOptions) {
  if (epsilon !== undefined) finite(`${who}.epsilon`, epsilon, { above: 0 });
  if (affine !== undefined) flag(`${who}.affine`, affine);
  return { ...named(who, { name, trainable }), epsilon, affine };
}
