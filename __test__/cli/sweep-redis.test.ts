// `lapicque sweep STUDY --redis URL` and its workers, over a real Redis: the study is that of one process, whatever is killed.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { ended } from '../support/process.ts';
import { lapicque, start } from '../support/program.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { results, sleep } from '../support/studies.ts';

const over = hasRedis ? test.serial : test.skip;
const kills = process.env.LAPICQUE_LONG_TESTS === '1' ? 100 : 6;
const file = resolve('__test__/support/redis-study.mjs');

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join('build', 'sweep-redis-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

const sweep = (store: string, trials: number, ...args: string[]) =>
  start(['sweep', file, '--store', join(folder, store), '--trials', String(trials), '--json', ...args]);

/** A worker; `output` collects its stderr. */
function worker(url: string, env: NodeJS.ProcessEnv = {}) {
  const output: string[] = [];
  const args = ['sweep', 'worker', file, '--redis', url, '--jobs', '1', '--lock', '1'];
  const child = spawn(process.execPath, [resolve('dist/cli.js'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  child.stderr.on('data', (text) => output.push(String(text)));
  return { child, output };
}

async function table(store: string) {
  const view = await study.open(join(folder, store));
  const trials = await view.trials();
  const files = await Promise.all(
    trials.map(async ({ number }) => {
      const names = await view.artifacts(number);
      const bytes = await view.artifact(number, 'value.txt');
      return [names, Buffer.from(bytes!).toString()];
    }),
  );
  return { view, trials, same: { trials: results(trials), files, best: (await view.best())?.number } };
}

over(
  'the same best trial, and bit-identical values, in one process and with 1, 2 and 4 workers',
  async (t) => {
    t.timeout(300_000);
    t.is((await sweep('alone', 14, '--jobs', '1').ended).code, 0);
    const alone = await table('alone');
    t.is(alone.trials.length, 14);
    await using server = await RedisServer.start();
    for (const count of [1, 2, 4]) {
      const store = `workers-${count}`;
      // Workers first: of a study of half a second one may see no more than that it is done again.
      const workers = Array.from({ length: count }, () => worker(server.url));
      const coordinator = sweep(store, 14, '--redis', server.url);
      const { code, stderr } = await coordinator.ended;
      t.is(code, 0, stderr);
      t.deepEqual(await Promise.all(workers.map(({ child }) => ended(child))), Array(count).fill(0));
      const { same, view, trials } = await table(store);
      t.deepEqual(same, alone.same);
      t.like(await view.status(), { running: [], interrupted: [], conflicts: [] });
      t.true(trials.every(({ worker }) => worker !== undefined));
    }
  },
);

over(`two workers and the coordinator, killed ${kills} times in all`, async (t) => {
  t.timeout(1_800_000);
  const trials = 4 * kills;
  const alone = sweep('whole', trials, '--jobs', '1');
  await using server = await RedisServer.start();
  const acknowledged = new Map<number, string>();
  const coordinate = () => {
    const coordinator = sweep('killed', trials, '--redis', server.url);
    let rest = '';
    coordinator.child.stdout.on('data', (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const { event, number, state, values } = JSON.parse(line);
        if (event !== 'trial') continue;
        t.false(acknowledged.has(number), `trial ${number} was acknowledged twice`);
        acknowledged.set(number, JSON.stringify([state, values]));
      }
    });
    return coordinator;
  };
  let coordinator = coordinate();
  const step = { STEP_MS: '40' };
  const workers = [worker(server.url, step), worker(server.url, step)];
  const output: string[] = [];
  const kill = async (child: ChildProcess) => {
    child.kill('SIGKILL');
    await ended(child);
  };
  let killed = 0;
  while (killed < kills && coordinator.child.exitCode === null) {
    // At a random moment after something was done: starting processes takes longer than a trial.
    const before = acknowledged.size + Number(killed % 3 === 0);
    while (acknowledged.size < before && coordinator.child.exitCode === null) await sleep(5);
    await sleep(300 * Math.random());
    if (coordinator.child.exitCode !== null) break;
    if (killed % 5 === 4) {
      await kill(coordinator.child);
      coordinator = coordinate();
    } else {
      const which = killed % 2;
      await kill(workers[which]!.child);
      output.push(...workers[which]!.output);
      workers[which] = worker(server.url, step);
    }
    killed += 1;
  }
  const { code, stderr } = await coordinator.ended;
  t.is(code, 0, stderr);
  t.deepEqual(await Promise.all(workers.map(({ child }) => ended(child))), [0, 0]);
  for (const each of workers) output.push(...each.output);
  t.is((await alone.ended).code, 0);
  const [found, whole] = await Promise.all([table('killed'), table('whole')]);
  t.log(`${killed} kills; ${found.trials.filter(({ attempts }) => attempts > 1).length} trials began again`);
  t.true(killed >= kills / 2);
  t.deepEqual(found.same, whole.same);
  t.like(await found.view.status(), { running: [], interrupted: [], conflicts: [] });
  for (const [number, stored] of acknowledged) {
    const { state, values } = found.trials.find((trial) => trial.number === number)!;
    t.is(JSON.stringify([state, values]), stored);
  }
  t.true(found.trials.some(({ attempts }) => attempts > 1));
  if (kills > 10) t.regex(output.join(''), /goes on at step/);
});

over('a worker whose Redis has gone ends when it is told to', async (t) => {
  const server = await RedisServer.start();
  const { child, output } = worker(server.url);
  const coordinator = sweep('gone', 1000, '--redis', server.url);
  t.teardown(() => [child, coordinator.child].map((process) => process.kill('SIGKILL')));
  await new Promise<void>((resolve) =>
    coordinator.child.stdout.on('data', (text) => String(text).includes('"event":"trial"') && resolve()),
  );
  await server.kill();
  await sleep(500);
  child.kill('SIGTERM');
  t.not(await Promise.race([ended(child), sleep(20_000)]), undefined, output.join(''));
});

over('what is refused, and what is shown of it', async (t) => {
  const secret = 'S3cretWord';
  const run = (...args: string[]) =>
    lapicque(['sweep', 'worker', file, ...args], '.', { LAPICQUE_REDIS_URL: '' });
  const open = await run('--redis', 'redis://10.1.2.3');
  t.is(open.code, 2);
  t.regex(open.stderr, /expected TLS \(rediss:\/\/\) and a password for another machine .*--redis-insecure/);
  const plain = await run('--redis', `redis://user:${secret}@10.1.2.3`);
  t.is(plain.code, 2);
  t.regex(plain.stderr, /expected TLS \(rediss:\/\/\) for another machine/);
  const none = await run();
  t.is(none.code, 2);
  t.regex(none.stderr, /LAPICQUE_REDIS_URL/);
  const jobs = await lapicque(['sweep', file, '--redis', 'redis://127.0.0.1', '--jobs', '2']);
  t.is(jobs.code, 2);
  t.regex(jobs.stderr, /sweep worker --jobs/);
  await using server = await RedisServer.start(['--requirepass', 'another']);
  const wrong = await run('--json', '--redis', server.url.replace('//', `//:${secret}@`));
  t.is(wrong.code, 1);
  t.like(JSON.parse(wrong.stdout), { code: 'io', path: server.url });
  t.regex(wrong.stderr, /WRONGPASS/);
  const without = await run('--redis', server.url);
  t.is(without.code, 1);
  t.regex(without.stderr, /LAPICQUE_REDIS_PASSWORD/);
  for (const { stdout, stderr } of [plain, wrong]) t.false((stdout + stderr).includes(secret));
});

over('a study without a worker says so, and ends with the first that comes', async (t) => {
  await using server = await RedisServer.start();
  const coordinator = sweep('no-worker', 3, '--redis', server.url);
  const waiting = new Promise<string>((settle) => {
    let output = '';
    coordinator.child.stderr.on('data', (text) => {
      output += text;
      if (output.includes('sweep worker')) settle(output);
    });
  });
  t.regex(await waiting, /no worker runs trials of "redis"/);
  const { child } = worker(server.url);
  t.is((await coordinator.ended).code, 0);
  await ended(child);
});
