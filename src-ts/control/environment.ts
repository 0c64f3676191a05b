/** Environments of reinforcement learning: one, and several side by side. */

import { callback, integer, invalid } from '../checks/check.ts';
import { sequence } from '../data/order.ts';

/** The outcome of one control step of an environment. */
export interface Transition {
  /** The observation after the step. */
  readonly observation: ArrayLike<number>;
  readonly reward: number;
  /** Whether the episode ended in a final state, which has no further reward. */
  readonly terminated: boolean;
  /** Whether the episode was cut off, for example by a time limit; the state still has a value. */
  readonly truncated: boolean;
}

/**
 * A task with discrete actions, as in gymnasium. Any object with these members is an environment.
 *
 * ```ts
 * const coin = (): control.ControlEnvironment => {
 *   let side = 0;
 *   return {
 *     observations: 1,
 *     actions: 2,
 *     reset(random) {
 *       side = random() < 0.5 ? 0 : 1;
 *       return [side];
 *     },
 *     step: (action) => ({ observation: [0], reward: action === side ? 1 : 0, terminated: true, truncated: false }),
 *   };
 * };
 * ```
 */
export interface ControlEnvironment {
  /** Number of values of an observation. */
  readonly observations: number;
  /** Number of actions: 0, 1 … up to this number. */
  readonly actions: number;
  /**
   * Begins an episode and returns its first observation.
   *
   * @param random - uniform numbers from 0 to 1: the environment's only source of randomness
   */
  reset(random: () => number): ArrayLike<number>;
  step(action: number): Transition;
}

/** A finished episode. */
export interface Episode {
  /** The sum of its rewards. */
  readonly return: number;
  /** Its number of control steps. */
  readonly length: number;
}

/** Several environments of one kind, one for each sample of a batch. An episode that ends is followed by the next one. */
export class Environments {
  readonly observations: number;
  readonly actions: number;
  /** The current observations, `[environment, observation]`. */
  readonly current: Float32Array;
  /** Uniform numbers from which actions are drawn. @internal */
  readonly random: () => number;
  readonly #all: readonly ControlEnvironment[];
  readonly #streams: readonly (() => number)[];
  readonly #running: { return: number; length: number }[];

  /**
   * @param all - environments with equal sizes
   * @param options.seed - of the environments and of the actions; equal seeds give equal episodes. Default 0
   * @throws LapicqueError `invalid-parameter`
   */
  constructor(all: readonly ControlEnvironment[], { seed = 0 }: { readonly seed?: number } = {}) {
    if (!Array.isArray(all) || all.length === 0) invalid('environments', all, 'a list of environments');
    integer('seed', seed, { min: 0, max: 2 ** 32 - 1 });
    for (const [i, one] of all.entries()) {
      if (typeof one !== 'object' || one === null)
        invalid(`environments[${i}]`, one, 'an object with reset and step');
    }
    const first = all[0] as ControlEnvironment;
    this.observations = integer('environments[0].observations', first.observations, { min: 1 });
    this.actions = integer('environments[0].actions', first.actions, { min: 2 });
    for (const [i, { observations, actions, reset, step }] of all.entries()) {
      callback(`environments[${i}].reset`, reset);
      callback(`environments[${i}].step`, step);
      if (observations !== this.observations || actions !== this.actions) {
        const expected = `${this.observations} observations and ${this.actions} actions, as of the first one`;
        invalid(`environments[${i}]`, `${observations} observations and ${actions} actions`, expected);
      }
    }
    this.#all = [...all];
    const seeds = sequence(seed);
    const stream = () => sequence(Math.floor(seeds() * 2 ** 32));
    this.random = stream();
    this.#streams = all.map(stream);
    this.#running = all.map(() => ({ return: 0, length: 0 }));
    this.current = new Float32Array(all.length * this.observations);
    for (const i of all.keys()) this.#observe(i, this.#all[i]!.reset(this.#streams[i]!));
  }

  /** Number of environments. */
  get size(): number {
    return this.#all.length;
  }

  /**
   * One control step of one environment. `current` then holds the next observation: the first one of a new episode if this one ended.
   *
   * @internal
   */
  step(i: number, action: number): Transition & { readonly episode?: Episode } {
    const transition = this.#all[i]!.step(action);
    const { reward, terminated, truncated } = transition;
    if (!Number.isFinite(reward)) invalid(`the reward of environment ${i}`, reward, 'a finite number');
    const running = this.#running[i]!;
    running.return += reward;
    running.length += 1;
    if (!terminated && !truncated) {
      this.#observe(i, transition.observation);
      return transition;
    }
    this.#running[i] = { return: 0, length: 0 };
    this.#observe(i, this.#all[i]!.reset(this.#streams[i]!));
    return { ...transition, episode: running };
  }

  #observe(i: number, observation: ArrayLike<number>): void {
    if (observation?.length !== this.observations) {
      invalid(`the observation of environment ${i}`, observation, `${this.observations} numbers`);
    }
    this.current.set(observation, i * this.observations);
  }
}
