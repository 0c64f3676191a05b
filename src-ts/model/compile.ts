/** From layers to a model: chains and graphs. */

import { LapicqueError } from '../checks/errors.ts';
import { compileNative } from '../compiled/compile-native.ts';
import type { Description } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { Model } from './model.ts';

/**
 * Compiles a description.
 *
 * @throws LapicqueError `shape-mismatch`, `unknown-name`, `invalid-parameter`, `equation`, `unsupported`, `too-large`,
 * each naming the layer or, for a malformed description, the path of the wrong value
 */
export async function compile(description: Description, options: TaskOptions = {}): Promise<Model> {
  try {
    return await compileWith('drawn', description, options);
  } catch (error) {
    const unread = error instanceof LapicqueError && error.code === 'malformed-file';
    throw unread ? ofDescription(error, JSON.stringify(description)) : error;
  }
}

/** As {@link compile}; weights that are `unset` are 0 until they are set, which takes less time than to draw them. */
export async function compileWith(
  weights: 'drawn' | 'unset',
  description: Description,
  options: TaskOptions = {},
): Promise<Model> {
  return new Model(await compileNative(weights, description, options));
}
