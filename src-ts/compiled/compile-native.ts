/** Compiles a description to a network in the engine's memory. */
import { invalid } from '../checks/check.ts';
import type { Description } from '../description/description.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { NativeModel } from './compiled-model.ts';

/**
 * Compiles a description.
 *
 * @param weights - `'unset'`: 0 until they are set, which is faster than sampling them
 */
export async function compileNative(
  weights: 'drawn' | 'unset',
  description: Description,
  options: TaskOptions = {},
): Promise<NativeModel> {
  if (typeof description !== 'object' || description === null) {
    invalid('description', description, 'the description of a network');
  }
  let text: string;
  try {
    text = JSON.stringify(description);
  } catch (error) {
    // A BigInt, or a circular reference.
    invalid('description', description, `plain data (${(error as Error).message.split('\n')[0]})`);
  }
  return (await task(
    options,
    (handle) => addon.compile(text, weights === 'unset', handle) as never,
  )) as NativeModel;
}
