/** Ask and tell: trials that the caller runs. */
import { invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import type { TrialOutcome } from './executor.ts';
import type { OpenStudy } from './open-study.ts';
import { outcomeOf, type Stopwatch, startStopwatch, type TrialSetting, trialOf } from './run-trial.ts';
import type { Schedule } from './schedule.ts';
import type { TrialRecord } from './search/trials.ts';
import { type RunningTrial, removeCheckpoints, type Trial } from './trial.ts';

/** The result of a trial from `ask`: its value, one for each objective, or the reason why there is none. */
export type ToldResult =
  | number
  | readonly number[]
  | { readonly state: 'pruned' }
  | { readonly state: 'failed'; readonly error?: unknown };

/** The open trials: asked for but not told. */
export class Asking {
  readonly #open: OpenStudy;
  readonly #schedule: Schedule;
  readonly #setting: TrialSetting;
  readonly #trials = new Map<number, { trial: RunningTrial; stopwatch: Stopwatch }>();
  readonly #end = new AbortController();

  constructor(open: OpenStudy, schedule: Schedule, setting: TrialSetting) {
    this.#open = open;
    this.#schedule = schedule;
    this.#setting = setting;
  }

  /** The next trial, or undefined if the search has ended. */
  ask(): Trial | undefined {
    const request = this.#schedule.next(Number.MAX_SAFE_INTEGER);
    if (request === undefined) {
      if (this.#schedule.hasEnded) return undefined;
      const first = this.#schedule.waitsFor;
      const fields = {
        name: 'ask',
        value: `${this.#trials.size} trials that were not told`,
        expected: `trial ${first} to be told first`,
      };
      const message = `ask: ${this.#trials.size} trials are open (without a result), and the next one depends on trial ${first}; tell it first, or make the study with a larger "parallel" or order: 'free'`;
      throw new LapicqueError('invalid-parameter', fields, { message });
    }
    const { number, parameters, seed, attempt } = request;
    const stopwatch = startStopwatch();
    this.#open.record({ t: 'start', n: number, p: parameters, s: seed, a: attempt, at: stopwatch.started });
    const hooks = {
      signal: this.#end.signal,
      report: ({ step, value }: { step: number; value: number | readonly number[] }) =>
        this.#open.record({ t: 'report', n: number, s: step, v: value }),
      flushed: () => this.#open.flush(),
    };
    const trial = trialOf(request, hooks, this.#open.artifacts, this.#setting, this.#end.signal);
    this.#trials.set(number, { trial, stopwatch });
    return trial;
  }

  async tell(of: Trial | number, result: ToldResult): Promise<TrialRecord> {
    const number = typeof of === 'number' ? of : of?.number;
    const open = this.#trials.get(number);
    if (open === undefined) invalid('trial', number, 'an open trial (asked for but not told)');
    const { trial, stopwatch } = open;
    const { checkpointed, ...outcome } = outcomeOf(
      trial,
      toOutcome(result),
      stopwatch,
      this.#setting,
    ) as TrialOutcome;
    this.#trials.delete(number);
    trial.close();
    this.#open.record({ t: 'end', n: number, a: trial.attempt, ...outcome });
    this.#schedule.ended(number);
    await this.#open.flush();
    if (checkpointed === true) await removeCheckpoints(this.#open.artifacts, number);
    return this.#open.log.trial(number);
  }

  /** Open trials start again in a later session. */
  close(): void {
    this.#end.abort(new LapicqueError('disposed', { what: 'the study' }));
    for (const { trial } of this.#trials.values()) trial.close();
  }
}

function toOutcome(result: ToldResult): { value: unknown } | { error: unknown } {
  if (typeof result !== 'object' || result === null || Array.isArray(result) || ArrayBuffer.isView(result))
    return { value: result };
  const { state, error } = result as { state: string; error?: unknown };
  if (state === 'pruned') return { error: new LapicqueError('pruned', { trial: 0 }) };
  if (state === 'failed') return { error: error ?? new Error('told as failed') };
  return invalid('result.state', state, "'pruned' or 'failed', or a value instead of the object");
}
