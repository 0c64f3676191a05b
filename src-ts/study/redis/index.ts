/** A study on many machines. */
export type { RedisOptions } from './address.ts';
export { redisAddress } from './address.ts';
export type { RedisExecutorOptions } from './coordinator.ts';
export { RedisExecutor } from './coordinator.ts';
export { redisExecutor, sharedFingerprint, trialsUnderway } from './factory.ts';
export type { RedisWorkerOptions, WorkerEnd } from './worker.ts';
export { serveTrials } from './worker.ts';
export type { RedisStatus } from './workers.ts';
