/** Reinforcement learning: environments, rollouts, advantages, and losses of policies with discrete actions. */
export { type AdvantageOptions, type Advantages, advantages, batches } from './advantages.ts';
export { type ControlEnvironment, Environments, type Episode, type Transition } from './environment.ts';
export { actorCritic, type PolicyLossOptions, type PpoOptions, ppo, reinforce } from './losses.ts';
export { type Rollout, type RolloutOptions, rollout } from './rollout.ts';
export { type SequenceOptions, sequences } from './sequences.ts';
