/** The executor of a study whose trials run on other machines. */
import { createHash } from 'node:crypto';
import { integer } from '../../checks/check.ts';
import { addon } from '../../engine/native.ts';
import { fingerprintOf, type StudyDefinition } from '../definition.ts';
import { samplerOf } from '../sampler.ts';
import { feedsBack } from '../schedule.ts';
import type { ExecutorFactory } from '../study.ts';
import type { RedisOptions } from './address.ts';
import type { Note } from './connection.ts';
import { RedisExecutor } from './coordinator.ts';

/** Trials that wait for workers or run, where they do not depend on each other: so many that no worker is idle, and so few that Redis is small. */
const mostWaiting = 256;

/** How many trials of a study may wait for workers or run: where results feed back, `parallel` says so. */
export function trialsUnderway(definition: StudyDefinition): number {
  const { order, parallel } = definition;
  return order === 'fixed' && feedsBack(definition, samplerOf(definition)) ? parallel : mostWaiting;
}

/** What coordinator and workers must have in common: the bits of a result may be others with another version of the engine. */
export function sharedFingerprint(definition: StudyDefinition): string {
  return createHash('sha256')
    .update(`${fingerprintOf(definition)} ${addon.VERSION}`)
    .digest('hex');
}

/** What {@link redisExecutor} tells. */
export interface RedisListeners {
  /** Words for the user: Redis is away, and is back; there is no worker. */
  readonly note?: Note;
  /** Hears of a trial that came to two results. */
  readonly onConflict?: (number: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** For `Study.runWith`. */
export function redisExecutor(redis: RedisOptions, listeners: RedisListeners = {}): ExecutorFactory {
  return ({ setting, artifacts, jobs, conflict }) =>
    RedisExecutor.open({
      redis,
      artifacts,
      name: setting.definition.name,
      fingerprint: sharedFingerprint(setting.definition),
      slots: integer('jobs', jobs, { min: 1 }),
      // A trial that is proposed from all results there are is proposed when a worker is free, and not before.
      followsWorkers:
        setting.definition.order === 'free' && feedsBack(setting.definition, samplerOf(setting.definition)),
      note: listeners.note ?? (() => {}),
      signal: listeners.signal,
      onConflict: (number, other) => {
        const isKept = conflict(number, other);
        if (isKept) listeners.onConflict?.(number);
        return isKept;
      },
    });
}
