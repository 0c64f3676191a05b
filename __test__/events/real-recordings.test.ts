// Recordings of real cameras and cochleas, which independent readers agree on: counts, and hashes of every column. They are fetched by
// `node scripts/check/real-recordings.mjs`; where that has not been run, each is skipped by its name.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { readEvents } from '../../src-ts/doors/events.ts';

interface File {
  path_in_archive: string;
  format: string;
  n_events: number;
  sha256: Record<string, string>;
  sensor_size?: [number, number];
  tick_us?: number;
  data_sha256?: string;
  packets?: Record<string, number>;
}

const folder = process.env.LAPICQUE_REAL_RECORDINGS ?? 'build/real-recordings';
const { files } = JSON.parse(readFileSync('__test__/events/fixtures/real-events.json', 'utf8')) as {
  files: File[];
};

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

for (const { path_in_archive: path, ...expected } of files) {
  const there = existsSync(join(folder, path));
  const run = there ? test : test.skip;
  run(there ? path : `${path} (node scripts/check/real-recordings.mjs fetches it)`, async (t) => {
    const got = await readEvents(join(folder, path), expected.format === 'csv' ? { format: 'csv' } : {});
    t.is(got.t.length, expected.n_events);
    const { t: times, x, y, polarity, exposure, address, colors, payload } = got;
    const columns: Record<string, ArrayBufferView | undefined> = {
      t: BigUint64Array.from(times, BigInt),
      ...{ x, y, p: polarity, polarity, exposure, address, ...colors },
    };
    for (const [name, hash] of Object.entries(expected.sha256))
      t.is(sha256(bytesOf(columns[name]!)), hash, name);
    if (expected.data_sha256 !== undefined) {
      const joined = Buffer.concat(
        payload!.flatMap((bytes, i) => (i === 0 ? [bytes] : [Buffer.alloc(1), bytes])),
      );
      t.is(sha256(joined), expected.data_sha256);
    }
    t.is(got.tick, expected.tick_us ?? 1);
    // Of the others the file does not say it.
    if (expected.sensor_size !== undefined && got.sensor !== undefined)
      t.deepEqual([got.sensor.width, got.sensor.height], expected.sensor_size);
    t.is(got.frames?.length, expected.packets?.['1:FRME']);
    if (expected.packets?.['2:IMUS'] !== undefined) t.true(got.imu!.t.length >= expected.packets['2:IMUS']);
    t.deepEqual(got.warnings, []);
  });
}
