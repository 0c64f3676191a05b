// Work that waits for other work, and the signals that end the waiting.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { writeReport } from '../../src-ts/doors/figure.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, evaluateLoss, evaluatePenalty, loss, type Model, sequential } from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { any } from '../support/table.ts';
import { countTurns } from '../support/turns.ts';

const network = sequential(
  dense(6, 50),
  lif({ beta: 0.9, recurrent: 'dense' }),
  dense(50, 3),
  lif({ beta: 0.9 }),
);
let model: Model;
/** Of the same network; it learns. */
let learning: Model;
test.before(async () => {
  model = await network.compile({ seed: 1 });
  learning = await network.compile({ seed: 1 });
});
test.after.always(() => {
  model.dispose();
  learning.dispose();
});

const first = Array.from({ length: 3000 }, (_, i) => [i % 6]);
const second = Array.from({ length: 3000 }, (_, i) => (i % 2 === 0 ? [] : [0, 3]));
const channels = (spikes: readonly Uint32Array[]) => spikes.map((step) => [...step]);

test('sequences pushed at once are pushed one after the other', async (t) => {
  using serial = await model.session();
  const expected = [...first, ...second].map((step) => [...serial.push(step)]);
  using session = await model.session();
  const both = await Promise.all([session.pushAsync(first), session.pushAsync(second)]);
  t.deepEqual(both.flatMap(channels), expected);
  t.is(session.steps, 6000);
  t.deepEqual(session.save().toArrays(), serial.save().toArrays());
});

test('nothing comes between the steps of a sequence', async (t) => {
  using session = await model.session();
  const state = session.save();
  const running = session.pushAsync(first);
  for (const [name, call] of Object.entries({
    push: () => session.push([0]),
    advance: () => session.advance(1),
    reset: () => session.reset(),
    restore: () => session.restore(state),
  })) {
    t.regex(await outcome(call), new RegExp(`^invalid-parameter: ${name}: .* pushAsync`));
  }
  await running;
  t.is(session.push([0]).constructor, Uint32Array);
  session.reset();
  t.is(session.steps, 0);
});

test('a sequence that fails leaves the next one its turn', async (t) => {
  using session = await model.session();
  const [bad, good] = await Promise.allSettled([session.pushAsync([[1], [99]]), session.pushAsync([[2]])]);
  t.is(bad.status === 'rejected' && bad.reason.code, 'invalid-parameter');
  t.is(good.status, 'fulfilled');
  t.is(session.steps, 2);
});

test('a signal ends a sequence between two steps, and the wait for one', async (t) => {
  using session = await model.session();
  const stop = new AbortController();
  const running = session.pushAsync(Array(10_000_000).fill([0]), { signal: stop.signal });
  const waiting = session.pushAsync(first, { signal: stop.signal });
  setTimeout(() => stop.abort('enough'), 20);
  for (const error of [await failure(() => waiting), await failure(() => running)]) {
    t.is(error?.name, 'AbortError');
    t.is(error?.cause, 'enough');
  }
  t.true(session.steps > 0 && session.steps < 10_000_000);
  t.is((await session.pushAsync(second)).length, 3000);
  t.is((await failure(() => session.pushAsync(first, { signal: AbortSignal.abort() })))?.code, 'aborted');
  t.regex(await outcome(() => session.pushAsync(first, any({ signals: 1 }))), /did you mean "signal"/);
  t.regex(await outcome(() => session.pushAsync(first, any({ signal: 1 }))), /^invalid-parameter: signal/);
});

test('progress of a sequence ends with all of it', async (t) => {
  using session = await model.session();
  const seen: number[][] = [];
  await session.pushAsync(first, { onProgress: ({ done, total }) => void seen.push([done, total]) });
  t.deepEqual(seen.at(-1), [3000, 3000]);
});

const batch = { x: new Float32Array(12), shape: [2, 6], y: Uint32Array.of(0, 1) };

for (const [name, doing] of Object.entries({
  fit: (data: AsyncIterable<typeof batch>, signal: AbortSignal) =>
    learning.fit(data, { steps: 2, epochs: 1, loss: loss.crossEntropyCount(), signal }),
  evaluate: (data: AsyncIterable<typeof batch>, signal: AbortSignal) =>
    learning.evaluate(data, { steps: 2, loss: loss.crossEntropyCount(), signal }),
})) {
  test.serial(`${name}: an abort does not wait for a loader that never comes back`, async (t) => {
    const stop = new AbortController();
    const hanging = {
      async *[Symbol.asyncIterator]() {
        yield batch;
        setTimeout(() => stop.abort('hangs'), 5);
        await new Promise(() => {});
      },
    };
    const error = await failure(() => doing(hanging, stop.signal));
    t.is(error?.code, 'aborted');
    t.is(error?.cause, 'hangs');
  });

  test.serial(`${name}: a loader is told to end when a batch of it is refused`, async (t) => {
    let ended = false;
    const loader = {
      async *[Symbol.asyncIterator]() {
        try {
          yield { ...batch, shape: [3, 6] };
        } finally {
          ended = true;
        }
      },
    };
    t.is((await failure(() => doing(loader, new AbortController().signal)))?.code, 'shape-mismatch');
    t.true(ended);
  });
}

test('a report is not written after an abort, and not into a place that takes none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const report = { title: 'x' };
  t.is((await failure(() => writeReport(folder, report, { signal: AbortSignal.abort('no') })))?.cause, 'no');
  t.regex(await outcome(() => writeReport(folder, report, any({ signal: 3 }))), /^invalid-parameter: signal/);
  t.deepEqual(await writeReport(join(folder, 'a', 'b', 'c'), report), [
    join(folder, 'a', 'b', 'c', 'report.html'),
  ]);
  if (process.platform === 'linux')
    t.regex(await outcome(() => writeReport('/proc/lapicque/report', report)), /^io: .*ENOENT/);
});

test('losses of millions of outputs leave the event loop its turns', async (t) => {
  const shape = [20, 100, 2000] as const;
  const outputs = new Float32Array(4_000_000).fill(0.5);
  using loop = countTurns();
  const { loss: value } = await evaluateLoss(
    loss.crossEntropyRate(),
    { spikes: outputs, shape },
    new Uint32Array(100),
  );
  // All classes are alike.
  t.true(Math.abs(value - Math.log(2000)) < 1e-5);
  const lossTurns = loop.turns;
  t.true(Math.abs((await evaluatePenalty({ kind: 'l1-rate', lambda: 2 }, outputs, shape)) - 1) < 1e-6);
  t.true(lossTurns > 20 && loop.turns - lossTurns > 10, `${lossTurns}, ${loop.turns} turns`);
  outputs[3_999_999] = Number.NaN;
  const expected = { code: 'non-finite', message: /sample 99, neuron 1999 .*step 19/ };
  await t.throwsAsync(evaluatePenalty({ kind: 'l1-rate', lambda: 2 }, outputs, shape), expected);
});
