// Recordings of event cameras through the public API: written, read in pieces, sought in, converted.
import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import {
  createEventWriter,
  type EventBatch,
  type EventFormat,
  eventsToBytes,
  openEvents,
  readEvents,
  type WriteEventsOptions,
  writeEvents,
} from '../../src-ts/doors/events.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { failure } from '../support/errors.ts';
import { random } from '../support/numbers.ts';
import { run } from '../support/process.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-events-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));
const pathOf = async (name: string) => join(await folder, name);

const sensor = { width: 128, height: 128 };

function events(count: number, seed: number, from = 0): EventBatch {
  const next = random(seed);
  let time = from;
  const t = Float64Array.from({ length: count }, () => {
    time += Math.floor(next() * 40);
    return time;
  });
  const pixel = () => Uint16Array.from({ length: count }, () => Math.floor(next() * 120));
  return {
    t,
    x: pixel(),
    y: pixel(),
    polarity: Uint8Array.from({ length: count }, () => (next() < 0.5 ? 0 : 1)),
  };
}

const formats: [EventFormat, WriteEventsOptions][] = [
  ...(
    ['evt2', 'evt21', 'evt3', 'evt4', 'dat', 'es', 'nmnist', 'aedat3.1', 'csv', 'npy', 'npz', 'aer'] as const
  ).map((format): [EventFormat, WriteEventsOptions] => [format, {}]),
  ['evt21', { halfOrder: 'legacy' }],
  ['aedat2', { chip: 'dvs128' }],
  ['aedat2', { chip: 'davis240' }],
  ['aedat4', { compression: 'none' }],
  ['aedat4', { compression: 'lz4' }],
  ['aedat4', { compression: 'zstd' }],
];

test('every format gives back what was written, in batches of any size and from any source of bytes', async (t) => {
  const batch = events(3000, 1);
  for (const [format, options] of formats) {
    const bytes = await eventsToBytes(batch, { format, sensor, ...options });
    const how = { format, ...(format === 'aer' && { addressBytes: 4 as const }) };
    for (const source of [bytes, new Blob([bytes]), bytes.buffer.slice(0)]) {
      const got = await readEvents(source, how);
      for (const name of ['t', 'x', 'y', 'polarity'] as const) {
        // AER has an address, of which x and y are halves.
        if (format !== 'aer' || name !== 'polarity') t.deepEqual(got[name], batch[name], `${format} ${name}`);
      }
      t.is(got.format, format);
    }
    using reader = await openEvents(bytes, { ...how, batchSize: 700 });
    const sizes: number[] = [];
    for await (const { t: times } of reader) sizes.push(times.length);
    t.deepEqual(sizes, [700, 700, 700, 700, 200], format);
  }
});

test('with reuse every batch has the memory of the one before, and the same events', async (t) => {
  const batch = events(5000, 11);
  const triggers = { t: Float64Array.of(3, 4), id: Uint8Array.of(0, 0), polarity: Uint8Array.of(1, 0) };
  for (const [format, options] of formats.filter(([format]) => format !== 'aer')) {
    const withTriggers = format === 'evt3' || format === 'aedat4';
    const bytes = await eventsToBytes(withTriggers ? { ...batch, triggers } : batch, {
      format,
      sensor,
      ...options,
    });
    for (const batchSize of [700, 5000, 100_000]) {
      using reader = await openEvents(bytes, { format, batchSize, reuse: true });
      const buffers = new Set<ArrayBufferLike>();
      let [at, found] = [0, 0];
      for await (const part of reader) {
        buffers.add(part.t.buffer).add(part.x.buffer).add(part.y.buffer).add(part.polarity.buffer);
        for (const name of ['t', 'x', 'y', 'polarity'] as const) {
          t.deepEqual(part[name], batch[name].subarray(at, at + part.t.length), `${format} ${name} ${at}`);
        }
        at += part.t.length;
        found += part.triggers?.t.length ?? 0;
      }
      t.is(at, 5000, format);
      t.is(buffers.size, 4, format);
      t.is(found, withTriggers ? 2 : 0, format);
      // From a time on, after the last batch, which was shorter.
      await reader.seek(batch.t[3000]!);
      const { t: times } = (await reader.read())!;
      const first = batch.t.indexOf(batch.t[3000]!);
      t.deepEqual(times, batch.t.subarray(first, first + times.length));
    }
    const all = await readEvents(bytes, { format, batchSize: 700, reuse: true });
    t.deepEqual(all.t, batch.t, format);
  }
  t.is(
    (await failure(() => openEvents(new Uint8Array(4), { reuse: 1 as never })))?.code,
    'invalid-parameter',
  );
});

test('with reuse, columns that the caller has transferred are replaced', async (t) => {
  const batch = events(3000, 12);
  const bytes = await eventsToBytes(batch, { format: 'evt2', sensor });
  using reader = await openEvents(bytes, { batchSize: 1000, reuse: true });
  const first = (await reader.read())!;
  const kept = structuredClone(first.x, { transfer: [first.x.buffer as ArrayBuffer] });
  t.is(first.x.length, 0);
  const second = (await reader.read())!;
  t.deepEqual(second.x, batch.x.subarray(1000, 2000));
  t.deepEqual(second.t, batch.t.subarray(1000, 2000));
  t.deepEqual(kept, batch.x.subarray(0, 1000));
});

test('without reuse every batch has memory of its own', async (t) => {
  const batch = events(3000, 13);
  const bytes = await eventsToBytes(batch, { format: 'dat', sensor });
  using reader = await openEvents(bytes, { batchSize: 1000 });
  const batches: EventBatch[] = [];
  for await (const part of reader) batches.push(part);
  t.is(new Set(batches.flatMap((part) => [part.t.buffer, part.x.buffer, part.y.buffer])).size, 9);
  t.deepEqual(Float64Array.from(batches.flatMap((part) => [...part.t])), batch.t);
});

test('events before a damaged place are given, then the error, with reuse as without', async (t) => {
  const bytes = await eventsToBytes(events(3000, 14), { format: 'dat', sensor });
  for (const reuse of [false, true]) {
    using reader = await openEvents(bytes.slice(0, -3), { batchSize: 100, reuse });
    let count = 0;
    const error = await failure(async () => {
      for await (const { t: times } of reader) count += times.length;
    });
    t.is(error?.code, 'malformed-file');
    t.is(count, 2999);
    t.is(await reader.read(), undefined);
    await reader.seek(0);
    t.is((await reader.read())!.t.length, 100);
  }
});

test('reading does not hold up the event loop', async (t) => {
  const path = await pathOf('loop.raw');
  await writeEvents(path, events(1_000_000, 15), { format: 'evt2', sensor });
  using reader = await openEvents(path, { batchSize: 1000, reuse: true });
  let [turns, isRunning] = [0, true];
  const turn = () => {
    turns++;
    if (isRunning) setImmediate(turn);
  };
  setImmediate(turn);
  for await (const _ of reader);
  isRunning = false;
  t.true(turns > 10, `${turns} turns`);
});

test('a writer makes the file when it is closed, and nothing when it is not', async (t) => {
  // A folder of its own, since it looks what is in it.
  const own = await mkdtemp(join(tmpdir(), 'lapicque-writer-'));
  t.teardown(() => rm(own, { recursive: true, force: true }));
  const path = join(own, 'closed.raw');
  const writer = await createEventWriter(path, { sensor });
  await writer.write(events(100, 2));
  await writer.write(events(100, 3, 10_000));
  t.false((await readdir(own)).includes('closed.raw'));
  await writer.close();
  const got = await readEvents(path);
  t.is(got.t.length, 200);
  t.is(got.format, 'evt3');
  t.deepEqual(got.sensor, sensor);
  const before = await readdir(own);
  {
    using abandoned = await createEventWriter(join(own, 'given-up.raw'), { sensor });
    await abandoned.write(events(100, 2));
  }
  t.deepEqual(await readdir(own), before);
  const back = { ...events(10, 1), t: Float64Array.from({ length: 10 }, (_, i) => 10 - i) };
  const error = await failure(async () => writeEvents(path, [back], { sensor }));
  t.is(error?.code, 'invalid-parameter');
  t.is((await readEvents(path)).t.length, 200, 'the old file is as it was');
  t.deepEqual(await readdir(own), before);
});

test('a reader goes to a time, and back', async (t) => {
  const batch = events(50_000, 5);
  const path = await pathOf('seek.aedat4');
  await writeEvents(path, batch, { sensor });
  using reader = await openEvents(path, { batchSize: 1000 });
  for (const target of [400_000, 5, 900_000, 123_456]) {
    await reader.seek(target);
    const at = batch.t.findIndex((time) => time >= target);
    const got = await reader.read();
    t.is(got!.t[0], batch.t[at]);
    t.is(got!.x[0], batch.x[at]);
  }
  await reader.seek(0);
  let count = 0;
  for await (const { t: times } of reader) count += times.length;
  t.is(count, 50_000);
  t.is(await reader.read(), undefined);
  reader.close();
  t.is((await failure(() => reader.seek(0)))?.code, 'disposed');
});

test('the origin is as stored, or the first event', async (t) => {
  const batch = events(1000, 6, 5_000_000);
  const bytes = await eventsToBytes(batch, { format: 'evt2' });
  t.is((await readEvents(bytes)).t[0], batch.t[0]);
  const shifted = await readEvents(bytes, { origin: 'first' });
  t.deepEqual(
    shifted.t,
    batch.t.map((time) => time - batch.t[0]!),
  );
});

test('what a format cannot hold is refused, or left out where that is said', async (t) => {
  const frames = [
    {
      ...{ t: 1, exposureStart: 0, exposureEnd: 2, width: 2, height: 1, x: 0, y: 0 },
      channels: 1 as const,
      pixels: Uint8Array.of(7, 9),
    },
  ];
  const triggers = { t: Float64Array.of(3, 4), id: Uint8Array.of(0, 0), polarity: Uint8Array.of(1, 0) };
  const batch = { ...events(10, 7), frames, triggers };
  const bytes = await eventsToBytes(batch, { format: 'aedat4', sensor });
  const got = await readEvents(bytes);
  t.deepEqual(got.frames, frames);
  t.deepEqual(got.triggers, triggers);
  const error = await failure(() => eventsToBytes(batch, { format: 'evt2' }));
  t.is(error?.code, 'unsupported');
  t.regex(error!.message, /drop: \["frames"\]/);
  const path = await pathOf('dropped.raw');
  const written = await writeEvents(path, batch, { format: 'evt2', drop: ['frames'] });
  t.like(written, { events: 10, triggers: 2, frames: 0, dropped: { frames: 1, triggers: 0 } });
  t.deepEqual((await readEvents(path)).triggers, triggers);
});

test('colours, exposures and payloads of .es files go round', async (t) => {
  const { t: time, x, y } = events(20, 8);
  const none = new Uint8Array(20);
  const column = (seed: number) => events(20, seed).polarity;
  const colors = { r: column(1), g: column(2), b: column(3) };
  const color = { t: time, x, y, polarity: none, colors };
  t.deepEqual((await readEvents(await eventsToBytes(color, { format: 'es', sensor }))).colors, colors);
  const atis = { t: time, x, y, polarity: column(4), exposure: column(5) };
  t.like(await readEvents(await eventsToBytes(atis, { format: 'es', sensor })), atis);
  const payload = Array.from({ length: 20 }, (_, i) => new Uint8Array(40 * i).fill(i));
  const generic = { t: time, x: new Uint16Array(20), y: new Uint16Array(20), polarity: none, payload };
  t.deepEqual((await readEvents(await eventsToBytes(generic, { format: 'es' }))).payload, payload);
});

test('a file that ends early is an error after its events, or a warning', async (t) => {
  const batch = events(1000, 9);
  const bytes = (await eventsToBytes(batch, { format: 'dat' })).slice(0, -3);
  using reader = await openEvents(bytes, { batchSize: 400 });
  const got: number[] = [];
  const error = await failure(async () => {
    for await (const { t: times } of reader) got.push(times.length);
  });
  t.deepEqual(got, [400, 400, 199]);
  t.like(error, { code: 'malformed-file', format: 'dat' });
  t.regex(error!.message, /allowTruncated/);
  const tolerant = await readEvents(bytes, { allowTruncated: true });
  t.is(tolerant.t.length, 999);
  t.is(tolerant.warnings[0]?.kind, 'truncated');
});

test('options that are wrong are told', async (t) => {
  const bytes = await eventsToBytes(events(10, 1), { format: 'evt2' });
  const code = async (call: () => unknown) => (await failure(call))?.code;
  t.is(await code(() => openEvents(bytes, { batchSize: 0 })), 'invalid-parameter');
  t.is(await code(() => openEvents(bytes, { format: 'evt5' as never })), 'unknown-name');
  t.is(await code(() => openEvents(bytes, { origen: 'first' } as never)), 'unknown-name');
  t.is(await code(() => openEvents(Uint8Array.of(1, 2, 3))), 'unsupported');
  t.is(await code(() => openEvents('/nowhere/file.raw')), 'io');
  t.is(await code(() => openEvents(bytes, { format: 'aer' })), 'invalid-parameter');
  t.is(await code(() => eventsToBytes(events(1, 1), {})), 'invalid-parameter');
  t.is(await code(() => eventsToBytes({} as never, { format: 'csv' })), 'invalid-parameter');
  t.is(await code(() => readEvents(bytes, { limits: { bytes: 100 } })), 'too-large');
  const abort = AbortSignal.abort();
  t.is(await code(() => openEvents(bytes, { signal: abort })), 'aborted');
});

test('tables are read by the names of their columns', async (t) => {
  const text = 'p,x,t,y\n1,5,0.25,6\n0,7,0.5,8\n';
  const got = await readEvents(Buffer.from(text), { format: 'csv', timeUnit: 's' });
  t.deepEqual([got.t[0], got.x[0], got.y[0], got.polarity[0]], [250_000, 5, 6, 1]);
  t.deepEqual([...got.t], [250_000, 500_000]);
  const plain = '# a note\n10 1 2 1\n20 3 4 -1\n';
  const other = await readEvents(Buffer.from(plain), { format: 'csv' });
  t.deepEqual([...other.t, ...other.x, ...other.polarity], [10, 20, 1, 3, 1, 0]);
  const columns = ['x', 'y', 'p', 't'];
  const ordered = await readEvents(Buffer.from('1,2,1,10\n'), { format: 'csv', columns });
  t.deepEqual([ordered.t[0], ordered.x[0]], [10, 1]);
});

test('memory does not grow with the file', async (t) => {
  const path = await pathOf('large.dat');
  const piece = events(200_000, 4);
  const span = piece.t.at(-1)! + 1;
  await writeEvents(
    path,
    (function* () {
      for (let i = 0; i < 40; i++) yield { ...piece, t: piece.t.map((time) => time + i * span) };
    })(),
  );
  const script = `
    const base = process.memoryUsage().rss;
    let [count, most] = [0, 0];
    const reader = await lapicque.openEvents(${JSON.stringify(path)});
    for await (const { t } of reader) {
      count += t.length;
      if (count % 655360 === 0) globalThis.gc();
      most = Math.max(most, process.memoryUsage().rss - base);
    }
    console.log(JSON.stringify({ count, most }));`;
  const { count, most } = await run<{ count: number; most: number }>(script);
  t.is(count, 8_000_000);
  // The file has 64 MB, its columns 104 MB.
  t.true(most < 50 * 2 ** 20, `${most / 2 ** 20} MiB`);
});

test('a stream of bytes is read to its end', async (t) => {
  const path = await pathOf('stream.es');
  await writeEvents(path, events(5000, 3), { sensor });
  t.is((await readEvents(createReadStream(path))).t.length, 5000);
});

test('the command line inspects and converts', async (t) => {
  const command = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, ['dist/cli.js', ...args, '--json']);
    return JSON.parse(stdout);
  };
  const batch = events(2000, 12);
  const [raw, aedat4, tensors] = [
    await pathOf('a.raw'),
    await pathOf('a.aedat4'),
    await pathOf('a.safetensors'),
  ];
  await writeEvents(raw, batch, { format: 'evt2', sensor });
  t.like(await command('events', 'convert', raw, aedat4), { events: 2000, format: 'aedat4' });
  const report = await command('events', 'inspect', aedat4);
  t.like(report, { events: 2000, format: 'aedat4', sensor, first: batch.t[0], last: batch.t.at(-1) });
  t.like(await command('inspect', raw), { kind: 'events', format: 'evt2', events: 2000 });
  await command('convert', aedat4, tensors);
  const { tensors: columns } = await readTensors(tensors);
  t.deepEqual(columns.get('x')!.data, batch.x);
  t.deepEqual(Array.from(columns.get('t')!.data as BigInt64Array, Number), [...batch.t]);
  const cut = await pathOf('cut.dat');
  await command('convert', raw, await pathOf('whole.dat'));
  await writeFile(cut, (await readFile(await pathOf('whole.dat'))).subarray(0, -1));
  await t.throwsAsync(command('events', 'inspect', cut));
  t.like(await command('events', 'inspect', cut, '--allow-truncated'), { events: 1999 });
});
