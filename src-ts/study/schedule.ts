/**
 * Determines the next trial and its parameters. Trials are numbered by their index in this process's shard. With a
 * search that learns, the trial at index k is proposed from the trials up to index k - lag, told in the order of
 * their indices. So the speed of trials has no influence.
 */
import { type StudyDefinition, trialSeed } from './definition.ts';
import type { TrialRequest } from './executor.ts';
import type { OpenStudy, Shard } from './open-study.ts';
import type { Proposer } from './search/proposals.ts';
import type { Prune } from './search/prune.ts';
import type { TrialRecord } from './search/trials.ts';

/** Pruners that do not use other trials. */
const independentPruners = new Set<Prune['kind']>(['none', 'non-finite', 'threshold']);

function looksAround(prune: Prune): boolean {
  return prune.kind === 'any' ? prune.of.some(looksAround) : !independentPruners.has(prune.kind);
}

/** Whether a trial depends on earlier trials. */
export function feedsBack(definition: StudyDefinition, sampler: Proposer): boolean {
  return sampler.adaptive || looksAround(definition.prune);
}

export class Schedule {
  readonly #open: OpenStudy;
  readonly #definition: StudyDefinition;
  readonly #sampler: Proposer;
  readonly #shard: Shard;
  readonly #feedsBack: boolean;
  readonly #lag: number;
  readonly #inProgress = new Set<number>();
  /** All trials before this index are finished. */
  #frontier = 0;
  /** Each trial before this index is finished, is running, or belongs to another process. */
  #next = 0;
  /** The number of results that the sampler has: by index or, with free order, by arrival. */
  #observedCount = 0;
  #hasEnded = false;

  constructor(open: OpenStudy, definition: StudyDefinition, sampler: Proposer, shard: Shard) {
    this.#open = open;
    this.#definition = definition;
    this.#sampler = sampler;
    this.#shard = shard;
    this.#feedsBack = feedsBack(definition, sampler);
    this.#lag =
      this.#feedsBack && definition.order === 'fixed' ? definition.parallel : Number.POSITIVE_INFINITY;
  }

  #numberAt(index: number): number {
    return index * this.#shard.count + this.#shard.index;
  }

  /** Trials that run in this process. */
  get inProgress(): ReadonlySet<number> {
    return this.#inProgress;
  }

  /** Whether the search has no more trials. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next trial below `total` that may start now; it is marked as running. */
  next(total: number): TrialRequest | undefined {
    const { log, remoteTrials } = this.#open;
    const isTaken = (number: number) =>
      log.isFinished(number) || this.#inProgress.has(number) || remoteTrials.has(number);
    while (this.#numberAt(this.#next) < total && isTaken(this.#numberAt(this.#next))) this.#next += 1;
    const index = this.#next;
    const number = this.#numberAt(index);
    if (number >= total) return undefined;
    if (this.#lag !== Number.POSITIVE_INFINITY && index >= this.#finishedCount() + this.#lag)
      return undefined;
    this.#observeBefore(index);
    const request = log.has(number) ? this.#restarted(number) : this.#propose(index, number);
    if (request === undefined) {
      this.#hasEnded = true;
      return undefined;
    }
    this.#inProgress.add(number);
    this.#next += 1;
    return request;
  }

  /** The trial that must end before another can start. */
  get waitsFor(): number {
    return this.#numberAt(this.#finishedCount());
  }

  ended(number: number): void {
    this.#inProgress.delete(number);
  }

  #finishedCount(): number {
    const { log } = this.#open;
    while (log.isFinished(this.#numberAt(this.#frontier))) this.#frontier += 1;
    return this.#frontier;
  }

  #observeBefore(index: number): void {
    if (!this.#feedsBack) return;
    const { log } = this.#open;
    if (this.#definition.order === 'free') {
      for (; this.#observedCount < log.finished.length; this.#observedCount++)
        this.#sampler.tell(log.trial(log.finished[this.#observedCount]!));
      return;
    }
    for (; this.#observedCount <= index - this.#lag; this.#observedCount++)
      this.#sampler.tell(log.trial(this.#numberAt(this.#observedCount)));
  }

  /** Trials that were proposed and not told. */
  #unobserved(index: number): TrialRecord[] {
    if (!this.#feedsBack) return [];
    const { log } = this.#open;
    const numbers =
      this.#definition.order === 'free'
        ? [...this.#inProgress]
        : Array.from({ length: index - this.#observedCount }, (_, i) =>
            this.#numberAt(this.#observedCount + i),
          );
    return numbers.filter((number) => log.has(number)).map((number) => log.trial(number));
  }

  #propose(index: number, number: number): TrialRequest | undefined {
    const seed = trialSeed(this.#definition.seed, number);
    const parameters = this.#sampler.propose(number, seed, this.#unobserved(index));
    if (parameters === undefined) return undefined;
    return { number, parameters, seed, attempt: 1, reports: [], ...this.#pruning(number) };
  }

  /** A trial that was interrupted when its process ended. */
  #restarted(number: number): TrialRequest {
    const { parameters, seed, attempts, reports } = this.#open.log.trial(number);
    return { number, parameters, seed, attempt: attempts + 1, reports, ...this.#pruning(number) };
  }

  #pruning(number: number): Pick<TrialRequest, 'pruning'> {
    const { kind } = this.#definition.prune;
    return kind === 'none' || kind === 'non-finite' ? {} : { pruning: this.#sampler.pruning(number) };
  }
}
