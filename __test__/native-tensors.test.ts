// Files of tensors through the native layer.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { NativeError, Outcome } from '#native';
import { addon } from '#native';

const error = (outcome: unknown): NativeError => (outcome as { error: NativeError }).error;

function value<T>(outcome: Outcome<T>): T {
  const failed = error(outcome ?? {});
  if (failed) throw new Error(failed.message);
  return outcome as T;
}

const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const tensors = [
  { name: '__proto__', dtype: 'F32', shape: [2, 2], data: bytes(Float32Array.of(1, -2, 3.5, 4)) },
  { name: 'ids', dtype: 'U64', shape: [1], data: bytes(BigUint64Array.of(2n ** 63n)) },
  { name: 'half', dtype: 'BF16', shape: [1], data: Uint8Array.of(0xc0, 0x3f) },
  { name: 'mask', dtype: 'BOOL', shape: [3], data: Uint8Array.of(1, 0, 1) },
];

const folder = mkdtemp(join(tmpdir(), 'lapicque-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

test('what is written is read', async (t) => {
  const file = await path('all.safetensors');
  value(await addon.writeTensors(file, [['__proto__', 'polluted?']], tensors));
  const read = value(await addon.readTensors(file));
  t.deepEqual(read.metadata, [['__proto__', 'polluted?']]);
  t.is(read.schema, 1);
  const data = new Map(read.tensors.map((tensor) => [tensor.name, tensor.data]));
  t.deepEqual(data.get('__proto__'), Float32Array.of(1, -2, 3.5, 4));
  t.deepEqual(data.get('ids'), BigUint64Array.of(2n ** 63n));
  t.deepEqual(data.get('half'), Float32Array.of(1.5));
  t.deepEqual(data.get('mask'), Uint8Array.of(1, 0, 1));
  t.is(({} as { polluted?: unknown }).polluted, undefined);
});

test('numpy archives are written and read', async (t) => {
  const file = await path('spikes.npz');
  value(await addon.writeTensors(file, [], tensors.slice(0, 2)));
  const read = value(await addon.readTensors(file));
  t.is(read.schema ?? null, null);
  t.deepEqual(
    read.tensors.map(({ name, shape }) => [name, shape]),
    [
      ['__proto__', [2, 2]],
      ['ids', [1]],
    ],
  );
});

test('a damaged file and a missing one are told apart', async (t) => {
  const file = await path('damaged.safetensors');
  value(await addon.writeTensors(file, [], tensors));
  const content = await readFile(file);
  content[content.length - 1]! ^= 1;
  await writeFile(file, content);
  t.is(error(await addon.readTensors(file)).code, 'malformed-file');
  t.is(error(await addon.readTensors(await path('missing'))).code, 'io');
});

test('arguments that fit no file leave the old one as it was', async (t) => {
  const file = await path('kept.safetensors');
  value(await addon.writeTensors(file, [], tensors));
  const before = await readFile(file);
  const [first] = tensors;
  for (const bad of [{ shape: [-1] }, { shape: [2.5] }, { shape: [5] }, { name: '__metadata__' }]) {
    t.is(error(await addon.writeTensors(file, [], [{ ...first!, ...bad }])).code, 'invalid-parameter');
  }
  t.is(error(await addon.writeTensors(file, [], [{ ...first!, dtype: 'F128' }])).code, 'unsupported');
  t.deepEqual(await readFile(file), before);
});
