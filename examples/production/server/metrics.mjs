// Metrics in Prometheus' text form: requests and open streams, counted by prom-client; tasks of the engine, from what it publishes on
// node:diagnostics_channel; the state of the engine, from engineMetrics().
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { engineMetrics } from 'lapicque';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** Starts to count; `text` gives the metrics, `stop` ends it. */
export function startMetrics(server) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const buckets = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];
  const histogram = (name, help, labelNames) => new Histogram({ name, help, labelNames, buckets, registers });
  const requests = histogram('http_request_duration_seconds', 'From request to response.', [
    'method',
    'route',
    'status',
  ]);
  server.addHook('onResponse', async ({ method, routeOptions: { url = 'unknown' } }, reply) =>
    requests.observe({ method, route: url, status: reply.statusCode }, reply.elapsedTime / 1000),
  );
  const streams = new Gauge({ name: 'streams_open', help: 'Open WebSocket streams.', registers });

  const waited = histogram('lapicque_task_waited_seconds', 'From the call to its start.', ['task']);
  const ran = histogram('lapicque_task_duration_seconds', 'That a task ran.', ['task', 'outcome']);
  const ended = ({ name, outcome, waitedMs, runMs }) => {
    waited.observe({ task: name }, waitedMs / 1000);
    ran.observe({ task: name, outcome }, runMs / 1000);
  };
  subscribe('lapicque:task:ended', ended);

  return {
    contentType: registry.contentType,
    text: async () => (await registry.metrics()) + engineMetrics(),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    stop() {
      unsubscribe('lapicque:task:ended', ended);
      registry.clear();
    },
  };
}
