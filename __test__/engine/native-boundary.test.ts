// The native layer as the rest of the library meets it: outcomes, tasks, progress, handles, arrays.

import test from 'ava';
import { addon, type NativeError, type Outcome, type Probe } from '#native';

const error = (outcome: unknown): NativeError => (outcome as { error: NativeError }).error;

function value<T>(outcome: Outcome<T>): T {
  const failed = error(outcome ?? {});
  if (failed) throw new Error(failed.message);
  return outcome as T;
}

const probe = (length: number): Probe => value(addon.Probe.create(length));
const ones = (length: number) => new Float32Array(length).fill(1);

test('an error is an object with a code, a sentence and fields', (t) => {
  const { mostThreads, availableThreads } = value(addon.environment());
  const machine = availableThreads === 1 ? '1 thread' : `${availableThreads} threads`;
  const expected = `a whole number from 1 to ${mostThreads} (this machine offers ${machine})`;
  t.deepEqual(error(addon.setThreads(-1)), {
    code: 'invalid-parameter',
    name: 'threads',
    value: '-1',
    expected,
    message: `threads: expected ${expected} but got -1`,
  });
});

test('numbers do not wrap', (t) => {
  const limit = 2 ** 48;
  for (const bad of [-1, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 32 + 0.5, -(2 ** 32), limit + 1, 1e300]) {
    t.is(error(addon.Probe.create(bad)).code, 'invalid-parameter', String(bad));
  }
  for (const large of [2 ** 45, limit])
    t.is(error(addon.Probe.create(large)).code, 'too-large', String(large));
  t.true(value(addon.Probe.create(-0)) instanceof addon.Probe);
});

test('a synchronous call reads and fills arrays in place', (t) => {
  const sums = new Float32Array(3);
  const subject = probe(3);
  value(subject.push(Float32Array.of(1, 2, 3), sums));
  value(subject.push(Float32Array.of(1, 2, 3), sums));
  t.deepEqual([...sums], [2, 4, 6]);
});

test('lengths are checked, also of detached and of shared arrays', (t) => {
  const subject = probe(3);
  const detached = ones(3);
  structuredClone(detached, { transfer: [detached.buffer as ArrayBuffer] });
  t.is(error(subject.push(detached, ones(3))).code, 'invalid-parameter');
  t.is(error(subject.push(ones(3), detached)).code, 'invalid-parameter');
  t.is(error(subject.push(ones(4), ones(3))).code, 'invalid-parameter');
  const shared = new Float32Array(new SharedArrayBuffer(12));
  value(probe(3).push(ones(3), shared));
  t.deepEqual([...shared], [1, 1, 1]);
});

test('a task copies its input before it returns', async (t) => {
  const input = ones(3);
  const running = probe(3).run(input, 3, 5);
  input.fill(100);
  structuredClone(input, { transfer: [input.buffer as ArrayBuffer] });
  t.deepEqual([...value(await running)], [3, 3, 3]);
});

test('what a task gives is memory of JavaScript: it can be transferred', async (t) => {
  const sums = value(await probe(3).run(ones(3), 1, 0));
  const moved = structuredClone(sums, { transfer: [sums.buffer as ArrayBuffer] });
  t.deepEqual([...moved], [1, 1, 1]);
  t.is(sums.length, 0);
});

test('wrong arguments of a task arrive through its promise', async (t) => {
  t.is(error(await probe(3).run(ones(3), 0.5, 0)).code, 'invalid-parameter');
  t.is(error(await probe(3).run(ones(2), 1, 0)).code, 'invalid-parameter');
});

test('canceling stops a task within a step', async (t) => {
  const handle = new addon.TaskHandle();
  const running = probe(3).run(ones(3), 1e6, 5, handle);
  setTimeout(() => handle.cancel(), 30);
  const start = performance.now();
  t.is(error(await running).code, 'aborted');
  t.true(performance.now() - start < 2000);
});

test('a handle canceled beforehand cancels', async (t) => {
  const handle = new addon.TaskHandle();
  handle.cancel();
  t.is(error(await probe(3).run(ones(3), 1e6, 5, handle)).code, 'aborted');
});

test('progress is throttled and complete before the promise settles', async (t) => {
  const reports: { done: number; total: number; first?: unknown }[] = [];
  const handle = new addon.TaskHandle((progress) => reports.push(progress));
  value(await probe(3).run(ones(3), 200_000, 0, handle));
  t.deepEqual(reports.at(-1), { done: 200_000, total: 200_000, first: 200_000 });
  t.true(reports.length < 1000);
  t.deepEqual(
    reports.map(({ done }) => done),
    reports.map(({ done }) => done).sort((a, b) => a - b),
  );
});

test('what onProgress throws ends the task and is what the promise rejects with', async (t) => {
  const reason = new TypeError('from the script');
  const handle = new addon.TaskHandle(() => {
    throw reason;
  });
  const start = performance.now();
  t.is(await t.throwsAsync(probe(3).run(ones(3), 1e5, 5, handle)), reason);
  t.true(performance.now() - start < 2000);
});

test('use after dispose is an error, disposing twice is none', async (t) => {
  const subject = probe(3);
  subject.dispose();
  subject.dispose();
  t.is(error(subject.push(ones(3), ones(3))).code, 'disposed');
  t.is(error(await subject.run(ones(3), 1, 0)).code, 'disposed');
});

test('disposing during a task lets the task end', async (t) => {
  const subject = probe(3);
  const running = subject.run(ones(3), 5, 5);
  subject.dispose();
  t.deepEqual([...value(await running)], [5, 5, 5]);
});

test('64 tasks at once on one object run one after the other', async (t) => {
  const subject = probe(1000);
  const all = await Promise.all(Array.from({ length: 64 }, () => subject.run(ones(1000), 1, 0)));
  const firsts = all.map((outcome) => value(outcome)[0] ?? 0).sort((a, b) => a - b);
  t.deepEqual(
    firsts,
    Array.from({ length: 64 }, (_, i) => i + 1),
  );
});

test('a call back into the object from onProgress waits for nothing', async (t) => {
  const subject = probe(3);
  const other = probe(3);
  const handle = new addon.TaskHandle(() => value(other.push(ones(3), ones(3))));
  t.deepEqual([...value(await subject.run(ones(3), 3, 1, handle))], [3, 3, 3]);
});
