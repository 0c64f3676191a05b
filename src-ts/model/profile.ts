/** How long the layers of a model take in a training step. */
import { options as checkOptions, integer } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { unwrap } from '../engine/native.ts';
import type { TrainingBatch } from '../train/batch.ts';
import { type TrainStepOptions, trainStepOptions } from '../train/step.ts';

/** Options of {@link Model.profile}: those of a training step, and how many steps. */
export interface ProfileOptions extends TrainStepOptions {
  /** Number of measured steps, after one that is not counted. Default 10. */
  rounds?: number;
}

/** Times of one training step in ms, means over `rounds`. `update` is the optimizer's step, 0 without an optimizer. */
export interface Profile {
  /**
   * In the order in which they run: a population with the weights in front of it, populations of a loop together, or a layer without a state. Layers that are
   * computed within another one take 0. `forward` includes passes that a backward pass repeats, with `segment`.
   */
  readonly units: readonly {
    readonly layers: readonly string[];
    readonly forward: number;
    readonly backward: number;
  }[];
  readonly update: number;
  /** The rest of the step: loss, decisions, checks, and the way from and to JavaScript. */
  readonly rest: number;
  readonly total: number;
  readonly rounds: number;
}

interface NativeTimes {
  units: { layers: string[]; forward: number; backward: number }[];
  update: number;
}

/** A model with its training step. */
interface Trainable extends CompiledModel {
  trainStep(batch: TrainingBatch, options: TrainStepOptions): Promise<unknown>;
}

/** As {@link Model.profile}, with steps that change `copy`. */
export async function profile(
  copy: Trainable,
  batch: TrainingBatch,
  options: ProfileOptions,
): Promise<Profile> {
  const checked = checkOptions('profile', options, [...trainStepOptions, 'rounds']);
  const { rounds = 10, ...step } = checked;
  integer('rounds', rounds, { min: 1 });
  await copy.trainStep(batch, step);
  unwrap(copy.native.takeTimes(true));
  const began = performance.now();
  for (let round = 0; round < rounds; round++) await copy.trainStep(batch, step);
  const total = (performance.now() - began) / rounds;
  const times = JSON.parse(unwrap(copy.native.takeTimes(false))) as NativeTimes;
  const units = times.units.map(({ layers, forward, backward }) =>
    Object.freeze({ layers, forward: forward / rounds, backward: backward / rounds }),
  );
  const update = times.update / rounds;
  const named = units.reduce((sum, { forward, backward }) => sum + forward + backward, update);
  return Object.freeze({ units, update, rest: Math.max(0, total - named), total, rounds });
}
