/**
 * Metrics in Prometheus' text format. They are written here, not with `prom-client`, because they are snapshots: no
 * counter is kept between two requests, and the format takes twenty lines.
 */
import { engineStatus } from './engine.ts';
import { environment } from './environment.ts';
import { addon, unwrap } from './native.ts';

/** One metric with its samples. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter';
  readonly samples: readonly MetricSample[];
}

/** A value of a metric with its labels. */
export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with one sample. */
export function gauge(
  name: string,
  help: string,
  value: number,
  labels: MetricSample['labels'] = {},
): Metric {
  return { name, help, type: 'gauge', samples: [{ labels, value }] };
}

/** The text of metrics. A metric without samples is left out. */
export function metricsText(metrics: readonly Metric[]): string {
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .map(({ name, help, type, samples }) => {
      const lines = samples.map(
        ({ labels = {}, value }) => `${name}${labelsText(labels)} ${numberText(value)}`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
    })
    .join('');
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  const escaped = (text: string) => text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n');
  const list = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return list.length === 0 ? '' : `{${list.join(',')}}`;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/**
 * The state of the engine in Prometheus' text format (version 0.0.4), to be appended to the other metrics of a server.
 * All names begin with `lapicque_engine_`. docs/guides/operations.md lists them with their meanings.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { engineMetrics } from 'lapicque';
 *
 * createServer((_, response) => {
 *   response.setHeader('content-type', 'text/plain; version=0.0.4');
 *   response.end(engineMetrics());
 * }).listen(9464);
 * ```
 * @returns one line per sample, after lines with `# HELP` and `# TYPE`
 */
export function engineMetrics(): string {
  const { tasks, queued, threads, mostThreads, limits } = engineStatus();
  const { version, simd } = environment();
  const { available } = unwrap(addon.memory());
  const paused = tasks.filter((task) => task.paused).length;
  const oldest = Math.max(0, ...tasks.map(({ sinceStartMs }) => sinceStartMs));
  const engine = 'lapicque_engine';
  return metricsText([
    gauge(`${engine}_info`, 'Version and SIMD level; the value is 1.', 1, { version, simd }),
    {
      name: `${engine}_tasks`,
      help: 'Calls that have started and not ended.',
      type: 'gauge',
      samples: [
        { labels: { state: 'running' }, value: tasks.length - paused },
        { labels: { state: 'paused' }, value: paused },
      ],
    },
    gauge(
      `${engine}_oldest_task_seconds`,
      'Time since the start of the oldest call; 0 without calls.',
      oldest / 1000,
    ),
    gauge(`${engine}_queued_calls`, 'Calls that have not started.', queued),
    gauge(
      `${engine}_queue_limit`,
      'Maximum number of queued calls; further calls fail with `busy`.',
      limits.queued,
    ),
    gauge(`${engine}_threads`, 'Threads that the engine has started, including idle ones.', threads),
    gauge(`${engine}_threads_max`, 'Most threads that the engine starts.', mostThreads),
    ...(available === undefined || available === null
      ? []
      : [
          gauge(
            `${engine}_memory_available_bytes`,
            'Memory that the engine can still take, by machine and control group.',
            available,
          ),
        ]),
  ]);
}
