/** The option `--metrics`, without the server, which loads the addon. */
import type { Command } from 'commander';
import { integer, invalid } from '../checks/check.ts';
import { asUsageError } from './failure.ts';

/** Where to listen. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** Adds `--metrics`. */
export function withMetrics(command: Command): Command {
  return command.option(
    '--metrics <[host:]port>',
    'serve Prometheus metrics on /metrics, health checks on /health and /ready; default host 127.0.0.1',
    (text) => asUsageError(() => addressOf(text)),
  );
}

function addressOf(text: string): MetricsAddress {
  const [, host = '127.0.0.1', port] =
    /^(?:(.+):)?(\d+)$/.exec(text) ?? invalid('--metrics', text, 'a port, or host:port such as 0.0.0.0:9464');
  return {
    host: host.replace(/^\[(.*)\]$/, '$1'),
    port: integer('--metrics', Number(port), { min: 0, max: 65535 }),
  };
}
