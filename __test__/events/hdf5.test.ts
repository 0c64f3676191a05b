// Event recordings in HDF5: batches, seeking, triggers, and what is written. Values of others are compared by the vectors (07_events_hdf5).
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openHdf5Events, openShd, writeDsec, writeProphesee } from '../../src-ts/doors/events.ts';
import { openHdf5, writeHdf5 } from '../../src-ts/doors/files.ts';
import type { EventBatch, EventWriter } from '../../src-ts/events/batch.ts';
import { outcome } from '../support/errors.ts';

const fixtures = new URL('../../../__test__/fixtures/vectors/07_events_hdf5/', import.meta.url);
const fixture = (name: string) => new URL(name, fixtures);
const folder = mkdtemp(join(tmpdir(), 'lapicque-hdf5-events-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

const count = 120_000;
/** Events of a sensor that is scanned, in order, several at a time. */
const recording: EventBatch = {
  t: Float64Array.from(
    { length: count },
    (_, i) => 5_000_000 + 3 * Math.floor(i / 4) + (i > 60_000 ? 400_000 : 0),
  ),
  x: Uint16Array.from({ length: count }, (_, i) => (i * 37) % 1280),
  y: Uint16Array.from({ length: count }, (_, i) => Math.floor(i / 9) % 720),
  polarity: Uint8Array.from({ length: count }, (_, i) => Math.floor(i / 5) % 2),
};

/** Writes a recording in pieces of a length that no chunk has. */
async function written(writer: EventWriter): Promise<void> {
  for (let from = 0; from < count; from += 17_001) {
    const end = from + 17_001;
    await writer.write({
      t: recording.t.slice(from, end),
      x: recording.x.slice(from, end),
      y: recording.y.slice(from, end),
      polarity: recording.polarity.slice(from, end),
      ...(from === 0
        ? {
            triggers: {
              t: Float64Array.of(5_000_001, 5_480_000),
              id: Uint8Array.of(3, 0),
              polarity: Uint8Array.of(1, 0),
            },
          }
        : {}),
    });
  }
  await writer.close();
}

const files: Readonly<Record<string, (path: string) => Promise<EventWriter>>> = {
  'prophesee-hdf5': (path) => writeProphesee(path, { sensor: { width: 1280, height: 720 } }),
  'prophesee-plain': (path) => writeProphesee(path, { sensor: { width: 1280, height: 720 }, ecf: false }),
  'dsec-hdf5': (path) => writeDsec(path),
};

for (const [name, begin] of Object.entries(files)) {
  test(`${name}: what is written in pieces is read in batches, from any time on`, async (t) => {
    const file = await path(`${name}.h5`);
    await written(await begin(file));
    for (const batchSize of [undefined, 33_333]) {
      using reader = await openHdf5Events(file, { batchSize });
      let at = 0;
      for await (const batch of reader) {
        const { length } = batch.t;
        t.true(length <= 65_536);
        t.deepEqual(batch.t, recording.t.slice(at, at + length));
        t.deepEqual(batch.x, recording.x.slice(at, at + length));
        t.deepEqual(batch.y, recording.y.slice(at, at + length));
        t.deepEqual(batch.polarity, recording.polarity.slice(at, at + length));
        at += length;
      }
      t.is(at, count);
      t.deepEqual(reader.warnings, []);
    }
    using reader = await openHdf5Events(file);
    for (const time of [
      0, 5_000_000, 5_000_001, 5_020_000, 5_074_999, 5_075_001, 5_300_000, 5_549_997, 9e9,
    ]) {
      await reader.seek(time);
      const batch = await reader.read();
      const first = recording.t.findIndex((t) => t >= time);
      if (first === -1) t.is(batch?.t.length ?? 0, 0, `${time}`);
      else t.deepEqual(batch!.t.slice(0, 5), recording.t.slice(first, first + 5), `${time}`);
    }
  });
}

test('triggers come with the events of their time', async (t) => {
  using reader = await openHdf5Events(await written2('triggers.h5'));
  const times: [number, number][] = [];
  for await (const { t: all, triggers } of reader)
    for (const [i, time] of (triggers?.t ?? new Float64Array(0)).entries()) {
      t.true(time <= all.at(-1)!);
      times.push([time, triggers!.id[i]!]);
    }
  t.deepEqual(times, [
    [5_000_001, 3],
    [5_480_000, 0],
  ]);
  t.deepEqual(reader.sensor, { width: 1280, height: 720 });
});

async function written2(name: string): Promise<string> {
  const file = await path(name);
  await written(await files['prophesee-hdf5']!(file));
  return file;
}

test('the index of DSEC leads to each millisecond', async (t) => {
  const file = await path('index.h5');
  await written(await writeDsec(file, { offset: 4_900_000 }));
  using h5 = await openHdf5(file);
  const index = (await h5.read('ms_to_idx', { int64: 'number' })).values as Float64Array;
  const stored = (await h5.read('events/t')).values as Uint32Array;
  t.is(stored[0], 100_000);
  for (const ms of [0, 50, 100, 101, 150, 500, index.length - 1]) {
    const i = index[ms]!;
    t.true(stored[i]! >= ms * 1000 && (i === 0 || stored[i - 1]! < ms * 1000), `${ms}`);
  }
  using reader = await openHdf5Events(file, { origin: 'first' });
  t.is(reader.metadata.get('t_offset'), '4900000');
  t.deepEqual((await reader.read())!.t.slice(0, 5), Float64Array.of(0, 0, 0, 0, 3));
});

/** The formulas of fixtures/hdf5/make_ecf.py. */
test('chunks that Prophesee’s own encoder packed are read, each of its ways to pack', async (t) => {
  using reader = await openHdf5Events(
    new URL('../../../__test__/files/fixtures/hdf5/ecf.hdf5', import.meta.url),
  );
  const batch = (await reader.read())!;
  const count = 3000;
  const expected = (of: (i: number, chunk: number) => number) =>
    Array.from({ length: count }, (_, i) => of(i, Math.floor(i / 1000)));
  const gaps = (i: number) => (i >= 500 ? 14 : 0) + (i >= 1500 ? 15 : 0) + (i >= 2500 ? 70_000 : 0);
  t.deepEqual(
    Array.from(batch.t),
    expected((i, chunk) => 10_000 + Math.floor(i / (chunk < 2 ? 3 : 40)) + gaps(i)),
  );
  t.deepEqual(
    Array.from(batch.x),
    expected((i, chunk) =>
      chunk === 0 ? (i * 37) % 1280 : chunk === 1 ? (i * 611) % 1280 : (i % 50) * 3 + (i % 2),
    ),
  );
  t.deepEqual(
    Array.from(batch.y),
    expected((i, chunk) => (chunk === 0 ? (i * 11) % 720 : Math.floor(i / 50))),
  );
  t.deepEqual(
    Array.from(batch.polarity),
    expected((i, chunk) => Math.floor(i / (chunk < 2 ? 5 : 300)) % 2),
  );
});

test('samples of SHD one by one, and one as a recording', async (t) => {
  using shd = await openShd(fixture('shd_h5py_f16.h5'));
  t.is(shd.length, 12);
  t.deepEqual(shd.keys, ['zero', 'one', 'two']);
  const { times, units, label } = await shd.sample(5);
  t.is(label, shd.labels[5]!);
  using reader = await openHdf5Events(fixture('shd_h5py_f16.h5'), { sample: 5 });
  const batch = (await reader.read())!;
  t.deepEqual(batch.x, units);
  t.deepEqual(
    Array.from(batch.t),
    Array.from(times, (time) => Math.round(time * 1e6)),
  );
  t.is(reader.metadata.get('label'), String(label));
  t.regex(await outcome(() => shd.sample(12)), /^invalid-parameter: index/);
  t.regex(
    await outcome(() => openHdf5Events(fixture('shd_h5py_f16.h5'), { sample: 12 })),
    /^invalid-parameter: sample/,
  );
});

test('what is no recording, is damaged, or does not fit a format is refused', async (t) => {
  await writeHdf5(await path('other.h5'), { weights: [1, 2] });
  t.regex(
    await outcome(async () => openHdf5Events(await path('other.h5'))),
    /^unsupported: .*weights.*CD\/events/,
  );
  t.regex(
    await outcome(() => openHdf5Events(fixture('truncated_shd_pytables.h5'))),
    /^malformed-file: .*truncated/,
  );
  await writeHdf5(await path('lengths.h5'), { events: { x: [1], y: [1, 2], t: [1], p: [0] } });
  t.regex(await outcome(async () => openHdf5Events(await path('lengths.h5'))), /^malformed-file: .*shapes/);
  await writeHdf5(await path('wide.h5'), { events: { x: [70_000], y: [1], t: [1], p: [0] } });
  t.regex(
    await outcome(async () => (await openHdf5Events(await path('wide.h5'))).read()),
    /^malformed-file: .*x is 70000/,
  );
  const one = (time: number, x = 1): EventBatch => ({
    t: Float64Array.of(time),
    x: Uint16Array.of(x),
    y: Uint16Array.of(1),
    polarity: Uint8Array.of(1),
  });
  using dsec = await writeDsec(await path('dsec.h5'));
  t.regex(await outcome(() => dsec.write(one(2 ** 32))), /^invalid-parameter: t: .*set offset/);
  await dsec.write(one(10));
  t.regex(await outcome(() => dsec.write(one(9))), /^invalid-parameter: t: .*sorted times/);
  using ecf = await writeProphesee(await path('ecf.h5'), { sensor: { width: 4000, height: 1 } });
  await ecf.write(one(10, 3000));
  t.regex(await outcome(() => ecf.close()), /^invalid-parameter: .*ECF cannot hold/);
});
