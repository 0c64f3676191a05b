// OpenTelemetry metrics of the engine, from what it publishes on node:diagnostics_channel, in Prometheus' text form.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { engineStatus } from 'lapicque';

/** Starts to count; `answer` writes the metrics as an HTTP response, `stop` ends it. */
export function startMetrics() {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter('lapicque');

  const waited = meter.createHistogram('lapicque.task.waited', {
    unit: 'ms',
    description: 'from the call to its start',
  });
  const ran = meter.createHistogram('lapicque.task.duration', { unit: 'ms', description: 'that a task ran' });
  const ended = ({ name, outcome, waitedMs, runMs }) => {
    waited.record(waitedMs, { task: name });
    ran.record(runMs, { task: name, outcome });
  };
  subscribe('lapicque:task:ended', ended);

  meter
    .createObservableGauge('lapicque.queue', { description: 'calls that have not begun' })
    .addCallback((result) => result.observe(engineStatus().queued));
  meter
    .createObservableGauge('lapicque.running', { description: 'calls that have begun' })
    .addCallback((result) => result.observe(engineStatus().tasks.length));
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  meter
    .createObservableGauge('nodejs.eventloop.delay.p99', { unit: 'ms' })
    .addCallback((result) => result.observe(delay.percentile(99) / 1e6));

  return {
    answer: (request, response) => exporter.getMetricsRequestHandler(request, response),
    async stop() {
      unsubscribe('lapicque:task:ended', ended);
      delay.disable();
      await provider.shutdown();
    },
  };
}
