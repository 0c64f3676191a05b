import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import fc from 'fast-check';
import { LapicqueError } from '../../src-ts/checks/errors.ts';
import { type IdxArray, readIdx } from '../../src-ts/data/idx.ts';

/** The example of the format's description: an unsigned-byte matrix. */
const matrix = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 255);

const failure = async (promise: Promise<IdxArray>): Promise<LapicqueError> => {
  try {
    await promise;
  } catch (error) {
    if (error instanceof LapicqueError) return error;
    throw error;
  }
  throw new Error('it was read');
};

test('reads bytes, from memory, plain and compressed', async (t) => {
  for (const source of [matrix, gzipSync(matrix)]) {
    const { data, shape } = await readIdx(source);
    t.deepEqual(shape, [2, 3]);
    t.deepEqual(data, Uint8Array.of(1, 2, 3, 4, 5, 255));
  }
});

test('reads files by path and by URL; the content tells whether it is compressed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-idx-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'images-idx2-ubyte');
  for (const content of [matrix, gzipSync(matrix)]) {
    await writeFile(path, content);
    t.deepEqual((await readIdx(path)).shape, [2, 3]);
    t.deepEqual((await readIdx(pathToFileURL(path))).shape, [2, 3]);
  }
  const missing = await failure(readIdx(join(folder, 'absent')));
  t.is(missing.code, 'io');
  t.regex(missing.message, /absent: ENOENT/);
  t.is((await failure(readIdx(folder))).code, 'io');
});

test('every element type is read big-endian', async (t) => {
  const one = (type: number, ...bytes: number[]) =>
    readIdx(Uint8Array.of(0, 0, type, 1, 0, 0, 0, 1, ...bytes));
  t.deepEqual((await one(0x09, 0xff)).data, Int8Array.of(-1));
  t.deepEqual((await one(0x0b, 0x01, 0x02)).data, Int16Array.of(0x0102));
  t.deepEqual((await one(0x0c, 0xff, 0xff, 0xff, 0xfe)).data, Int32Array.of(-2));
  t.deepEqual((await one(0x0d, 0x3f, 0xc0, 0, 0)).data, Float32Array.of(1.5));
  t.deepEqual((await one(0x0e, 0xc0, 0x04, 0, 0, 0, 0, 0, 0)).data, Float64Array.of(-2.5));
});

test('what is wrong with a file is told, with the byte', async (t) => {
  const expect = async (bytes: ArrayLike<number>, offset: number, reason: RegExp) => {
    const error = await failure(readIdx(Uint8Array.from(bytes)));
    t.is(error.code, 'malformed-file');
    if (error.code !== 'malformed-file') return;
    t.is(error.format, 'IDX');
    t.is(error.offset, offset);
    t.regex(error.reason, reason);
  };
  await expect([], 0, /ends inside the header/);
  await expect(matrix.subarray(0, 9), 9, /ends inside the header/);
  await expect([1, ...matrix.subarray(1)], 0, /two zero bytes/);
  await expect(matrix.with(2, 7), 2, /unknown element type 0x07/);
  await expect(matrix.with(3, 0), 3, /no axes/);
  await expect(matrix.with(7, 0), 4, /axis 0 has size 0/);
  await expect(matrix.subarray(0, 17), 4, /more than the file can hold/);
  await expect([...matrix, 0], 18, /more bytes than the 6 of shape \[2, 3\]/);
  // 4 GiB x 3 claimed by 18 bytes: refused before any memory is taken
  await expect(matrix.with(4, 255), 4, /more than the file can hold/);
});

test('a compressed file may not be cut short, damaged, or claim more than deflate can give', async (t) => {
  const packed = gzipSync(matrix);
  const cut = await failure(readIdx(packed.subarray(0, packed.length - 9)));
  t.is(cut.code, 'malformed-file');
  const damaged = Uint8Array.from(packed);
  damaged[packed.length - 6]! ^= 0x10;
  t.regex((await failure(readIdx(damaged))).message, /damaged gzip data/);
  const huge = await failure(readIdx(gzipSync(matrix.with(4, 255))));
  t.regex(huge.message, /more than the file can hold/);
  const short = await failure(readIdx(gzipSync(matrix.subarray(0, 15))));
  t.regex(short.message, /ends after 3 of the 6 bytes/);
});

test('reading can be canceled', async (t) => {
  const error = await failure(readIdx(matrix, { signal: AbortSignal.abort('enough') }));
  t.is(error.name, 'AbortError');
  t.is(error.cause, 'enough');
});

test('a source of another kind is refused', async (t) => {
  for (const source of [7, null, [0, 0, 8]]) {
    t.is((await failure(readIdx(source as never))).code, 'invalid-parameter');
  }
});

test('whatever is written is read back', async (t) => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (shape, compressed) => {
        const count = shape.reduce((a, b) => a * b, 1);
        const header = Buffer.alloc(4 + 4 * shape.length);
        header.set([0, 0, 0x0c, shape.length]);
        for (const [axis, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * axis);
        const body = Buffer.alloc(4 * count);
        for (let i = 0; i < count; i++) body.writeInt32BE(i * 7919 - 3, 4 * i);
        const bytes = Buffer.concat([header, body]);
        const read = await readIdx(compressed ? gzipSync(bytes) : bytes);
        t.deepEqual(read.shape, shape);
        t.deepEqual(
          Array.from(read.data),
          Array.from({ length: count }, (_, i) => i * 7919 - 3),
        );
      },
    ),
    { numRuns: 60 },
  );
});

test('arbitrary and mutated bytes give an array or malformed-file, never anything else', async (t) => {
  const mutated = fc
    .tuple(fc.constantFrom(matrix, gzipSync(matrix)), fc.nat(17), fc.nat(255), fc.nat(40))
    .map(([base, at, value, length]) => {
      const bytes = Uint8Array.from(base);
      bytes[at] = value;
      return bytes.subarray(0, length);
    });
  const headed = fc.uint8Array({ maxLength: 64 }).map((tail) => Uint8Array.of(0, 0, 8, ...tail));
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 64 }), headed, mutated), async (bytes) => {
      try {
        const { data, shape } = await readIdx(bytes);
        return data.length === shape.reduce((a, b) => a * b, 1);
      } catch (error) {
        return error instanceof LapicqueError && error.code === 'malformed-file';
      }
    }),
    { numRuns: 1500 },
  );
  t.pass();
});
