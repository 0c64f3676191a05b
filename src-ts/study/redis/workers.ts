/** Which workers a study has at the moment. */
import type { Redis } from 'ioredis';
import { processName, type StudyKeys } from './keys.ts';

/** A worker, as it says of itself. */
export interface WorkerStatus {
  readonly name: string;
  /** Trials that it takes at a time. */
  readonly jobs: number;
  readonly running: number;
}

/** Seconds for which a worker that is not heard of counts as one. */
const heardOf = 15;

/** Says that this process lives. */
export async function sayAlive(
  client: Redis,
  { workers }: StudyKeys,
  jobs: number,
  running: number,
): Promise<void> {
  const [seconds] = await client.time();
  const until = Number(seconds) + heardOf;
  await client.hset(workers, processName(), JSON.stringify({ jobs, running, until }));
}

export async function sayGone(client: Redis, { workers }: StudyKeys): Promise<void> {
  await client.hdel(workers, processName());
}

/** Those that were heard of lately, by the clock of Redis. */
export async function workersOf(client: Redis, { workers }: StudyKeys): Promise<WorkerStatus[]> {
  const [seconds] = await client.time();
  const found = Object.entries(await client.hgetall(workers)).map(([name, text]) => ({
    name,
    ...(JSON.parse(text) as { jobs: number; running: number; until: number }),
  }));
  return found.filter(({ until }) => until > Number(seconds));
}
