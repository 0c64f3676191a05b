/** Loads the two packages that a study over Redis needs, and opens connections that reconnect. */
import type * as BullMQ from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { invalid } from '../../checks/check.ts';
import { abortError, LapicqueError } from '../../checks/errors.ts';
import { missingPackage } from '../../checks/optional-package.ts';
import { untilAborted } from '../../engine/abort.ts';
import { type RedisAddress, redisError, redisReason } from './address.ts';
import { pause } from './pause.ts';

const feature = 'a study over Redis';

/** Maximum time to wait for Redis at the start, in ms. */
const connectTimeout = 10_000;

/**
 * For at least a minute, commands are repeated while a cluster moves slots or one of its servers is replaced. The check of ioredis, whether the
 * cluster is ready, is off: where it fails, the promise of `connect` stays unsettled, also in BullMQ, and a process ends at once or never.
 */
const patience = {
  enableReadyCheck: false,
  maxRedirections: 600,
  retryDelayOnClusterDown: 200,
  retryDelayOnMoved: 100,
};

/** Loads `bullmq` and `ioredis`, which users install themselves. */
export async function redisPackages(): Promise<{ bullmq: typeof BullMQ; clients: RedisClients }> {
  const [bullmq, ioredis] = await Promise.all([
    import('bullmq').catch((error) => {
      throw missingPackage('bullmq', feature, error);
    }),
    import('ioredis').catch((error) => {
      throw missingPackage('ioredis', feature, error);
    }),
  ]);
  return { bullmq, clients: { Redis: ioredis.Redis, Cluster: ioredis.Cluster } };
}

/** The two kinds of clients: of one server, and of a cluster. */
export interface RedisClients {
  readonly Redis: typeof Redis;
  readonly Cluster: typeof Cluster;
}

/** Reports once when Redis becomes unreachable, and once when it is back. */
export type Note = (text: string) => void;

/**
 * Opens a connection to a server or, if that server is a node of Redis Cluster, to its cluster. Later, commands wait
 * while Redis is unreachable and are sent again when it is back.
 *
 * @throws LapicqueError `io` if Redis cannot be reached or refuses the password; `aborted`; `invalid-parameter` for a
 * database of a cluster
 */
export async function connect(
  { Redis: RedisClient, Cluster: ClusterClient }: RedisClients,
  address: RedisAddress,
  note: Note,
  signal?: AbortSignal,
): Promise<Redis> {
  const { display, host, port, db, ...login } = address;
  const options = {
    ...login,
    lazyConnect: true,
    maxRetriesPerRequest: null,
    connectTimeout: 5000,
    connectionName: 'lapicque',
    disableClientInfo: true,
  };
  const began = Date.now();
  for (;;) {
    const opening: Opening = { opened: false, reason: undefined };
    const retryStrategy = (times: number) =>
      opening.opened ? Math.min(50 * 2 ** Math.min(times, 6), 2000) : null;
    let client = new RedisClient({ ...options, host, port, db, retryStrategy });
    watch(client, opening, address, note);
    try {
      await untilAborted(signal, client.connect());
      // A server with a password accepts connections before authentication.
      await untilAborted(signal, client.ping());
      if (await untilAborted(signal, isClusterNode(client))) {
        if (db !== 0) invalid('redis', display, 'no number of a database; Redis Cluster has only 0');
        const state = String(await untilAborted(signal, client.cluster('INFO')));
        if (!/^cluster_state:ok/m.test(state)) throw new Error('the cluster is not ready');
        client.disconnect();
        const { lazyConnect, ...redisOptions } = options;
        const clusterRetryStrategy = retryStrategy;
        const cluster = new ClusterClient([{ host, port }], {
          lazyConnect,
          redisOptions,
          clusterRetryStrategy,
          ...patience,
        });
        // The commands that are used here are the same for both kinds of clients.
        client = cluster as unknown as Redis;
        watch(client, opening, address, note);
        await untilAborted(signal, client.connect());
      }
      opening.opened = true;
      return client;
    } catch (error) {
      client.disconnect();
      if (signal?.aborted) throw abortError(signal);
      if (error instanceof LapicqueError) throw error;
      const cause = opening.reason ?? error;
      const isRefused = /WRONGPASS|NOAUTH|NOPERM|invalid password|AUTH/i.test(redisReason(address, cause));
      if (isRefused || Date.now() - began > connectTimeout) throw redisError(address, cause);
      await pause(250, signal);
    }
  }
}

/** A connection that is being opened. */
interface Opening {
  opened: boolean;
  /** Its last error. */
  reason: unknown;
}

/** Notes when an open connection breaks, and when it is back. */
function watch(client: Redis, opening: Opening, address: RedisAddress, note: Note): void {
  let away = false;
  client.on('error', (error: unknown) => {
    opening.reason = error;
    if (!opening.opened || away) return;
    away = true;
    note(`${address.display} does not answer (${redisReason(address, error)}); waiting for it`);
  });
  client.on('ready', () => {
    if (away) note(`${address.display} is back`);
    away = false;
  });
}

async function isClusterNode(client: Redis): Promise<boolean> {
  return /^cluster_enabled:1/m.test(await client.info('cluster'));
}

/** A second connection, for commands that wait. */
export function secondConnection(client: Redis): Redis {
  return client.isCluster ? client.duplicate() : client.duplicate({ connectionName: 'lapicque-wait' });
}
