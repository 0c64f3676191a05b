/**
 * Determines the next trial and its parameters. Trials are numbered by their place in this process's shard. With a
 * search that learns, the trial at place k is proposed from the trials up to place k - lag, told in the order of
 * places. So the speed of trials has no influence.
 */
import { type StudyDefinition, trialSeed } from './definition.ts';
import type { TrialRequest } from './executor.ts';
import type { OpenStudy, Shard } from './open-study.ts';
import type { Proposer } from './search/proposals.ts';
import type { Prune } from './search/prune.ts';
import type { TrialRecord } from './search/trials.ts';

/** Pruners that do not use other trials. */
const alone = new Set<Prune['kind']>(['none', 'non-finite', 'threshold']);

function looksAround(prune: Prune): boolean {
  return prune.kind === 'any' ? prune.of.some(looksAround) : !alone.has(prune.kind);
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
  readonly #underway = new Set<number>();
  /** All places before it are finished. */
  #frontier = 0;
  /** Each place before it is finished, is running, or belongs to another process. */
  #next = 0;
  /** How many results were told: by place or, with free order, by arrival. */
  #told = 0;
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

  #numberAt(place: number): number {
    return place * this.#shard.count + this.#shard.index;
  }

  /** Trials that run in this process. */
  get underway(): ReadonlySet<number> {
    return this.#underway;
  }

  /** Whether the search has no more trials. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The next trial below `total` that may start now; it is marked as running. */
  next(total: number): TrialRequest | undefined {
    const { log, elsewhere } = this.#open;
    const isTaken = (number: number) =>
      log.isFinished(number) || this.#underway.has(number) || elsewhere.has(number);
    while (this.#numberAt(this.#next) < total && isTaken(this.#numberAt(this.#next))) this.#next += 1;
    const place = this.#next;
    const number = this.#numberAt(place);
    if (number >= total) return undefined;
    if (this.#lag !== Number.POSITIVE_INFINITY && place >= this.#finishedPlaces() + this.#lag)
      return undefined;
    this.#tellBefore(place);
    const request = log.has(number) ? this.#again(number) : this.#propose(place, number);
    if (request === undefined) {
      this.#hasEnded = true;
      return undefined;
    }
    this.#underway.add(number);
    this.#next += 1;
    return request;
  }

  /** The trial that must end before another can start. */
  get waitsFor(): number {
    return this.#numberAt(this.#finishedPlaces());
  }

  ended(number: number): void {
    this.#underway.delete(number);
  }

  #finishedPlaces(): number {
    const { log } = this.#open;
    while (log.isFinished(this.#numberAt(this.#frontier))) this.#frontier += 1;
    return this.#frontier;
  }

  #tellBefore(place: number): void {
    if (!this.#feedsBack) return;
    const { log } = this.#open;
    if (this.#definition.order === 'free') {
      for (; this.#told < log.finished.length; this.#told++)
        this.#sampler.tell(log.trial(log.finished[this.#told]!));
      return;
    }
    for (; this.#told <= place - this.#lag; this.#told++)
      this.#sampler.tell(log.trial(this.#numberAt(this.#told)));
  }

  /** Trials that were proposed and not told. */
  #untold(place: number): TrialRecord[] {
    if (!this.#feedsBack) return [];
    const { log } = this.#open;
    const numbers =
      this.#definition.order === 'free'
        ? [...this.#underway]
        : Array.from({ length: place - this.#told }, (_, i) => this.#numberAt(this.#told + i));
    return numbers.filter((number) => log.has(number)).map((number) => log.trial(number));
  }

  #propose(place: number, number: number): TrialRequest | undefined {
    const seed = trialSeed(this.#definition.seed, number);
    const parameters = this.#sampler.propose(number, seed, this.#untold(place));
    if (parameters === undefined) return undefined;
    return { number, parameters, seed, attempt: 1, reports: [], ...this.#pruning(number) };
  }

  /** A trial that was interrupted when its process ended. */
  #again(number: number): TrialRequest {
    const { parameters, seed, attempts, reports } = this.#open.log.trial(number);
    return { number, parameters, seed, attempt: attempts + 1, reports, ...this.#pruning(number) };
  }

  #pruning(number: number): Pick<TrialRequest, 'pruning'> {
    const { kind } = this.#definition.prune;
    return kind === 'none' || kind === 'non-finite' ? {} : { pruning: this.#sampler.pruning(number) };
  }
}
