// Damaged recordings through the public API, each format in a process of its own: read, or refused with an error of the library, within a second
// and without memory for what is only declared. LAPICQUE_LONG_TESTS=1 makes 10,000 of each.
import test from 'ava';
import { run } from '../support/process.ts';

const isLong = process.env.LAPICQUE_LONG_TESTS === '1';
const rounds = isLong ? 10_000 : 100;
// One after the other, where each takes long: what a file may take is a time of the clock.
const mutated = isLong ? test.serial : test;
const timeout = isLong ? 600_000 : 60_000;

interface Result {
  codes: Record<string, number>;
  strange: string[];
  slowest: number;
  grown: number;
  size: number;
}

const formats: [format: string, options: Record<string, unknown>][] = [
  ...['evt2', 'evt3', 'evt4', 'dat', 'es', 'nmnist', 'aedat3.1', 'csv', 'npy', 'npz'].map(
    (format): [string, Record<string, unknown>] => [format, {}],
  ),
  ['evt21', {}],
  ['aedat2', { chip: 'davis240' }],
  ['aedat4', { compression: 'none' }],
  ['aedat4', { compression: 'lz4' }],
  ['aedat4', { compression: 'zstd' }],
  ['aer', { addressBytes: 4 }],
];

const script = (format: string, options: Record<string, unknown>) => `
  const { LapicqueError, eventsToBytes, readEvents } = lapicque;
  let state = 12345;
  const below = (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const count = 1500;
  let time = 0;
  const batch = {
    t: Float64Array.from({ length: count }, () => (time += below(60))),
    x: Uint16Array.from({ length: count }, () => below(120)),
    y: Uint16Array.from({ length: count }, () => below(120)),
    polarity: Uint8Array.from({ length: count }, () => below(2)),
    ...(${JSON.stringify(format)} === 'aedat4' && {
      triggers: { t: Float64Array.of(1, 2), id: Uint8Array.of(0, 0), polarity: Uint8Array.of(1, 0) },
      frames: [{ t: 1, exposureStart: 0, exposureEnd: 2, width: 4, height: 4, x: 0, y: 0, channels: 1, pixels: new Uint8Array(16) }],
      imu: { t: Float64Array.of(5), accelerometer: new Float32Array(3), gyroscope: new Float32Array(3), magnetometer: new Float32Array(3),
        temperature: new Float32Array(1) },
    }),
  };
  const how = { format: ${JSON.stringify(format)}, sensor: { width: 128, height: 128 }, ...${JSON.stringify(options)} };
  const file = await eventsToBytes(batch, how);
  const { compression, sensor, ...reading } = how;
  const lengths = [0, 1, 0x7f, 0x80, 0xff];
  const codes = {}, strange = [];
  let slowest = 0, base = 0;
  for (let round = 0; round < ${rounds}; round++) {
    let bytes = file.slice();
    const changes = 1 + below(8);
    for (let i = 0; i < changes; i++) {
      // Half of the changes at the beginning, where what the file declares is; for numbers of 32 bits, too.
      const at = below(below(2) === 0 ? Math.min(bytes.length, 400) : bytes.length);
      const kind = below(5);
      if (kind === 0) bytes[at] ^= 1 << below(8);
      else if (kind === 1) bytes[at] = lengths[below(5)];
      else if (kind === 2) bytes[at] = below(256);
      else if (kind === 3 && at + 4 <= bytes.length) new DataView(bytes.buffer).setUint32(at, [0xffffffff, 0x7fffffff, 0x80000000, 0x10000][below(4)], true);
      else if (below(4) === 0) bytes = bytes.slice(0, Math.max(1, at));
    }
    const began = performance.now();
    let code = 'read';
    try {
      await readEvents(bytes, { ...reading, allowTruncated: below(2) === 0 });
    } catch (error) {
      if (error instanceof LapicqueError) code = error.code;
      else { code = 'not ours'; strange.push(String(error?.stack)); }
      if (code === 'internal') strange.push(error.message);
    }
    codes[code] = (codes[code] ?? 0) + 1;
    slowest = Math.max(slowest, performance.now() - began);
    if (round === 20) base = process.resourceUsage().maxRSS / 1024;
    if (round % 500 === 0) globalThis.gc();
  }
  const grown = process.resourceUsage().maxRSS / 1024 - base;
  console.log(JSON.stringify({ codes, strange: strange.slice(0, 3), slowest, grown, size: file.length }));`;

for (const [format, options] of formats) {
  mutated(`damaged files of ${format} ${JSON.stringify(options)}`, async (t) => {
    t.timeout(timeout);
    const { codes, strange, slowest, grown, size } = await run<Result>(script(format, options), {}, timeout);
    t.deepEqual(strange, []);
    const ours = ['read', 'malformed-file', 'unsupported', 'too-large', 'invalid-parameter', 'unknown-name'];
    t.deepEqual(
      Object.keys(codes).filter((code) => !ours.includes(code)),
      [],
    );
    t.log(
      `${JSON.stringify(codes)}, slowest ${slowest.toFixed(0)} ms, memory +${grown.toFixed(0)} MiB, file ${size} bytes`,
    );
    // The process has its own garbage, too.
    t.true(grown < 64 + (4 * size) / 2 ** 20 + 64, `${grown} MiB`);
    t.true(slowest < (isLong ? 1000 : 5000), `${slowest} ms`);
  });
}
