/** A Redis Cluster of three masters on this machine. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, RedisServer } from './redis-server.ts';

export class RedisCluster implements AsyncDisposable {
  readonly servers: readonly RedisServer[];
  readonly #folder: string;

  private constructor(servers: readonly RedisServer[], folder: string) {
    this.servers = servers;
    this.#folder = folder;
  }

  static async start(): Promise<RedisCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'lapicque-cluster-'));
    const servers: RedisServer[] = [];
    for (const name of ['a', 'b', 'c']) {
      const files = ['--dir', folder, '--cluster-config-file', `${name}.conf`];
      const bus = ['--cluster-port', String(await freePort())];
      servers.push(await RedisServer.start(['--cluster-enabled', 'yes', ...files, ...bus]));
    }
    const nodes = servers.map(({ port }) => `127.0.0.1:${port}`);
    execFileSync('redis-cli', ['--cluster', 'create', ...nodes, '--cluster-yes'], { stdio: 'pipe' });
    return new RedisCluster(servers, folder);
  }

  /** Number of keys of each server. */
  keys(): number[] {
    return this.servers.map((_, server) => Number(this.command(server, 'dbsize')));
  }

  /** The answer of a server to a command. */
  command(server: number, ...command: string[]): string {
    const { port } = this.servers[server]!;
    return execFileSync('redis-cli', ['-p', String(port), ...command], { encoding: 'utf8' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }
}
