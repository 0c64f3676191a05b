// A live stream in real time: steps run on its clock also in silence, and the lag is the true one.
import { setTimeout as sleep } from 'node:timers/promises';
import test from 'ava';
import { type EventBatch, streamEvents, transformEvents } from '../../src-ts/doors/events.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const sensor = { width: 2, height: 1 };

/** One event of channel 2 (x 0, polarity 1) at each of the times in µs. */
function events(...times: number[]): EventBatch {
  const n = times.length;
  return {
    t: Float64Array.from(times),
    x: new Uint16Array(n),
    y: new Uint16Array(n),
    polarity: new Uint8Array(n).fill(1),
  };
}

/** Delivers each batch when the last of its events happens, as a camera does. Times of events are from 7,000,000 µs on. */
async function* camera(...batches: (readonly number[])[]): AsyncGenerator<EventBatch> {
  const began = performance.now();
  for (const times of batches) {
    const wait = began + times.at(-1)! / 1000 - performance.now();
    if (wait > 0) await sleep(wait);
    yield events(...times.map((time) => 7e6 + time));
  }
}

/** v is the leaky sum of inputs of 1. */
const compiled = () =>
  sequential(dense(4, 1, { bias: false }), lif({ beta: 0.5, vThreshold: 100 })).compile({ seed: 1 });

test.serial('steps run in silence: the membrane leaks, and the next event is not late', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const began = performance.now();
  const at: number[] = [];
  const inputs: number[] = [];
  const membrane: number[] = [];
  const stream = streamEvents(session, camera([0], [500_000]), {
    sensor,
    step: 10_000,
    pace: 'real-time',
    tail: 3,
    onStep: ({ input }) => {
      at.push(performance.now() - began);
      inputs.push(input.length);
      membrane.push(session.membrane()[0]!);
    },
  });
  for await (const _ of stream);
  const { statistics } = stream;
  t.is(statistics.steps, 51 + 3);
  t.is(statistics.idle, 49 + 3);
  t.is(statistics.lateEvents, 0);
  t.deepEqual(
    inputs.flatMap((count, step) => (count > 0 ? [step] : [])),
    [0, 50],
  );
  const v = (step: number) => membrane[0]! * (0.5 ** step + (step < 50 ? 0 : 0.5 ** (step - 50)));
  t.not(membrane[0], 0);
  for (const step of [1, 10, 20, 50, 53])
    t.true(Math.abs(membrane[step]! - v(step)) <= 1e-6 * Math.abs(v(step)), `v of step ${step}`);
  // Each step at its time: 10 ms after the one before, not in one burst behind the second event.
  for (const [step, ms] of at.entries()) t.true(ms >= 10 * (step + 1) - 2, `step ${step} at ${ms} ms`);
  t.true(at[25]! < 400, `step 25 at ${at[25]} ms`);
  t.true(statistics.delay.p50 < 20_000, `${statistics.delay.p50} µs`);
});

test.serial('the lag of a source that is late is reported, and its events are not lost', async (t) => {
  // The second batch is delivered 300 ms after its events happened.
  async function* late(): AsyncGenerator<EventBatch> {
    yield events(0);
    await sleep(400);
    yield events(100_000, 401_000);
  }
  for (const keep of [true, false]) {
    using model = await compiled();
    using session = await model.session();
    const steps: [number, number][] = [];
    const stream = streamEvents(session, late(), {
      sensor,
      step: 10_000,
      pace: 'real-time',
      late: keep ? 'keep' : 'drop',
      onStep: ({ step, input }) => {
        if (input.length > 0) steps.push([step, input.length]);
      },
    });
    for await (const _ of stream);
    const { statistics } = stream;
    t.is(statistics.lateEvents, 1);
    t.is(steps[0]![0], 0);
    if (keep) {
      t.true(steps[1]![0] >= 39 && steps[1]![0] <= 60, JSON.stringify(steps));
      t.true(statistics.delay.max > 280_000 && statistics.delay.max < 600_000, `${statistics.delay.max}`);
      t.is(statistics.dropped, 0);
    } else t.is(statistics.dropped, 1);
  }
});

test.serial('a model that is too slow lags by what it is slow', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const stream = streamEvents(session, camera([0], [40_000], [80_000]), {
    sensor,
    step: 10_000,
    pace: 'real-time',
    // 20 ms of work in each step of 10 ms.
    onStep: () => {
      for (const end = performance.now() + 20; performance.now() < end; );
    },
  });
  for await (const _ of stream);
  // 9 steps: the last ends 80 ms late, less the work that follows its completion.
  t.is(stream.statistics.steps, 9);
  t.true(stream.statistics.delay.max > 65_000 && stream.statistics.delay.max < 2_000_000);
});

test.serial('live and recorded streams have the same windows', async (t) => {
  const random = (n: number) => Array.from({ length: n }, (_, i) => ((i * 7919) % 997) / 997);
  const times = random(300)
    .map((u) => Math.floor(u * 120_000))
    .sort((a, b) => a - b);
  const channelsOf = (i: number) => ({ x: (i * 5) % 2, polarity: (i * 3) % 2 });
  const batch = (from: number, to: number): EventBatch => ({
    t: Float64Array.from(times.slice(from, to)),
    x: Uint16Array.from({ length: to - from }, (_, i) => channelsOf(from + i).x),
    y: new Uint16Array(to - from),
    polarity: Uint8Array.from({ length: to - from }, (_, i) => channelsOf(from + i).polarity),
  });
  const steps = async (source: never, pace: 'fast' | 'real-time') => {
    using model = await compiled();
    using session = await model.session();
    const seen: [number, number[], number[]][] = [];
    const stream = streamEvents(session, source, {
      sensor,
      step: 1000,
      pace,
      onStep: ({ t: start, input, spikes }) => seen.push([start, [...input], [...spikes]]),
    });
    for await (const _ of stream);
    return { seen, statistics: stream.statistics };
  };
  // All of it is there from the start, though only by an async iterable.
  async function* live() {
    for (let i = 0; i < 300; i += 50) yield batch(i, i + 50);
  }
  const recorded = await steps(batch(0, 300) as never, 'fast');
  const streamed = await steps(live() as never, 'real-time');
  t.deepEqual(streamed.seen, recorded.seen);
  t.is(streamed.statistics.lateEvents, 0);
  // A transformed recording is a recording.
  const transformed = await steps(transformEvents(batch(0, 300), [], { sensor }) as never, 'real-time');
  t.deepEqual(transformed.seen, recorded.seen);
});

test.serial('the event loop stays free, and the signal ends a stream in silence at once', async (t) => {
  let closed = false;
  async function* silent(signal: AbortSignal): AsyncGenerator<EventBatch> {
    try {
      yield events(0);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    } finally {
      closed = true;
    }
  }
  using model = await compiled();
  using session = await model.session();
  const controller = new AbortController();
  let [turns, worst, last] = [0, 0, performance.now()];
  const timer = setInterval(() => {
    worst = Math.max(worst, performance.now() - last);
    last = performance.now();
    turns += 1;
  }, 5);
  const stream = streamEvents(session, silent(controller.signal), {
    sensor,
    step: 2000,
    pace: 'real-time',
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 500);
  const error = await failure(async () => {
    for await (const _ of stream);
  });
  clearInterval(timer);
  t.is(error?.code, 'aborted');
  t.true(stream.statistics.steps > 100 && stream.statistics.steps <= 260, `${stream.statistics.steps}`);
  t.true(turns > 10 && worst < 250, `${turns} turns, ${worst} ms`);
  await sleep(50);
  t.true(closed);
  // Before the first event, too.
  using other = await model.session();
  async function* never(): AsyncGenerator<EventBatch> {
    await new Promise(() => {});
  }
  const later = new AbortController();
  setTimeout(() => later.abort(), 50);
  const waiting = streamEvents(other, never(), {
    ...{ sensor, step: 2000, pace: 'real-time' as const },
    signal: later.signal,
  });
  t.is((await failure(async () => void (await waiting.count(1))))?.code, 'aborted');
});

test.serial('errors of a live source, and events out of order, end the stream', async (t) => {
  using model = await compiled();
  const run = async (source: AsyncGenerator<EventBatch>) => {
    using session = await model.session();
    return failure(async () => {
      for await (const _ of streamEvents(session, source, { sensor, step: 1000, pace: 'real-time' }));
    });
  };
  async function* broken(): AsyncGenerator<EventBatch> {
    yield events(0);
    throw new RangeError('the camera is gone');
  }
  await t.throwsAsync(run(broken()), { instanceOf: RangeError, message: 'the camera is gone' });
  async function* unsorted(): AsyncGenerator<EventBatch> {
    yield events(5000);
    yield events(4000);
  }
  const error = await run(unsorted());
  t.is(error?.code, 'invalid-parameter');
  t.regex(error!.message, /reorder/);
});
