/** Pareto fronts and importances of the trials of a study, computed by the engine. */

import { paretoRanks, samplerOf } from './sampler.ts';
import * as prune from './search/prune.ts';
import * as search from './search/search.ts';
import type { Space } from './search/space.ts';
import type { Direction, TrialRecord } from './search/trials.ts';

/**
 * The front of each row, 0 is the best; NaN if a value is missing. @param objectives - one list per objective; smaller
 * is better
 */
export function ranksOf(objectives: readonly Float64Array[]): Float64Array {
  const ranks = new Float64Array(objectives[0]!.length).fill(Number.NaN);
  const evaluated = Array.from(ranks.keys()).filter((row) =>
    objectives.every((list) => !Number.isNaN(list[row])),
  );
  if (evaluated.length === 0) return ranks;
  const found = paretoRanks(evaluated.map((row) => objectives.map((list) => list[row]!)));
  evaluated.forEach((row, i) => {
    ranks[row] = found[i]!;
  });
  return ranks;
}

/** Importances by parameter, from the engine's sampler after these trials. */
export function importances(
  space: Space,
  directions: readonly Direction[],
  trials: readonly TrialRecord[],
  objective: number,
): Readonly<Record<string, number>> {
  const sampler = samplerOf({ space, directions, search: search.random(), prune: prune.none(), seed: 0 });
  for (const trial of trials) sampler.tell(trial);
  return sampler.importance(objective);
}
