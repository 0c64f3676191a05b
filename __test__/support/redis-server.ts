/** A real `redis-server` (Debian: `apt install redis-server`) on a port of its own, that a test may kill and start again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { ended } from './process.ts';

/** Tests that need it are skipped, by their names, where it is not installed; `.ci/run` installs it and demands them. */
export const hasRedis =
  process.env.LAPICQUE_REDIS_TESTS === 'required' || spawnSync('redis-server', ['--version']).status === 0;

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #arguments: readonly string[];
  readonly #port: string;
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[], kind: 'plain' | 'tls') {
    this.port = port;
    this.#port = kind === 'tls' ? '--tls-port' : '--port';
    this.url = `redis://127.0.0.1:${port}`;
    this.#arguments = args;
  }

  /** @param args - of redis-server; without any it writes nothing to disk */
  static async start(args: readonly string[] = [], kind: 'plain' | 'tls' = 'plain'): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args, kind);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const where = ['--port', '0', this.#port, String(this.port), '--bind', '127.0.0.1', '--save', ''];
    this.#process = spawn('redis-server', [...where, ...this.#arguments], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const child = this.#process;
    children.add(child);
    const { stdout } = child;
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', () => reject(new Error('redis-server ended')));
      stdout!.on('data', (text) => {
        if (String(text).includes('Ready to accept connections')) resolve();
      });
    });
  }

  /** As when its machine loses power. */
  async kill(): Promise<void> {
    const child = this.#process!;
    child.kill('SIGKILL');
    await ended(child);
    children.delete(child);
  }

  /** `SIGSTOP`: connections stay open, and nothing is answered. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    this.#process!.kill(name);
  }

  async restart(away: number): Promise<void> {
    await this.kill();
    await pause(away);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
