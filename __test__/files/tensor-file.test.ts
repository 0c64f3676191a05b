// Arrays in files that other programs read.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { li } from '../../src-ts/doors/neurons.ts';
import { dense, Model, sequential } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';
import { any, detached } from '../support/table.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-tensors-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

test('an .npy file has the form that numpy’s documentation says', async (t) => {
  const file = await path('a.npy');
  const data = Int16Array.of(1, -2, 3, 4, 5, 600);
  await writeTensors(file, { a: { data, shape: [2, 3] } });
  const bytes = await readFile(file);
  t.is(bytes.subarray(0, 8).toString('latin1'), '\x93NUMPY\x01\x00');
  const length = bytes.readUInt16LE(8);
  t.is((10 + length) % 64, 0);
  const header = bytes.subarray(10, 10 + length).toString('latin1');
  t.is(header.trimEnd(), "{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }");
  t.deepEqual(
    Array.from({ length: 6 }, (_, i) => bytes.readInt16LE(10 + length + 2 * i)),
    Array.from(data),
  );
});

test('every kind of array is read as it was written, a part of a larger one too', async (t) => {
  const tensors = {
    f32: Float32Array.of(0.5, Number.NaN, -0).subarray(1),
    f64: Float64Array.of(1 / 3),
    i8: Int8Array.of(-1),
    i16: Int16Array.of(-300),
    i32: Int32Array.of(-70_000),
    i64: BigInt64Array.of(-(2n ** 60n)),
    u8: Buffer.from([7, 8]),
    u16: Uint16Array.of(60_000),
    u32: Uint32Array.of(4_000_000_000),
    u64: BigUint64Array.of(2n ** 63n),
    none: new Float64Array(),
  };
  for (const name of ['all.safetensors', 'all.npz']) {
    const file = pathToFileURL(await path(name));
    await writeTensors(file, tensors);
    const read = await readTensors(file);
    for (const [name, array] of Object.entries(tensors)) {
      const { data, shape } = read.tensors.get(name)!;
      t.deepEqual(shape, [array.length], name);
      t.deepEqual(Array.from<number | bigint>(data), Array.from<number | bigint>(array), name);
    }
  }
});

test('what was read is written again, with what the file says', async (t) => {
  const [first, second] = [await path('first.safetensors'), await path('second.safetensors')];
  const model = await sequential(dense(3, 2), li({ beta: 0.9 })).compile({ seed: 4 });
  await model.save(first);
  const { tensors, metadata } = await readTensors(first);
  await writeTensors(second, tensors, { metadata });
  t.deepEqual(await (await Model.load(second)).weights(), await model.weights());
});

for (const [what, tensors, expected] of [
  ['a list', { a: [1, 2] }, /^invalid-parameter: tensors\.a: expected a typed array, or \{ data, shape \}/],
  [
    'another shape',
    { a: { data: Float32Array.of(1), shape: [2] } },
    /^shape-mismatch: a: expected shape \[2\]/,
  ],
  ['no shape', { a: { data: Float32Array.of(1) } }, /^invalid-parameter: a\.shape: /],
  ['no data', { a: { shape: [1] } }, /^invalid-parameter: a: expected a typed array/],
  ['memory that is gone', { a: detached(Float32Array.of(1)) }, /^invalid-parameter: a: .*transferred/],
  ['no names', [Float32Array.of(1)], /^invalid-parameter: tensors: expected an object or a map/],
] as const) {
  test(`refused: ${what}`, async (t) => {
    t.regex(await outcome(async () => writeTensors(await path('x.npz'), any(tensors))), expected);
  });
}
