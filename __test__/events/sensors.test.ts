// Sensors through the public API; their events are compared with closed forms in src-rs/core/event-sensors/tests/analytic.rs.
import test from 'ava';
import { cameraEvents, cochlea, eventCamera, levelCrossing } from '../../src-ts/doors/events.ts';
import { LapicqueError } from '../../src-ts/index.ts';

test('a camera sends an event for each threshold of contrast, at its time', (t) => {
  using camera = eventCamera({ width: 2, height: 1, on: 0.1, response: { kind: 'log', offset: 0 } });
  t.is(camera.push(Float32Array.of(0.5, 0.5), 0).t.length, 0);
  const { t: times, x, y, polarity } = camera.push(Float32Array.of(0.5, 1), 10_000);
  // ln 2 / 0.1 = 6.93
  t.deepEqual(
    [...times],
    [1, 2, 3, 4, 5, 6].map((k) => Math.round((1000 * k) / Math.LN2)),
  );
  t.true(x.every((column) => column === 1) && y.every((row) => row === 0) && polarity.every((p) => p === 1));
  t.is(camera.operations, 4);
  t.deepEqual(camera.sensor, { width: 2, height: 1, polarities: 2 });
});

test('a function of time is seen as its frames are', async (t) => {
  using camera = eventCamera({ width: 1, height: 1, on: 0.15, response: { kind: 'log', offset: 0 } });
  const times: number[] = [];
  for await (const batch of cameraEvents(camera, (_x, _y, time) => Math.exp(2e-6 * time), {
    to: 1e6,
    dt: 1e4,
  }))
    times.push(...batch.t);
  t.is(times.length, 13);
  times.forEach((time, k) => {
    t.true(Math.abs(time - (k + 1) * 75_000) < 2);
  });
});

test('a signal by its level crossings, many samples at once', (t) => {
  using sine = levelCrossing({ channels: 1, threshold: 0.25, scheme: 'level' });
  const n = 2001;
  const times = Float64Array.from({ length: n }, (_, i) => i * 1000);
  const { t: at, polarity } = sine.pushAll(
    Float32Array.from({ length: n }, (_, i) => 0.9 * Math.sin((2 * Math.PI * i) / 1000 + 0.05)),
    times,
  );
  // Levels -0.75 … 0.75 are met twice in each of two periods.
  t.is(at.length, 2 * 2 * 7);
  t.is(
    polarity.reduce((sum, p) => sum + p, 0),
    14,
  );
  t.deepEqual(at, at.slice().sort());
});

test('a tone is heard in its band', (t) => {
  using ear = cochlea({ rate: 16_000, channels: 5, low: 250, high: 4000 });
  const { x } = ear.push(
    Float32Array.from({ length: 8000 }, (_, i) => Math.sin((2 * Math.PI * 1000 * i) / 16_000)),
  );
  const counts = [0, 0, 0, 0, 0];
  for (const band of x) counts[band]! += 1;
  t.true(
    counts[2]! > 100 && counts.every((count, band) => band === 2 || count < counts[2]! / 3),
    `${counts}`,
  );
});

test('what is wrong is named', (t) => {
  const refused = (work: () => unknown, name: RegExp) => {
    const error = t.throws(work, { instanceOf: LapicqueError });
    t.regex(error!.message, name);
  };
  refused(() => eventCamera({ width: 2 } as never), /height/);
  refused(() => eventCamera({ width: 2, height: 2, on: -1 }), /on/);
  refused(() => eventCamera({ width: 2, height: 2, noise: 1 } as never), /noise/);
  refused(() => eventCamera({ width: 2, height: 2, response: { kind: 'gamma' } as never }), /response/);
  refused(() => cochlea({ rate: 8000 }), /high/);
  refused(() => levelCrossing({ channels: 1 } as never), /threshold/);
  const camera = eventCamera({ width: 2, height: 2 });
  refused(() => camera.push(new Float32Array(3), 0), /frame/);
  camera.push(new Float32Array(4), 5);
  refused(() => camera.push(new Float32Array(4), 5), /t/);
  refused(() => camera.push([0, 0, 0, 0] as never, 6), /values/);
  camera.dispose();
  refused(() => camera.push(new Float32Array(4), 7), /disposed/);
});
