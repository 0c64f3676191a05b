/** What a study asks of a search and of a pruner; `search.ts` and `prune.ts` have the ones there are. */
import type { TrialRecord, TrialReport } from './trials.ts';

/**
 * Proposes parameters. The study calls it in a fixed order, whatever the number of workers: before `propose(n)` it has told all trials up to
 * `n - lag`, in the order of their numbers, and none beyond.
 */
export interface Proposer {
  /** Whether proposals depend on what was told; if not, trials need not wait for each other. */
  readonly adaptive: boolean;
  /** How many trials there are at most, where the search ends by itself (a grid). */
  readonly size?: number;
  /**
   * Parameters of trial `number`; called for each number once, in ascending order. `running` are proposed and not told. Undefined: the
   * search has ended.
   */
  propose(
    number: number,
    seed: number,
    running: readonly TrialRecord[],
  ): Readonly<Record<string, unknown>> | undefined;
  /** A finished trial. */
  tell(trial: TrialRecord): void;
  /** For the pruner of trial `number`, right after it was proposed. */
  pruning(number: number): PruningSnapshot;
}

/** What a pruner decides by: plain data of the trials that were told when a trial was proposed. */
export type PruningSnapshot = Readonly<Record<string, unknown>>;

/** Decides for one trial, where it runs. */
export interface TrialPruner {
  /** Takes the trial's reports by ascending step; whether it is to end. */
  report(report: TrialReport): boolean;
}
