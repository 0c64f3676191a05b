// Whatever takes a path takes bytes too, in every form that bytes come in, and gives them.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import test from 'ava';
import {
  circuit,
  connect,
  loadCircuit,
  population,
  readSonataReport,
  readSonataSpikes,
  record,
  rule,
  writeSonataReport,
  writeSonataSpikes,
} from '../../src-ts/doors/circuit.ts';
import { DataLoader, readIdx } from '../../src-ts/doors/data.ts';
import { readTensors, tensorBytes, writeTensors } from '../../src-ts/doors/files.ts';
import { izhikevich, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  adam,
  dense,
  type FileSource,
  loadCheckpoint,
  loss,
  Model,
  sequential,
  type WritableBytes,
} from '../../src-ts/index.ts';
import { failure, outcome } from '../support/errors.ts';
import { labels, uniform } from '../support/numbers.ts';

const folder = mkdtemp(join(tmpdir(), 'lapicque-sources-'));
test.after.always(async () => rm(await folder, { recursive: true, force: true }));

const layers = sequential(dense(5, 9), lif({ beta: 0.9 }), dense(9, 3), li({ beta: 0.8 }));
const batch = { x: uniform(4 * 5, 1), shape: [4, 5], y: labels(4, 2, 3) };
async function trained(): Promise<Model> {
  const model = await layers.compile({ seed: 1 });
  await model.trainStep(batch, { steps: 5, loss: loss.crossEntropyMembrane(), optimizer: adam() });
  return model;
}

/** Every form in which a file's content can be given. */
async function formsOf(bytes: Uint8Array): Promise<Record<string, () => FileSource>> {
  const path = join(await folder, `${Math.random()}.file`);
  await writeFile(path, bytes);
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  const within = new Uint8Array(bytes.length + 7);
  within.set(bytes, 3);
  const pieces = () => [bytes.subarray(0, 5), bytes.subarray(5, 5), bytes.subarray(5)];
  return {
    path: () => path,
    'file: URL': () => pathToFileURL(path),
    Uint8Array: () => Uint8Array.from(bytes),
    Buffer: () => Buffer.from(bytes),
    'a part of an array': () => within.subarray(3, 3 + bytes.length),
    ArrayBuffer: () => Uint8Array.from(bytes).buffer,
    SharedArrayBuffer: () => shared,
    'an array over shared memory': () => new Uint8Array(shared),
    Blob: () => new Blob([Uint8Array.from(bytes)]),
    ReadableStream: () => new Blob([Uint8Array.from(bytes)]).stream(),
    'a stream that can only be read': () => {
      const stream = new Blob([Uint8Array.from(bytes)]).stream();
      return { getReader: () => stream.getReader() };
    },
    'Readable of Node': () => Readable.from(pieces()),
    'async generator': () =>
      (async function* () {
        yield* pieces();
      })(),
  };
}

test('a model comes from every form of its bytes', async (t) => {
  using model = await trained();
  const hash = await model.weightsSha256();
  for (const [form, source] of Object.entries(await formsOf(await model.toBytes()))) {
    using loaded = await Model.load(source());
    t.is(await loaded.weightsSha256(), hash, form);
    t.is((await loadCheckpoint(source())).model.updates, 1, form);
  }
});

test('bytes and files are the same', async (t) => {
  using model = await trained();
  const path = join(await folder, 'same.safetensors');
  await model.save(path);
  t.deepEqual(Buffer.from(await model.toBytes()), await readFile(path));
  const tensors = { times: Float64Array.of(1, 2), ids: Uint32Array.of(3, 4) };
  for (const format of ['safetensors', 'npz'] as const) {
    const file = join(await folder, `same.${format}`);
    await writeTensors(file, tensors);
    t.deepEqual(Buffer.from(await tensorBytes(tensors, { format })), await readFile(file));
    const metadata = format === 'npz' ? {} : { metadata: { by: 'me' } };
    for (const [form, source] of Object.entries(
      await formsOf(await tensorBytes(tensors, { format, ...metadata })),
    )) {
      const read = await readTensors(source());
      t.deepEqual(read.tensors.get('times')?.data, tensors.times, form);
      t.is(read.metadata.get('by'), format === 'npz' ? undefined : 'me');
    }
  }
  const one = await tensorBytes({ x: Float32Array.of(1, 2) }, { format: 'npy' });
  t.deepEqual((await readTensors(one)).tensors.get('array')?.data, Float32Array.of(1, 2));
});

test('a network, the state of its simulation and an IDX array come from every form of their bytes', async (t) => {
  const cells = population(izhikevich, 20, { name: 'E' });
  const weights = Float64Array.from({ length: 20 }, (_, i) => i / 7);
  const net = circuit(
    cells,
    connect(cells, cells, rule.list([...weights.keys()], [...weights.keys()]), { weight: weights, delay: 1 }),
    record.spikes(cells),
  );
  for (const [form, source] of Object.entries(await formsOf(await net.toBytes())))
    t.deepEqual((await loadCircuit(source())).toJSON(), net.toJSON(), form);
  using simulation = await net.compile({ dt: 1 });
  await simulation.run(7);
  using other = await net.compile({ dt: 1 });
  const saved = await simulation.save();
  for (const [form, source] of Object.entries(await formsOf(await simulation.stateBytes()))) {
    await other.restore(source());
    t.deepEqual(await other.save(), saved, form);
  }
  await other.restore(saved);
  const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9);
  for (const [form, source] of Object.entries(await formsOf(idx)))
    t.deepEqual((await readIdx(source())).data, Uint8Array.of(7, 8, 9), form);
});

/** A stream that keeps what is written to it. */
function sink(): { stream: WritableStream<Uint8Array>; bytes(): Buffer; how: string[] } {
  const pieces: Uint8Array[] = [];
  const how: string[] = [];
  const stream = new WritableStream<Uint8Array>({
    write: (piece) => void pieces.push(piece),
    close: () => void how.push('closed'),
    abort: (reason) => void how.push(`aborted: ${reason}`),
  });
  return { stream, bytes: () => Buffer.concat(pieces), how };
}

test('writers write to streams', async (t) => {
  using model = await trained();
  const net = circuit(population(izhikevich, 3, { name: 'E' }));
  using simulation = await net.compile({ dt: 1 });
  const writers: Record<string, [(to: WritableBytes) => Promise<void>, Uint8Array]> = {
    model: [(to) => model.save(to), await model.toBytes()],
    network: [(to) => net.save(to), await net.toBytes()],
    state: [(to) => simulation.saveFile(to), await simulation.stateBytes()],
    tensors: [
      (to) => writeTensors(to, { x: new Float64Array(1e6) }, { format: 'npy' }),
      await tensorBytes({ x: new Float64Array(1e6) }, { format: 'npy' }),
    ],
  };
  for (const [name, [write, bytes]] of Object.entries(writers)) {
    const { stream, bytes: written, how } = sink();
    await write(stream);
    t.true(written().equals(bytes), name);
    t.deepEqual(how, ['closed'], name);
  }
});

test('a stream that fails, or is not waited for any more, is told so', async (t) => {
  const failing = new WritableStream<Uint8Array>({
    write: () => {
      throw new Error('full');
    },
  });
  const error = await t.throwsAsync(writeTensors(failing, { x: new Float64Array(10) }));
  t.is(error?.message, 'full');
  const controller = new AbortController();
  const slow = new WritableStream<Uint8Array>({ write: () => new Promise(() => {}) });
  const writing = failure(() =>
    writeTensors(slow, { x: new Float64Array(1e6) }, { signal: controller.signal }),
  );
  setTimeout(() => controller.abort(), 50);
  t.is((await writing)?.code, 'aborted');
});

test('checkpoints go to a function, which training waits for, and training goes on from them', async (t) => {
  const loader = () =>
    new DataLoader({ x: batch.x, y: batch.y, shape: [4, 5] }, { batchSize: 2, shuffle: true });
  const objective = loss.crossEntropyMembrane();
  using whole = await layers.compile({ seed: 1 });
  await whole.fit(loader(), { steps: 5, loss: objective, epochs: 4 });
  using begun = await layers.compile({ seed: 1 });
  const kept: Uint8Array[] = [];
  await begun.fit(loader(), {
    steps: 5,
    loss: objective,
    epochs: 2,
    checkpoint: {
      everyBatches: 1,
      write: async (bytes) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        kept.push(bytes);
      },
    },
  });
  t.true(kept.length >= 4);
  const { model, training } = await loadCheckpoint(kept.at(-1)!);
  await model.fit(loader(), { steps: 5, loss: objective, epochs: 4, resume: training! });
  t.is(await model.weightsSha256(), await whole.weightsSha256());
  model.dispose();
  const both = { path: 'x', write: () => {} };
  t.regex(
    await outcome(() => begun.fit(loader(), { steps: 5, loss: objective, epochs: 1, checkpoint: both })),
    /^invalid-parameter: checkpoint.path/,
  );
  const broken = { write: () => Promise.reject(new Error('no room')) };
  const error = await t.throwsAsync(
    begun.fit(loader(), { steps: 5, loss: objective, epochs: 1, checkpoint: broken }),
  );
  t.is(error?.message, 'no room');
});

test('what is no source, or no target, is refused by every loader and writer', async (t) => {
  using model = await trained();
  const net = circuit(population(izhikevich, 3, { name: 'E' }));
  using simulation = await net.compile({ dt: 1 });
  const detached = new Uint8Array(8);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const loaders: ((source: never) => Promise<unknown>)[] = [
    Model.load,
    loadCheckpoint,
    loadCircuit,
    readTensors,
    readIdx,
    readSonataSpikes,
    readSonataReport,
    (source) => simulation.restore(source),
  ];
  for (const load of loaders) {
    for (const bad of [undefined, null, 7, {}, [], '', new URL('https://example.org'), detached])
      t.regex(
        await outcome(() => load(bad as never)),
        /^invalid-parameter/,
        `${load} of ${bad === detached ? 'detached bytes' : bad}`,
      );
    const texts = (async function* () {
      yield 'text';
    })();
    t.regex(await outcome(() => load(texts as never)), /^invalid-parameter.*Uint8Array/);
    t.regex(await outcome(() => load(new Uint8Array(0) as never)), /^malformed-file/);
  }
  const writers: ((target: never) => Promise<unknown>)[] = [
    (target) => model.save(target),
    (target) => net.save(target),
    (target) => simulation.saveFile(target),
    (target) => writeTensors(target, { x: Float32Array.of(1) }),
    (target) => writeSonataSpikes(target, { a: { times: [1], ids: [0] } }),
    (target) => writeSonataReport(target, { a: { times: [1, 2], values: [1, 2], units: 'mV' } }),
  ];
  for (const write of writers)
    for (const bad of [undefined, null, 7, {}, '', new Uint8Array(3), new URL('https://example.org')])
      t.regex(await outcome(() => write(bad as never)), /^invalid-parameter/, `${write} to ${bad}`);
});

test('a stream without an end ends at the limit, and an abort ends the wait for a piece', async (t) => {
  const endless = () =>
    (async function* () {
      for (;;) yield new Uint8Array(2 ** 16);
    })();
  for (const load of [Model.load, loadCircuit, readTensors, readIdx]) {
    const error = await failure(() => load(endless(), { limits: { bytes: 2 ** 20 } }));
    t.true(error?.code === 'too-large' || error?.code === 'malformed-file', `${error?.message}`);
    const controller = new AbortController();
    let ended = false;
    const silent = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<never>(() => {}),
        return: async () => {
          ended = true;
          return { done: true as const, value: undefined };
        },
      }),
    };
    const loading = failure(() => load(silent, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 20);
    t.is((await loading)?.code, 'aborted');
    t.true(ended);
  }
});

test('bytes that are written to while they are read do not matter', async (t) => {
  const tensors = { x: Float64Array.from({ length: 2 ** 20 }, (_, i) => i) };
  const bytes = await tensorBytes(tensors);
  const reading = readTensors(bytes);
  // The first piece was copied at once; a checksum finds what was changed behind it.
  bytes.fill(255, 0, 2 ** 20);
  const error = await failure(() => reading);
  if (error === undefined) t.deepEqual((await reading).tensors.get('x')?.data, tensors.x);
  else t.is(error.code, 'malformed-file');
});

test('a model keeps what its user says of it', async (t) => {
  using model = await trained();
  t.deepEqual(model.metadata, {});
  const metadata = {
    labels: ['cat', 'dog', 'bird'],
    version: '1.2',
    license: 'MIT',
    trained: { on: null, epochs: 3 },
  };
  model.metadata = metadata;
  t.deepEqual(model.metadata, metadata);
  metadata.labels.push('fish');
  t.is((model.metadata.labels as string[]).length, 3, 'a copy');
  t.throws(() => {
    (model.metadata.labels as string[]).push('fish');
  });
  using loaded = await Model.load(await model.toBytes());
  t.deepEqual(loaded.metadata, model.metadata);
  using again = await loaded.withSurrogates({});
  t.deepEqual(again.metadata, model.metadata);
  for (const bad of [
    null,
    7,
    'text',
    [],
    new Map(),
    { x: Number.NaN },
    { x: () => 1 },
    { x: 1n },
    { x: new Date() },
  ])
    t.is((await failure(() => Object.assign(model, { metadata: bad })))?.code, 'invalid-parameter', `${bad}`);
  const loop: Record<string, unknown> = {};
  loop.loop = loop;
  t.is((await failure(() => Object.assign(model, { metadata: loop })))?.code, 'invalid-parameter');
  t.deepEqual(loaded.metadata, model.metadata, 'as it was');
});

test('predict gives what decided', async (t) => {
  using model = await sequential(dense(5, 9), lif({ beta: 0.9 }), dense(9, 6), lif({ beta: 0.8 })).compile({
    seed: 2,
  });
  const input = { x: uniform(12 * 4 * 5, 3), shape: [12, 4, 5] };
  const { spikes, v } = await model.run(input, { record: [] }).then(async () => {
    const { spikes, v } = await model.forward(input);
    return { spikes, v };
  });
  const sums = (of: ArrayLike<number>) =>
    Float64Array.from({ length: 4 * 6 }, (_, i) => {
      let sum = 0;
      for (let t = 0; t < 12; t++) sum += of[t * 24 + i]!;
      return sum;
    });
  const counted = await model.predict(input, { scores: true });
  t.deepEqual(counted.shape, [4, 6]);
  t.deepEqual(counted.scores, sums(spikes));
  t.deepEqual(counted.labels, await model.predict(input));
  const summed = await model.predict(input, { scores: true, by: 'membrane' });
  const expected = sums(v);
  summed.scores.forEach((score, i) => void t.true(Math.abs(score - expected[i]!) < 1e-5));
  for (const by of ['count', 'membrane', 'max-membrane', 'first-spike'] as const) {
    for (const populationClasses of [6, 3]) {
      const { labels, scores, shape } = await model.predict(input, { by, populationClasses, scores: true });
      t.deepEqual(labels, await model.predict(input, { by, populationClasses }));
      t.deepEqual(shape, [4, populationClasses]);
      labels.forEach((label, sample) => {
        const row = scores.subarray(sample * populationClasses, (sample + 1) * populationClasses);
        t.is(row.indexOf(Math.max(...row)), label, `${by} of ${populationClasses}`);
      });
    }
  }
  t.regex(await outcome(() => model.predict(input, { scores: 1 as never })), /^invalid-parameter: scores/);
});

test('no temporary file is left', async (t) => {
  const left = (await readdir(await folder)).filter((name) => name.endsWith('.tmp'));
  t.deepEqual(left, []);
});
