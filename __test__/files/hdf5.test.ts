// HDF5 files: what is in them, slices, refusals, and what is written. Files of others are compared by `npm run vectors` (fixtures/vectors/12_hdf5).
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import {
  createHdf5,
  hdf5Bytes,
  hdf5Dataset,
  hdf5Group,
  hdf5Scalar,
  openHdf5,
  writeHdf5,
} from '../../src-ts/doors/files.ts';
import { LapicqueError } from '../../src-ts/index.ts';
import { outcome } from '../support/errors.ts';

const fixtures = new URL('../../../__test__/fixtures/vectors/12_hdf5/', import.meta.url);
/** Files of rare structures, made by fixtures/hdf5/make_structures.py. */
const own = new URL('../../../__test__/files/fixtures/hdf5/', import.meta.url);
const fixture = (name: string) => new URL(name, fixtures);
const folder = mkdtemp(join(tmpdir(), 'lapicque-hdf5-'));
const path = async (name: string) => join(await folder, name);
test.after.always(async () => rm(await folder, { recursive: true }));

test('members, attributes and descriptions are those that h5py wrote', async (t) => {
  using file = await openHdf5(fixture('filters.h5'));
  const members = await file.members();
  t.true(members.some(({ name, kind }) => name === 'shuf' && kind === 'dataset'));
  t.true(members.length > 15);
  const shuffled = await file.dataset('shuf');
  t.deepEqual(
    [shuffled.shape, shuffled.type, shuffled.chunks, shuffled.filters.map(({ name }) => name)],
    [[60, 70], 'int32', [30, 70], ['shuffle', 'deflate']],
  );
  t.is(await file.kind('nothing'), undefined);
  t.is(await file.kind('/'), 'group');
  using links = await openHdf5(fixture('many_links.h5'));
  const attributes = await links.attributes('x');
  t.is(hdf5Scalar(attributes.get('text')!), 'ünïcode');
  t.deepEqual(attributes.get('vec')!.values, Float64Array.of(0, 1, 2));
});

test('a slice is the part of the whole, from a path, bytes and a stream', async (t) => {
  const bytes = await readFile(fixture('userblock.h5'));
  async function* pieces() {
    for (let from = 0; from < bytes.length; from += 1000) yield bytes.subarray(from, from + 1000);
  }
  for (const source of [fixture('userblock.h5'), bytes, pieces()]) {
    using file = await openHdf5(source);
    const { values, shape } = await file.read('b');
    t.deepEqual(shape, [60, 70]);
    const part = await file.read('b', { start: [19, 5], count: [3, 40] });
    t.deepEqual(part.shape, [3, 40]);
    const expected = Array.from(
      { length: 120 },
      (_, i) => (values as Int32Array)[(19 + Math.floor(i / 40)) * 70 + 5 + (i % 40)],
    );
    t.deepEqual(Array.from(part.values as Int32Array), expected);
    // Axes that are left out are whole.
    t.deepEqual((await file.read('b', { start: [58] })).shape, [2, 70]);
  }
});

test('rows, texts, booleans, compound types and 64 bits have values of JavaScript', async (t) => {
  using shd = await openHdf5(fixture('shd_pytables.h5'));
  const { values } = await shd.read('spikes/times', { start: [3], count: [2] });
  t.true((values as Float32Array[])[0] instanceof Float32Array);
  t.is((values as Float32Array[]).length, 2);
  using padded = await openHdf5(fixture('compound_padded.h5'));
  const nested = (await padded.read('nested')).values as Record<string, Record<string, Float32Array>>;
  t.deepEqual(Object.keys(nested), ['a', 'd', 'e']);
  t.is(nested.a!.c!.length, 7 * 6);
  using filters = await openHdf5(fixture('filters.h5'));
  const [first] = (await filters.read('u64')).values as BigUint64Array;
  t.is(typeof first, 'bigint');
});

test('what cannot be read is refused by the name of filter or type, what is not there by name', async (t) => {
  using file = await openHdf5(fixture('zstd_lz4.h5'));
  t.regex(await outcome(() => file.read('blosc2')), /^unsupported: .*filter 32026 \(Blosc2/);
  t.regex(await outcome(() => file.read('zst')), /^unknown-name: .*did you mean "zstd"/);
  t.regex(
    await outcome(() => file.read('zstd', { start: [0, 0], count: [61, 1] })),
    /^invalid-parameter: .*61 from 0 on axis 0/,
  );
  t.regex(await outcome(() => file.read('zstd', { count: [1, 1, 1] })), /^invalid-parameter: count/);
  t.regex(await outcome(() => file.read('/')), /^invalid-parameter: path/);
  t.regex(await outcome(() => file.read('zstd', { step: 2 } as never)), /^unknown-name: .*"step"/);
  t.regex(await outcome(() => openHdf5(Buffer.from('no HDF5'))), /^malformed-file/);
  t.regex(await outcome(() => openHdf5('nowhere.h5')), /^io: /);
  t.regex(await outcome(() => openHdf5(fixture('big.h5'), { signal: AbortSignal.abort() })), /^aborted/);
  file.close();
  t.regex(await outcome(() => file.read('zstd')), /^disposed/);
});

/** A file with one link to another file, and one dataset whose data lie elsewhere, as bytes: made by patching what we write. */
test('links to other files, data in other files and virtual datasets are refused', async (t) => {
  const bytes = Buffer.from(await hdf5Bytes({ abcdefgh: Float32Array.of(1, 2, 3) }));
  // A message of the kind "external files" (7) in place of the fill value (5) of a header, whose checksum is not known to `patch`.
  const at = bytes.indexOf(Buffer.from([5, 2, 0, 0, 3, 0x0a]));
  t.true(at > 0);
  bytes[at] = 7;
  const message = await outcome(async () => {
    using file = await openHdf5(bytes);
    return file.read('abcdefgh');
  });
  t.regex(message, /^malformed-file: .*checksum/);
  const links = new URL('refused.h5', own);
  using file = await openHdf5(links);
  const kinds = new Map((await file.members()).map(({ name, kind }) => [name, kind]));
  t.is(kinds.get('external'), 'external-link');
  t.is(kinds.get('dangling'), 'dangling-link');
  t.regex(
    await outcome(() => file.read('external')),
    /^unsupported: .*"external" to another file \(other\.h5\)/,
  );
  t.regex(await outcome(() => file.read('through/external')), /^unsupported: .*to another file/);
  t.regex(await outcome(() => file.read('raw')), /^unsupported: .*external raw storage.*raw/);
  t.regex(await outcome(() => file.read('virtual')), /^unsupported: .*virtual datasets/);
  t.regex(await outcome(() => file.read('bfloat')), /^unsupported: .*8 bits of exponent/);
  t.regex(await outcome(() => file.read('long')), /^unsupported: .*floating-point numbers of 16 bytes/);
  t.deepEqual((await file.read('plain')).values, Float64Array.of(1, 2));
});

test('limits hold what a reading may take', async (t) => {
  const zeros = await hdf5Bytes({ zeros: hdf5Dataset(new Float32Array(4e6), { deflate: 9 }) });
  t.true(zeros.length < 200_000);
  using file = await openHdf5(zeros, { limits: { bytes: 1e6 } });
  t.regex(await outcome(() => file.read('zeros')), /^too-large: .*limits: \{ bytes: \d+ \}/);
  t.is(((await file.read('zeros', { start: [1e6], count: [1000] })).values as Float32Array).length, 1000);
});

test('what is written is read back: kinds, shapes, chunks, attributes, nested and empty groups', async (t) => {
  const file = await path('written.h5');
  const arrays = {
    int8: Int8Array.of(-1, 2),
    uint8: Uint8Array.of(1, 255),
    int16: Int16Array.of(-300, 2),
    uint16: Uint16Array.of(1, 65535),
    int32: Int32Array.of(-70_000, 2),
    uint32: Uint32Array.of(1, 2 ** 32 - 1),
    int64: BigInt64Array.of(-(2n ** 62n), 2n),
    uint64: BigUint64Array.of(1n, 2n ** 63n),
    float32: Float32Array.of(0.5, -2),
    float64: Float64Array.of(1 / 3, Number.NaN),
  };
  const matrix = Float64Array.from({ length: 300 * 41 }, (_, i) => Math.sin(i));
  await writeHdf5(file, {
    arrays,
    scalars: { number: 1.5, text: 'ünïcode', yes: true, big: 2n ** 60n, none: '' },
    lists: { numbers: [1, 2.5], texts: ['a', '', 'über'], flags: [true, false] },
    empty: {},
    deep: {
      er: { still: hdf5Group({ x: 1 }, { note: 'here', list: ['p', 'qq'], v: Float32Array.of(1, 2) }) },
    },
    matrix: hdf5Dataset(matrix, {
      shape: [300, 41],
      deflate: 6,
      chunks: [64, 16],
      attributes: { unit: 'mV' },
    }),
    rows: [Float32Array.of(1, 2), new Float32Array(0), Float32Array.of(3)],
    records: hdf5Dataset(
      { x: Uint16Array.of(1, 2), name: ['ab', 'c'], t: BigInt64Array.of(5n, -6n) },
      {
        type: {
          compound: [
            { name: 'x', type: 'uint16' },
            { name: 'name', type: { string: 3 } },
            { name: 't', type: 'int64', offset: 8 },
          ],
          size: 16,
        },
      },
    ),
    halves: hdf5Dataset([0, 2, 3], { type: 'uint8', shape: [3, 1] }),
  });
  using read = await openHdf5(file);
  for (const [name, array] of Object.entries(arrays))
    t.deepEqual((await read.read(`arrays/${name}`)).values, array, name);
  const scalar = async (name: string) => hdf5Scalar(await read.read(`scalars/${name}`));
  t.deepEqual(
    [
      await scalar('number'),
      await scalar('text'),
      await scalar('yes'),
      await scalar('big'),
      await scalar('none'),
    ],
    [1.5, 'ünïcode', true, 2n ** 60n, ''],
  );
  t.deepEqual((await read.read('lists/texts')).values, ['a', '', 'über']);
  t.deepEqual((await read.read('lists/flags')).values, Int8Array.of(1, 0));
  t.deepEqual(await read.members('empty'), []);
  const attributes = await read.attributes('deep/er/still');
  t.is(hdf5Scalar(attributes.get('note')!), 'here');
  t.deepEqual(attributes.get('list')!.values, ['p', 'qq']);
  t.deepEqual(attributes.get('v')!.values, Float32Array.of(1, 2));
  const { values, shape } = await read.read('matrix');
  t.deepEqual([shape, values], [[300, 41], matrix]);
  t.is(hdf5Scalar((await read.attributes('matrix')).get('unit')!), 'mV');
  t.deepEqual((await read.read('rows')).values, [
    Float32Array.of(1, 2),
    new Float32Array(0),
    Float32Array.of(3),
  ]);
  const records = (await read.read('records')).values as Record<string, unknown>;
  t.deepEqual({ ...records }, { x: Uint16Array.of(1, 2), name: ['ab', 'c'], t: BigInt64Array.of(5n, -6n) });
  t.deepEqual((await read.read('halves')).shape, [3, 1]);
});

test('a file in a stream takes rows as they come, and nothing is there before its end', async (t) => {
  const file = await path('stream.h5');
  const writer = await createHdf5(file);
  const events = await writer.stream('events', { type: 'uint32', chunks: [100], deflate: true });
  const images = await writer.stream('images', { type: 'uint8', row: [4, 5], chunks: [3, 2, 5] });
  for (let i = 0; i < 50; i++) {
    await events.append(Uint32Array.from({ length: 7 }, (_, k) => 7 * i + k));
    await images.append(new Uint8Array(20).fill(i));
  }
  t.deepEqual(
    (await readdir(await folder)).filter((name) => name === 'stream.h5'),
    [],
  );
  await writer.close();
  using read = await openHdf5(file);
  t.deepEqual(
    (await read.read('events')).values,
    Uint32Array.from({ length: 350 }, (_, i) => i),
  );
  const slice = await read.read('images', { start: [49], count: [1] });
  t.deepEqual([slice.shape, slice.values], [[1, 4, 5], new Uint8Array(20).fill(49)]);
  const abandoned = await createHdf5(await path('abandoned.h5'));
  abandoned.abort();
  t.regex(await outcome(() => abandoned.close()), /^disposed/);
  t.deepEqual(
    (await readdir(await folder)).filter((name) => name.includes('abandoned')),
    [],
  );
});

test('what cannot be written is refused before there is a file', async (t) => {
  const file = await path('refused.h5');
  const refused: [string, unknown, RegExp][] = [
    [
      'a number that the type does not hold',
      { a: hdf5Dataset([300], { type: 'uint8' }) },
      /^invalid-parameter: a: /,
    ],
    ['a shape of another size', { a: hdf5Dataset([1, 2], { shape: [3] }) }, /^invalid-parameter: a: shape/],
    ['values of several kinds', { a: [1, 'b'] }, /^invalid-parameter: a/],
    ['members of several lengths', { a: hdf5Dataset({ x: [1], y: [1, 2] }) }, /^invalid-parameter: a/],
    ['an attribute of 100 kB', hdf5Group({}, { a: new Float64Array(12_500) }), /^unsupported: .*65535/],
    ['a name with a slash', { 'a/b': 1 }, /^invalid-parameter: name/],
    ['nothing', undefined, /^invalid-parameter: tree/],
  ];
  for (const [name, tree, pattern] of refused)
    t.regex(await outcome(() => writeHdf5(file, tree as never)), pattern, name);
  t.deepEqual(
    (await readdir(await folder)).filter((name) => name.includes('refused')),
    [],
  );
});

test('damaged files are errors of the library', async (t) => {
  const bytes = await readFile(fixture('latest.h5'));
  let [refused, read] = [0, 0];
  for (let i = 0; i < 120; i++) {
    const damaged = Buffer.from(bytes);
    for (let k = 0; k <= i % 3; k++) {
      const at = (i * 7919 + k * 104_729) % (i % 2 === 0 ? 4096 : damaged.length);
      damaged[at] = damaged[at]! ^ (1 + (i % 255));
    }
    const whole = i % 10 === 9 ? damaged.subarray(0, (i * 641) % damaged.length) : damaged;
    try {
      using file = await openHdf5(whole);
      for (const { name, kind } of await file.members()) if (kind === 'dataset') await file.read(name);
      read += 1;
    } catch (error) {
      t.true(error instanceof LapicqueError && error.code !== 'internal', `${i}: ${(error as Error).stack}`);
      refused += 1;
    }
  }
  t.true(refused > 20 && read > 5, `${refused} refused, ${read} read`);
});

test('bytes are a file, and a stream takes them', async (t) => {
  const bytes = await hdf5Bytes({ a: [1, 2, 3] });
  await writeFile(await path('bytes.h5'), bytes);
  using file = await openHdf5(await path('bytes.h5'));
  t.deepEqual((await file.read('a')).values, Float64Array.of(1, 2, 3));
  const pieces: Uint8Array[] = [];
  await writeHdf5(new WritableStream<Uint8Array>({ write: (piece) => void pieces.push(piece) }), {
    a: [1, 2, 3],
  });
  t.deepEqual(Buffer.concat(pieces), Buffer.from(bytes));
});

for (const version of ['earliest', 'latest']) {
  test(`attributes of committed types are read, of the format's ${version} version`, async (t) => {
    using file = await openHdf5(new URL(`committed_${version}.h5`, own));
    const of = async (path: string) => {
      const attributes = [...(await file.attributes(path))];
      return Object.fromEntries(
        attributes.map(([name, { values }]) => [name, Array.from(values as never, Number)]),
      );
    };
    t.deepEqual(await of('x'), { plain: [7], scale: [2.5], kinds: [1, 2] });
    t.deepEqual(await of('group'), { scale: [1.5, 2.5] });
    t.deepEqual(await of('group/inside'), { offset: [-1.5] });
    const many = Array.from({ length: 30 }, (_, i) => [`a${i}`, [i + 0.5]]);
    t.deepEqual(await of('many'), Object.fromEntries(many));
    t.deepEqual((await file.read('x')).values, Float64Array.of(0, 1, 2, 3));
    t.deepEqual((await file.read('group/inside')).values, Float32Array.of(1, 2));
    t.deepEqual((await file.read('many')).values, Int32Array.of(0, 1, 2));
  });
}

test('a group of thousands of long links is listed whole', async (t) => {
  using file = await openHdf5(gunzipSync(await readFile(new URL('links_latest.h5.gz', own))));
  const names = (await file.members('group')).map(({ name }) => name).sort();
  t.deepEqual(
    names,
    Array.from({ length: 3000 }, (_, i) => `${String(i).padStart(5, '0')}${'x'.repeat(200)}`),
  );
  t.deepEqual((await file.read(`group/${names[2999]}`)).values, BigInt64Array.of(0n, 1n, 2n));
});

test('a file of many groups is written beside the event loop', async (t) => {
  const names = Array.from({ length: 40_000 }, (_, i) => `cell ${i}`);
  let [turns, isWritten] = [0, false];
  const turn = () => {
    turns += 1;
    if (!isWritten) setImmediate(turn);
  };
  turn();
  const bytes = await hdf5Bytes(Object.fromEntries(names.map((name) => [name, {}])));
  isWritten = true;
  t.true(turns > 10, `${turns} turns`);
  using file = await openHdf5(bytes);
  const found = await file.members('/');
  t.deepEqual(
    found.map(({ name }) => name),
    [...names].sort(),
  );
});
