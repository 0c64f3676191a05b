/** `--metrics [HOST:]PORT`: an HTTP server with Prometheus' metrics and health checks, beside the work of a command. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ioError } from '../checks/errors.ts';
import { engineMetrics, gauge, metricsText } from '../engine/metrics.ts';
import type { MetricsAddress } from './metrics-options.ts';

/** What the server answers with. */
export interface Observed {
  /** Metrics in Prometheus' text format, in addition to those of the engine and the process. */
  metrics(): string | Promise<string>;
  /** Why the process does not do its work now; undefined if it does. */
  unready(): string | undefined;
}

/**
 * Starts the server. It does not keep the process running.
 *
 * @returns its URL, and a function that closes it
 * @throws LapicqueError `io` if the address cannot be used
 */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  observed: Observed,
): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', observed, response).catch((error: Error) => {
      response.statusCode = 500;
      response.end(`${error.message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(ioError(`${host}:${port}`, error)));
    server.listen(port, host, resolve);
  });
  server.unref();
  const at = server.address() as AddressInfo;
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://${at.family === 'IPv6' ? `[${at.address}]` : at.address}:${at.port}`, close };
}

async function answer(url: string, observed: Observed, response: ServerResponse): Promise<void> {
  const [path] = url.split('?');
  if (path === '/metrics') {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end((await observed.metrics()) + engineMetrics() + processMetrics());
  } else if (path === '/health') {
    sendJson(response, 200, { status: 'ok' });
  } else if (path === '/ready') {
    const reason = observed.unready();
    if (reason === undefined) sendJson(response, 200, { status: 'ok' });
    else sendJson(response, 503, { status: 'unavailable', reason });
  } else sendJson(response, 404, { paths: ['/metrics', '/health', '/ready'] });
}

function sendJson(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.statusCode = status;
  response.setHeader('content-type', 'application/json');
  response.end(`${JSON.stringify(body)}\n`);
}

/** By the names that Prometheus' client libraries use. */
function processMetrics(): string {
  const { user, system } = process.cpuUsage();
  return metricsText([
    {
      name: 'process_cpu_seconds_total',
      help: 'CPU time of the process.',
      type: 'counter',
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Resident memory of the process.', process.memoryUsage.rss()),
    gauge(
      'process_start_time_seconds',
      'Start of the process, in Unix time.',
      Date.now() / 1000 - process.uptime(),
    ),
  ]);
}
