/**
 * Reinforcement learning: environments, rollouts of a policy, advantages, losses.
 *
 * @packageDocumentation
 */

export * from '../control/index.ts';
