/** The results of a study as plain data, and the interface that figures and reports read. */

import type { Space } from '../search/space.ts';
import type { Direction, TrialRecord } from '../search/trials.ts';
import type { ParameterAxis } from './axes.ts';
import type { MarginalBin, PairwiseEffect } from './effects.ts';
import type { TrialTable } from './table.ts';

/** The values of one objective, in the order of the trials' numbers. */
export interface StudyHistory {
  readonly number: Float64Array;
  readonly value: Float64Array;
  /** The best value so far. */
  readonly best: Float64Array;
}

/** The importance of a parameter. */
export interface Importance {
  readonly parameter: string;
  /** Its share of the total importance; the shares sum to 1. */
  readonly importance: number;
}

/** The results that figures and reports read; {@link StudyResults} documents the members. */
export interface ReportedResults<P = Readonly<Record<string, unknown>>> {
  readonly name: string;
  readonly directions: readonly Direction[];
  readonly table: TrialTable<P>;
  readonly complete: TrialTable<P>;
  readonly axes: readonly ParameterAxis[];
  readonly space: Space | undefined;
  best(count?: number): Promise<readonly TrialRecord[]>;
  paretoFront(): Promise<readonly TrialRecord[]>;
  history(objective?: number): StudyHistory;
  importance(objective?: number): Promise<readonly Importance[]>;
  marginal(parameter: string, objective?: number): readonly MarginalBin[];
  pairwise(first: string, second: string, objective?: number): PairwiseEffect;
}
