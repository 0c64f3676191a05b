/** snnTorch's losses as ours. */
import type { Loss } from '../../src-ts/index.ts';
import { type Json, renamed, Skip } from './side-car.ts';

const kinds: Readonly<Record<string, Loss['kind']>> = {
  ce_rate_loss: 'cross-entropy-rate',
  ce_count_loss: 'cross-entropy-count',
  ce_max_membrane_loss: 'cross-entropy-max-membrane',
  ce_temporal_loss: 'cross-entropy-first-spike',
  mse_count_loss: 'mean-squared-count',
  mse_membrane_loss: 'mean-squared-membrane',
  mse_temporal_loss: 'mean-squared-first-spike',
  mse_rate_onehot: 'mean-squared-rate',
};

/** Which of the outputs a loss reads. */
export type Signal = 'spikes' | 'v';

/**
 * A loss by its peer's name.
 *
 * @param signal - on what it is used, where that is said: snnTorch applies `ce_rate_loss` to membranes too
 */
export function lossOf(
  name: string,
  params: Json,
  more: { classWeights?: readonly number[] | undefined; signal?: Signal | undefined } = {},
): { loss: Loss; signal: Signal } {
  const kind = name === 'ce_rate_loss' && more.signal === 'v' ? 'cross-entropy-membrane' : kinds[name];
  if (kind === undefined) throw new Skip(`the loss ${name} is not built yet`);
  const options = renamed(
    params,
    {
      correct_rate: 'correctRate',
      incorrect_rate: 'incorrectRate',
      on_target: 'onTarget',
      off_target: 'offTarget',
      tolerance: 'tolerance',
      inverse: 'inverse',
      num_classes: params.population_code === true ? 'populationClasses' : null,
      population_code: null,
      // How many spikes count is told by the number of targets.
      multi_spike: null,
      // Prose of the losses that are no peer's.
      prediction: null,
      target: null,
      reduction: null,
    },
    `${name}: the option`,
  );
  const classWeights = more.classWeights === undefined ? {} : { classWeights: more.classWeights };
  const loss = { kind, ...options, ...classWeights } as Loss;
  return { loss, signal: /membrane/.test(kind) ? 'v' : 'spikes' };
}
