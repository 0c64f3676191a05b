/** The benchmark tasks by name. */
import { digitsTask } from './digits.ts';
import { streamTasks } from './stream.ts';
import type { BenchTask } from './task.ts';
import { trainingTasks } from './train.ts';

export const tasks: readonly BenchTask[] = [...trainingTasks, digitsTask, ...streamTasks];
