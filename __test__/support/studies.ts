/** What tests of studies share. */

import type { TrialRecord } from '../../src-ts/doors/study.ts';
import type { ErrorCode, LapicqueError } from '../../src-ts/index.ts';
import { failure } from './errors.ts';

/** The error of a call that must fail with this code. */
export async function refusal<C extends ErrorCode>(call: () => unknown, code: C): Promise<LapicqueError> {
  const error = await failure(call);
  if (error?.code !== code) throw new Error(`expected ${code} but got ${error?.code}: ${error?.message}`);
  return error;
}

/** What of trials does not depend on the clock, nor on kills. */
export function results(trials: readonly TrialRecord[]): unknown[] {
  return trials.map(
    ({
      started: _,
      ended: _ended,
      seconds: _seconds,
      attempts: _attempts,
      retried: _retried,
      worker: _worker,
      ...rest
    }) => rest,
  );
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
