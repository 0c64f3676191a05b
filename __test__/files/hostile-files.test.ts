// Untrusted files through every loader: damaged files are read or refused with an error of the library, within the memory limit of the
// loader, and every loader ends when its signal fires.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { circuit, connect, population, rule } from '../../src-ts/doors/circuit.ts';
import { tensorBytes } from '../../src-ts/doors/files.ts';
import { izhikevich, li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, loss, sequential } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { checksum, idx, mutated, zeros, zip } from '../support/file-bytes.ts';
import { loaders, sonataWith } from '../support/loaders.ts';
import { random } from '../support/numbers.ts';
import { allowed } from '../support/tried-files.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-hostile-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

const MiB = 2 ** 20;

/** Codes of refusals. */
const refusals = [
  'malformed-file',
  'unsupported',
  'too-large',
  'io',
  'invalid-parameter',
  'shape-mismatch',
  'unknown-name',
  'equation',
  'non-finite',
];

// Honest files, from which damaged ones are made.

async function model(): Promise<Uint8Array> {
  using made = await sequential(
    dense(3, 4),
    lif({ beta: 0.9, learn: ['beta'] }),
    dense(4, 2),
    li({ beta: 0.8 }),
  ).compile();
  const batch = { x: new Float32Array(6).fill(1), shape: [2, 3], y: Uint8Array.of(0, 1) };
  await made.trainStep(batch, { steps: 2, loss: loss.crossEntropyMembrane(), optimizer: adam() });
  made.metadata = { labels: ['a', 'b'] };
  return made.toBytes();
}

async function network(): Promise<Uint8Array> {
  const cells = population(izhikevich, 30, { name: 'E' });
  const weight = Float64Array.from({ length: 30 }, (_, i) => i);
  return circuit(cells, connect(cells, cells, rule.oneToOne(), { weight, delay: 1 })).toBytes();
}

async function state(): Promise<Uint8Array> {
  using simulation = await circuit(population(izhikevich, 4, { name: 'E' })).compile({ dt: 1 });
  await simulation.run(3);
  return simulation.stateBytes();
}

const array = { x: Float32Array.from({ length: 40 }, (_, i) => i) };
const fixture = (path: string) => readFile(`__test__/circuit/fixtures/sonata/${path}`);

/** Files by their loader and form. */
const honest: Record<string, [loader: keyof typeof loaders, () => Promise<Uint8Array>]> = {
  'a model': ['Model.load', model],
  'a checkpoint': ['loadCheckpoint', model],
  'a network': ['loadCircuit', network],
  'a state': ['restore', state],
  'a .safetensors': ['readTensors', () => tensorBytes(array)],
  'a .npy': ['readTensors of bytes', () => tensorBytes(array, { format: 'npy' })],
  'a .npz': ['readTensors', () => tensorBytes({ ...array, y: Uint8Array.of(1, 2) }, { format: 'npz' })],
  'a deflated .npz': [
    'readTensors',
    async () => {
      const content = zeros(5000);
      return zip([
        { name: 'x.npy', packed: deflateRawSync(content), size: content.length, crc: checksum(content) },
      ]);
    },
  ],
  IDX: ['readIdx', async () => idx(8, [4, 5, 6], Buffer.alloc(120, 7))],
  'IDX of doubles': ['readIdx of bytes', async () => idx(14, [10], Buffer.alloc(80, 7))],
  'packed IDX': ['readIdx', async () => gzipSync(idx(8, [4, 5, 6], Buffer.alloc(120, 7)))],
};

const changes = 1000;

/** SONATA files take 0.1 to 0.4 s each: the suite tries a quarter of the changes, and all of them with `LAPICQUE_LONG_TESTS=1`. */
const share = process.env.LAPICQUE_LONG_TESTS === '1' ? 1 : 0.25;

/** The same of the files of a SONATA network, of which one is damaged; how many changes the long tests make. */
const sonata: readonly [path: string, mutations: number][] = [
  ['simulation_config.json', 250],
  ['circuit_config.json', 250],
  ['node_sets.json', 150],
  ['network/cortex_node_types.csv', 150],
  ['network/thalamus_cortex_edge_types.csv', 150],
  ['components/cells/exc.json', 80],
  ['network/thalamus_nodes.h5', 100],
  ['network/thalamus_cortex_edges.h5', 60],
  ['inputs/all.h5', 60],
];

for (const [name, [loader, make]] of Object.entries(honest)) {
  test.serial(`${name} with bytes changed in ${changes} ways is read or refused`, async (t) => {
    const bytes = await make();
    const load = loaders[loader]!;
    const path = join(await folder, 'damaged.file');
    const next = random(name.length);
    await writeFile(path, bytes);
    t.is((await failure(() => load(path)))?.message, undefined);
    // Of a few passes the one that takes least memory: other tests run in this process meanwhile.
    let grown = Number.POSITIVE_INFINITY;
    for (let pass = 0; pass < 3 && grown >= allowed; pass++) {
      const before = process.memoryUsage().rss;
      let refused = 0;
      for (let i = 0; i < changes; i++) {
        // The header is where sizes are.
        const damaged = mutated(bytes, next, i % 2 === 0 ? 200 : bytes.length);
        await writeFile(path, damaged);
        const error = await failure(() => load(path));
        if (error === undefined) continue;
        refused += 1;
        if (!refusals.includes(error.code)) t.fail(`change ${i}: ${error.code}: ${error.message}`);
      }
      t.true(refused > changes / 10, `${refused} refused`);
      grown = Math.min(grown, (process.memoryUsage().rss - before) / MiB);
    }
    t.true(grown < allowed, `${grown} MiB`);
  });
}

for (const [file, all] of sonata) {
  const count = Math.ceil(all * share);
  test.serial(
    `a SONATA network whose ${file} has bytes changed in ${count} ways is read or refused`,
    async (t) => {
      t.timeout(240_000);
      const bytes = await fixture(file);
      const copy = join(await folder, `sonata-${file.replaceAll('/', '-')}`);
      const config = await sonataWith(copy, file, bytes);
      const next = random(file.length);
      t.is((await failure(() => loaders.loadSonata!(config)))?.message, undefined);
      let refused = 0;
      for (let i = 0; i < count; i++) {
        await writeFile(join(copy, file), mutated(bytes, next));
        const error = await failure(() => loaders.loadSonata!(config));
        if (error === undefined) continue;
        refused += 1;
        if (!refusals.includes(error.code)) t.fail(`change ${i}: ${error.code}: ${error.message}`);
      }
      t.true(refused > count / 20, `${refused} refused`);
    },
  );
}

test.serial('every loader obeys its signal', async (t) => {
  const config = '__test__/circuit/fixtures/sonata/simulation_config.json';
  const path = join(await folder, 'honest.file');
  for (const [loader, load] of Object.entries(loaders)) {
    const found = Object.values(honest).find(([name]) => name === loader);
    if (found !== undefined) await writeFile(path, await found[1]());
    const signal = AbortSignal.abort(new Error('enough'));
    const error = await failure(() => load(loader === 'loadSonata' ? config : path, signal));
    t.is(error?.code, 'aborted', loader);
  }
  // In the middle: a few megabytes, and an abort after a millisecond.
  const large: [keyof typeof loaders, Uint8Array][] = [
    ['readTensors', await tensorBytes({ x: new Float64Array(2e7) })],
    ['readTensors of bytes', await tensorBytes({ x: new Float64Array(2e7) })],
    ['readIdx', idx(8, [1e8], Buffer.alloc(1e8))],
    [
      'loadCircuit',
      await tensorBytes(
        { x: Float32Array.of(1) },
        { metadata: { format: 'lapicque network 1', network: `[${'[],'.repeat(2e6)}0]` } },
      ),
    ],
  ];
  for (const [loader, bytes] of large) {
    await writeFile(path, bytes);
    // Of up to three calls the fastest: other tests run meanwhile.
    let fastest = Number.POSITIVE_INFINITY;
    for (let call = 0; call < 3 && fastest >= 1000; call++) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 1);
      const began = performance.now();
      t.is((await failure(() => loaders[loader]!(path, controller.signal)))?.code, 'aborted', loader);
      fastest = Math.min(fastest, performance.now() - began);
    }
    t.true(fastest < 1000, `${loader}: ${fastest} ms`);
  }
});
