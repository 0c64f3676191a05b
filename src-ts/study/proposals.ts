/** What a study asks of a search and of a pruner; `search.ts` and `prune.ts` have the ones there are. */
import type { TrialRecord } from './trials.ts';

/**
 * Proposes parameters. The study calls it in a fixed order, whatever the number of workers: before `propose(n)` it has told all trials up to
 * `n - lag`, in the order of their numbers, and none beyond.
 */
export interface Proposer {
  /** Whether proposals depend on what was told; if not, trials need not wait for each other. */
  readonly adaptive: boolean;
  /** How many trials there are at most, where the search ends by itself (a grid). */
  readonly size?: number;
  /** Parameters of trial `number`; called for each number once, in ascending order. `running` are proposed and not told. */
  propose(number: number, seed: number, running: readonly TrialRecord[]): Readonly<Record<string, unknown>>;
  /** A finished trial. */
  tell(trial: TrialRecord): void;
}

/** Decides whether a trial is worth going on with. */
export interface TrialPruner {
  /**
   * Whether the trial is to end after its last report.
   *
   * @param seen - finished trials up to `number - lag`, in the order of their numbers
   */
  prune(trial: TrialRecord, seen: readonly TrialRecord[]): boolean;
}
