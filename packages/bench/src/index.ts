/** What `lapicque bench` and `lapicque simulate --limits` load; typed by hand in index.d.ts. */
import type { BenchTask } from '../index.d.ts';
import { digitsTask } from './digits.ts';
import { streamTasks } from './stream.ts';
import { trainingTasks } from './train.ts';

export { forwardParts, least, networkParts, shareOf, trainingParts } from './least-time.ts';

export const tasks: readonly BenchTask[] = [...trainingTasks, digitsTask, ...streamTasks];
