/** Rollouts: control steps of a policy in several environments. */

import { callback, options as checkOptions, flag, integer, invalid } from '../checks/check.ts';
import { isState, ModelState } from '../compiled/state.ts';
import type { Model } from '../model/model.ts';
import { exp, log } from '../numbers/elementary.ts';
import type { Environments, Episode } from './environment.ts';

/** Options of {@link rollout}. */
export interface RolloutOptions {
  /** Number of control steps of each environment. */
  readonly length: number;
  /** Number of time steps of the network per control step: the observation is a constant input. */
  readonly steps: number;
  /**
   * For a policy with memory: the state of the network in each environment, which it keeps from one control step to the next. Begin with
   * `await model.restState(environments.size)`, and continue with {@link Rollout.state}. Each episode begins at rest. Without it, every control
   * step begins at rest.
   */
  readonly state?: ModelState | undefined;
  /** Whether to take the most probable action instead of drawing one; default false. */
  readonly greedy?: boolean;
}

/** The control steps of a rollout, each array `[length, environment]` unless stated otherwise. */
export interface Rollout {
  /** Control steps of each environment. */
  readonly length: number;
  /** Number of environments. */
  readonly environments: number;
  /** The observation before each step, `[length, environment, observation]`. */
  readonly observations: Float32Array;
  readonly actions: Uint32Array;
  /** The logarithm of the probability of each action. */
  readonly logProbabilities: Float64Array;
  /** The value of the state before each step; 0 if the network has no value output. */
  readonly values: Float64Array;
  /** The value of the state after each step; 0 if it was final. */
  readonly nextValues: Float64Array;
  readonly rewards: Float64Array;
  /** 1 where the episode ended with the step, in a final state or cut off. */
  readonly ends: Uint8Array;
  /** The episodes that ended, in order. */
  readonly episodes: readonly Episode[];
  /** Time steps of the network per control step. */
  readonly steps: number;
  /** Of a policy with memory: its state before each control step, of all environments. */
  readonly states?: readonly ModelState[];
  /** Of a policy with memory: its state after the last control step. */
  readonly state?: ModelState;
}

/**
 * Runs a policy for `length` control steps in all environments. One run of the network per control step serves all environments. It
 * does not block the event loop.
 *
 * The network has one output per action, and one more for the value of the state if it learns one. The mean of an output's membrane
 * over the time steps is the action's logit, or the value. Use a readout without spikes, such as `li`.
 *
 * ```ts
 * const environments = new control.Environments(Array.from({ length: 16 }, cartPole), { seed: 1 });
 * const played = await control.rollout(model, environments, { length: 128, steps: 8 });
 * ```
 *
 * @throws LapicqueError `invalid-parameter` for a network with another number of outputs; errors of environments are passed on
 */
export function rollout(
  model: Pick<Model, 'run' | 'outputs' | 'restState'>,
  environments: Environments,
  options: RolloutOptions & { readonly state: ModelState },
): Promise<Required<Rollout>>;
export function rollout(
  model: Pick<Model, 'run' | 'outputs' | 'restState'>,
  environments: Environments,
  options: RolloutOptions,
): Promise<Rollout>;
export async function rollout(
  model: Pick<Model, 'run' | 'outputs' | 'restState'>,
  environments: Environments,
  options: RolloutOptions,
): Promise<Rollout> {
  const known = ['length', 'steps', 'state', 'greedy'] as const;
  const { length, steps, state: begin, greedy = false } = checkOptions('rollout', options, known);
  integer('length', length, { min: 1 });
  integer('steps', steps, { min: 1 });
  flag('greedy', greedy);
  // `import` and `require` have one copy of the class each, so `instanceof` is not enough.
  callback('environments.step', environments?.step);
  const { size, observations, actions } = environments;
  const outputs = model?.outputs;
  if (outputs !== actions && outputs !== actions + 1) {
    invalid('model', `${outputs} outputs`, `${actions} outputs, one per action, or one more for the value`);
  }
  if (begin !== undefined && !isState(begin)) invalid('state', begin, 'a ModelState');
  /** The mean of the outputs over the time steps, `[sample, output]`, and the state after them. */
  const readout = async (x: Float32Array, from?: ModelState) => {
    const input = { x, shape: [x.length / observations, observations] };
    const { v, state: after } = await model.run(input, { steps, state: from });
    const means = new Float64Array(v.length / steps);
    for (let i = 0; i < v.length; i++) means[i % means.length]! += v[i]! / steps;
    return { means, after };
  };
  const atRest = begin === undefined ? undefined : await model.restState(1);
  const states: ModelState[] = [];
  let state = begin;
  const count = length * size;
  const played = {
    length,
    environments: size,
    observations: new Float32Array(count * observations),
    actions: new Uint32Array(count),
    logProbabilities: new Float64Array(count),
    values: new Float64Array(count),
    nextValues: new Float64Array(count),
    rewards: new Float64Array(count),
    ends: new Uint8Array(count),
    episodes: [] as Episode[],
    steps,
  };
  /** Steps whose next state is not the next observation of the rollout, and these states. */
  const cut: { at: number; observation: ArrayLike<number>; state: ModelState | undefined }[] = [];
  for (let at = 0; at < count; at += size) {
    played.observations.set(environments.current, at * observations);
    const { means, after } = await readout(environments.current.slice(), state);
    if (state !== undefined) states.push(state);
    const kept = Array.from({ length: size }, (_, i) => i);
    for (let i = 0; i < size; i++) {
      const own = means.subarray(i * outputs, (i + 1) * outputs);
      const { action, logProbability } = choose(
        own.subarray(0, actions),
        greedy ? undefined : environments.random,
      );
      const { reward, observation, terminated, truncated, episode } = environments.step(i, action);
      played.actions[at + i] = action;
      played.logProbabilities[at + i] = logProbability;
      played.values[at + i] = own[actions] ?? 0;
      played.rewards[at + i] = reward;
      if (episode !== undefined) played.episodes.push(episode);
      if (terminated || truncated) {
        played.ends[at + i] = 1;
        kept[i] = size;
      }
      if (!terminated && (truncated || at + size === count)) {
        cut.push({ at: at + i, observation, state: state && after.select([i]) });
      }
    }
    if (atRest !== undefined) state = ModelState.concat([after, atRest]).select(kept);
  }
  for (let i = 0; i < count - size; i++) {
    if (played.ends[i] === 0) played.nextValues[i] = played.values[i + size]!;
  }
  if (outputs > actions && cut.length > 0) {
    const x = new Float32Array(cut.length * observations);
    cut.forEach(({ observation }, i) => {
      x.set(observation, i * observations);
    });
    const from = begin && ModelState.concat(cut.map((one) => one.state!));
    const { means } = await readout(x, from);
    cut.forEach(({ at }, i) => {
      played.nextValues[at] = means[i * outputs + actions]!;
    });
  }
  return state === undefined ? played : { ...played, states, state };
}

/** An action and the logarithm of its probability; without random numbers the most probable one. */
function choose(logits: Float64Array, random: (() => number) | undefined) {
  const largest = Math.max(...logits);
  const total = logits.reduce((sum, logit) => sum + exp(logit - largest), 0);
  let action = logits.indexOf(largest);
  if (random !== undefined) {
    let rest = random() * total;
    action = logits.findIndex((logit) => {
      rest -= exp(logit - largest);
      return rest < 0;
    });
    // Rounding may leave a rest after the last action.
    if (action < 0) action = logits.length - 1;
  }
  return { action, logProbability: logits[action]! - largest - log(total) };
}
