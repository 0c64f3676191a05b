/** Training within a trial of a study: it keeps checkpoints, and continues from the last one after a kill. */

import type { CompiledModel } from '../compiled/compiled-model.ts';
import { readModel } from '../compiled/model-file.ts';
import { momentKinds, momentsOf, setMoments, setTensors, tensorsOf } from '../compiled/tensors.ts';
import { signalWithin, type TrialContext } from '../engine/trial-context.ts';
import type { FitOptionsOf } from './fit-options.ts';
import type { TrainedModel } from './trained-model.ts';
import type { TrainingState } from './training-state.ts';

/** What `fit` does differently within a trial. */
export interface TrialFit {
  readonly options: FitOptionsOf<TrainedModel>;
  /** Whether a checkpoint is worth its time by now; only where the trial keeps them, not the caller. */
  readonly isDue?: () => boolean;
  /** Whether it continues from a checkpoint: functions that were called after the last epoch may not have had their effect. */
  readonly isResumed?: boolean;
}

/** Who gives `checkpoint` or `resume` sees to it by themselves. */
export async function fitInTrial(
  trial: TrialContext,
  model: CompiledModel,
  rawOptions: FitOptionsOf<TrainedModel>,
): Promise<TrialFit> {
  const options = { ...rawOptions, signal: signalWithin(trial, rawOptions.signal) };
  if (rawOptions.checkpoint !== undefined || rawOptions.resume !== undefined) return { options };
  const name = trial.nameOf('fit');
  const bytes = await trial.read(name);
  const checkpoint = { write: (content: Uint8Array<ArrayBuffer>) => trial.write(name, content) };
  const isDue = () => trial.isDue();
  if (bytes === undefined) return { options: { ...options, checkpoint }, isDue };
  const resume = await restored(model, bytes);
  return { options: { ...options, checkpoint, resume }, isDue, isResumed: true };
}

/** Puts a model where a checkpoint has it: weights, moments and all. */
async function restored(model: CompiledModel, bytes: Uint8Array<ArrayBuffer>): Promise<TrainingState> {
  const { native, updates, training } = await readModel('loadCheckpoint', bytes);
  try {
    for (const kind of ['value', ...momentKinds] as const) {
      const all = await tensorsOf(native, kind);
      const begun = Object.entries(all).filter(([, values]) => values.length > 0);
      if (begun.length > 0) await setTensors(model.native, kind, Object.fromEntries(begun));
    }
    await setMoments(model.native, await momentsOf(native));
    model.updates = updates;
    return training as TrainingState;
  } finally {
    native.dispose();
  }
}
