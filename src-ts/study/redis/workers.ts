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
}

/** Seconds without a heartbeat after which a worker no longer counts. */
const heartbeatGrace = 15;

/** Sends a heartbeat of this process. */
export async function sendHeartbeat(
  client: Redis,
  { workers }: StudyKeys,
  jobs: number,
  running: number,
): Promise<void> {
  const [seconds] = await client.time();
  const until = Number(seconds) + heartbeatGrace;
  await client.hset(workers, processName(), JSON.stringify({ jobs, running, until }));
}

export async function removeHeartbeat(client: Redis, { workers }: StudyKeys): Promise<void> {
  await client.hdel(workers, processName());
}

/** The workers with a recent heartbeat, by the clock of Redis. */
export async function workersOf(client: Redis, { workers }: StudyKeys): Promise<WorkerStatus[]> {
  const [seconds] = await client.time();
  return Object.entries(await client.hgetall(workers)).flatMap(([name, text]) => {
    const worker = receivedWorker(text);
    return worker !== undefined && worker.until > Number(seconds) ? [{ name, ...worker }] : [];
  });
}
