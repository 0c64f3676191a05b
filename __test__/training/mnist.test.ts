import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { LapicqueError } from '../../src-ts/checks/errors.ts';
import { mnist, readMnist } from '../../src-ts/data/mnist.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('the digits are those of the package they come from, pixel by pixel', async (t) => {
  const require = createRequire(import.meta.url);
  const { images, labels } = await mnist();
  t.is(images.length, 10_000 * 784);
  t.is(labels.length, 10_000);
  let sample = 0;
  for (let label = 0; label < 10; label++) {
    const path = require.resolve(`mnist/src/digits/${label}.json`);
    const { data } = JSON.parse(readFileSync(path, 'utf8')) as { data: number[] };
    let worst = 0;
    for (let i = 0; i < data.length; i++) {
      worst = Math.max(worst, Math.abs(data[i]! - images[sample * 784 + i]!));
    }
    // The package rounds to three places.
    t.true(worst <= 0.0005 + 1e-7, `label ${label}: ${worst}`);
    const count = data.length / 784;
    t.true(labels.subarray(sample, sample + count).every((y) => y === label));
    sample += count;
  }
  t.is(sample, 10_000);
});

test('the split holds out 2,000 digits, no digit on both sides, every digit on one', async (t) => {
  const { images, split } = await mnist();
  const { train, test: testData } = split(7);
  t.deepEqual(train.shape, [8000, 784]);
  t.deepEqual(testData.shape, [2000, 784]);
  const fingerprints = (x: Float32Array) =>
    Array.from({ length: x.length / 784 }, (_, i) => {
      const row = x.subarray(i * 784, (i + 1) * 784);
      return sha256(new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
    });
  const all = fingerprints(images).sort();
  t.deepEqual([...fingerprints(train.x), ...fingerprints(testData.x)].sort(), all);
  t.is(new Set(testData.y).size, 10);
});

test('the seed decides the split', async (t) => {
  const { split } = await mnist();
  const hash = (seed?: number) => sha256(split(seed).test.y);
  t.is(hash(), hash(0));
  t.is(hash(3), hash(3));
  t.not(hash(3), hash(4));
  t.not(hash(1), hash(1 + 2 ** 32), 'the upper bits of a seed count');
  const error = t.throws(() => split(-1), { instanceOf: LapicqueError as never });
  t.is((error as unknown as LapicqueError).code, 'invalid-parameter');
});

test('the four files of the full set are read from a folder, compressed or not', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-mnist-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const images = (count: number) =>
    Uint8Array.of(0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 1, 0, 0, 0, 2, ...Array(2 * count).fill(51));
  const labels = (count: number) => Uint8Array.of(0, 0, 8, 1, 0, 0, 0, count, ...Array(count).fill(4));
  await writeFile(join(folder, 'train-images-idx3-ubyte.gz'), gzipSync(images(3)));
  await writeFile(join(folder, 'train-labels-idx1-ubyte.gz'), gzipSync(labels(3)));
  await writeFile(join(folder, 't10k-images-idx3-ubyte'), images(2));
  await writeFile(join(folder, 't10k-labels-idx1-ubyte'), labels(2));
  const { train, test: testData } = await readMnist(folder);
  t.deepEqual(train, { x: new Float32Array(6).fill(0.2), y: Uint8Array.of(4, 4, 4), shape: [3, 2] });
  t.deepEqual(testData.shape, [2, 2]);

  await writeFile(join(folder, 't10k-labels-idx1-ubyte'), labels(3));
  const mismatch = await t.throwsAsync(readMnist(folder));
  t.regex(mismatch?.message ?? '', /t10k-labels-idx1-ubyte: expected shape bytes \[2\] but got \[3\]/);
  await rm(join(folder, 't10k-labels-idx1-ubyte'));
  const missing = await t.throwsAsync(readMnist(folder));
  t.is((missing as unknown as LapicqueError).code, 'io');
});
