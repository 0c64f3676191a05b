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
import type { RedisStatus } from './workers.ts';

/**
 * Maximum number of trials that wait or run, for trials that are independent of each other: enough that no worker is
 * idle, and few enough for the memory of Redis.
 */
const maxWaiting = 256;

/** How many trials of a study may wait or run. With a search that learns, `parallel` determines it. */
export function trialsUnderway(definition: StudyDefinition): number {
  const { order, parallel } = definition;
  return order === 'fixed' && feedsBack(definition, samplerOf(definition)) ? parallel : maxWaiting;
}

/**
 * Values that must be equal in coordinator and workers. Another version of the engine may give results with other bits.
 */
export function sharedFingerprint(definition: StudyDefinition): string {
  return createHash('sha256')
    .update(`${fingerprintOf(definition)} ${addon.VERSION}`)
    .digest('hex');
}

/** Callbacks of {@link redisExecutor}. */
export interface RedisListeners {
  /** Receives messages for the user: Redis is unreachable or back; there is no worker. */
  readonly note?: Note;
  /** Called for a trial with two different results. */
  readonly onConflict?: (number: number) => void;
  /** Called every two seconds. */
  readonly onStatus?: (status: RedisStatus) => void;
  readonly signal?: AbortSignal | undefined;
}

/** The argument of `Study.runWith`. */
export function redisExecutor(redis: RedisOptions, listeners: RedisListeners = {}): ExecutorFactory {
  return ({ setting, artifacts, jobs, conflict }) =>
    RedisExecutor.open({
      redis,
      artifacts,
      name: setting.definition.name,
      objectives: setting.definition.directions.length,
      fingerprint: sharedFingerprint(setting.definition),
      slots: integer('jobs', jobs, { min: 1 }),
      // With free order, a trial is proposed only when a worker is free, so that it uses all results.
      followsWorkers:
        setting.definition.order === 'free' && feedsBack(setting.definition, samplerOf(setting.definition)),
      note: listeners.note ?? (() => {}),
      signal: listeners.signal,
      onStatus: listeners.onStatus,
      onConflict: (number, other) => {
        const isKept = conflict(number, other);
        if (isKept) listeners.onConflict?.(number);
        return isKept;
      },
    });
}
