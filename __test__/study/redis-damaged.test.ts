// What was read from Redis is checked like any input: a damaged entry is set aside with a note, and the study goes on.
import { setTimeout as pause } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { Redis } from 'ioredis';
import { MemoryArtifacts } from '../../src-ts/study/artifacts.ts';
import type { TrialHooks, TrialOutcome } from '../../src-ts/study/executor.ts';
import { RedisExecutor } from '../../src-ts/study/redis/index.ts';
import { queueName, studyKeys, trialId } from '../../src-ts/study/redis/keys.ts';
import { StudyScripts } from '../../src-ts/study/redis/scripts.ts';
import type { TrialReport } from '../../src-ts/study/search/trials.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';

const over = hasRedis ? test.serial : test.skip;
const study = { name: 'damaged', fingerprint: 'cd'.repeat(32) };

async function coordinate(t: ExecutionContext, url: string) {
  const notes: string[] = [];
  const conflicts: number[] = [];
  const artifacts = new MemoryArtifacts();
  const executor = await RedisExecutor.open({
    ...study,
    redis: { url },
    artifacts,
    objectives: 1,
    slots: 16,
    note: (text) => notes.push(text),
    onConflict: (number) => conflicts.push(number) > 0,
  });
  t.teardown(() => executor.close());
  const run = (number: number, report: (report: TrialReport) => void = () => {}): Promise<TrialOutcome> => {
    const hooks: TrialHooks = { signal: new AbortController().signal, report, flushed: async () => {} };
    return executor.execute({ number, parameters: { x: 1 }, seed: 1, attempt: 1, reports: [] }, hooks);
  };
  return { executor, artifacts, notes, conflicts, run };
}

const times = { started: 1000, ended: 3000, seconds: 2 };
const good = (number: number, value: unknown = 0.25) => ({
  number,
  outcome: { state: 'complete', values: [value], ...times },
});

/** Each is one change of a good result of trial 3. */
const damaged: Record<string, string> = {
  'no JSON': '{"number": 3, "outcome": {',
  'a list': '[1, 2]',
  null: 'null',
  'a number': '7',
  'another trial': JSON.stringify(good(4)),
  'a negative trial': JSON.stringify(good(-3)),
  'no outcome': JSON.stringify({ number: 3 }),
  'an unknown state': JSON.stringify({ number: 3, outcome: { ...good(3).outcome, state: 'running' } }),
  'a state that is a method of objects': JSON.stringify({
    number: 3,
    outcome: { ...good(3).outcome, state: 'constructor' },
  }),
  'values that are text': JSON.stringify(good(3, '0.25')),
  'a value that is null': JSON.stringify(good(3, null)),
  'a value that is NaN': JSON.stringify(good(3, { $number: 'NaN' })),
  'a list as a value': JSON.stringify(good(3, [0.25])),
  'two values for one objective': JSON.stringify({
    number: 3,
    outcome: { state: 'complete', values: [1, 2], ...times },
  }),
  'no value': JSON.stringify({ number: 3, outcome: { state: 'complete', values: [], ...times } }),
  'no times': JSON.stringify({ number: 3, outcome: { state: 'complete', values: [1] } }),
  'times that are text': JSON.stringify({ number: 3, outcome: { ...good(3).outcome, ended: 'now' } }),
  'a failure without an error': JSON.stringify({ number: 3, outcome: { state: 'failed', ...times } }),
  'an error that is text': JSON.stringify({
    number: 3,
    outcome: { state: 'failed', error: 'bad', ...times },
  }),
  'attempts that are text': JSON.stringify({ number: 3, outcome: { ...good(3).outcome, attempts: '2' } }),
  'user data that is a number': JSON.stringify({ number: 3, outcome: { ...good(3).outcome, user: 3 } }),
  'user data of 3,000 levels': `{"number":3,"outcome":{"state":"complete","values":[1],"started":1,"ended":2,"user":${'{"a":'.repeat(3000)}1${'}'.repeat(3000)}}}`,
};

over('a damaged result is set aside and reported, and the trial runs again', async (t) => {
  t.timeout(120_000);
  await using server = await RedisServer.start();
  const client = new Redis(server.port, '127.0.0.1');
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  const keys = studyKeys(study.fingerprint);
  const scripts = new StudyScripts(client, keys);
  const id = trialId(study.fingerprint, 3);
  const { executor, notes, run } = await coordinate(t, server.url);
  let rejected = 0;
  for (const [what, text] of Object.entries(damaged)) {
    const running = run(3);
    await scripts.record(id, 'digest', text);
    rejected += 1;
    for (let i = 0; i < 500 && notes.length < rejected; i++) await pause(10);
    t.regex(notes.at(-1) ?? '', /^a result of trial 3 in Redis is ignored: .*expected|returned/, what);
    // It is in the queue again, and a good result counts.
    const isQueued = async () =>
      (await client.hexists(keys.digests, id)) === 0 &&
      (await client.exists(`${keys.prefix}:${queueName}:${id}`)) === 1;
    for (let i = 0; i < 500 && !(await isQueued()); i++) await pause(10);
    t.true(await isQueued(), what);
    await scripts.record(id, 'digest of the good one', JSON.stringify(good(3)));
    t.deepEqual((await running).values, [0.25], what);
    await executor.acknowledge(3);
    await client.hdel(keys.digests, id);
  }
  t.is(await client.llen(keys.rejected), Object.keys(damaged).length);
  // A trial of which all results are damaged fails.
  const running = run(3);
  for (let i = 0; i < 3; i++) {
    await scripts.record(id, `digest ${i}`, 'damaged');
    rejected += 1;
    for (let j = 0; j < 500 && notes.length < rejected; j++) await pause(10);
  }
  t.like(await running, { state: 'failed', error: { code: 'malformed-file' } });
});

over('damaged reports, files, conflicts and workers are ignored with a note', async (t) => {
  await using server = await RedisServer.start();
  const client = new Redis(server.port, '127.0.0.1');
  client.on('error', () => {});
  t.teardown(() => client.disconnect());
  const keys = studyKeys(study.fingerprint);
  const scripts = new StudyScripts(client, keys);
  const id = trialId(study.fingerprint, 0);
  const { executor, artifacts, notes, conflicts, run } = await coordinate(t, server.url);
  const reports: TrialReport[] = [];
  const running = run(0, (report) => reports.push(report));
  for (const [step, text] of [
    '{"step":0,"value":0.5}',
    'no JSON',
    '{"step":-1,"value":1}',
    '{"step":2,"value":"1"}',
    '{"step":3,"value":[1,2]}',
    '{"step":4,"value":0.25}',
  ].entries())
    await scripts.report(id, step, text);
  await client.hset(keys.workers, 'worker', 'no JSON', 'other', '{"jobs":-1,"running":0,"until":1e12}');
  const file = (name: string, bytes: Uint8Array) => scripts.artifact(id, name, bytes);
  await file('good.txt', Uint8Array.of(1));
  await file('../../evil', Uint8Array.of(2));
  await file('/etc/evil', Uint8Array.of(2));
  await file('a\u0000b', Uint8Array.of(2));
  await file('large.bin', new Uint8Array(64 * 2 ** 20 + 1));
  await file('checkpoint-../x', Uint8Array.of(3));
  await client.rpush(keys.conflicts, 'no JSON', JSON.stringify({ number: 'x', outcome: {} }));
  await scripts.record(id, 'digest', JSON.stringify(good(0)));
  t.deepEqual((await running).values, [0.25]);
  t.deepEqual(reports, [
    { step: 0, value: 0.5 },
    { step: 4, value: 0.25 },
  ]);
  t.deepEqual(await artifacts.list(0), ['good.txt']);
  await executor.acknowledge(0);
  const text = notes.join('\n');
  t.is(notes.filter((note) => note.startsWith('a report of trial 0')).length, 4, text);
  t.is(notes.filter((note) => note.startsWith('the file ')).length, 4, text);
  t.is(notes.filter((note) => note.startsWith('a result in Redis is ignored')).length, 2, text);
  t.deepEqual(conflicts, []);
  // The coordinator goes on.
  const next = run(1);
  await scripts.record(trialId(study.fingerprint, 1), 'digest', JSON.stringify(good(1)));
  t.deepEqual((await next).values, [0.25]);
});
