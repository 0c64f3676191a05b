/** Starts a trial again after a failed attempt, as often as the study allows. */
import { options as checkOptions, integer } from '../checks/check.ts';
import { isError } from '../checks/errors.ts';
import type { TrialHooks, TrialOutcome, TrialRequest } from './executor.ts';
import type { TrialError, TrialReport } from './search/trials.ts';

/**
 * Maximum number of starts of a trial before it counts as failed. A trial that starts again has the same parameters
 * and seed, and continues from its checkpoint. Failures are counted for each run of the study.
 */
export interface TrialAttempts {
  /**
   * Attempts whose process ended: by itself, by a crash, or by the kernel when memory runs out. Default 2. Only for an
   * objective that is a module.
   */
  readonly processExit: number;
  /** Attempts that failed otherwise: by an error, an invalid value or a limit. Default 1. */
  readonly error: number;
}

/** @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function attemptsOf(attempts: Partial<TrialAttempts> | undefined): TrialAttempts {
  const { processExit, error } = checkOptions('attempts', attempts, ['processExit', 'error']);
  const range = { min: 1, max: 1 << 16 };
  return {
    processExit: integer('attempts.processExit', processExit ?? 2, range),
    error: integer('attempts.error', error ?? 1, range),
  };
}

/** Runs `attempt` until it does not fail, or has failed as often as `limits` allow. */
export async function withAttempts(
  limits: TrialAttempts,
  request: TrialRequest,
  hooks: TrialHooks,
  attempt: (request: TrialRequest, hooks: TrialHooks) => Promise<TrialOutcome>,
): Promise<TrialOutcome> {
  const retried: TrialError[] = [];
  const failures = { processExit: 0, error: 0 };
  const reports = new Map<number, TrialReport>(request.reports.map((report) => [report.step, report]));
  const ofAttempt: TrialHooks = {
    ...hooks,
    report: (report) => {
      reports.set(report.step, report);
      hooks.report(report);
    },
  };
  /** Whether the trial starts again after this failure. */
  const isRepeated = (error: TrialError): boolean => {
    const kind = error.code === 'process-exit' ? 'processExit' : 'error';
    failures[kind] += 1;
    if (failures[kind] >= limits[kind] || hooks.signal.aborted) return false;
    retried.push(error);
    return true;
  };
  for (let number = request.attempt; ; number++) {
    if (number > request.attempt) hooks.restarted?.(number);
    try {
      const outcome = await attempt(
        { ...request, attempt: number, reports: [...reports.values()] },
        ofAttempt,
      );
      if (outcome.state === 'failed' && isRepeated(outcome.error!)) continue;
      return { ...outcome, attempts: number, ...(retried.length === 0 ? {} : { retried }) };
    } catch (error) {
      // A process that ended before it had loaded the objective may also have been killed for memory.
      if (isError(error, 'process-exit') && isRepeated({ code: error.code, message: error.message }))
        continue;
      throw error;
    }
  }
}
