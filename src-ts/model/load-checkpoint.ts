/** Models with what is needed to train them further. */
import { readModel } from '../compiled/model-file.ts';
import type { FileSource, LoadOptions } from '../files/file-source.ts';
import type { TrainingState } from '../train/training-state.ts';
import { type Model, modelOf } from './model.ts';

/**
 * Reads a checkpoint: the model with the optimizer's moments, and as `training` the value that `fit` takes as `resume` to continue with bit-identical
 * results. A plain model file gives only the model.
 *
 * @param source - a path or a `file:` URL, the bytes of a file, or a stream of them
 * @throws LapicqueError as `Model.load`
 */
export async function loadCheckpoint(
  source: FileSource,
  options: LoadOptions = {},
): Promise<{ model: Model; training?: TrainingState }> {
  const content = await readModel('loadCheckpoint', source, options);
  const model = modelOf(content);
  // What it says is checked where training goes on.
  return content.training === undefined ? { model } : { model, training: content.training as TrainingState };
}
