/** A real `redis-server` (Debian: `apt install redis-server`) on a port of its own, that a test may kill and start again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestFn } from 'ava';
import { ended } from './process.ts';

const isInstalled = spawnSync('redis-server', ['--version']).status === 0;

/** Tests that need it are skipped, by their names, where it is not installed; a build server must have it. */
export function needsRedis(test: TestFn): TestFn | TestFn['skip'] {
  if (!isInstalled && process.env.CI === undefined) return test.skip;
  return test;
}

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#arguments = args;
  }

  /** @param args - of redis-server; without any it writes nothing to disk */
  static async start(args: readonly string[] = []): Promise<RedisServer> {
    const server = new RedisServer(await freePort(), args);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', ''];
    this.#process = spawn('redis-server', [...where, ...this.#arguments], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const child = this.#process;
    process.once('exit', () => child.kill('SIGKILL'));
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
    this.#process?.kill('SIGKILL');
    await ended(this.#process!);
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
