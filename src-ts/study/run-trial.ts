/** Runs an objective once, in any process. Whatever it does becomes an outcome. */
import { describe } from '../checks/check.ts';
import { abortError, LapicqueError } from '../checks/errors.ts';
import { withinTrial } from '../engine/trial-context.ts';
import { withTrialStreams } from '../numbers/random-streams.ts';
import type { TrialAttempts } from './attempts.ts';
import type { ArtifactStore, TrialHooks, TrialOutcome, TrialRequest } from './executor.ts';
import { prunerOf } from './sampler.ts';
import type { TrialError } from './search/trials.ts';
import { RunningTrial, type Trial } from './trial.ts';

/** The result of an objective: one number, or one for each objective. */
export type ObjectiveValue = number | readonly number[] | Promise<number | readonly number[]>;

/** The objective, which is minimized or maximized. */
export type Objective<P = never> = (parameters: P, trial: Trial<P>) => ObjectiveValue;

/** Settings that all trials of a study share. */
export interface TrialSetting {
  /** Number of objectives. */
  readonly objectives: number;
  /** Whether a report that is not finite fails the trial. */
  readonly finiteReports: boolean;
  /** Minimum ms between checkpoints. */
  readonly checkpointEvery: number;
  /** Time limit of a trial in seconds; `Infinity` for none. */
  readonly seconds: number;
  /** How many times a trial starts at most. */
  readonly attempts: TrialAttempts;
  /** Name of the worker, for the record. */
  readonly worker?: string;
}

/** Time that an objective gets to end after it was told to, in ms. */
const grace = 1000;

/**
 * Runs one trial.
 *
 * @throws LapicqueError `aborted` if the study's signal fires, and `io` if a checkpoint or artifact cannot be written;
 * the trial then has no outcome, and its checkpoints are kept
 */
export async function runTrial(
  objective: Objective,
  request: TrialRequest,
  hooks: TrialHooks,
  artifacts: ArtifactStore,
  setting: TrialSetting,
): Promise<TrialOutcome> {
  const stopwatch = startStopwatch();
  const limit = new AbortController();
  const trial = trialOf(request, hooks, artifacts, setting, AbortSignal.any([hooks.signal, limit.signal]));
  const work = () =>
    withTrialStreams(request.seed, async () => objective(request.parameters as never, trial as never));
  let result: { value: unknown } | { error: unknown };
  try {
    result = {
      value: await withLimits(withinTrial(trial, work), trial, hooks.signal, limit, setting.seconds),
    };
  } catch (error) {
    result = { error };
  } finally {
    trial.close();
  }
  if (trial.storeFailure !== undefined) throw trial.storeFailure;
  if (hooks.signal.aborted && 'error' in result) throw abortError(hooks.signal);
  return outcomeOf(trial, result, stopwatch, setting);
}

/** The start of an attempt by two clocks. The system's may be set in between, so durations use the monotonic one. */
export interface Stopwatch {
  /** In ms since 1970. */
  readonly started: number;
  /** By the monotonic clock, in ms. */
  readonly began: number;
}

export function startStopwatch(): Stopwatch {
  return { started: Date.now(), began: performance.now() };
}

/** The times of an attempt that ends now. */
export function timesOf({ started, began }: Stopwatch): Pick<TrialOutcome, 'started' | 'ended' | 'seconds'> {
  const took = performance.now() - began;
  return { started, ended: started + Math.round(took), seconds: took / 1000 };
}

/** The trial of a request, for an objective or for a caller of `ask`. */
export function trialOf(
  request: TrialRequest,
  hooks: TrialHooks,
  artifacts: ArtifactStore,
  { objectives, finiteReports, checkpointEvery }: TrialSetting,
  signal: AbortSignal,
): RunningTrial {
  return new RunningTrial(request, {
    ...{ artifacts, signal, objectives, finiteReports, checkpointEvery },
    pruner: request.pruning === undefined ? undefined : prunerOf(request.pruning),
    report: (report) => hooks.report(report),
    flushed: () => hooks.flushed(),
  });
}

/** The outcome of a trial, from the value or the error of its objective. */
export function outcomeOf(
  trial: RunningTrial,
  result: { value: unknown } | { error: unknown },
  stopwatch: Stopwatch,
  { objectives, worker }: TrialSetting,
): TrialOutcome {
  const common = {
    ...timesOf(stopwatch),
    ...(trial.user === undefined ? {} : { user: { ...trial.user } }),
    ...(worker === undefined ? {} : { worker }),
    ...(trial.checkpointed ? { checkpointed: true } : {}),
  };
  // The pruner's decision counts even if the objective continued.
  if (trial.ended === undefined && 'value' in result) {
    const values = valuesOf(result.value, trial.number, objectives);
    if (Array.isArray(values)) return { state: 'complete', values, ...common };
    return { state: 'failed', error: errorOf(values, trial.number), ...common };
  }
  const error = trial.ended ?? (result as { error: unknown }).error;
  if (codeOf(error) === 'pruned') return { state: 'pruned', ...common };
  return { state: 'failed', error: errorOf(error, trial.number), ...common };
}

/** Waits for an objective, but only for a limited time after its time limit or after it was told to end. */
async function withLimits<T>(
  work: Promise<T>,
  trial: RunningTrial,
  aborted: AbortSignal,
  limit: AbortController,
  seconds: number,
): Promise<T> {
  const timers: NodeJS.Timeout[] = [];
  let abandon!: (error: unknown) => void;
  const abandoned = new Promise<never>((_, reject) => {
    abandon = reject;
  });
  const tooLong = () => {
    const error = new LapicqueError('time-limit', { what: `trial ${trial.number}`, seconds });
    trial.ended ??= error as LapicqueError;
    limit.abort(error);
    timers.push(setTimeout(abandon, grace, error));
  };
  const stop = () => timers.push(setTimeout(() => abandon(abortError(aborted)), grace));
  // The maximum of Node's timers is 24 days.
  if (seconds < 2_000_000) timers.push(setTimeout(tooLong, 1000 * seconds));
  aborted.addEventListener('abort', stop, { once: true });
  if (aborted.aborted) stop();
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    aborted.removeEventListener('abort', stop);
    for (const timer of timers) clearTimeout(timer);
  }
}

/** The values of a complete trial, or the error in them. */
export function valuesOf(
  value: unknown,
  trial: number,
  objectives: number,
): readonly number[] | LapicqueError {
  const expected =
    objectives === 1 ? 'a finite number' : `a list of ${objectives} finite numbers, one for each objective`;
  const list = ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<unknown>) : value;
  const values = typeof list === 'number' ? [list] : list;
  const isList = Array.isArray(values) && values.every((item) => typeof item === 'number');
  if (!isList) {
    const fields = { name: 'the objective', value: describe(value), expected };
    const message = `the objective returned ${describe(value)}; expected ${expected}`;
    return new LapicqueError('invalid-parameter', fields, { message }) as LapicqueError;
  }
  if (values.length !== objectives) {
    const [expectedShape, got] = [`[${objectives}]`, `[${values.length}]`];
    const message = `the objective returned ${values.length} values; expected ${expected}`;
    const fields = { layer: `trial ${trial}`, expected: expectedShape, got };
    return new LapicqueError('shape-mismatch', fields, { message }) as LapicqueError;
  }
  // NaN has no order, and an infinite value, as of a logarithm of 0, would be the best one or equal to others.
  const bad = values.findIndex((one) => !Number.isFinite(one));
  if (bad < 0) return values;
  const name = objectives === 1 ? 'the value' : `value ${bad}`;
  const message = `the objective returned ${values[bad]}${objectives === 1 ? '' : ` as value ${bad}`}; expected ${expected}`;
  return new LapicqueError(
    'non-finite',
    { layer: `trial ${trial}`, step: 0, name },
    { message },
  ) as LapicqueError;
}

/**
 * Recognized by form: an objective may have loaded another copy of the library, and errors of other libraries have
 * codes too.
 */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.name === 'LapicqueError' || error.name === 'AbortError' ? error.code : undefined;
}

/** An error in the form of a record; its message names the trial. */
export function errorOf(error: unknown, trial: number): TrialError {
  const code = codeOf(error);
  const errorText = error instanceof Error ? error.message : describe(error);
  const named = code === undefined && error instanceof Error ? `${error.name}: ${errorText}` : errorText;
  const message = named.startsWith(`trial ${trial}`) ? named : `trial ${trial}: ${named}`;
  return code === undefined ? { message } : { code, message };
}
