/** Checkpoints of a training: their files, and loaders that continue from them. */
import { invalid } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { modelBytes, writeModel } from '../compiled/model-file.ts';
import type { LoaderState } from '../data/loader.ts';
import { untilAborted } from '../engine/abort.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Batches } from './batch.ts';
import type { TrainingState } from './training-state.ts';

/** Where checkpoints go: `path` or `write`. */
export interface CheckpointOptions {
  /** The file, written atomically: a path or a `file:` URL; default none. */
  path?: string | URL;
  /** Receives the bytes of each checkpoint; training waits for its promise. An error that it throws ends the training. Default none. */
  write?: (checkpoint: Uint8Array<ArrayBuffer>) => void | Promise<void>;
  /** Also after this number of batches; default only after each epoch. */
  everyBatches?: number;
}

/** Loaders that can have a state and a length. */
export interface Resumable {
  length?: number;
  state?: () => LoaderState;
  restore?: (state: LoaderState) => void;
}

/** Restores the state of a loader. */
export function restore(name: string, loader: Resumable, state: LoaderState | undefined): void {
  if (state === undefined) return;
  if (loader.restore === undefined)
    invalid(name, loader, 'a loader that can be restored, such as a DataLoader');
  loader.restore(state);
}

/** Writes a checkpoint. */
export async function keep(
  model: CompiledModel,
  options: Pick<TaskOptions, 'signal'> & { checkpoint?: CheckpointOptions; validation?: Batches },
  loader: Resumable,
  state: TrainingState,
): Promise<void> {
  const position = loader.state?.();
  const ofValidation = (options.validation as Resumable | undefined)?.state?.();
  const snapshot: TrainingState = {
    ...state,
    ...(position === undefined ? {} : { loader: position }),
    ...(ofValidation === undefined ? {} : { validation: ofValidation }),
  };
  const { path, write } = options.checkpoint!;
  const task = { signal: options.signal };
  if (write === undefined) await writeModel(model, path!, task, snapshot);
  else await untilAborted(options.signal, Promise.resolve(write(await modelBytes(model, task, snapshot))));
}
