/** `lapicque sweep STUDY`: runs a study, or continues a stored one. */
import { availableParallelism } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { invalid } from '../checks/check.ts';
import { isAbort } from '../checks/errors.ts';
import type { StudySetting } from '../study/definition.ts';
import { LocalExecutor } from '../study/local-executor.ts';
import type { Shard } from '../study/open-study.ts';
import { TrialPool } from '../study/pool.ts';
import { redisExecutor, trialsUnderway } from '../study/redis/index.ts';
import type { StudyProgress } from '../study/run.ts';
import { samplerOf } from '../study/sampler.ts';
import { feedsBack } from '../study/schedule.ts';
import type { TrialRecord } from '../study/search/trials.ts';
import { type ExecutorFactory, Study, type StudySummary } from '../study/study.ts';
import { asUsageError, exit } from './failure.ts';
import { exitSoon, interruption } from './interrupt.ts';
import { isJsonLog, logLine, outputLine, printToStderr } from './log-lines.ts';
import type { MetricsAddress } from './metrics-options.ts';
import { serveMetrics } from './metrics-server.ts';
import { output, printable, progressOf } from './output.ts';
import { type RedisFlags, redisOptions } from './redis-options.ts';
import { ofScript } from './script-error.ts';
import { type CommonOptions, prepare } from './shared-options.ts';
import { readStudy, type StudyFile } from './study-file.ts';
import { SweepMetrics } from './sweep-metrics.ts';

/** Options of `sweep`. */
export interface SweepOptions extends CommonOptions, RedisFlags {
  store?: string;
  jobs?: number;
  trials?: number;
  shard?: Shard;
  metrics?: MetricsAddress;
}

export async function sweep(path: string, options: SweepOptions): Promise<void> {
  await prepare(options);
  printToStderr();
  const { json, result, note } = output(options.json === true);
  const signal = interruption();
  const file = await readStudy(path, options.seed);
  const store = resolve(options.store ?? file.setting.store ?? `${basename(path, extname(path))}.study`);
  const setting = { ...file.setting, store };
  const study = new Study(setting);
  const redisSettings = options.redis === undefined ? undefined : redisOptions(options);
  const jobs = asUsageError(() =>
    redisSettings === undefined ? jobsOf(options.jobs, setting) : waiting(options, setting),
  );
  const before = await study.trials();
  const trials = options.trials ?? Math.max(100, before.length);
  if (before.length > 0) note(`${store}: continues after ${before.length} trials`);
  const metrics = new SweepMetrics(study.name, store, trials, redisSettings !== undefined);
  const server = options.metrics === undefined ? undefined : await serveMetrics(options.metrics, metrics);
  if (server !== undefined) note(`metrics: ${server.url}/metrics`);
  const progress = progressOf(study.name);
  const conflicts: number[] = [];
  try {
    const summary = await study.runWith(
      {
        ...{ trials, jobs, signal },
        ...(options.shard === undefined ? {} : { shard: options.shard }),
        onProgress: (progressed) =>
          progress.update(progressed.done, progressed.total, statusText(progressed), 1000 * progressed.left),
        onTrial: (trial) => {
          if (json) result({ event: 'trial', ...trial }, () => '');
          logTrial(trial);
        },
      },
      redisSettings === undefined
        ? executorOf(file, jobs, options.threads)
        : redisExecutor(redisSettings, {
            ...{ note, signal, onStatus: metrics.onStatus },
            onConflict: (trial) => conflicts.push(trial),
          }),
    );
    progress.stop();
    for (const trial of conflicts)
      note(
        `trial ${trial} ran twice with different results; the first counts. The objective does not depend on its parameters and seed alone`,
      );
    const conflictReport = conflicts.length === 0 ? {} : { conflicts };
    result({ event: 'done', study: study.name, store, ...summary, ...conflictReport }, () =>
      text(study, store, summary),
    );
    if (summary.complete === 0 && summary.failed > 0) process.exitCode = exit.failed;
  } catch (error) {
    progress.stop();
    if (isAbort(error)) note(`${store} contains the finished trials; run the same command to continue`);
    throw ofScript('study', path, error);
  } finally {
    progress.stop();
    server?.close();
    if (signal.aborted) exitSoon();
  }
}

/** A line for a trial that has ended, with `--log-format json`. */
export function logTrial({
  number,
  state,
  values,
  seconds,
  error,
}: Pick<TrialRecord, 'number' | 'state' | 'values' | 'seconds' | 'error'>): void {
  if (!isJsonLog()) return;
  const level = state === 'failed' ? 'warning' : 'info';
  logLine(level, 'trial', { number, state, values, seconds, error });
}

/** All cores, within the limit of the study's order. */
function jobsOf(jobs: number | undefined, { definition }: StudySetting): number {
  const max =
    definition.order === 'fixed' && feedsBack(definition, samplerOf(definition))
      ? definition.parallel
      : 1 << 16;
  if (jobs === undefined) return Math.min(availableParallelism(), max);
  const why = max === definition.parallel ? '; for more, make the study with a larger "parallel"' : '';
  return jobs <= max ? jobs : invalid('--jobs', jobs, `at most ${max}${why}`);
}

/** Number of running or waiting trials on other machines. */
function waiting({ jobs, shard }: SweepOptions, { definition }: StudySetting): number {
  if (jobs !== undefined)
    invalid(
      '--jobs',
      jobs,
      'no --jobs with --redis; sweep worker --jobs sets the number of trials of a machine',
    );
  if (shard !== undefined)
    invalid(
      '--shard',
      `${shard.index + 1}/${shard.count}`,
      'no --shard with --redis; workers take trials when they are free',
    );
  return trialsUnderway(definition);
}

/** Uses processes if there are several trials at a time, or a limit that requires killing a process. */
function executorOf(
  { setting, objective }: StudyFile,
  jobs: number,
  threads: number | undefined,
): ExecutorFactory {
  const { limits } = setting;
  const isFunction = typeof setting.objective === 'function';
  return ({ trial, artifacts }) =>
    isFunction && jobs === 1 && Object.keys(limits).length === 0
      ? new LocalExecutor(setting.objective as never, artifacts, trial)
      : new TrialPool({
          ...{ objective, jobs, artifacts, setting: trial, limits },
          onOutput: isJsonLog() ? outputLine : undefined,
          ...(threads === undefined ? {} : { threads }),
        });
}

function statusText({ best, running, rate, pruned, failed }: StudyProgress): string {
  return [
    ...(best === undefined ? [] : [`best ${short(best.value)} (trial ${best.number})`]),
    `${running.length} running`,
    `${Number(rate.toPrecision(2))}/s`,
    ...(pruned > 0 ? [`${pruned} pruned`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
  ].join(', ');
}

export function short(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(5);
  return typeof value === 'string' ? printable(value) : JSON.stringify(value);
}

/** `lr 0.003, layers 2` */
export function parametersText(parameters: TrialRecord['parameters']): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${printable(name)} ${short(value)}`)
    .join(', ');
}

function text(
  { name }: Study,
  store: string,
  { trials, complete, pruned, failed, best }: StudySummary,
): string {
  const counts = `${printable(name)}: ${trials} trials, ${complete} complete, ${pruned} pruned, ${failed} failed; in ${store}`;
  if (best === undefined) return counts;
  return `${counts}\nbest value ${short(best.values![0])} of trial ${best.number}: ${parametersText(best.parameters)}`;
}
