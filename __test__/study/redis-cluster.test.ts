// A study over a Redis Cluster of three servers: the trials of one process, through whichever node the study is given.
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { start } from '../support/program.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { hasRedis } from '../support/redis-server.ts';
import { results } from '../support/studies.ts';

const over = hasRedis ? test.serial : test.skip;
const file = resolve('__test__/support/redis-study.mjs');

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join('build', 'redis-cluster-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const sweep = (store: string, ...args: string[]) =>
  start(['sweep', file, '--store', join(folder, store), '--trials', '14', ...args]).ended;

const trials = async (store: string) => results(await (await study.open(join(folder, store))).trials());

over('a coordinator and two workers, each with another node', async (t) => {
  t.timeout(120_000);
  await using cluster = await RedisCluster.start();
  const [first, ...others] = cluster.servers.map(({ url }) => url);
  const workers = others.map(
    (url) => start(['sweep', 'worker', file, '--redis', url, '--jobs', '1', '--lock', '1']).ended,
  );
  const { code, stderr } = await sweep('cluster', '--redis', first!);
  t.is(code, 0, `coordinator: ${stderr}`);
  for (const { code, stderr } of await Promise.all(workers)) t.is(code, 0, `worker: ${stderr}`);
  const alone = await sweep('alone', '--jobs', '1');
  t.is(alone.code, 0, `alone: ${alone.stderr}`);
  t.deepEqual(await trials('cluster'), await trials('alone'));
  // All keys of a study have one hash slot; the other two servers have at most the entry of its name.
  t.true(cluster.keys().filter((count) => count > 1).length === 1, String(cluster.keys()));
});

over('a database of a cluster is refused', async (t) => {
  await using cluster = await RedisCluster.start();
  const { code, stderr } = await sweep('database', '--redis', `${cluster.servers[0]!.url}/2`);
  t.not(code, 0);
  t.regex(stderr, /Redis Cluster has only 0/);
});

over('a cluster that is not ready is waited for', async (t) => {
  t.timeout(120_000);
  await using cluster = await RedisCluster.start();
  const { url } = cluster.servers[0]!;
  // Without this slot no server answers.
  for (const server of [0, 1, 2]) cluster.command(server, 'cluster', 'delslots', '0');
  const worker = () => start(['sweep', 'worker', file, '--redis', url, '--jobs', '1', '--idle', '1']).ended;
  const refused = await worker();
  t.is(refused.code, 1, refused.stderr);
  t.regex(refused.stderr, /the cluster is not ready/);
  const waiting = worker();
  await setTimeout(3000);
  cluster.command(0, 'cluster', 'addslots', '0');
  const { code, stderr } = await waiting;
  t.is(code, 0, stderr);
});
