/** `lapicque sweep worker STUDY`: runs trials of a study that another process coordinates. */
import { availableParallelism } from 'node:os';
import { TrialPool } from '../study/pool.ts';
import { serveTrials, sharedFingerprint } from '../study/redis/index.ts';
import { Study } from '../study/study.ts';
import { exit, terminated } from './failure.ts';
import { exitSoon, interruption } from './interrupt.ts';
import { isJsonLog, outputLine, printToStderr } from './log-lines.ts';
import type { MetricsAddress } from './metrics-options.ts';
import { serveMetrics } from './metrics-server.ts';
import { output, printable } from './output.ts';
import { type RedisFlags, redisOptions } from './redis-options.ts';
import { ofScript } from './script-error.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { readStudy } from './study-file.ts';
import { logTrial } from './sweep.ts';
import { WorkerMetrics } from './sweep-metrics.ts';

/** Options of `sweep worker`. */
export interface SweepWorkerOptions extends CommonOptions, RedisFlags {
  jobs?: number;
  idle?: number;
  lock?: number;
  metrics?: MetricsAddress;
}

export async function sweepWorker(path: string, options: SweepWorkerOptions): Promise<void> {
  await prepare(options);
  printToStderr();
  const { json, result, note } = output(options.json === true);
  const signal = interruption();
  const { setting, objective } = await readStudy(path, options.seed);
  const study = new Study(setting);
  const jobs = options.jobs ?? availableParallelism();
  const counts = { complete: 0, pruned: 0, failed: 0 };
  const metrics = new WorkerMetrics(study.name, jobs, counts);
  const server = options.metrics === undefined ? undefined : await serveMetrics(options.metrics, metrics);
  if (server !== undefined) note(`metrics: ${server.url}/metrics`);
  try {
    const end = await serveTrials({
      ...{
        name: study.name,
        fingerprint: sharedFingerprint(study.definition),
        redis: redisOptions(options),
        jobs,
        note,
        signal,
      },
      ...(options.idle === undefined ? {} : { idle: options.idle }),
      ...(options.lock === undefined ? {} : { lock: 1000 * options.lock }),
      executor: (artifacts) =>
        new TrialPool({
          ...{ objective, jobs, artifacts, setting: study.trialSetting, limits: setting.limits },
          onOutput: isJsonLog() ? outputLine : undefined,
          ...(options.threads === undefined ? {} : { threads: options.threads }),
        }),
      onTrial: (trial, state) => {
        counts[state] += 1;
        if (json) result({ event: 'trial', number: trial, state }, () => '');
        logTrial({ number: trial, state });
      },
      onStatus: metrics.onStatus,
    });
    const ran = counts.complete + counts.pruned + counts.failed;
    const why = { done: 'the study is done', idle: 'there was nothing to do', stopped: 'interrupted' }[end];
    result(
      { event: end, study: study.name, ...counts },
      () => `${printable(study.name)}: ${why}; ${ran} trials ran here`,
    );
    if (end === 'stopped')
      process.exitCode = signal.reason === terminated ? exit.terminated : exit.interrupted;
  } catch (error) {
    throw ofScript('study', path, error);
  } finally {
    server?.close();
    if (signal.aborted) exitSoon();
  }
}
