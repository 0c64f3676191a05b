/** Losses of reinforcement learning, as traced functions. */

import { options as checkOptions, finite, flag, integer } from '../checks/check.ts';
import { type LossScope, type TracedLoss, traceLoss } from '../trace/traced-loss.ts';
import type { TracedTensor } from '../trace/traced-tensor.ts';

/** Options of all losses of reinforcement learning. */
export interface PolicyLossOptions {
  /** Number of actions: the network has this number of outputs, and one more for the value. */
  readonly actions: number;
  /** Weight of the squared error of the value; default 0.5. */
  readonly valueWeight?: number;
  /** Weight of the policy's entropy, which keeps it exploring; default 0.01. */
  readonly entropyWeight?: number;
}

/** Options of {@link ppo}. */
export interface PpoOptions extends PolicyLossOptions {
  /** How far the ratio of new to old probability may be from 1; default 0.2. */
  readonly clip?: number;
  /** Whether the advantages of a batch are scaled to mean 0 and variance 1; default true. */
  readonly normalize?: boolean;
}

const names = ['actions', 'valueWeight', 'entropyWeight'] as const;
const tensors = { advantages: ['batch'], returns: ['batch'], logProbabilities: ['batch'] } as const;
type Scope = LossScope<keyof typeof tensors>;

/** What a policy's loss is made of, each `[batch]`. */
interface Head {
  readonly logProbability: TracedTensor;
  readonly value: TracedTensor;
}

/** The policy's own term, and the terms of value and entropy. */
function policyLoss(
  options: PolicyLossOptions,
  policy: (head: Head, batch: Scope['batch']) => TracedTensor,
): TracedLoss {
  const { actions, valueWeight = 0.5, entropyWeight = 0.01 } = options;
  integer('actions', actions, { min: 2 });
  finite('valueWeight', valueWeight, { min: 0 });
  finite('entropyWeight', entropyWeight, { min: 0 });
  return traceLoss(
    ({ v, target, batch }) => {
      const output = v.mean('time');
      const logProbabilities = output.slice('neuron', 0, actions).logSoftmax('neuron');
      const value = output.at('neuron', actions);
      const logProbability = logProbabilities.gather('neuron', target);
      return {
        policy: policy({ logProbability, value }, batch).mean(),
        value: value.sub(batch.returns).square().mean().mul(valueWeight),
        entropy: logProbabilities.exp().mul(logProbabilities).sum('neuron').mean().mul(entropyWeight),
      };
    },
    { tensors },
  );
}

/**
 * REINFORCE with the value output as its baseline (Williams 1992): raises the probability of actions whose return exceeds the value.
 * Use it with {@link advantages} of `lambda` 1, for one pass over each rollout.
 *
 * @throws LapicqueError `invalid-parameter`
 */
export function reinforce(options: PolicyLossOptions): TracedLoss {
  return policyLoss(checkOptions('reinforce', options, names), ({ logProbability, value }, { returns }) =>
    logProbability.mul(value.detach().sub(returns)),
  );
}

/**
 * The advantage actor–critic (Mnih et al., arXiv:1602.01783), for one pass over each rollout.
 *
 * @throws LapicqueError `invalid-parameter`
 */
export function actorCritic(options: PolicyLossOptions): TracedLoss {
  return policyLoss(checkOptions('actorCritic', options, names), ({ logProbability }, { advantages }) =>
    logProbability.mul(advantages).neg(),
  );
}

/**
 * The clipped objective of proximal policy optimization (Schulman et al., arXiv:1707.06347), for several passes over each rollout.
 *
 * ```ts
 * const objective = control.ppo({ actions: 2 });
 * await model.fit(control.batches(played, control.advantages(played), { size: 256 }), { epochs: 4, loss: objective, steps: 8 });
 * ```
 *
 * @throws LapicqueError `invalid-parameter`
 */
export function ppo(options: PpoOptions): TracedLoss {
  const {
    clip = 0.2,
    normalize = true,
    ...others
  } = checkOptions('ppo', options, [...names, 'clip', 'normalize']);
  finite('clip', clip, { above: 0 });
  flag('normalize', normalize);
  return policyLoss(others, ({ logProbability }, { advantages, logProbabilities }) => {
    const centered = advantages.sub(advantages.mean());
    const advantage = normalize ? centered.div(centered.square().mean().sqrt().add(1e-8)) : advantages;
    const ratio = logProbability.sub(logProbabilities).exp();
    return ratio
      .mul(advantage)
      .minimum(ratio.clamp(1 - clip, 1 + clip).mul(advantage))
      .neg();
  });
}
