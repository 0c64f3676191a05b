/** Combines the records of a study's journals into its definition and its trials. */
import { LapicqueError } from '../checks/errors.ts';
import type { TrialOutcome } from './executor.ts';
import { canonicalText } from './record-text.ts';
import type { TrialError, TrialRecord, TrialReport } from './search/trials.ts';

/** A line of a journal. Keys are short, because each trial has several lines. */
export type StudyRecord =
  | { readonly t: 'study'; readonly definition: Record<string, unknown>; readonly fingerprint: string }
  | {
      readonly t: 'start';
      readonly n: number;
      readonly p?: Readonly<Record<string, unknown>>;
      readonly s: number;
      readonly a: number;
      readonly at: number;
      readonly w?: string;
    }
  | { readonly t: 'report'; readonly n: number; readonly s: number; readonly v: number | readonly number[] }
  | ({ readonly t: 'end'; readonly n: number; readonly a: number } & TrialOutcome)
  | { readonly t: 'conflict'; readonly n: number; readonly other: TrialOutcome; readonly at: number };

/** Two runs of the same trial with different results. */
export interface TrialConflict {
  readonly number: number;
  /** The first result, which the study keeps. */
  readonly kept: TrialOutcome;
  readonly other: TrialOutcome;
}

interface Entry {
  readonly number: number;
  parameters: Readonly<Record<string, unknown>>;
  seed: number;
  started: number;
  attempts: number;
  worker: string | undefined;
  readonly reports: Map<number, TrialReport>;
  outcome: TrialOutcome | undefined;
  /** The journal of the trial's writer, or of the last one. */
  source: string;
  /** The last returned record of the trial. */
  record: TrialRecord | undefined;
}

/** The trials of a study so far. */
export class TrialLog {
  definition: Record<string, unknown> | undefined;
  fingerprint: string | undefined;
  readonly conflicts: TrialConflict[] = [];
  readonly #entries = new Map<number, Entry>();
  /** Numbers of finished trials in the order in which they ended. */
  readonly finished: number[] = [];
  /** Journals whose study record has been read. */
  readonly sources = new Set<string>();

  /** @param source - the journal of the record */
  apply(record: StudyRecord, source: string): void {
    if (record.t === 'study') this.#define(record.definition, record.fingerprint, source);
    else if (record.t === 'start') this.#start(record, source);
    else this.#go(record, source);
  }

  #go(record: Exclude<StudyRecord, { t: 'study' | 'start' }>, source: string): void {
    const entry = this.#entries.get(record.n);
    if (entry === undefined)
      throw broken(source, `trial ${record.n} has a record "${record.t}" and no start`);
    entry.record = undefined;
    if (record.t === 'report') {
      // Reports of a second run are ignored.
      if (entry.outcome === undefined) entry.reports.set(record.s, { step: record.s, value: record.v });
    } else if (record.t === 'end') this.#end(entry, record);
    else if (record.t === 'conflict')
      this.conflicts.push({ number: record.n, kept: entry.outcome!, other: record.other });
    else throw broken(source, `a record of the unknown kind ${String((record as { t: unknown }).t)}`);
  }

  #define(definition: Record<string, unknown>, fingerprint: string, source: string): void {
    if (this.fingerprint !== undefined && this.fingerprint !== fingerprint)
      throw broken(source, 'it is of another study than the other journals of the folder');
    this.sources.add(source);
    this.definition ??= definition;
    this.fingerprint = fingerprint;
  }

  #start({ n, p, s, a, at, w }: StudyRecord & { t: 'start' }, source: string): void {
    const entry = this.#entries.get(n);
    if (entry === undefined) {
      this.#entries.set(n, {
        number: n,
        parameters: p ?? {},
        seed: s,
        started: at,
        attempts: a,
        worker: w,
        reports: new Map(),
        outcome: undefined,
        source,
        record: undefined,
      });
      return;
    }
    if (entry.outcome !== undefined) return;
    entry.attempts = Math.max(entry.attempts, a);
    entry.worker = w;
    entry.source = source;
    entry.record = undefined;
  }

  /** The first result counts. Another run of the trial must have the same result. */
  #end(entry: Entry, { t: _, n: number, a, ...other }: StudyRecord & { t: 'end' }): void {
    if (entry.outcome === undefined) {
      entry.outcome = other;
      entry.attempts = Math.max(entry.attempts, a);
      this.finished.push(number);
    } else if (resultText(entry.outcome) !== resultText(other)) {
      this.conflicts.push({ number, kept: entry.outcome, other });
    }
  }

  has(number: number): boolean {
    return this.#entries.has(number);
  }

  isFinished(number: number): boolean {
    return this.#entries.get(number)?.outcome !== undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Trials that were started and have no result, with the journal of the last start. */
  open(): { number: number; source: string }[] {
    const open = [...this.#entries.values()].filter(({ outcome }) => outcome === undefined);
    return open.map(({ number, source }) => ({ number, source })).sort((a, b) => a.number - b.number);
  }

  /** The journal with the last start of the trial. */
  source(number: number): string | undefined {
    return this.#entries.get(number)?.source;
  }

  outcome(number: number): TrialOutcome | undefined {
    return this.#entries.get(number)?.outcome;
  }

  /** @throws TypeError for a trial that does not exist */
  trial(number: number): TrialRecord {
    const entry = this.#entries.get(number)!;
    entry.record ??= recordOf(entry);
    return entry.record;
  }

  /** All trials by number. */
  trials(): TrialRecord[] {
    return [...this.#entries.keys()].sort((a, b) => a - b).map((number) => this.trial(number));
  }
}

function recordOf({
  number,
  parameters,
  seed,
  started,
  attempts,
  worker,
  reports,
  outcome,
}: Entry): TrialRecord {
  const known = {
    number,
    state: outcome?.state ?? ('running' as const),
    parameters,
    reports: [...reports.values()].sort((a, b) => a.step - b.step),
    seed,
    started,
    attempts,
  };
  const by = outcome?.worker ?? worker;
  const optional: {
    values?: readonly number[];
    ended?: number;
    error?: TrialError;
    user?: Readonly<Record<string, unknown>>;
    worker?: string;
  } = {};
  if (outcome?.values !== undefined) optional.values = outcome.values;
  if (outcome !== undefined) optional.ended = outcome.ended;
  if (outcome?.error !== undefined) optional.error = outcome.error;
  if (outcome?.user !== undefined) optional.user = outcome.user;
  if (by !== undefined) optional.worker = by;
  return Object.freeze({ ...known, ...optional });
}

/** The part of a result in which two runs of a trial must agree. */
export function resultText({ state, values, error, user }: TrialOutcome): string {
  return canonicalText({ state, values, code: error?.code, user });
}

function broken(source: string, reason: string): Error {
  return new LapicqueError('malformed-file', {
    format: 'study journal',
    offset: 0,
    reason: `${source}: ${reason}`,
  });
}
