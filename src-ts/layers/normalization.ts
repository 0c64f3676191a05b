/** Batch norm as a plain frozen node; other norms are in operations.generated.ts. */
import { invalid } from '../checks/check.ts';
import { operationNode } from './operation-node.ts';
import { operationTables } from './operation-tables.generated.ts';
import type { BatchNorm, BatchNormOptions } from './operations.generated.ts';

/** Options of batch norm. */
export type NormOptions = Pick<BatchNormOptions, 'name' | 'epsilon' | 'affine' | 'trainable'>;

/**
 * Batch norm: `y = weight scale (x - mean) / √(variance + ε) + bias` for each channel over time, batch and pixels, with a trained factor and offset
 * for each channel (S. Ioffe, C. Szegedy, ICML 2015), as `torch.nn.BatchNorm2d` over time and batch together. With `over: 'step'`, training computes
 * separate statistics for each step. With a `scale` of α times the threshold of the following neurons, it is the threshold-dependent form (H. Zheng
 * et al., AAAI 2021). Outside training it uses running averages, which files contain. In training the whole batch is in memory at once, and the
 * sequence cannot be divided into segments. All steps count in the statistics, as in torch, including the padding after the `lengths` of samples,
 * which therefore changes losses, gradients and running averages. Tensors `weight`, `bias`, `runningMean` and `runningVariance`, `[channels]` each.
 *
 * With `over: 'step'` and a number of `steps` it is batch norm through time (Y. Kim, P. Panda, Front. Neurosci. 2021, there without offset: `bias:
 * false`): each step has its own rows of the tensors, `[steps, channels]`. Runs and batches must have exactly this number of steps, in one call; a
 * session processes one sequence after the other, and may be `reset` before the end of one.
 *
 * A frozen batch norm (`trainable: false`, or frozen by a group of the optimizer) also uses its running averages in training, without changing them;
 * see `statistics`.
 *
 * @returns a layer that keeps its shape, `[channels, …pixels]`
 * @throws LapicqueError `invalid-parameter` for an option out of range; `unsupported` for training with `segment` and statistics of the batch, and
 * with `steps` for a run that begins in the middle of a sequence; `shape-mismatch` for a run with another number of steps, and for training with
 * statistics of a single value per channel, which torch also rejects
 */
export function batchNorm(options: BatchNormOptions = {}): BatchNorm {
  const layer = operationNode(operationTables['batch-norm'], 'batchNorm', [], options) as BatchNorm;
  if (layer.steps !== undefined && layer.over !== 'step')
    invalid('batchNorm.steps', layer.steps, "over: 'step' as well");
  return layer;
}
