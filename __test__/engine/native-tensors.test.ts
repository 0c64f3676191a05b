// Files of tensors through the native layer.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { addon, type NativeError, type Outcome } from '#native';

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

const read = (file: string) => addon.readTensors(file, undefined, '', 2 ** 28);
const folder = mkdtemp(join(tmpdir(), 'lapicque-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

test('what is written is read', async (t) => {
  const file = await path('all.safetensors');
  value(await addon.writeTensors(file, undefined, [['__proto__', 'polluted?']], tensors));
  const content = value(await read(file));
  t.deepEqual(value(content.metadata()), [['__proto__', 'polluted?']]);
  t.is(value(content.schema()), 1);
  const names = (JSON.parse(value(content.entries())) as [string, string, number[]][]).map(([name]) => name);
  const data = new Map(
    (
      [
        ['__proto__', new Float32Array(4)],
        ['ids', new BigUint64Array(1)],
        ['half', new Float32Array(1)],
        ['mask', new Uint8Array(3)],
      ] as const
    ).map(([name, array]) => {
      // A byte and the rest, as large ones are copied in pieces.
      const all = bytes(array);
      const first = name === 'mask' ? 1 : 4;
      value(content.copy(names.indexOf(name), 0, all.subarray(0, first)));
      value(content.copy(names.indexOf(name), first, all.subarray(first)));
      return [name, array];
    }),
  );
  t.deepEqual(data.get('__proto__'), Float32Array.of(1, -2, 3.5, 4));
  t.deepEqual(data.get('ids'), BigUint64Array.of(2n ** 63n));
  t.deepEqual(data.get('half'), Float32Array.of(1.5));
  t.deepEqual(data.get('mask'), Uint8Array.of(1, 0, 1));
  t.is(({} as { polluted?: unknown }).polluted, undefined);
});

test('numpy archives are written and read', async (t) => {
  const file = await path('spikes.npz');
  value(await addon.writeTensors(file, undefined, [], tensors.slice(0, 2)));
  const content = value(await read(file));
  t.is(value(content.schema()) ?? null, null);
  t.deepEqual(JSON.parse(value(content.entries())), [
    ['__proto__', 'F32', [2, 2]],
    ['ids', 'U64', [1]],
  ]);
});

test('a damaged file and a missing one are told apart', async (t) => {
  const file = await path('damaged.safetensors');
  value(await addon.writeTensors(file, undefined, [], tensors));
  const content = await readFile(file);
  content[content.length - 1]! ^= 1;
  await writeFile(file, content);
  t.is(error(await read(file)).code, 'malformed-file');
  t.is(error(await read(await path('missing'))).code, 'io');
});

test('a piece beyond the end, a tensor that there is not, and one that has gone are refused', async (t) => {
  const file = await path('pieces.safetensors');
  value(await addon.writeTensors(file, undefined, [], tensors));
  const content = value(await read(file));
  const into = (length: number) => new Uint8Array(length);
  t.is(error(content.copy(0, 0, into(1000))).code, 'invalid-parameter');
  t.is(error(content.copy(0, 2 ** 40, into(1))).code, 'invalid-parameter');
  t.is(error(content.copy(4, 0, into(1))).code, 'invalid-parameter');
  t.is(error(content.copy(-1, 0, into(1))).code, 'invalid-parameter');
  value(content.release(0));
  t.is(error(content.copy(0, 0, into(1))).code, 'disposed');
  content.dispose();
  t.is(error(content.entries()).code, 'disposed');
});

test('arguments that fit no file leave the old one as it was', async (t) => {
  const file = await path('kept.safetensors');
  value(await addon.writeTensors(file, undefined, [], tensors));
  const before = await readFile(file);
  const [first] = tensors;
  for (const bad of [{ shape: [-1] }, { shape: [2.5] }, { shape: [5] }, { name: '__metadata__' }]) {
    t.is(
      error(await addon.writeTensors(file, undefined, [], [{ ...first!, ...bad }])).code,
      'invalid-parameter',
    );
  }
  t.is(
    error(await addon.writeTensors(file, undefined, [], [{ ...first!, dtype: 'F128' }])).code,
    'unsupported',
  );
  t.deepEqual(await readFile(file), before);
});
