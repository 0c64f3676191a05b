/** Advantages of the actions of a rollout, and batches to learn from. */

import { options as checkOptions, finite, integer, invalid, typedArray } from '../checks/check.ts';
import { shuffledOrder } from '../data/order.ts';
import type { TrainingBatch } from '../train/batch.ts';
import type { Rollout } from './rollout.ts';

/** Advantages and returns of a rollout, each `[length, environment]`. */
export interface Advantages {
  /** How much more reward an action brought than the value of its state. */
  readonly advantages: Float64Array;
  /** Advantage plus value: the target of the value output. */
  readonly returns: Float64Array;
}

/** Options of {@link advantages}. */
export interface AdvantageOptions {
  /** Factor on the reward of each later control step; default 0.99. */
  readonly discount?: number;
  /** 1: all rewards up to the end of the episode or rollout. 0: the next reward and the next state's value. Default 0.95. */
  readonly lambda?: number;
  /** Factor on all rewards. The network learns values near 1 more easily than large ones. Default 1. */
  readonly rewardScale?: number;
}

/** Refuses anything but the result of a rollout. @internal */
export function checkRollout(rollout: Rollout): void {
  if (typeof rollout !== 'object' || rollout === null) invalid('rollout', rollout, 'the result of rollout()');
  const { length, environments, observations, actions } = rollout;
  const count =
    integer('rollout.length', length, { min: 1 }) * integer('rollout.environments', environments, { min: 1 });
  typedArray('rollout.observations', observations, [Float32Array]);
  typedArray('rollout.actions', actions, [Uint32Array], count);
  typedArray('rollout.ends', rollout.ends, [Uint8Array], count);
  for (const name of ['logProbabilities', 'values', 'nextValues', 'rewards'] as const) {
    typedArray(`rollout.${name}`, rollout[name], [Float64Array], count);
  }
}

/**
 * Generalized advantage estimation (Schulman et al., arXiv:1506.02438).
 *
 * @throws LapicqueError `invalid-parameter`
 */
export function advantages(rollout: Rollout, options: AdvantageOptions = {}): Advantages {
  const known = ['rewardScale', 'discount', 'lambda'] as const;
  const { rewardScale = 1, discount = 0.99, lambda = 0.95 } = checkOptions('advantages', options, known);
  finite('rewardScale', rewardScale, { above: 0 });
  finite('discount', discount, { min: 0, max: 1 });
  finite('lambda', lambda, { min: 0, max: 1 });
  checkRollout(rollout);
  const { rewards, values, nextValues, ends, environments } = rollout;
  const estimates = new Float64Array(rewards.length);
  for (let i = rewards.length - 1; i >= 0; i--) {
    const later = ends[i] === 1 ? 0 : (estimates[i + environments] ?? 0);
    const error = rewardScale * rewards[i]! + discount * nextValues[i]! - values[i]!;
    estimates[i] = error + discount * lambda * later;
  }
  return { advantages: estimates, returns: estimates.map((estimate, i) => estimate + values[i]!) };
}

/** The tensors of the losses, with a value for each control step, `[length, environment]`. @internal */
export function learned(rollout: Rollout, estimates: Advantages): Readonly<Record<string, Float64Array>> {
  const count = rollout.actions.length;
  const { advantages, returns } = checkOptions('estimates', estimates, ['advantages', 'returns']);
  typedArray('estimates.advantages', advantages, [Float64Array], count);
  typedArray('estimates.returns', returns, [Float64Array], count);
  const { values, logProbabilities } = rollout;
  return { advantages, returns, values, logProbabilities };
}

/**
 * The control steps of a rollout as batches for `model.fit`, in a new random order for each epoch. Actions are the labels;
 * advantages, returns and so on are tensors of the batch, which the losses of reinforcement learning read.
 *
 * @param options.size - control steps per batch; default all of them. The last batch may be smaller
 * @param options.seed - of the order; default 0
 * @throws LapicqueError `invalid-parameter`
 */
export function batches(
  rollout: Rollout,
  estimates: Advantages,
  options: { readonly size?: number; readonly seed?: number } = {},
): Iterable<TrainingBatch> {
  checkRollout(rollout);
  const count = rollout.actions.length;
  const tensors = learned(rollout, estimates);
  const { size = count, seed = 0 } = checkOptions('batches', options, ['size', 'seed']);
  integer('size', size, { min: 1 });
  integer('seed', seed, { min: 0 });
  const channels = rollout.observations.length / count;
  let epoch = 0;
  return {
    *[Symbol.iterator]() {
      const order = shuffledOrder(count, seed, epoch++);
      for (let from = 0; from < count; from += size) {
        const chosen = order.subarray(from, from + size);
        const x = new Float32Array(chosen.length * channels);
        chosen.forEach((one, i) => {
          x.set(rollout.observations.subarray(one * channels, (one + 1) * channels), i * channels);
        });
        yield {
          x,
          shape: [chosen.length, channels],
          y: chosen.map((one) => rollout.actions[one]!),
          tensors: Object.fromEntries(
            Object.entries(tensors).map(([name, all]) => [
              name,
              Float64Array.from(chosen, (one) => all[one]!),
            ]),
          ),
        };
      }
    },
  };
}
