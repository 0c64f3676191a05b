// Model files: what is damaged is refused, never read as another model; what was saved comes back to the bit.
import { mkdtempSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import { circuit as circuitOf, loadCircuit, population } from '../../src-ts/doors/circuit.ts';
import { DataLoader, readIdx, readMnist } from '../../src-ts/doors/data.ts';
import { readTensors } from '../../src-ts/doors/files.ts';
import { cubaLif, li, lif } from '../../src-ts/doors/neurons.ts';
import { addon, task } from '../../src-ts/engine/native.ts';
import { readWhole } from '../../src-ts/files/open-file.ts';
import { adam, dense, loadCheckpoint, loss, Model, sequential } from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { labels, random, uniform } from '../support/numbers.ts';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-files-'));
test.after.always(() => rm(folder, { recursive: true, force: true }));
let files = 0;
const file = (ending = 'safetensors') => join(folder, `${files++}.${ending}`);

const network = sequential(
  dense(5, 9),
  lif({ beta: 0.9, learn: ['beta'], recurrent: 'one-to-one' }),
  dense(9, 3),
  li({ beta: uniform(3, 1, 0.5, 0.9) }),
);
const batch = { x: uniform(4 * 5, 1), shape: [4, 5], y: labels(4, 2, 3) };

/** A trained model's file, and its bytes. */
async function saved(): Promise<{ path: string; bytes: Buffer; hash: string }> {
  const path = file();
  using model = await network.compile({ seed: 1 });
  await model.trainStep(batch, { steps: 5, loss: loss.crossEntropyMembrane(), optimizer: adam() });
  await model.save(path);
  return { path, bytes: await readFile(path), hash: await model.weightsSha256() };
}

const whole = saved();

/** The codes with which damaged files may be refused. */
const refusals = ['malformed-file', 'unsupported', 'io'];

async function read(bytes: Uint8Array): Promise<{ code: string; same: boolean }> {
  const path = join(folder, 'damaged.safetensors');
  await writeFile(path, bytes);
  let same = false;
  const error = await failure(async () => {
    using model = await Model.load(path);
    same = (await model.weightsSha256()) === (await whole).hash;
  });
  return { code: error?.code ?? 'read', same };
}

test('a model comes back to the bit: weights, description, outputs', async (t) => {
  for (const precision of ['f32', 'f64'] as const) {
    using model = await sequential(
      dense(5, 70),
      cubaLif({
        tauSyn: 4,
        tauMem: 11,
        learn: ['tauMem'],
        recurrent: 'dense',
        surrogate: { derivative: '1 / (1 + x * x)' },
      }),
      dense(70, 3),
      lif({ beta: 0.123456789, vThreshold: 0.7, learn: ['beta', 'vThreshold'] }),
    ).compile({ seed: 5, precision, dt: 0.7 });
    for (let i = 0; i < 3; i++) {
      await model.trainStep(batch, {
        steps: 5,
        loss: loss.crossEntropyMembrane(),
        optimizer: adam({ lr: 0.3 }),
      });
    }
    const path = file();
    await model.save(path);
    using loaded = await Model.load(path);
    t.is(await loaded.weightsSha256(), await model.weightsSha256());
    t.is(loaded.updates, 3);
    t.deepEqual(await loaded.currentDescription(), await model.currentDescription());
    const [a, b] = [await model.run(batch, { steps: 9 }), await loaded.run(batch, { steps: 9 })];
    t.deepEqual(b.v, a.v);
    t.deepEqual(b.spikes, a.spikes);
    await loaded.save(path);
    const again = await readFile(path);
    await model.save(path);
    t.deepEqual(again, await readFile(path), 'the same model is the same file');
  }
});

test('a decay that learning has driven out of its range can be saved and loaded', async (t) => {
  using model = await network.compile({ seed: 1 });
  await model.setWeights({ 'lif1.beta': Float32Array.of(1.25) });
  const path = file();
  await model.save(path);
  using loaded = await Model.load(path);
  t.is(await loaded.weightsSha256(), await model.weightsSha256());
});

test.serial('a file that is cut short is refused, wherever it is cut', async (t) => {
  const { bytes } = await whole;
  const header = 8 + Number(bytes.readBigUInt64LE(0));
  for (let length = 0; length < bytes.length; length += length < 32 || length > header - 8 ? 1 : 11) {
    const { code } = await read(bytes.subarray(0, length));
    t.true(refusals.includes(code), `${length} of ${bytes.length} bytes: ${code}`);
  }
  t.is((await read(Buffer.concat([bytes, Buffer.of(0)]))).code, 'malformed-file', 'a byte more');
});

test.serial('a file with one bit flipped is refused, or is the same model', async (t) => {
  const { bytes } = await whole;
  const header = 8 + Number(bytes.readBigUInt64LE(0));
  const next = random(1);
  const bits = [
    ...Array.from({ length: 64 }, (_, bit) => bit),
    ...Array.from({ length: 500 }, () => 64 + Math.floor(next() * 8 * (header - 8))),
    ...Array.from({ length: 300 }, () => 8 * header + Math.floor(next() * 8 * (bytes.length - header))),
  ];
  let refused = 0;
  for (const bit of bits) {
    const damaged = Buffer.from(bytes);
    damaged[bit >> 3]! ^= 1 << (bit & 7);
    const { code, same } = await read(damaged);
    if (code === 'read') t.true(same && bit < 8 * header, `bit ${bit} gave another model`);
    else t.true(refusals.includes(code), `bit ${bit}: ${code}`);
    refused += code === 'read' ? 0 : 1;
  }
  t.true(refused > 0.98 * bits.length, `${refused} of ${bits.length}`);
});

test.serial('bytes replaced, removed and repeated: refused, quickly', async (t) => {
  const { bytes } = await whole;
  const next = random(2);
  const at = (limit: number) => Math.floor(next() * limit);
  for (let i = 0; i < 300; i++) {
    const [from, length] = [at(bytes.length), 1 + at(40)];
    const [before, after] = [bytes.subarray(0, from), bytes.subarray(from)];
    const damaged = [
      () => Buffer.concat([before, after.subarray(length)]),
      () =>
        Buffer.concat([before, Buffer.from(Array.from({ length }, () => at(256))), after.subarray(length)]),
      () => Buffer.concat([before, bytes.subarray(at(bytes.length)), after]),
    ][i % 3]!();
    if (damaged.equals(bytes)) continue;
    const start = performance.now();
    const { code, same } = await read(damaged);
    t.true(refusals.includes(code) || same, `change ${i}: ${code}`);
    t.true(performance.now() - start < 1000);
  }
});

/** A file with a valid checksum, so that what is wrong in it is met by the model's own checks. */
async function written(
  change: (
    metadata: Map<string, string>,
    tensors: { name: string; dtype: string; shape: number[]; data: Uint8Array }[],
  ) => void,
): Promise<string> {
  const { path } = await whole;
  const read = await readWhole('path', path);
  const metadata = new Map(read.metadata);
  const tensors = read.tensors.map(({ name, dtype, shape, data }) => ({
    name,
    dtype,
    shape: [...shape],
    data: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  }));
  change(metadata, tensors);
  const changed = file();
  await task({}, () => addon.writeTensors(changed, undefined, [...metadata], tensors));
  return changed;
}

const described = (metadata: Map<string, string>, change: (description: { nodes: object[] }) => void) => {
  const description = JSON.parse(metadata.get('description')!);
  change(description);
  metadata.set('description', JSON.stringify(description));
};

const wrong: Record<string, [Parameters<typeof written>[0], string]> = {
  'no description': [(metadata) => metadata.delete('description'), 'malformed-file'],
  'a description that is no JSON': [
    (metadata) => metadata.set('description', '{"schema":'),
    'malformed-file',
  ],
  'a description of a later schema': [
    (metadata) => described(metadata, (d) => Object.assign(d, { schema: 2 })),
    'unsupported',
  ],
  'a field of a later schema': [
    (metadata) => described(metadata, (d) => Object.assign(d, { planet: 'x' })),
    'malformed-file',
  ],
  'a network of another size': [
    (metadata) => described(metadata, (d) => Object.assign(d.nodes[0]!, { out: 10 })),
    'shape-mismatch',
  ],
  'a tensor too few': [(_, tensors) => tensors.splice(1, 1), 'malformed-file'],
  'a tensor of no layer': [
    (_, tensors) => tensors.push({ name: '__proto__', dtype: 'F32', shape: [1], data: new Uint8Array(4) }),
    'malformed-file',
  ],
  'a tensor of another shape': [
    (_, tensors) => {
      const tensor = tensors.find(({ name }) => name === 'dense1.weight')!;
      tensor.shape = tensor.shape.toReversed();
    },
    'malformed-file',
  ],
  'a weight that is not finite': [
    (_, tensors) => {
      // A NaN in little-endian single precision.
      tensors.find(({ name }) => name === 'dense1.weight')!.data.set([0, 0, 0xc0, 0x7f]);
    },
    'invalid-parameter',
  ],
  'a count that is none': [(metadata) => metadata.set('updates', '-1'), 'malformed-file'],
};
for (const [name, [change, code]] of Object.entries(wrong)) {
  test(`refused although whole: ${name}`, async (t) => {
    const path = await written(change);
    t.is((await failure(() => Model.load(path)))?.code, code as never);
    t.is((await failure(() => loadCheckpoint(path)))?.code, code as never);
  });
}

test('names of JavaScript are names like any other', async (t) => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    '../x',
    'hasOwnProperty',
    'input\u0000',
    'größe ↯',
    'x'.repeat(10_000),
  ];
  for (const name of names) {
    using model = await sequential(
      dense(5, 4, { name }),
      lif({ beta: 0.9, name: `${name} 1`, learn: ['beta'] }),
      dense(4, 3, { name: 'optimizer.moment1.out' }),
      li({ beta: 0.5, name: 'best' }),
    ).compile();
    const work = { steps: 3, loss: loss.crossEntropyMembrane(), optimizer: adam() };
    await model.trainStep(batch, work);
    const path = file();
    await model.save(path);
    using loaded = await Model.load(path);
    t.is(await loaded.weightsSha256(), await model.weightsSha256());
    const { spikeCounts, events, recordings } = await loaded.run(batch, {
      steps: 3,
      record: [`${name} 1.v`],
    });
    t.deepEqual(Object.keys(spikeCounts), [`${name} 1`, 'best']);
    t.deepEqual(Object.keys(events), [name, 'optimizer.moment1.out']);
    t.true(recordings[`${name} 1.v`] instanceof Float32Array);
    t.true(Object.hasOwn(await loaded.weights(), `${name}.weight`));
  }
  t.is(({} as Record<string, unknown>).weight, undefined);
  t.deepEqual(Object.keys(Object.prototype), []);
});

test('what is no file, no model or not ours', async (t) => {
  const code = async (path: string) => (await failure(() => Model.load(path)))?.code;
  t.is(await code(join(folder, 'absent.safetensors')), 'io');
  t.is(await code(folder), 'io');
  t.is(await code('/dev/zero'), 'io');
  const array = file('npy');
  await task({}, () =>
    addon.writeTensors(
      array,
      undefined,
      [],
      [{ name: 'x', dtype: 'F32', shape: [1], data: new Uint8Array(4) }],
    ),
  );
  t.is(await code(array), 'malformed-file');
  t.is((await failure(() => Model.load(3 as never)))?.code, 'invalid-parameter');
  using model = await network.compile();
  t.is((await failure(() => model.save('/nowhere/at/all.safetensors')))?.code, 'io');
  t.is((await failure(() => model.save(undefined as never)))?.code, 'invalid-parameter');
});

test('wherever a path does, a file: URL does', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lapicque ü %20#-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const at = (name: string) => pathToFileURL(join(folder, name));
  using model = await sequential(dense(3, 2), lif({ beta: 0.9 })).compile({ seed: 5 });
  await model.save(at('model.safetensors'));
  using loaded = await Model.load(at('model.safetensors'));
  t.is(await loaded.weightsSha256(), await model.weightsSha256());
  const data = new DataLoader(
    { x: new Float32Array(12), y: new Uint32Array(4), shape: [4, 3] },
    { batchSize: 4 },
  );
  const checkpoint = { path: at('checkpoint.safetensors') };
  await model.fit(data, { steps: 2, epochs: 1, loss: loss.crossEntropyCount(), checkpoint });
  t.is((await loadCheckpoint(checkpoint.path)).training!.epoch, 1);
  t.true((await readTensors(at('model.safetensors'))).tensors.has('dense1.weight'));
  const network = circuitOf(population(lif, 2, { beta: 0.9 }));
  await network.save(at('network.safetensors'));
  using simulation = await (await loadCircuit(at('network.safetensors'))).compile();
  await simulation.saveFile(at('state.safetensors'));
  await simulation.restore(at('state.safetensors'));
  t.deepEqual(
    (await readdir(folder)).sort(),
    ['checkpoint', 'model', 'network', 'state'].map((name) => `${name}.safetensors`),
  );
  const elsewhere = new URL('https://x/y.safetensors');
  const refusal = (name: string) =>
    `invalid-parameter: ${name}: expected a file: URL but got "https://x/y.safetensors"`;
  t.is(await outcome(() => model.save(elsewhere)), refusal('target'));
  t.is(await outcome(() => Model.load(elsewhere)), refusal('source'));
  for (const call of [() => Model.load(at('none')), () => readIdx(at('none')), () => readMnist(at('none'))]) {
    const error = await failure(call);
    t.is(error?.code === 'io' && error.errno, 'ENOENT');
  }
  t.regex(
    await outcome(() => model.save(Buffer.from('x') as never)),
    /^invalid-parameter: target: expected a path or a file: URL/,
  );
});

test('a count of steps that is none is not written: the file could not be read', async (t) => {
  using model = await network.compile();
  for (const updates of [Number.NaN, -1, 0.5, '3' as never]) {
    model.updates = updates;
    t.regex(
      await outcome(() => model.save(file())),
      /^invalid-parameter: model\.updates: expected an integer at least 0/,
    );
  }
  model.updates = 7;
  const path = file();
  await model.save(path);
  using loaded = await Model.load(path);
  t.is(loaded.updates, 7);
});
