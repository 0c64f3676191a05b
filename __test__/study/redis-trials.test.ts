// Trials over a real Redis: each comes out once and bit for bit as without it, whatever is killed on the way.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { Redis } from 'ioredis';
import { study as lapicqueStudy, space } from '../../src-ts/doors/study.ts';
import { MemoryArtifacts } from '../../src-ts/study/artifacts.ts';
import type { TrialHooks, TrialOutcome } from '../../src-ts/study/executor.ts';
import { encodeRecord } from '../../src-ts/study/record-text.ts';
import {
  RedisExecutor,
  redisExecutor,
  serveTrials,
  sharedFingerprint,
} from '../../src-ts/study/redis/index.ts';
import { digestOf, studyKeys, trialId } from '../../src-ts/study/redis/keys.ts';
import { StudyScripts } from '../../src-ts/study/redis/scripts.ts';
import { failure } from '../support/errors.ts';
import { ended } from '../support/process.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';
import { study } from '../support/redis-worker.ts';
import { expected, steps, ThreadExecutor } from '../support/thread-executor.ts';

const over = hasRedis ? test.serial : test.skip;
const lock = 1000;

function start(url: string, work: number): ChildProcess {
  const script = new URL('../support/redis-worker.js', import.meta.url).pathname;
  return spawn(process.execPath, [script, url, String(work), String(lock)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Trials through a coordinator; what each of them came to and how often it was reported. */
class Study {
  readonly reports = new Map<number, number[]>();
  readonly outcomes = new Map<number, TrialOutcome[]>();
  readonly conflicts: [number, TrialOutcome][] = [];
  readonly artifacts = new MemoryArtifacts();
  executor!: RedisExecutor;

  async open(url: string): Promise<void> {
    this.executor = await RedisExecutor.open({
      ...study,
      redis: { url },
      artifacts: this.artifacts,
      slots: 256,
      onConflict: (number, other) => this.conflicts.push([number, other]) > 0,
    });
  }

  parameters(number: number) {
    return { x: number / 7, seed: 1000 * number };
  }

  async run(number: number, signal = new AbortController().signal): Promise<TrialOutcome> {
    const { x, seed } = this.parameters(number);
    const reported: number[] = [];
    this.reports.set(number, reported);
    const hooks: TrialHooks = {
      signal,
      report: ({ step }) => {
        if (!reported.includes(step)) reported.push(step);
      },
      flushed: async () => {},
    };
    const request = { number, parameters: { x }, seed, attempt: 1, reports: [] };
    const outcome = await this.executor.execute(request, hooks);
    this.outcomes.set(number, [...(this.outcomes.get(number) ?? []), outcome]);
    await this.executor.acknowledge(number);
    return outcome;
  }
}

const all = (count: number) => Array.from({ length: count }, (_, number) => number);
const inOrder = all(steps).map((step) => step + 1);

function serve(url: string, signal?: AbortSignal) {
  return serveTrials({
    ...study,
    redis: { url },
    jobs: 2,
    lock,
    signal,
    executor: (artifacts) => new ThreadExecutor(2, artifacts, 1),
  });
}

over('outcomes are those of a run without Redis, bit for bit, with 1, 2 and 4 workers', async (t) => {
  await using server = await RedisServer.start();
  for (const workers of [1, 2, 4]) {
    const study = new Study();
    await study.open(server.url);
    const served = all(workers).map(() => serve(server.url));
    const outcomes = await Promise.all(all(12).map((number) => study.run(number)));
    await study.executor.close();
    t.deepEqual(
      await Promise.all(served),
      all(workers).map(() => 'done'),
    );
    for (const number of all(12)) {
      const { x, seed } = study.parameters(number);
      t.is(outcomes[number]!.state, 'complete');
      t.deepEqual(outcomes[number]!.values, [expected(x, seed)]);
      t.deepEqual(study.reports.get(number), inOrder);
    }
    t.deepEqual(study.conflicts, []);
  }
});

over(
  'Redis is killed five times and forgets everything: no trial is lost, none comes out twice',
  async (t) => {
    await using server = await RedisServer.start();
    const study = new Study();
    await study.open(server.url);
    const stop = new AbortController();
    const served = [serve(server.url, stop.signal), serve(server.url, stop.signal)];
    const trials = 60;
    const work = (async () => {
      for (let first = 0; first < trials; first += 10)
        await Promise.all(all(10).map((i) => study.run(first + i)));
    })();
    for (let killed = 0; killed < 5; killed++) {
      await pause(150 + 150 * Math.random());
      await server.restart(100);
    }
    await work;
    await study.executor.close();
    stop.abort();
    await Promise.all(served);
    t.is(study.outcomes.size, trials);
    for (const number of all(trials)) {
      const { x, seed } = study.parameters(number);
      t.deepEqual(
        study.outcomes.get(number)!.map(({ values }) => values),
        [[expected(x, seed)]],
      );
    }
    t.deepEqual(study.conflicts, []);
  },
);

over('a worker that was paused beyond its lock does not count a second time', async (t) => {
  await using server = await RedisServer.start();
  const study = new Study();
  await study.open(server.url);
  const paused = start(server.url, 60);
  const running = study.run(0);
  while ((study.reports.get(0)?.length ?? 0) < 2) await pause(10);
  paused.kill('SIGSTOP');
  const other = start(server.url, 60);
  const outcome = await running;
  const { x, seed } = study.parameters(0);
  t.deepEqual(outcome.values, [expected(x, seed)]);
  t.regex(outcome.worker!, /^resumed at [1-9]/);
  paused.kill('SIGCONT');
  const later = await Promise.all([1, 2, 3, 4].map((number) => study.run(number)));
  t.deepEqual(
    later.map(({ values }) => values),
    [1, 2, 3, 4].map((number) => [expected(number / 7, 1000 * number)]),
  );
  await study.executor.close();
  t.deepEqual(await Promise.all([paused, other].map(ended)), [0, 0]);
  t.is(study.outcomes.get(0)!.length, 1);
  t.deepEqual(study.reports.get(0), inOrder);
  t.deepEqual(study.conflicts, []);
});

over('what came out while no coordinator was there is found by the next one', async (t) => {
  await using server = await RedisServer.start();
  const before = new Study();
  await before.open(server.url);
  const stop = new AbortController();
  const pending = all(6).map((number) => before.run(number, stop.signal));
  await pause(100);
  stop.abort(new Error('stopped'));
  t.deepEqual(
    (await Promise.allSettled(pending)).map(({ status }) => status),
    all(6).map(() => 'rejected'),
  );
  await before.executor.close();
  const leaving = new AbortController();
  const served = serve(server.url, leaving.signal);
  const client = new Redis(server.port, '127.0.0.1');
  const { results } = studyKeys(study.fingerprint);
  while ((await client.hlen(results)) < 6) await pause(20);
  leaving.abort();
  t.is(await served, 'stopped');
  const after = new Study();
  await after.open(server.url);
  // Nobody works any more.
  const outcomes = await Promise.all(all(6).map((number) => after.run(number)));
  for (const number of all(6)) {
    t.deepEqual(outcomes[number]!.values, [expected(number / 7, 1000 * number)]);
    t.deepEqual(after.reports.get(number), inOrder);
  }
  await after.executor.close();
  t.is(await client.hlen(results), 0);
  client.disconnect();
});

over('a second outcome must be the first one, bit for bit', async (t) => {
  await using server = await RedisServer.start();
  const coordinated = new Study();
  await coordinated.open(server.url);
  const running = coordinated.run(7);
  const client = new Redis(server.port, '127.0.0.1');
  const keys = studyKeys(study.fingerprint);
  const scripts = new StudyScripts(client, keys);
  const id = trialId(study.fingerprint, 7);
  const sent = (value: number) =>
    JSON.stringify({ number: 7, outcome: { state: 'complete', values: [value], started: 1, ended: 2 } });
  t.is(await scripts.record(id, 'digest of 0.1', sent(0.1)), 'first');
  t.is(await scripts.record(id, 'digest of 0.1', sent(0.1)), 'same');
  t.deepEqual((await running).values, [0.1]);
  t.is(await scripts.record(id, 'digest of 0.1', sent(0.1)), 'same');
  t.deepEqual(coordinated.conflicts, []);
  t.is(await scripts.record(id, 'digest of 0.30000000000000004', sent(0.1 + 0.2)), 'other');
  while (coordinated.conflicts.length === 0) await pause(10);
  t.is(coordinated.conflicts.length, 1);
  t.like(coordinated.conflicts[0], { 0: 7, 1: { values: [0.1 + 0.2] } });
  t.is(coordinated.outcomes.get(7)!.length, 1);
  await coordinated.executor.close();
  client.disconnect();
});

over('a study has one coordinator; that of a process that was killed is replaced at once', async (t) => {
  await using server = await RedisServer.start();
  const first = new Study();
  await first.open(server.url);
  await t.throwsAsync(new Study().open(server.url), {
    code: 'io',
    message: /the study kills is coordinated by process \d+ on /,
  });
  await first.executor.close();
  const script = `import { RedisExecutor } from ${JSON.stringify(new URL('../../src-ts/study/redis/index.js', import.meta.url).href)};
    await RedisExecutor.open({ ...${JSON.stringify(study)}, slots: 1, redis: { url: ${JSON.stringify(server.url)} } });
    process.kill(process.pid, 'SIGKILL');`;
  const killed = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  t.is(await ended(killed), 'SIGKILL');
  const began = performance.now();
  const next = new Study();
  await next.open(server.url);
  t.true(performance.now() - began < 5000);
  await next.executor.close();
});

over('a worker of another study of the same name is refused', async (t) => {
  await using server = await RedisServer.start();
  const coordinated = new Study();
  await coordinated.open(server.url);
  const other = { ...study, fingerprint: 'cd'.repeat(32), redis: { url: server.url } };
  const options = { ...other, jobs: 1, executor: () => t.fail() as never };
  await t.throwsAsync(serveTrials(options), { code: 'invalid-parameter', message: /seed, space, search/ });
  await coordinated.executor.close();
});

over('the study keeps the first of two results, and says that there was another', async (t) => {
  await using server = await RedisServer.start();
  const store = await mkdtemp(join('build', 'redis-conflict-'));
  t.teardown(() => rm(store, { recursive: true, force: true }));
  const coordinated = lapicqueStudy({
    name: 'conflict',
    space: { x: space.uniform(0, 1) },
    objective: () => 0,
    store,
  });
  const fingerprint = sharedFingerprint(coordinated.definition);
  const [client, other] = [new Redis(server.port, '127.0.0.1'), 1 + Number.EPSILON];
  const scripts = new StudyScripts(client, studyKeys(fingerprint));
  const send = (number: number, value: number) => {
    const outcome = { state: 'complete', values: [value], started: 1, ended: 2 } as const;
    return scripts.record(trialId(fingerprint, number), digestOf(outcome), encodeRecord({ number, outcome }));
  };
  const conflicting: number[] = [];
  const run = coordinated.runWith(
    { trials: 2, jobs: 2 },
    redisExecutor({ url: server.url }, { onConflict: (number) => conflicting.push(number) }),
  );
  // A run that fails ends the waiting.
  const turn = () => Promise.race([pause(10), run]);
  while ((await client.exists(studyKeys(fingerprint).state)) === 0) await turn();
  t.is(await send(0, 1), 'first');
  t.is(await send(0, 1), 'same');
  t.is(await send(0, other), 'other');
  while (conflicting.length === 0) await turn();
  t.is(await send(1, -0), 'first');
  t.like(await run, { trials: 2, complete: 2 });
  client.disconnect();
  t.deepEqual(conflicting, [0]);
  const view = await lapicqueStudy.open(store);
  const { conflicts } = await view.status();
  t.like(conflicts, { length: 1, 0: { number: 0, kept: { values: [1] }, other: { values: [other] } } });
  t.deepEqual(
    (await view.trials()).map(({ values }) => values),
    [[1], [-0]],
  );
});

over('files of a trial end up where the study keeps them, and checkpoints go along', async (t) => {
  await using server = await RedisServer.start();
  const coordinated = new Study();
  await coordinated.artifacts.write(0, 'checkpoint', Buffer.from(JSON.stringify({ step: 3, x: 0.25 })));
  await coordinated.open(server.url);
  const served = serveTrials({
    ...study,
    redis: { url: server.url },
    jobs: 1,
    artifactLimit: 1000,
    executor: (artifacts) => ({
      slots: 1,
      async execute({ number, attempt }) {
        const saved = await artifacts.read(number, 'checkpoint');
        await artifacts.write(number, 'checkpoint-fit-1', new Uint8Array(1001));
        await artifacts.write(number, 'spikes.bin', Uint8Array.of(1, 2, 3));
        const large = await failure(() => artifacts.write(number, 'large.bin', new Uint8Array(1001)));
        const user = { attempt, code: large?.code, saved: Buffer.from(saved!).toString() };
        return { state: 'complete', values: [1], user, started: 1, ended: 2 };
      },
      async close() {},
    }),
  });
  const hooks = { signal: new AbortController().signal, report: () => {}, flushed: async () => {} };
  const request = { number: 0, parameters: {}, seed: 0, attempt: 2, reports: [] };
  const { user } = await coordinated.executor.execute(request, hooks);
  t.deepEqual(user, { attempt: 2, code: 'too-large', saved: '{"step":3,"x":0.25}' });
  await coordinated.executor.acknowledge(0);
  await coordinated.executor.close();
  t.is(await served, 'done');
  t.deepEqual(await coordinated.artifacts.list(0), ['checkpoint', 'spikes.bin']);
  t.deepEqual(await coordinated.artifacts.read(0, 'spikes.bin'), Uint8Array.of(1, 2, 3));
});
