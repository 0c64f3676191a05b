// Sessions that are fed by events: the spikes of pushing each step's channels by hand, at the pace asked for.
import test from 'ava';
import {
  eventTransform,
  represent,
  representEvents,
  type StreamedStep,
  streamEvents,
} from '../../src-ts/doors/events.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, LapicqueError, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';

const sensor = { width: 6, height: 4 };
const channels = 2 * 6 * 4;
const batch = (n: number, gap: number) => ({
  t: Float64Array.from({ length: n }, (_, i) => 500 + i * gap),
  x: Uint16Array.from({ length: n }, (_, i) => (i * 7) % 6),
  y: Uint16Array.from({ length: n }, (_, i) => (i * 5) % 4),
  polarity: Uint8Array.from({ length: n }, (_, i) => i % 2),
});

const compiled = () =>
  sequential(
    dense(channels, 12, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    lif({ beta: 0.9 }),
    dense(12, 3, { initial: { kind: 'fan-in-uniform', gain: 4 } }),
    lif({ beta: 0.9 }),
  ).compile({ seed: 2 });

test('a stream gives the spikes of pushes, and counts what it did', async (t) => {
  using model = await compiled();
  using session = await model.session();
  using other = await model.session();
  const events = batch(400, 130);
  const stream = streamEvents(session, events, { sensor, step: 1000, tail: 5 });
  const spikes = new Map<number, number[]>();
  for await (const { step, spikes: fired, t: begins } of stream) {
    spikes.set(step, [...fired]);
    t.is(begins, 500 + 1000 * step);
  }
  const { statistics } = stream;
  t.is(statistics.steps, 52 + 5);
  let [inputs, outputs] = [0, 0];
  for (let step = 0; step < statistics.steps; step++) {
    const of = new Set<number>();
    events.t.forEach((time, i) => {
      if (Math.floor((time - 500) / 1000) === step)
        of.add((events.polarity[i]! * 4 + events.y[i]!) * 6 + events.x[i]!);
    });
    const fired = other.push(Uint32Array.from(of).sort());
    t.deepEqual(spikes.get(step) ?? [], [...fired]);
    inputs += of.size;
    outputs += fired.length;
  }
  t.true(outputs > 10);
  t.deepEqual([statistics.inputs, statistics.outputs, statistics.idle], [inputs, outputs, 5]);
  t.true(statistics.busyLatency.p50 > 0 && statistics.busyLatency.p99 >= statistics.busyLatency.p50);
  t.true(Number.isNaN(statistics.delay.p50));
});

test('steps without events run together, and give what they give one by one', async (t) => {
  using model = await compiled();
  const events = batch(60, 130);
  // Twenty seconds of silence after the first half, and some behind the last event.
  events.t.forEach((time, i) => {
    if (i >= 30) events.t[i] = time + 2e7;
  });
  const streamed = async (onStep?: () => void) => {
    using session = await model.session();
    const options = onStep === undefined ? {} : { onStep };
    const stream = streamEvents(session, events, { sensor, step: 1000, tail: 3000, ...options });
    const all: StreamedStep[] = [];
    for await (const step of stream) all.push(step);
    const { steps, idle, inputs, outputs } = stream.statistics;
    return { all, statistics: { steps, idle, inputs, outputs }, membrane: session.membrane() };
  };
  let told = 0;
  const each = await streamed(() => {
    told += 1;
  });
  t.is(told, each.statistics.steps);
  t.is(each.statistics.steps, 20_008 + 3000);
  t.deepEqual(await streamed(), each);
});

test('representations may leave out windows without events', async (t) => {
  const events = batch(30, 700);
  events.t.forEach((time, i) => {
    if (i >= 20) events.t[i] = time + 5003.5 * 1000;
  });
  for (const overlap of [0, 250, -300]) {
    for (const includeIncomplete of [false, true]) {
      const options = { window: 1000, overlap, includeIncomplete };
      const framed = (skipEmpty: boolean) =>
        representEvents(events, represent.sparse({ ...options, skipEmpty }), { sensor }).collect();
      const [all, some] = [await framed(false), await framed(true)];
      const kept = all.channels.flatMap((channels, i) =>
        channels.length > 0 || (includeIncomplete && i === all.channels.length - 1) ? [i] : [],
      );
      t.true(kept.length < 60 && all.channels.length > 3000);
      t.deepEqual(
        some.channels,
        kept.map((i) => all.channels[i]!),
      );
      t.deepEqual(
        [...some.starts],
        kept.map((i) => all.starts[i]!),
      );
    }
  }
  const count = () => representEvents(events, represent.sparse({ count: 3, skipEmpty: true }), { sensor });
  t.is((await failure(count))?.code, 'invalid-parameter');
});

test('transforms come before, and every step is told', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const large = { ...batch(50, 400), x: Uint16Array.from({ length: 50 }, (_, i) => (i * 7) % 24) };
  const steps: number[] = [];
  const stream = streamEvents(session, large, {
    sensor: { width: 24, height: 16 },
    step: 500,
    transforms: [eventTransform.downsample({ width: 6, height: 4 })],
    onStep: ({ step }) => steps.push(step),
  });
  const { counts, statistics } = await stream.count(3);
  t.is(counts.length, 3);
  t.deepEqual(steps, [...Array(statistics.steps).keys()]);
});

test('in real time a step is taken when its time has come', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const stream = streamEvents(session, batch(40, 2000), { sensor, step: 4000, pace: 'real-time' });
  const began = performance.now();
  const { statistics } = await stream.count(3);
  // 20 steps of 4 ms. How late they are depends on the machine, how early does not.
  t.is(statistics.steps, 20);
  t.true(performance.now() - began >= 79, `${performance.now() - began}`);
  t.true(statistics.speed <= 1.01);
  t.true(statistics.delay.p50 >= 0);
});

test('steps that come too late lose their events where that is asked for', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const stream = streamEvents(session, batch(400, 100), {
    sensor,
    step: 1000,
    pace: 'real-time',
    late: 'drop',
    tolerance: 2000,
    onStep: ({ step }) => {
      // The first step takes 20 ms.
      const end = performance.now() + 20;
      while (step === 0 && performance.now() < end);
    },
  });
  const { statistics } = await stream.count(3);
  t.true(statistics.dropped >= 10, `${statistics.dropped}`);
  t.is(statistics.steps, 40);
});

test('the source waits for the steps', async (t) => {
  using model = await compiled();
  using session = await model.session();
  let read = 0;
  async function* source() {
    for (let i = 0; i < 100; i++) {
      read += 1;
      const { t: times, ...others } = batch(10, 100);
      yield { ...others, t: times.map((time) => time + i * 1000) };
    }
  }
  const stream = streamEvents(session, source(), { sensor, step: 1000 })[Symbol.asyncIterator]();
  await stream.next();
  await stream.next();
  t.true(read <= 4, `${read}`);
  await stream.return?.(undefined);
});

test('what is wrong is named', async (t) => {
  using model = await compiled();
  using session = await model.session();
  const refused = async (work: () => unknown, name: RegExp) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.regex(error!.message, name);
  };
  const events = batch(5, 100);
  await refused(() => streamEvents({} as never, events, { sensor, step: 1000 }), /session/);
  await refused(() => streamEvents(session, events, { sensor, step: 0 }), /step/);
  await refused(
    () => streamEvents(session, events, { sensor: { width: 7, height: 4 }, step: 1000 }),
    /input/,
  );
  await refused(() => streamEvents(session, events, { sensor, step: 1000, pace: 'slow' as never }), /pace/);
  const aborted = streamEvents(session, events, { sensor, step: 1000, signal: AbortSignal.abort() });
  await t.throwsAsync(aborted.count(3), { name: 'AbortError' });
});
