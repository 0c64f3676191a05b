/** The interfaces of searches and pruners; `search.ts` and `prune.ts` define the built-in ones. */
import type { TrialRecord, TrialReport } from './trials.ts';

/**
 * Proposes parameters. The study calls it in a fixed order, whatever the number of workers: before `propose(n)`,
 * exactly the trials up to `n - lag` have been told, in the order of their numbers.
 */
export interface Proposer {
  /** Whether proposals depend on told trials. If not, trials need not wait for each other. */
  readonly adaptive: boolean;
  /** Maximum number of trials, if the search ends by itself (a grid). */
  readonly size?: number;
  /**
   * Parameters of trial `number`; called once for each number, in ascending order. `running` are the trials that were
   * proposed and not told. Undefined: the search has ended.
   */
  propose(
    number: number,
    seed: number,
    running: readonly TrialRecord[],
  ): Readonly<Record<string, unknown>> | undefined;
  /** Receives a finished trial. */
  tell(trial: TrialRecord): void;
  /** The data for the pruner of trial `number`, taken directly after its proposal. */
  pruning(number: number): PruningSnapshot;
}

/** The data of a pruner: plain data of the trials that were told when a trial was proposed. */
export type PruningSnapshot = Readonly<Record<string, unknown>>;

/** Decides about one trial, where it runs. */
export interface TrialPruner {
  /** Receives the trial's reports by ascending step; returns whether the trial must end. */
  report(report: TrialReport): boolean;
}
