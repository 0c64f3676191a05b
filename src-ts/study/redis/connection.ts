/** The two packages that a study over Redis needs, and connections that come back after Redis was away. */
import type * as BullMQ from 'bullmq';
import type { Redis } from 'ioredis';
import { missingPackage } from '../../checks/optional-package.ts';
import { type RedisAddress, redisError, redisReason } from './address.ts';
import { pause } from './pause.ts';

const feature = 'a study over Redis';

/** Milliseconds for which a Redis that does not answer is waited for at the start. */
const patience = 10_000;

/** Loads `bullmq` and `ioredis`, which users install themselves. */
export async function redisPackages(): Promise<{ bullmq: typeof BullMQ; Redis: typeof Redis }> {
  const [bullmq, ioredis] = await Promise.all([
    import('bullmq').catch((error) => {
      throw missingPackage('bullmq', feature, error);
    }),
    import('ioredis').catch((error) => {
      throw missingPackage('ioredis', feature, error);
    }),
  ]);
  return { bullmq, Redis: ioredis.Redis };
}

/** Says when Redis goes away and when it is back, once each. */
export type Note = (text: string) => void;

/**
 * An open connection. Later on, commands wait while Redis is away and are sent again when it is back.
 *
 * @throws LapicqueError `io` where Redis cannot be reached or refuses the password
 */
export async function connect(
  RedisClient: typeof Redis,
  address: RedisAddress,
  note: Note,
  signal?: AbortSignal,
): Promise<Redis> {
  const { shown: _, ...where } = address;
  const began = Date.now();
  for (;;) {
    const client = new RedisClient({
      ...where,
      lazyConnect: true,
      maxRetriesPerRequest: null,
      connectTimeout: 5000,
      connectionName: 'lapicque',
      disableClientInfo: true,
      retryStrategy: (times) => (opened ? Math.min(50 * 2 ** Math.min(times, 6), 2000) : null),
    });
    let opened = false;
    let reason: unknown;
    let away = false;
    client.on('error', (error: unknown) => {
      reason = error;
      if (!opened || away) return;
      away = true;
      note(`${address.shown} does not answer (${redisReason(address, error)}); waiting for it`);
    });
    client.on('ready', () => {
      if (away) note(`${address.shown} is back`);
      away = false;
    });
    try {
      await client.connect();
      // A server that wants a password lets everybody connect.
      await client.ping();
      opened = true;
      return client;
    } catch (error) {
      client.disconnect();
      const told = reason ?? error;
      const isRefused = /WRONGPASS|NOAUTH|NOPERM|invalid password|AUTH/i.test(redisReason(address, told));
      if (isRefused || signal?.aborted || Date.now() - began > patience) throw redisError(address, told);
      await pause(250, signal);
    }
  }
}
