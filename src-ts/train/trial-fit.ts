/** Training within a trial of a study: it keeps checkpoints, and goes on from the last one after a kill. */

import { unwrap } from '../engine/native.ts';
import { signalWithin, type TrialContext } from '../engine/trial-context.ts';
import type { Model, Weights } from '../model/model.ts';
import { loadCheckpoint } from '../model/model-file.ts';
import type { FitOptions, TrainingState } from './fit.ts';

/** What `fit` does differently within a trial. */
export interface TrialFit {
  readonly options: FitOptions;
  /** Whether a checkpoint is worth its time by now; only where the trial keeps them, not the caller. */
  readonly isDue?: () => boolean;
  /** Whether it goes on from a checkpoint: what was called after the last epoch may not have had its effect. */
  readonly goesOn?: boolean;
}

/** Who gives `checkpoint` or `resume` sees to it by themselves. */
export async function fitInTrial(trial: TrialContext, model: Model, given: FitOptions): Promise<TrialFit> {
  const options = { ...given, signal: signalWithin(trial, given.signal) };
  if (given.checkpoint !== undefined || given.resume !== undefined) return { options };
  const name = trial.nameOf('fit');
  const bytes = await trial.read(name);
  const checkpoint = { write: (content: Uint8Array<ArrayBuffer>) => trial.write(name, content) };
  const isDue = () => trial.isDue();
  if (bytes === undefined) return { options: { ...options, checkpoint }, isDue };
  const resume = await restored(model, bytes);
  return { options: { ...options, checkpoint, resume }, isDue, goesOn: true };
}

/** Puts a model where a checkpoint has it: weights, moments and all. */
async function restored(model: Model, bytes: Uint8Array<ArrayBuffer>): Promise<TrainingState> {
  const { model: kept, training } = await loadCheckpoint(bytes);
  try {
    for (const kind of ['value', 'moment1', 'moment2'] as const) {
      const all = unwrap((await kept.native.tensors(kind)) as never) as Record<string, Weights>;
      const begun = Object.entries(all).filter(([, values]) => values.length > 0);
      if (begun.length > 0) await model.setTensors(kind, Object.fromEntries(begun));
    }
    const moments = unwrap((await kept.native.moments()) as never) as string;
    unwrap((await model.native.setMoments(moments)) as never);
    model.updates = kept.updates;
    return training!;
  } finally {
    kept.dispose();
  }
}
