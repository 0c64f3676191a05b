// Untrusted files that declare more than they contain, or unpack to more than memory holds: refused before memory is allocated, within
// the limit of the loader, and with yields to the event loop.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { tensorBytes } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { checksum, idx, type Member, npy, safetensors, zeros, zip } from '../support/file-bytes.ts';
import { loaders, sonataWith } from '../support/loaders.ts';
import { lapicque } from '../support/program.ts';
import { allowed, type Task, triedAll } from '../support/tried-files.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-hostile-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

const fixture = (path: string) => readFile(`__test__/circuit/fixtures/sonata/${path}`);

const tensor = (shape: string, end: number | string) =>
  `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,${end}]}}`;

/** A model of this description, with tensors of one number. */
async function described(description: object, more: Record<string, string> = {}): Promise<Uint8Array> {
  const metadata = { kind: 'model', description: JSON.stringify(description), updates: '0', ...more };
  const one = { shape: [1, 1], data: Float32Array.of(1) };
  return tensorBytes(
    { 'dense1.weight': one, 'dense1.bias': { shape: [1], data: Float32Array.of(1) } },
    { metadata },
  );
}

const wide = sequential(dense(20_000, 120_000), lif({ beta: 0.9 })).description;
const small = sequential(dense(1, 1), lif({ beta: 0.9 })).description;
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const file = async (metadata: Record<string, string>) => tensorBytes({ x: Float32Array.of(1) }, { metadata });

/** An archive whose one member says that it unpacks to so many bytes. */
const bomb = (size: number, packed: Uint8Array, more: Partial<Member> = {}) =>
  zip([{ name: 'x.npy', packed, size, ...more }]);

const bombs: Record<
  string,
  [loader: keyof typeof loaders, code: RegExp, () => Uint8Array | Promise<Uint8Array>]
> = {
  'a header of 2⁶⁰ bytes': [
    'readTensors',
    /malformed-file/,
    () => safetensors('{}', Buffer.alloc(8), 2n ** 60n),
  ],
  'a tensor of 2⁴² bytes': [
    'readTensors',
    /malformed-file/,
    () => safetensors(tensor('[1099511627776]', 4398046511104)),
  ],
  'a shape that overflows': [
    'readTensors',
    /malformed-file/,
    () => safetensors(tensor('[4294967296,4294967296]', 4)),
  ],
  'a header of lists within lists': ['readTensors', /malformed-file/, () => safetensors(deep(1e6))],
  'a tensor of a million axes': [
    'readTensors',
    /malformed-file/,
    () => safetensors(tensor(`[${'1,'.repeat(1e6)}1]`, 4), Buffer.alloc(4)),
  ],
  '100,000 tensors': [
    'readTensors',
    /read/,
    () => {
      const one = (i: number) => `"${i}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`;
      return safetensors(`{${Array.from({ length: 1e5 }, (_, i) => one(i)).join()}}`);
    },
  ],
  'an .npy of 2⁵⁰ numbers': [
    'readTensors',
    /malformed-file/,
    () => npy("{'descr': '<f8', 'fortran_order': False, 'shape': (1125899906842624,), }"),
  ],
  'an .npy whose shape overflows': [
    'readTensors',
    /malformed-file/,
    () => npy("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }"),
  ],
  'an .npy with a header of 4 GiB': [
    'readTensors',
    /malformed-file/,
    () => Buffer.concat([Buffer.from('\x93NUMPY\x02\0', 'latin1'), Buffer.of(255, 255, 255, 255)]),
  ],
  'an .npz that declares 8 GB': [
    'readTensors',
    /too-large|malformed-file/,
    () =>
      zip(
        Array.from({ length: 4 }, (_, i) => ({
          name: `${i}.npy`,
          packed: Buffer.alloc(2_200_000),
          size: 2 ** 31,
        })),
      ),
  ],
  'an .npz that unpacks to 280 MB': [
    'readTensors',
    /too-large/,
    () => {
      const content = zeros(280e6);
      return bomb(content.length, deflateRawSync(content, { level: 1 }), { crc: checksum(content) });
    },
  ],
  'an .npz that unpacks to more than it declares': [
    'readTensors of bytes',
    /malformed-file/,
    () => bomb(zeros(1000).length, deflateRawSync(Buffer.concat([zeros(1000), Buffer.alloc(100e6)]))),
  ],
  'an .npz of 60,000 members': [
    'readTensors',
    /malformed-file|unsupported|read/,
    () =>
      zip(
        Array.from({ length: 60_000 }, (_, i) => ({
          name: `${i}.npy`,
          packed: Buffer.alloc(0),
          size: 0,
          method: 0 as const,
        })),
      ),
  ],
  'an IDX of 2³² bytes': ['readIdx', /malformed-file/, () => idx(8, [65536, 65536], Buffer.alloc(10))],
  'an IDX of 255 axes': [
    'readIdx',
    /malformed-file/,
    () => idx(14, new Array(255).fill(2 ** 31), Buffer.alloc(10)),
  ],
  'a packed IDX of 280 MB': [
    'readIdx',
    /too-large/,
    () => gzipSync(idx(8, [280, 1e6], Buffer.alloc(280e6)), { level: 1 }),
  ],
  'a packed IDX of 280 MB as bytes': [
    'readIdx of bytes',
    /too-large/,
    () => gzipSync(idx(8, [280, 1e6], Buffer.alloc(280e6)), { level: 1 }),
  ],
  'a packed IDX of more than it declares': [
    'readIdx',
    /malformed-file/,
    () => gzipSync(idx(8, [10], Buffer.alloc(200e6)), { level: 1 }),
  ],
  'a model of 9.6 GB in 700 bytes': ['Model.load', /malformed-file/, () => described(wide)],
  'the same as a checkpoint': ['loadCheckpoint', /malformed-file/, () => described(wide)],
  'the same as bytes': ['Model.load of bytes', /malformed-file/, () => described(wide)],
  'a model that pads 10 million weights to 64 times as many': [
    'Model.load',
    /too-large/,
    async () => {
      const metadata = { kind: 'model', updates: '0' };
      const description = JSON.stringify(sequential(dense(1e7, 1), lif({ beta: 0.9 })).description);
      const weight = { shape: [1, 1e7], data: new Float32Array(1e7) };
      return tensorBytes(
        { 'dense1.weight': weight, 'dense1.bias': Float32Array.of(0) },
        { metadata: { ...metadata, description } },
      );
    },
  ],
  'a description of lists within lists': [
    'Model.load',
    /malformed-file/,
    () => described(small, { description: deep(1e6) }),
  ],
  'a description of 4 million numbers': [
    'Model.load',
    /too-large/,
    () => described(small, { description: `{"nodes":[${'1,'.repeat(4e6)}1]}` }),
  ],
  'a description of a million objects': [
    'Model.load',
    /too-large/,
    () => described(small, { description: `{"nodes":[${'{"a":1},'.repeat(1e6)}1]}` }),
  ],
  'training of lists within lists': [
    'loadCheckpoint',
    /malformed-file/,
    () => described(small, { training: deep(1e5) }),
  ],
  'training of a million lists': [
    'loadCheckpoint',
    /too-large|read/,
    () => described(small, { training: `{"history":[${'[],'.repeat(3e6)}0]}` }),
  ],
  'metadata of lists within lists': [
    'Model.load',
    /malformed-file/,
    () => described(small, { metadata: deep(1e5) }),
  ],
  'a network of lists within lists': [
    'loadCircuit',
    /malformed-file/,
    () => file({ format: 'lapicque network 1', network: deep(1e6) }),
  ],
  'a network of objects within objects': [
    'loadCircuit',
    /malformed-file/,
    () => file({ format: 'lapicque network 1', network: '{"a":'.repeat(1e6) }),
  ],
  'a network of 2 million objects in a list': [
    'loadCircuit',
    /too-large/,
    () => file({ format: 'lapicque network 1', network: `[${'{},'.repeat(2e6)}0]` }),
  ],
  'a network of a million objects': [
    'loadCircuit',
    /too-large|invalid-parameter/,
    () =>
      file({
        format: 'lapicque network 1',
        network: `{"version":1,"populations":[${'{"tensor":1},'.repeat(1e6)}0]}`,
      }),
  ],
  'a network of 3 · 10⁸ neurons': [
    'loadCircuit',
    /read/,
    () =>
      file({
        format: 'lapicque network 1',
        network: '{"version":1,"populations":[{"name":"E","size":300000000,"neuron":{"model":"lif"}}]}',
      }),
  ],
  'a state of lists within lists': [
    'restore',
    /malformed-file/,
    () => file({ format: 'lapicque simulation state 1', populations: deep(1e6) }),
  ],
};

test.serial(
  'declared sizes and bombs are refused before memory is taken, in turns with the event loop',
  async (t) => {
    t.timeout(300_000);
    const tasks: Task[] = [];
    for (const [name, [loader, , make]] of Object.entries(bombs)) {
      const path = join(await folder, `bomb-${tasks.length}.file`);
      await writeFile(path, await make());
      tasks.push({ name, loader, path });
    }
    const outcomes = await triedAll(await folder, tasks);
    t.is(outcomes.length, tasks.length);
    for (const { name, code, message, ms, delay, grown } of outcomes) {
      const what = `${name}: ${code} ${message.slice(0, 200)} (${ms} ms, ${delay} ms without a turn, ${grown} MiB)`;
      t.regex(code, new RegExp(`^(${bombs[name]![1].source})$`), what);
      t.true(grown < allowed + 64, what);
      // Others may build at the same time; what parsed at once took seconds.
      t.true(delay < 1000, what);
      t.true(message.length < 2000, name);
      if (code === 'too-large') t.regex(message, /limits: \{ bytes: \d+ \}/, what);
    }
  },
);

/** Files of a SONATA network in place of the honest ones. */
const sonataBombs: Record<
  string,
  [file: string, code: RegExp, () => Uint8Array | string | Promise<Uint8Array>]
> = {
  'a manifest that grows tenfold with each variable': [
    'circuit_config.json',
    /malformed-file/,
    () => {
      const variables = Array.from({ length: 12 }, (_, i) => [`$V${i}`, `$V${i + 1}/`.repeat(10)]);
      const manifest = { ...Object.fromEntries(variables), $V12: 'x' };
      return JSON.stringify({ manifest, networks: { nodes: [{ nodes_file: '$V0' }], edges: [] } });
    },
  ],
  'a manifest that never ends': [
    'circuit_config.json',
    /malformed-file/,
    () => JSON.stringify({ manifest: { $A: '$B', $B: '$A' }, networks: { nodes: [{ nodes_file: '$A' }] } }),
  ],
  'a configuration of lists within lists': ['circuit_config.json', /malformed-file/, () => deep(1e6)],
  'a configuration of 10 million lists': [
    'circuit_config.json',
    /too-large/,
    () => `{"a":[${'[],'.repeat(1e7)}0]}`,
  ],
  'node sets that contain each other': [
    'node_sets.json',
    /malformed-file/,
    () => '{"inhibitory":["a"],"a":["b"],"b":["a"]}',
  ],
  'node sets of 2⁶⁰ parts': [
    'node_sets.json',
    /read/,
    () => {
      const sets = Array.from({ length: 60 }, (_, i) => [`s${i}`, [`s${i + 1}`, `s${i + 1}`]]);
      return JSON.stringify({
        ...Object.fromEntries(sets),
        s60: { population: 'cortex' },
        inhibitory: ['s0'],
      });
    },
  ],
  'a table with one value of 200 MB': [
    'network/cortex_node_types.csv',
    /too-large|malformed-file/,
    () => Buffer.alloc(200e6, 'a'),
  ],
  'a table with a quote that does not end': [
    'network/cortex_node_types.csv',
    /malformed-file/,
    () => `node_type_id "${'a'.repeat(1e6)}`,
  ],
  'a table of 3 million rows': [
    'network/cortex_node_types.csv',
    /too-large|malformed-file/,
    () => `node_type_id\n${'1\n'.repeat(3e6)}`,
  ],
  'a dataset of 2 · 10⁸ elements': [
    'network/cortex_nodes.h5',
    /malformed-file|too-large/,
    () => declaring('network/cortex_nodes.h5', 2e8),
  ],
  'a dataset of 2⁶⁰ elements': [
    'network/cortex_nodes.h5',
    /malformed-file|too-large/,
    () => declaring('network/cortex_nodes.h5', 2 ** 60),
  ],
  'edges of 2³⁰ elements': [
    'network/thalamus_cortex_edges.h5',
    /malformed-file|too-large/,
    () => declaring('network/thalamus_cortex_edges.h5', 2 ** 30),
  ],
  'spikes of 2²⁶ elements': [
    'inputs/all.h5',
    /malformed-file|too-large/,
    () => declaring('inputs/all.h5', 2 ** 26),
  ],
};

/** An HDF5 file all of whose one-dimensional datasets say that they have so many elements. */
async function declaring(path: string, count: number): Promise<Uint8Array> {
  const bytes = await fixture(path);
  let changed = 0;
  // A dataspace of version 1 and one dimension, its size, and its largest size where that is said.
  for (let at = 0; at + 24 < bytes.length; at += 8) {
    if (bytes[at] !== 1 || bytes[at + 1] !== 1 || bytes[at + 2]! > 1 || bytes[at + 3] !== 0) continue;
    const size = bytes.readBigUInt64LE(at + 8);
    if (bytes.readUInt32LE(at + 4) !== 0 || size === 0n || size > 2n ** 20n) continue;
    bytes.writeBigUInt64LE(BigInt(count), at + 8);
    changed += 1;
  }
  if (changed === 0) throw new Error(`no dataspace in ${path}`);
  return bytes;
}

test.serial(
  'SONATA networks that declare more than they hold are refused, in turns with the event loop',
  async (t) => {
    t.timeout(300_000);
    const tasks: Task[] = [];
    for (const [name, [file, , make]] of Object.entries(sonataBombs)) {
      const path = await sonataWith(join(await folder, `sonata-bomb-${tasks.length}`), file, await make());
      tasks.push({ name, loader: 'loadSonata', path });
    }
    const outcomes = await triedAll(await folder, tasks);
    for (const { name, code, message, ms, delay, grown } of outcomes) {
      const what = `${name}: ${code} ${message.slice(0, 200)} (${ms} ms, ${delay} ms without a turn, ${grown} MiB)`;
      t.regex(code, new RegExp(`^(${sonataBombs[name]![1].source})$`), what);
      t.true(grown < 2 * allowed, what);
      t.true(delay < 1000, what);
    }
  },
);

test.serial('the four files of MNIST, of which one is a bomb', async (t) => {
  const into = join(await folder, 'mnist');
  await mkdir(into);
  const names = [
    'train-images-idx3-ubyte',
    'train-labels-idx1-ubyte',
    't10k-images-idx3-ubyte',
    't10k-labels-idx1-ubyte',
  ];
  for (const name of names) {
    const data = name.includes('images')
      ? idx(8, [2, 2, 2], Buffer.of(0, 255, 51, 0, 0, 0, 0, 102))
      : idx(8, [2], Buffer.of(1, 2));
    await writeFile(join(into, name), data);
  }
  const { readMnist } = await import('../../src-ts/doors/data.ts');
  const { train } = await readMnist(into);
  t.deepEqual([...train.x].slice(0, 3), [0, 1, Math.fround(0.2)]);
  await rm(join(into, names[0]!));
  // Pixels take 4 bytes: 100 MB of them are more than 256 MiB.
  await writeFile(
    join(into, `${names[0]}.gz`),
    gzipSync(idx(8, [100, 1000, 1000], Buffer.alloc(100e6)), { level: 1 }),
  );
  const [result] = await triedAll(await folder, [{ name: 'mnist', loader: 'readMnist', path: into }]);
  t.is(result!.code, 'too-large', result!.message);
  t.true(result!.grown < 64, `${result!.grown} MiB`);
});

test.serial(
  'a limit that is raised to what was needed lets the file in, and one that is lowered keeps it out',
  async (t) => {
    const content = zeros(2e6);
    const packed = bomb(content.length, deflateRawSync(content), { crc: checksum(content) });
    const cases: Record<string, [keyof typeof loaders, Uint8Array]> = {
      npz: ['readTensors', packed],
      'npz of bytes': ['readTensors of bytes', packed],
      idx: ['readIdx', gzipSync(idx(8, [2e6], Buffer.alloc(2e6)))],
      'idx of bytes': ['readIdx of bytes', gzipSync(idx(8, [2e6], Buffer.alloc(2e6)))],
    };
    for (const [name, [loader, bytes]] of Object.entries(cases)) {
      const path = join(await folder, 'limited.file');
      await writeFile(path, bytes);
      const load = (limit?: number) => failure(() => loaders[loader]!(path, undefined, limit));
      t.is(await load(), undefined, name);
      const error = await load(1000);
      if (error?.code !== 'too-large') {
        t.fail(`${name}: ${error?.message}`);
        continue;
      }
      t.true(error.needed >= 2e6 && error.allowed === Math.max(1000, 4 * bytes.length), error.message);
      t.is((await load(error.needed - 1))?.code, 'too-large', name);
      t.is(await load(error.needed), undefined, name);
    }
    for (const bad of [-1, 1.5, Number.NaN, '1'])
      t.is(
        (await failure(() => loaders.readTensors!('x', undefined, bad as number)))?.code,
        'invalid-parameter',
      );
  },
);

test.serial('the command line refuses the same, and says how to let a file in', async (t) => {
  const content = zeros(140e6);
  const path = join(await folder, 'large.npz');
  await writeFile(
    path,
    bomb(content.length, deflateRawSync(content, { level: 1 }), { crc: checksum(content) }),
  );
  const refused = await lapicque(['inspect', path, '--json']);
  t.is(refused.code, 1);
  const error = JSON.parse(refused.stdout || refused.stderr);
  t.is(error.code, 'too-large', refused.stderr);
  t.regex(error.message, /--limit-bytes \d+/);
  const output = await lapicque(['inspect', path, '--json', '--limit-bytes', String(error.needed)]);
  t.is(output.code, 0, output.stderr);
  for (const [name, text] of [
    ['recipe.json', deep(1e6)],
    ['network.json', `{"populations":${deep(1e6)}}`],
  ] as const) {
    const file = join(await folder, name);
    await writeFile(file, text);
    const command = name === 'recipe.json' ? ['train', file] : ['simulate', file, '--seconds', '1'];
    const { code, stderr } = await lapicque(command);
    t.is(code, 1, stderr);
    t.regex(stderr, /100 deep/);
  }
});
