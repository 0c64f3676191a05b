// Streams of events through transforms and representations. What each computes is compared with tonic's figures in vectors.test.ts
// (fixtures/vectors/07_event_transforms) and with definitions written another way in src-rs/core/event-transforms/tests.
import test from 'ava';
import { DataLoader } from '../../src-ts/doors/data.ts';
import {
  binaryNumbers,
  type EventTransform,
  eventTransform,
  represent,
  representEvents,
  transformEvents,
} from '../../src-ts/doors/events.ts';
import { LapicqueError, setSeed } from '../../src-ts/index.ts';

const sensor = { width: 12, height: 8 };

/** A batch of so many events at random places, in the order of time. */
function batch(n: number, seed = 1) {
  let state = seed;
  const draw = (below: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
  let t = 1000;
  return {
    t: Float64Array.from({ length: n }, () => {
      t += draw(40);
      return t;
    }),
    x: Uint16Array.from({ length: n }, () => draw(12)),
    y: Uint16Array.from({ length: n }, () => draw(8)),
    polarity: Uint8Array.from({ length: n }, () => draw(2)),
  };
}

/** The batch in pieces. */
async function* pieces(whole: ReturnType<typeof batch>, size: number) {
  for (let i = 0; i < whole.t.length; i += size) {
    const part = <A extends { subarray(a: number, b: number): A }>(column: A) => column.subarray(i, i + size);
    yield { t: part(whole.t), x: part(whole.x), y: part(whole.y), polarity: part(whole.polarity) };
  }
}

test('a stream in pieces gives what it gives as a whole, with its new sensor', async (t) => {
  const whole = batch(3000);
  const steps = [
    eventTransform.timeJitter({ std: 30 }),
    eventTransform.denoise({ time: 400 }),
    eventTransform.rotate({ angle: 90 }),
    eventTransform.crop({ width: 6, height: 10 }),
    eventTransform.drop({ probability: 0.2 }),
  ];
  const options = { sensor, seed: 3 };
  const once = await transformEvents(whole, steps, options).collect();
  t.deepEqual(once.sensor, { width: 6, height: 10, polarities: 2 });
  t.true(once.t.length > 100 && once.t.length < 2000);
  for (const size of [1, 77, 1024]) {
    const again = transformEvents(pieces(whole, size), steps, options);
    t.deepEqual(await again.collect(), once, `${size}`);
  }
  const other = await transformEvents(whole, steps, { sensor, seed: 4 }).collect();
  t.notDeepEqual(other, once);
});

test('a stream knows its sensor, so that streams can follow each other', async (t) => {
  const half = transformEvents(batch(500), [eventTransform.downsample({ factor: 0.5 })], { sensor });
  const frames = representEvents(half, represent.frames({ window: 1000, includeIncomplete: true }));
  t.deepEqual(frames.shape, [2, 4, 6]);
  const { x, counts, starts, ends, shape } = await frames.collect();
  t.is(
    x.reduce((sum, count) => sum + count, 0),
    500,
  );
  t.deepEqual(
    [...counts].reduce((sum, count) => sum + count, 0),
    500,
  );
  t.is(ends[0]! - starts[0]!, 1000);
  t.deepEqual(shape, [starts.length, 2, 4, 6]);
});

// Few channels of many are sorted, many of few are read from bits.
for (const [width, height] of [
  [12, 8],
  [120, 80],
] as const) {
  test(`sparse frames are those frames, and slices their events, ${width} x ${height} pixels`, async (t) => {
    const [events, sensor, channels] = [batch(900), { width, height }, 2 * width * height];
    const schedule = { window: 700, overlap: 200, includeIncomplete: true };
    const dense = await representEvents(events, represent.frames(schedule), { sensor }).collect();
    const sparse = await representEvents(pieces(events, 50), represent.sparse(schedule), {
      sensor,
    }).collect();
    const slices = await representEvents(pieces(events, 31), represent.slices(schedule), {
      sensor,
    }).collect();
    t.is(sparse.channels.length, dense.shape[0]!);
    t.is(slices.length, dense.shape[0]!);
    for (const [i, fired] of sparse.channels.entries()) {
      const frame = new Float32Array(channels);
      for (const [k, channel] of fired.entries()) frame[channel] = sparse.values[i]![k]!;
      t.deepEqual(frame, dense.x.subarray(i * channels, (i + 1) * channels));
      t.deepEqual(fired, fired.slice().sort());
      const counted = new Float32Array(channels);
      const { x, y, polarity, t: times, start, end } = slices[i]!;
      x.forEach((column, k) => {
        counted[(polarity[k]! * height + y[k]!) * width + column]! += 1;
      });
      t.deepEqual(counted, frame);
      t.true(times.every((time) => time >= start && time < end));
    }
  });
}

test('frames in binary numbers', (t) => {
  const x = Float32Array.of(3, 0, 0, 1, 1, 0, 0, 1);
  t.deepEqual(binaryNumbers({ x, shape: [4, 2] }, 2), {
    x: Float32Array.of(2 / 3, 1 / 3, 2 / 3, 1 / 3),
    shape: [2, 2],
  });
  t.throws(() => binaryNumbers({ x, shape: [4, 2] }, 3), { instanceOf: LapicqueError });
});

test('in a loader what a transform draws follows from seed, epoch and sample', async (t) => {
  const augment = [eventTransform.flip({ x: 0.5, y: 0.5 }), eventTransform.drop({ probability: 0.5 })];
  const dataset = {
    length: 6,
    get: async (index: number) => {
      const frames = representEvents(batch(100, index), represent.image(), { sensor, transforms: augment });
      const { x } = await frames.collect();
      return { x, y: index };
    },
  };
  const epochs = async (batchSize: number) => {
    const loader = new DataLoader(dataset, { batchSize, seed: 5 });
    const seen: number[][] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      const images: number[] = [];
      for await (const { x } of loader) images.push(...x);
      seen.push(images);
    }
    return seen;
  };
  const [first, second] = await epochs(2);
  t.notDeepEqual(first, second);
  t.deepEqual(await epochs(3), [first!, second!]);
});

test('without a seed each stream draws anew, as encoders do', async (t) => {
  const draw = async () =>
    (await transformEvents(batch(200), [eventTransform.drop({ probability: 0.5 })], { sensor }).collect()).t;
  setSeed(1);
  const [a, b] = [await draw(), await draw()];
  t.notDeepEqual(a, b);
  setSeed(1);
  t.deepEqual(await draw(), a);
});

test('the source is read only as fast as frames are taken', async (t) => {
  let read = 0;
  async function* source() {
    for (let i = 0; i < 50; i++) {
      read += 1;
      yield { ...batch(10), t: Float64Array.from({ length: 10 }, (_, k) => i * 1000 + k * 100) };
    }
  }
  const frames = representEvents(source(), represent.frames({ window: 1000 }), { sensor })[
    Symbol.asyncIterator
  ]();
  await frames.next();
  t.true(read <= 2, `${read}`);
  await frames.return?.(undefined);
});

test('what is wrong is named', async (t) => {
  const events = batch(10);
  const refused = async (work: () => unknown, name: RegExp) => {
    const error = await t.throwsAsync(async () => work(), { instanceOf: LapicqueError });
    t.regex(error!.message, name);
  };
  await refused(() => transformEvents(events, []), /^sensor: /);
  await refused(
    () => transformEvents(events, [{ kind: 'blur' } as EventTransform], { sensor }),
    /^transforms\[0\]: /,
  );
  await refused(() => eventTransform.denoise({} as never), /time/);
  await refused(() => eventTransform.denoise({ time: 5, tme: 6 } as never), /tme/);
  await refused(() => represent.frames({ window: Number.NaN }), /window/);
  await refused(() => transformEvents(events, [eventTransform.decimate({ n: 0 })], { sensor }), /n/);
  await refused(
    () => representEvents(events, represent.frames({ window: 5, count: 5 }), { sensor }),
    /window/,
  );
  await refused(() => representEvents(events, {} as never, { sensor }), /^representation: /);
  const outside = { ...events, x: Uint16Array.from(events.x, () => 12) };
  await refused(() => transformEvents(outside, [], { sensor }).collect(), /events\[0\]/);
  const fractions = { ...events, t: events.t.map((time) => time + 0.5) };
  await refused(() => transformEvents(fractions, [], { sensor }).collect(), /t\[0\]/);
  const backwards = { ...events, t: events.t.toReversed() };
  await refused(
    () => representEvents(backwards, represent.frames({ window: 9 }), { sensor }).collect(),
    /events\.t\[1\]/,
  );
  await refused(
    () => transformEvents({ ...events, y: new Uint16Array(9) }, [], { sensor }).collect(),
    /events\.y/,
  );
  await refused(() => transformEvents(3 as never, [], { sensor }).collect(), /^events: /);
  const stream = transformEvents(events, [], { sensor });
  await stream.collect();
  await refused(() => stream.collect(), /a single read/);
  const aborted = transformEvents(events, [], { sensor, signal: AbortSignal.abort() });
  await t.throwsAsync(aborted.collect(), { name: 'AbortError' });
});
