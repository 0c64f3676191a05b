/** A worker in a process of its own: `redis-worker.js URL WORK LOCK`. */
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serveTrials } from '../../src-ts/study/redis/index.ts';
import { ThreadExecutor } from './thread-executor.ts';

/** Of the study of these tests. */
export const study = { name: 'kills', fingerprint: 'ab'.repeat(32) };

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [url, work, lock] = process.argv.slice(2) as [string, string, string];
  const end = await serveTrials({
    ...study,
    redis: { url },
    jobs: 1,
    lock: Number(lock),
    executor: (artifacts) => new ThreadExecutor(1, artifacts, Number(work)),
  });
  process.stdout.write(end);
}
