/** The forms of the learning-rate schedules. */
import { finite, flag, tree } from '../checks/check.ts';
import { type Check, checkKind, choice, type Form, listOf, number, whole } from '../checks/plain-data.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { OwnSchedule, Schedule } from './schedule.ts';

/** Refuses a schedule or an option of it that does not exist; the engine checks the ranges. */
export function checkSchedule(path: string, value: unknown): void {
  tree(path, value);
  checkKind(path, value, forms);
}

/**
 * The factor on the learning rate after this number of epochs or steps.
 * @param watched - what `reduce-on-plateau` reads, one an epoch
 */
export function factorOf(
  schedule: Schedule | OwnSchedule | undefined,
  done: number,
  watched: readonly number[],
): number {
  if (schedule === undefined) return 1;
  if (typeof schedule === 'function') return finite(`schedule(${done})`, schedule(done), { min: 0 });
  return unwrap(addon.scheduleFactor(JSON.stringify(schedule), done, Float64Array.from(watched)));
}

const boolean: Check = flag;

const forms: Record<Schedule['kind'], Form> = {
  constant: { options: {} },
  step: { options: { stepSize: whole(1), gamma: number }, needed: ['stepSize'] },
  'multi-step': { options: { milestones: listOf(whole(0)), gamma: number }, needed: ['milestones'] },
  exponential: { options: { gamma: number }, needed: ['gamma'] },
  cosine: { options: { period: whole(1), minFactor: number }, needed: ['period'] },
  'cosine-restarts': {
    options: { period: whole(1), periodGrowth: whole(1), minFactor: number },
    needed: ['period'],
  },
  'warm-up': {
    // biome-ignore lint/suspicious/noThenProperty: it is the name of the option, and nothing awaits it.
    options: { steps: whole(1), startFactor: number, then: (path, value) => checkKind(path, value, forms) },
    needed: ['steps', 'then'],
  },
  'one-cycle': {
    options: {
      totalSteps: whole(1),
      pctStart: number,
      divFactor: number,
      finalDivFactor: number,
      anneal: choice('cosine', 'linear'),
      threePhase: boolean,
    },
    needed: ['totalSteps'],
  },
  'reduce-on-plateau': {
    options: {
      factor: number,
      patience: whole(0),
      threshold: number,
      thresholdMode: choice('relative', 'absolute'),
      mode: choice('min', 'max'),
      cooldown: whole(0),
      minFactor: number,
    },
  },
};
