/** Combines the records of a study's journals into its definition and its trials. */
import { LapicqueError } from '../checks/errors.ts';
import type { TrialOutcome } from './executor.ts';
import { canonicalText } from './record-text.ts';
import type { TrialRecord, TrialReport } from './search/trials.ts';

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

type StartRecord = StudyRecord & { readonly t: 'start' };
type EndRecord = StudyRecord & { readonly t: 'end' };

/** A trial. It keeps the records as they were read: a study may have 100,000 trials, and copies take longer than reading. */
interface Entry {
  /** The first start. */
  readonly start: StartRecord;
  attempts: number;
  worker: string | undefined;
  /** By step. */
  reports: Map<number, TrialReport> | undefined;
  /** The first result. */
  end: EndRecord | undefined;
  /** The journal of the trial's writer, or of the last one. */
  source: string;
  /** The last returned record of the trial. */
  record: TrialRecord | undefined;
}

const noParameters = Object.freeze({});
const noReports: readonly TrialReport[] = Object.freeze([]);

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
  /** All trials by number, until a record changes one. */
  #trials: readonly TrialRecord[] | undefined;

  /** @param source - the journal of the record */
  apply(record: StudyRecord, source: string): void {
    this.#trials = undefined;
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
      if (entry.end !== undefined) return;
      entry.reports ??= new Map();
      entry.reports.set(record.s, { step: record.s, value: record.v });
    } else if (record.t === 'end') this.#end(entry, record);
    else if (record.t === 'conflict')
      this.conflicts.push({ number: record.n, kept: outcomeOf(entry.end!), other: record.other });
    else throw broken(source, `a record of the unknown kind ${String((record as { t: unknown }).t)}`);
  }

  #define(definition: Record<string, unknown>, fingerprint: string, source: string): void {
    if (this.fingerprint !== undefined && this.fingerprint !== fingerprint)
      throw broken(source, 'it is of another study than the other journals of the folder');
    this.sources.add(source);
    this.definition ??= definition;
    this.fingerprint = fingerprint;
  }

  #start(start: StartRecord, source: string): void {
    const { n, a, w } = start;
    const entry = this.#entries.get(n);
    if (entry === undefined) {
      this.#entries.set(n, {
        start,
        attempts: a,
        worker: w,
        reports: undefined,
        end: undefined,
        source,
        record: undefined,
      });
      return;
    }
    if (entry.end !== undefined) return;
    entry.attempts = Math.max(entry.attempts, a);
    entry.worker = w;
    entry.source = source;
    entry.record = undefined;
  }

  /** The first result counts. Another run of the trial must have the same result. */
  #end(entry: Entry, end: EndRecord): void {
    if (entry.end === undefined) {
      entry.end = end;
      entry.attempts = Math.max(entry.attempts, end.a);
      this.finished.push(end.n);
    } else if (resultText(entry.end) !== resultText(end)) {
      this.conflicts.push({ number: end.n, kept: outcomeOf(entry.end), other: outcomeOf(end) });
    }
  }

  has(number: number): boolean {
    return this.#entries.has(number);
  }

  isFinished(number: number): boolean {
    return this.#entries.get(number)?.end !== undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Trials that were started and have no result, with the journal of the last start. */
  open(): { number: number; source: string }[] {
    const open: { number: number; source: string }[] = [];
    for (const [number, { end, source }] of this.#entries)
      if (end === undefined) open.push({ number, source });
    return open.sort((a, b) => a.number - b.number);
  }

  /** The journal with the last start of the trial. */
  source(number: number): string | undefined {
    return this.#entries.get(number)?.source;
  }

  /** @throws TypeError for a trial that does not exist */
  trial(number: number): TrialRecord {
    const entry = this.#entries.get(number)!;
    entry.record ??= recordOf(entry);
    return entry.record;
  }

  /** All trials by number. */
  trials(): readonly TrialRecord[] {
    this.#trials ??= [...this.#entries.keys()].sort((a, b) => a - b).map((number) => this.trial(number));
    return this.#trials;
  }
}

/** A property is assigned only if it is there: a spread of several objects takes several times as long. */
function recordOf({ start, attempts, worker, reports, end }: Entry): TrialRecord {
  const record: { -readonly [Key in keyof TrialRecord]: TrialRecord[Key] } = {
    number: start.n,
    state: end?.state ?? 'running',
    parameters: start.p ?? noParameters,
    reports: reports === undefined ? noReports : [...reports.values()].sort((a, b) => a.step - b.step),
    seed: start.s,
    started: end?.started ?? start.at,
    attempts,
  };
  if (end !== undefined) {
    if (end.values !== undefined) record.values = end.values;
    record.ended = end.ended;
    // Both times are of the process that ran the trial, so their difference has no skew of clocks in it.
    record.seconds = end.seconds ?? (end.ended - end.started) / 1000;
    if (end.error !== undefined) record.error = end.error;
    if (end.user !== undefined) record.user = end.user;
    if (end.retried !== undefined) record.retried = end.retried;
  }
  const by = end?.worker ?? worker;
  if (by !== undefined) record.worker = by;
  return Object.freeze(record);
}

/** The outcome in a record of a result. */
function outcomeOf({ t: _, n, a, ...outcome }: EndRecord): TrialOutcome {
  return outcome;
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
