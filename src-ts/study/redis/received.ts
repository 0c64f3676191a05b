/** Checks what was read from Redis like any other input: other programs may write there. */
import { describe } from '../../checks/check.ts';
import type { TrialOutcome, TrialRequest } from '../executor.ts';
import { checkPlain } from '../plain-values.ts';
import { decodeRecord } from '../record-text.ts';
import { valuesOf } from '../run-trial.ts';
import type { TrialError, TrialReport } from '../search/trials.ts';

/** An outcome in the form in which workers send it. */
export interface SentOutcome {
  readonly number: number;
  readonly outcome: TrialOutcome;
}

/** Maximum characters of an outcome's texts. */
const maxText = 1 << 16;

/** Refuses an entry; callers catch the error and set the entry aside. */
function refuse(what: string, value: unknown, expected: string): never {
  throw new TypeError(`${what} is ${describe(value)}; expected ${expected}`);
}

function objectOf(what: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  return refuse(what, value, 'an object');
}

/** Decodes an entry. @throws Error whose message says what is wrong */
function decoded(what: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = decodeRecord(text);
  } catch {
    refuse(what, text, 'JSON');
  }
  return objectOf(what, value);
}

function wholeNumber(what: string, value: unknown, min: number): number {
  return Number.isSafeInteger(value) && (value as number) >= min
    ? (value as number)
    : refuse(what, value, `an integer from ${min}`);
}

function finiteNumber(what: string, value: unknown): number {
  return Number.isFinite(value) ? (value as number) : refuse(what, value, 'a finite number');
}

function textOf(what: string, value: unknown): string {
  return typeof value === 'string' && value.length <= maxText
    ? value
    : refuse(what, value, `a text of at most ${maxText} characters`);
}

function optional<T>(value: unknown, check: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : check(value);
}

function errorOf(what: string, value: unknown): TrialError {
  const { code, message } = objectOf(what, value);
  const checked = { message: textOf(`${what}.message`, message) };
  return code === undefined ? checked : { code: textOf(`${what}.code`, code), ...checked };
}

/** A copy without the properties that are undefined. */
function present<T extends object>(value: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T;
}

/**
 * The outcome in an entry.
 *
 * @param objectives - their number; undefined if it is not known
 * @param number - of the trial, if it is known
 * @throws Error whose message says what is wrong
 */
export function receivedOutcome(text: string, objectives: number | undefined, number?: number): SentOutcome {
  const sent = decoded('the result', text);
  const trial = wholeNumber('number', sent.number, 0);
  if (number !== undefined && trial !== number) refuse('number', trial, String(number));
  const outcome = objectOf('outcome', sent.outcome);
  const { state } = outcome;
  if (state !== 'complete' && state !== 'pruned' && state !== 'failed')
    refuse('state', state, 'complete, pruned or failed');
  const values = state === 'complete' ? completeValues(outcome.values, trial, objectives) : undefined;
  return {
    number: trial,
    outcome: present<TrialOutcome>({
      state,
      values,
      error: state === 'failed' ? errorOf('error', outcome.error) : undefined,
      user: optional(outcome.user, (user) => {
        checkPlain('user', objectOf('user', user));
        return user as Readonly<Record<string, unknown>>;
      }),
      started: finiteNumber('started', outcome.started),
      ended: finiteNumber('ended', outcome.ended),
      seconds: optional(outcome.seconds, (seconds) => finiteNumber('seconds', seconds)),
      worker: optional(outcome.worker, (worker) => textOf('worker', worker)),
      attempts: optional(outcome.attempts, (attempts) => wholeNumber('attempts', attempts, 1)),
      retried: optional(outcome.retried, (retried) =>
        Array.isArray(retried)
          ? retried.map((error) => errorOf('retried', error))
          : refuse('retried', retried, 'a list of errors'),
      ),
      checkpointed: outcome.checkpointed === true ? true : undefined,
    }),
  };
}

/** The values of a complete trial must be such that the objective could have returned them. */
function completeValues(values: unknown, trial: number, objectives: number | undefined): readonly number[] {
  if (!Array.isArray(values) || values.length === 0 || !values.every((value) => typeof value === 'number'))
    return refuse('values', values, 'a list of numbers');
  const checked = valuesOf(values.length === 1 ? values[0] : values, trial, objectives ?? values.length);
  if (checked instanceof Error) throw checked;
  return checked;
}

/** The report in an entry. @throws Error whose message says what is wrong */
export function receivedReport(text: string, objectives?: number): TrialReport {
  const { step, value } = decoded('the report', text);
  const list = Array.isArray(value) ? value : [value];
  const isOne = list.every((item) => typeof item === 'number') && list.length > 0;
  const isCount = !Array.isArray(value) || objectives === undefined || list.length === objectives;
  if (!isOne || !isCount) refuse('the reported value', value, `${objectives ?? 'one or more'} numbers`);
  return { step: wholeNumber('the reported step', step, 0), value: value as number | readonly number[] };
}

/** The trial in a job. @throws Error whose message says what is wrong */
export function receivedRequest(data: unknown): TrialRequest {
  const request = objectOf('the job', data);
  wholeNumber('number', request.number, 0);
  wholeNumber('seed', request.seed, 0);
  wholeNumber('attempt', request.attempt, 1);
  objectOf('parameters', request.parameters);
  if (!Array.isArray(request.reports)) refuse('reports', request.reports, 'a list');
  return request as unknown as TrialRequest;
}

/** What a worker says of itself; undefined if it is damaged. */
export function receivedWorker(text: string): { jobs: number; running: number; until: number } | undefined {
  try {
    const { jobs, running, until } = decoded('the worker', text);
    return {
      jobs: Math.min(wholeNumber('jobs', jobs, 1), 1 << 16),
      running: wholeNumber('running', running, 0),
      until: finiteNumber('until', until),
    };
  } catch {
    return undefined;
  }
}
