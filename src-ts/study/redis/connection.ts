/** Loads the two packages that a study over Redis needs, and opens connections that reconnect. */
import type * as BullMQ from 'bullmq';
import type { Redis } from 'ioredis';
import { abortError } from '../../checks/errors.ts';
import { missingPackage } from '../../checks/optional-package.ts';
import { untilAborted } from '../../engine/abort.ts';
import { type RedisAddress, redisError, redisReason } from './address.ts';
import { pause } from './pause.ts';

const feature = 'a study over Redis';

/** Maximum time to wait for Redis at the start, in ms. */
const connectTimeout = 10_000;

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

/** Reports once when Redis becomes unreachable, and once when it is back. */
export type Note = (text: string) => void;

/**
 * Opens a connection. Later, commands wait while Redis is unreachable and are sent again when it is back.
 *
 * @throws LapicqueError `io` if Redis cannot be reached or refuses the password; `aborted`
 */
export async function connect(
  RedisClient: typeof Redis,
  address: RedisAddress,
  note: Note,
  signal?: AbortSignal,
): Promise<Redis> {
  const { display: _, ...where } = address;
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
      note(`${address.display} does not answer (${redisReason(address, error)}); waiting for it`);
    });
    client.on('ready', () => {
      if (away) note(`${address.display} is back`);
      away = false;
    });
    try {
      await untilAborted(signal, client.connect());
      // A server with a password accepts connections before authentication.
      await untilAborted(signal, client.ping());
      opened = true;
      return client;
    } catch (error) {
      client.disconnect();
      if (signal?.aborted) throw abortError(signal);
      const cause = reason ?? error;
      const isRefused = /WRONGPASS|NOAUTH|NOPERM|invalid password|AUTH/i.test(redisReason(address, cause));
      if (isRefused || Date.now() - began > connectTimeout) throw redisError(address, cause);
      await pause(250, signal);
    }
  }
}
