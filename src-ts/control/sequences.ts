/** Parts of episodes as batches, for policies with memory. */

import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { ModelState } from '../compiled/state.ts';
import { shuffledOrder } from '../data/order.ts';
import type { TrainingBatch } from '../train/batch.ts';
import { type Advantages, checkRollout, learned } from './advantages.ts';
import type { Rollout } from './rollout.ts';

/** Options of {@link sequences}. */
export interface SequenceOptions {
  /** Control steps of a sequence. Gradients reach back to its first step. */
  readonly length: number;
  /** Sequences per batch; default all of them. The last batch may be smaller. */
  readonly size?: number;
  /** Of the order; default 0. */
  readonly seed?: number;
}

/** Control steps `from` to `from + count` of one environment, all of one episode. */
interface Sequence {
  readonly environment: number;
  readonly from: number;
  readonly count: number;
}

/**
 * A rollout of a policy with memory as batches for `model.fit`, in a new random order for each epoch. A sample is a sequence of control
 * steps of one episode, cut after `length` of them, and begins with the state that the network had there. Shorter ones are padded: the tensor
 * `counts` is 1 at the steps that count. Use losses with the option `sequence`.
 *
 * ```ts
 * let state = await model.restState(environments.size);
 * const played = await control.rollout(model, environments, { length: 64, steps: 4, state });
 * const batches = control.sequences(played, control.advantages(played), { length: 16, size: 16 });
 * await model.fit(batches, { loss: control.ppo({ actions: 2, sequence: { length: 16, steps: 4 } }), optimizer: adam() });
 * state = played.state;
 * ```
 *
 * @throws LapicqueError `invalid-parameter`, also for a rollout without states
 */
export function sequences(
  rollout: Rollout,
  estimates: Advantages,
  options: SequenceOptions,
): Iterable<TrainingBatch> {
  checkRollout(rollout);
  const { states, steps, observations, actions, environments } = rollout;
  if (states === undefined) invalid('rollout.states', states, 'a rollout with the option state');
  const tensors = learned(rollout, estimates);
  const { length, size, seed = 0 } = checkOptions('sequences', options, ['length', 'size', 'seed']);
  integer('length', length, { min: 1 });
  integer('seed', seed, { min: 0 });
  const all = cut(rollout, length);
  const perBatch = size === undefined ? all.length : integer('size', size, { min: 1 });
  const channels = observations.length / actions.length;
  const begins = [...new Set(all.map(({ from }) => from))];
  const begun = ModelState.concat(begins.map((from) => states[from]!));
  const batchOf = (chosen: readonly Sequence[]): TrainingBatch => {
    const count = chosen.length;
    const x = new Float32Array(length * steps * count * channels);
    const y = new Uint32Array(length * count);
    const names = [...Object.keys(tensors), 'counts'];
    const values = Object.fromEntries(names.map((name) => [name, new Float64Array(length * count)]));
    chosen.forEach(({ environment, from, count: own }, sample) => {
      for (let at = 0; at < own; at++) {
        const source = (from + at) * environments + environment;
        const target = at * count + sample;
        y[target] = actions[source]!;
        for (const [name, all] of Object.entries(tensors)) values[name]![target] = all[source]!;
        values.counts![target] = 1;
        const observed = observations.subarray(source * channels, (source + 1) * channels);
        for (let step = 0; step < steps; step++)
          x.set(observed, ((at * steps + step) * count + sample) * channels);
      }
    });
    const rows = chosen.map(({ from, environment }) => begins.indexOf(from) * environments + environment);
    return { x, shape: [length * steps, count, channels], y, tensors: values, state: begun.select(rows) };
  };
  let epoch = 0;
  return {
    *[Symbol.iterator]() {
      const order = shuffledOrder(all.length, seed, epoch++);
      for (let from = 0; from < all.length; from += perBatch)
        yield batchOf(Array.from(order.subarray(from, from + perBatch), (one) => all[one]!));
    },
  };
}

/** The sequences of all environments. */
function cut({ length, environments, ends }: Rollout, most: number): Sequence[] {
  const all: Sequence[] = [];
  for (let environment = 0; environment < environments; environment++) {
    let from = 0;
    for (let at = 0; at < length; at++) {
      const count = at + 1 - from;
      if (count < most && at + 1 < length && ends[at * environments + environment] === 0) continue;
      all.push({ environment, from, count });
      from = at + 1;
    }
  }
  return all;
}
