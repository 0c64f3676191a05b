// Processes of a study over Redis: the times they measure, what they survive, and how fast they end.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import test from 'ava';
import { study } from '../../src-ts/doors/study.ts';
import { ended } from '../support/process.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { sleep } from '../support/studies.ts';

const over = hasRedis ? test.serial : test.skip;
const file = resolve('__test__/support/redis-times-study.mjs');
const day = 86_400_000;

let folder: string;
test.before(async () => {
  folder = await mkdtemp(join('build', 'redis-processes-'));
});
test.after.always(() => rm(folder, { recursive: true, force: true }));

/** A process of the command line whose clock is `skew` ms ahead. */
function lapicque(
  args: readonly string[],
  { skew = 0, env = {} }: { skew?: number; env?: NodeJS.ProcessEnv } = {},
) {
  const shift = `const { now } = Date; Date.now = () => now() + ${skew};`;
  const child = spawn(process.execPath, [resolve('dist/cli.js'), 'sweep', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...env,
      ...(skew === 0 ? {} : { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}` }),
    },
  });
  let output = '';
  child.stderr.on('data', (text) => {
    output += text;
  });
  child.stdout.on('data', (text) => {
    output += text;
  });
  return { child, output: () => output };
}

async function until(check: () => boolean, what: () => string): Promise<void> {
  for (let i = 0; i < 600 && !check(); i++) await sleep(50);
  if (!check()) throw new Error(what());
}

over('times are those of the trials, whatever waits in the queue and whatever the clocks show', async (t) => {
  t.timeout(120_000);
  await using server = await RedisServer.start();
  const store = join(folder, 'times');
  const began = Date.now();
  const coordinator = lapicque([file, '--store', store, '--trials', '6', '--redis', server.url]);
  const workers = [-day, day].map((skew) =>
    lapicque(['worker', file, '--redis', server.url, '--jobs', '1'], { skew }),
  );
  t.is(await ended(coordinator.child), 0, coordinator.output());
  await Promise.all(workers.map(({ child }) => ended(child)));
  const finish = Date.now();
  const trials = await (await study.open(store)).trials();
  t.is(trials.length, 6);
  for (const { number, seconds, started, ended: end, state } of trials) {
    t.is(state, 'complete');
    // All six are enqueued at once, and each worker runs one at a time.
    t.true(seconds! >= 0.39 && seconds! < 1.5, `trial ${number}: ${seconds} s`);
    t.true(Math.abs(end! - started - 1000 * seconds!) <= 2);
    t.true(
      started >= began - 50 && end! <= finish + 50,
      `trial ${number}: ${started - began}, ${finish - end!}`,
    );
  }
  t.like(trials[2], {
    attempts: 2,
    retried: [{ code: 'process-exit', message: 'trial 2: its process ended with signal SIGKILL' }],
  });
  t.true(trials.every(({ attempts, number }) => attempts === (number === 2 ? 2 : 1)));
});

/** How long a process takes to end after SIGTERM, and its exit code. */
async function terminated(child: ChildProcess): Promise<{ seconds: number; code: unknown }> {
  const began = performance.now();
  child.kill('SIGTERM');
  const code = await Promise.race([ended(child), sleep(10_000)]);
  return { seconds: (performance.now() - began) / 1000, code };
}

for (const state of ['killed', 'stopped'] as const)
  over(`coordinator and worker obey SIGTERM within 3 s while Redis is ${state}`, async (t) => {
    t.timeout(120_000);
    const server = await RedisServer.start();
    const block = { env: { BLOCK_MS: state === 'killed' ? '60000' : '0' } };
    const coordinator = lapicque([
      ...[file, '--store', join(folder, state), '--trials', '100', '--json', '--redis', server.url],
    ]);
    const quick = lapicque(['worker', file, '--redis', server.url, '--jobs', '1']);
    t.teardown(async () => {
      for (const { child } of [coordinator, quick, busy]) child.kill('SIGKILL');
      if (state === 'stopped') server.signal('SIGCONT');
      await server.kill();
    });
    // Its trial never leaves the event loop.
    const busy = lapicque(['worker', file, '--redis', server.url, '--jobs', '1'], block);
    await until(() => coordinator.output().includes('"event":"trial"'), coordinator.output);
    await sleep(1000);
    if (state === 'killed') await server.kill();
    else server.signal('SIGSTOP');
    await sleep(700);
    // One that has not found Redis yet.
    const late = lapicque(['worker', file, '--redis', server.url, '--jobs', '1']);
    await sleep(2000);
    const ends = await Promise.all([coordinator, quick, busy, late].map(({ child }) => terminated(child)));
    t.log(ends.map(({ seconds }) => seconds.toFixed(2)).join(', '));
    for (const [i, { seconds, code }] of ends.entries()) {
      t.is(code, 143, [coordinator, quick, busy, late][i]!.output());
      t.true(seconds < 3, `${i}: ${seconds} s`);
    }
    if (state === 'killed') await server.start();
  });
