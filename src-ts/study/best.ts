/** The best trial of a study. */
import { LapicqueError } from '../checks/errors.ts';
import type { Direction, TrialRecord } from './search/trials.ts';

/** Whether `a` is better than `b`. */
export function isBetter(direction: Direction, a: number, b: number): boolean {
  return direction === 'minimize' ? a < b : a > b;
}

/**
 * The complete trial with the best value; of several equal ones, the first; undefined if there is none.
 *
 * @throws LapicqueError `unsupported` for several objectives, where no single trial need be the best
 */
export function bestOf(
  trials: Iterable<TrialRecord>,
  directions: readonly Direction[],
): TrialRecord | undefined {
  if (directions.length > 1) {
    throw new LapicqueError(
      'unsupported',
      { feature: 'best()', format: 'a study of several objectives' },
      { message: 'best() is for one objective; of several, results() has the Pareto front' },
    );
  }
  let best: TrialRecord | undefined;
  for (const trial of trials) {
    if (trial.state !== 'complete') continue;
    if (best === undefined || isBetter(directions[0]!, trial.values![0]!, best.values![0]!)) best = trial;
  }
  return best;
}
