/** The live workers of a study. */
import type { Redis } from 'ioredis';
import { processName, type StudyKeys } from './keys.ts';
import { receivedWorker } from './received.ts';

/** A worker's description of itself. */
export interface WorkerStatus {
  readonly name: string;
  /** Its capacity in trials. */
  readonly jobs: number;
  readonly running: number;
  /** Time of its last heartbeat by the clock of Redis, in seconds since 1970. */
  readonly heartbeat: number;
}

/** What a process of a study knows of its Redis at one moment. */
export interface RedisStatus {
  /** Whether Redis answers. Without it the other numbers are those of the last answer. */
  readonly isUp: boolean;
  /** Trials that no worker has taken yet. */
  readonly waiting: number;
  readonly workers: readonly WorkerStatus[];
}

/** Seconds without a heartbeat after which a worker no longer counts. */
const heartbeatGrace = 15;

/**
 * Seconds since 1970 by the clock of the server that has the study's keys. Nodes of a cluster may have different
 * clocks, and `client.time()` would ask any of them.
 */
export async function redisTime(client: Redis, { workers }: Pick<StudyKeys, 'workers'>): Promise<number> {
  const [seconds, microseconds] = (await client.eval("return redis.call('TIME')", 1, workers)) as string[];
  return Number(seconds) + Number(microseconds) / 1e6;
}

/** Sends a heartbeat of this process. */
export async function sendHeartbeat(
  client: Redis,
  { workers }: StudyKeys,
  jobs: number,
  running: number,
): Promise<void> {
  const until = Math.floor(await redisTime(client, { workers })) + heartbeatGrace;
  await client.hset(workers, processName(), JSON.stringify({ jobs, running, until }));
}

export async function removeHeartbeat(client: Redis, { workers }: StudyKeys): Promise<void> {
  await client.hdel(workers, processName());
}

/** The workers with a recent heartbeat, by the clock of Redis. */
export async function workersOf(client: Redis, { workers }: StudyKeys): Promise<WorkerStatus[]> {
  const now = await redisTime(client, { workers });
  return Object.entries(await client.hgetall(workers)).flatMap(([name, text]) => {
    const worker = receivedWorker(text);
    return worker !== undefined && worker.until > Math.floor(now)
      ? [{ name, ...worker, heartbeat: worker.until - heartbeatGrace }]
      : [];
  });
}
