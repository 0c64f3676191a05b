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
  /** For batches of {@link sequences}: control steps of a sequence, and time steps of the network per control step. */
  readonly sequence?: { readonly length: number; readonly steps: number };
}

/** Options of {@link ppo}. */
export interface PpoOptions extends PolicyLossOptions {
  /** How far the ratio of new to old probability may be from 1; default 0.2. */
  readonly clip?: number;
  /** Whether the advantages of a batch are scaled to mean 0 and variance 1; default true. */
  readonly normalize?: boolean;
}

const names = ['actions', 'valueWeight', 'entropyWeight', 'sequence'] as const;
const tensorNames = ['advantages', 'returns', 'logProbabilities', 'counts'] as const;
type TensorName = (typeof tensorNames)[number];
type Scope = LossScope<TensorName>;

/** Inputs of a policy's loss, each `[batch]`, or `[control, batch]` for sequences. */
interface Head {
  readonly logProbability: TracedTensor;
  readonly value: TracedTensor;
  /** The mean over all control steps. */
  mean(of: TracedTensor): TracedTensor;
}

/** The policy's own term, and the terms of value and entropy. */
function policyLoss(
  options: PolicyLossOptions,
  policy: (head: Head, batch: Scope['batch']) => TracedTensor,
): TracedLoss {
  const { actions, valueWeight = 0.5, entropyWeight = 0.01, sequence } = options;
  integer('actions', actions, { min: 2 });
  finite('valueWeight', valueWeight, { min: 0 });
  finite('entropyWeight', entropyWeight, { min: 0 });
  if (sequence !== undefined) checkSequence(sequence);
  const axes = sequence === undefined ? ['batch'] : ['control', 'batch'];
  return traceLoss(
    ({ v, target, batch }) => {
      const output =
        sequence === undefined
          ? v.mean('time')
          : v.unflatten('time', { control: sequence.length, step: sequence.steps }).mean('step');
      // Sequences that are shorter than the longest have steps that do not count.
      const mean = (of: TracedTensor) =>
        sequence === undefined ? of.mean() : of.mul(batch.counts).sum().div(batch.counts.sum());
      const logProbabilities = output.slice('neuron', 0, actions).logSoftmax('neuron');
      const value = output.at('neuron', actions);
      const logProbability = logProbabilities.gather('neuron', target);
      return {
        policy: mean(policy({ logProbability, value, mean }, batch)),
        value: mean(value.sub(batch.returns).square()).mul(valueWeight),
        entropy: mean(logProbabilities.exp().mul(logProbabilities).sum('neuron')).mul(entropyWeight),
      };
    },
    {
      target: axes,
      tensors: Object.fromEntries(tensorNames.map((name) => [name, axes])) as Record<TensorName, typeof axes>,
    },
  );
}

function checkSequence(sequence: { readonly length: number; readonly steps: number }): void {
  const { length, steps } = checkOptions('sequence', sequence, ['length', 'steps']);
  integer('sequence.length', length, { min: 1 });
  integer('sequence.steps', steps, { min: 1 });
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
  return policyLoss(others, ({ logProbability, mean }, { advantages, logProbabilities }) => {
    const centered = advantages.sub(mean(advantages));
    const advantage = normalize ? centered.div(mean(centered.square()).sqrt().add(1e-8)) : advantages;
    const ratio = logProbability.sub(logProbabilities).exp();
    return ratio
      .mul(advantage)
      .minimum(ratio.clamp(1 - clip, 1 + clip).mul(advantage))
      .neg();
  });
}
