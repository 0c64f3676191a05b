// Files of torch.save: networks that snnTorch and SpikingJelly trained arrive by one call and spike as they do there
// (fixtures/torch, with the script that makes them); artificial networks give torch's logits (fixtures/ann).
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { type ImportOptions, readTensors, writeTensors } from '../../src-ts/doors/files.ts';
import { lif, neuron, parametricLif, rateUnit } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  flatten,
  input,
  type LapicqueError,
  type Layer,
  Model,
  maxPool2d,
  sequential,
} from '../../src-ts/index.ts';
import { ann, annFiles, logitsOf } from '../support/ann.ts';
import { failure } from '../support/errors.ts';
import { lapicque } from '../support/program.ts';

const folder = '__test__/files/fixtures/torch';
const leaky = (beta: number) => lif({ like: 'snntorch', beta });
const plif = () => parametricLif({ like: 'spikingjelly' });

interface Case {
  layers: () => Layer[];
  options: ImportOptions;
}

const trained: Record<string, Case> = {
  tutorial5: {
    layers: () => [dense(784, 64), leaky(0.95), dense(64, 10), leaky(0.95)],
    options: { from: 'snntorch' },
  },
  // A checkpoint: its one dictionary of tensors is taken.
  tutorial6: {
    layers: () => [
      input(1, 28, 28),
      conv2d(1, 12, 5),
      maxPool2d(2),
      leaky(0.5),
      conv2d(12, 64, 5),
      maxPool2d(2),
      leaky(0.5),
      flatten(),
      dense(1024, 10),
      leaky(0.5),
    ],
    options: { from: 'snntorch' },
  },
  tutorial7: {
    layers: () => [
      input(2, 34, 34),
      conv2d(2, 12, 5),
      maxPool2d(2),
      leaky(0.5),
      conv2d(12, 32, 5),
      maxPool2d(2),
      leaky(0.5),
      flatten(),
      dense(800, 10),
      leaky(0.5),
    ],
    options: { from: 'snntorch' },
  },
  spikingjelly: {
    layers: () => [
      input(1, 28, 28),
      conv2d(1, 8, 3, { padding: 1, bias: false }),
      batchNorm(),
      plif(),
      maxPool2d(2),
      conv2d(8, 8, 3, { padding: 1, bias: false }),
      batchNorm(),
      plif(),
      maxPool2d(2),
      flatten(),
      dense(392, 32, { bias: false }),
      plif(),
      dense(32, 10, { bias: false }),
      plif(),
    ],
    options: { from: 'spikingjelly' },
  },
};

for (const [name, { layers, options }] of Object.entries(trained)) {
  test(`${name}.pth arrives by one call and spikes as it does there`, async (t) => {
    const model = await sequential(...(layers() as [Layer])).compile();
    const report = await model.importWeights(join(folder, `${name}.pth`), options);
    t.deepEqual(
      report.set.map(({ parameter }) => parameter).toSorted(),
      model.info.parameters.map(({ name }) => name).toSorted(),
    );
    const { tensors } = await readTensors(join(folder, `${name}.io.npz`));
    const { data, shape } = tensors.get('x')!;
    const [steps, batch, ...axes] = shape as [number, number];
    const run = await model.run({
      x: data as Float32Array,
      shape: [steps, batch, axes.reduce((product, size) => product * size, 1)],
    });
    const expected = Array.from(tensors.get('spikes')!.data, Number);
    t.true(expected.includes(1));
    t.deepEqual([...run.spikes!], expected);
  });
}

test('the optimizer of a checkpoint is reported, not loaded', async (t) => {
  const model = await sequential(...(trained.tutorial6!.layers() as [Layer])).compile();
  const { ignored } = await model.importWeights(join(folder, 'tutorial6.pth'), { from: 'snntorch' });
  t.deepEqual(
    ignored.filter(({ tensor }) => tensor.startsWith('optimizer')).map(({ tensor }) => tensor.slice(-10)),
    ['ate.0.step', '.0.exp_avg', 'exp_avg_sq'],
  );
  const error = (await t.throwsAsync(
    model.importWeights(join(folder, 'tutorial6.pth'), { from: 'snntorch', stateDict: 'model' }),
  )) as LapicqueError;
  t.is(error.code, 'invalid-parameter');
  t.regex(error.message, /model_state_dict/);
});

test('numbers beside the tensors of a checkpoint are metadata', async (t) => {
  const { tensors, metadata } = await readTensors(join(folder, 'tutorial6.pth'));
  t.is(metadata.get('epoch'), '1');
  t.is(metadata.get('notes'), 'tutorial 6');
  t.deepEqual(tensors.get('model_state_dict.0.weight')?.shape, [12, 1, 5, 5]);
});

test('views, types and dictionaries within dictionaries are what torch has', async (t) => {
  const expected = JSON.parse(readFileSync(join(folder, 'shapes.json'), 'utf8')) as Record<
    string,
    { shape: number[]; values: (number | string)[] }
  >;
  for (const source of [join(folder, 'shapes.pth'), await readFile(join(folder, 'shapes.pth'))]) {
    const { tensors, metadata } = await readTensors(source);
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const tensor = tensors.get(`a.${name}`);
      t.deepEqual(tensor?.shape, shape, name);
      const got = Array.from(tensor!.data as ArrayLike<number | bigint>);
      t.deepEqual(name === 'int64' ? got.map(String) : got.map(Number), values, name);
    }
    t.deepEqual([...tensors.get('list.1')!.data], [2]);
    t.deepEqual(Object.fromEntries(metadata), { step: '3', flag: 'true', 'size.0': '2', 'size.1': '3' });
  }
});

test('a whole module is refused by the name of its class', async (t) => {
  const error = (await t.throwsAsync(readTensors(join(folder, 'refused.pth')))) as LapicqueError;
  t.is(error.code, 'unsupported');
  t.regex(error.message, /torch\.nn\.modules\.linear\.Linear.*state_dict/);
});

test('a file named .pth or .pt that is no torch file is refused as one', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'lapicque-torch-name-'));
  t.teardown(() => rm(path, { recursive: true }));
  const contents: Record<string, Uint8Array> = {
    'html.pth': Buffer.from('<!doctype html><title>Not Found</title>'),
    'upper.PTH': Buffer.from('version https://git-lfs.github.com/spec/v1'),
    'empty.pt': new Uint8Array(),
    'prefixed.pt': Buffer.concat([Buffer.from('x'), await readFile(join(folder, 'shapes.pth'))]),
  };
  for (const [name, bytes] of Object.entries(contents)) {
    const file = join(path, name);
    await writeFile(file, bytes);
    const error = await failure(() => readTensors(file));
    t.is(
      error?.message,
      `malformed torch file at byte 0: ${file}: it is not a zip archive, which torch.save writes`,
    );
    t.deepEqual(error?.details, {
      format: 'torch',
      offset: 0,
      reason: `${file}: it is not a zip archive, which torch.save writes`,
    });
    const model = await sequential(dense(2, 2), rateUnit()).compile();
    t.is((await failure(() => model.importWeights(file)))?.message, error?.message);
  }
  const inspected = await lapicque(['inspect', 'html.pth'], path);
  t.not(inspected.code, 0);
  t.regex(inspected.stderr, /malformed torch file .*html\.pth: it is not a zip archive/);
  t.notRegex(inspected.stderr, /safetensors/);
});

test('a pickle without an archive, as torch before 1.6 wrote it, is refused by a path too', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'lapicque-torch-name-'));
  t.teardown(() => rm(path, { recursive: true }));
  // torch's magic number as Python pickles it with protocol 2.
  const magic = Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1');
  await writeFile(join(path, 'old.pth'), Buffer.concat([magic, Buffer.alloc(100)]));
  const error = await failure(() => readTensors(join(path, 'old.pth')));
  t.is(error?.code, 'unsupported');
  t.regex(error!.message, /before version 1\.6/);
});

test('other formats of tensors and missing files keep their readers under the name .pth', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'lapicque-torch-name-'));
  t.teardown(() => rm(path, { recursive: true }));
  const file = join(path, 'other.pth');
  for (const format of ['safetensors', 'npy', 'npz'] as const) {
    await writeTensors(file, { w: Float32Array.of(1, 2) }, { format });
    const [tensor] = [...(await readTensors(file)).tensors.values()];
    t.deepEqual(tensor?.data, Float32Array.of(1, 2), format);
  }
  const missing = await failure(() => readTensors(join(path, 'missing.pth')));
  t.is(missing?.code, 'io');
});

// Artificial networks: a rate unit is a unit without memory.

const relu = () => rateUnit({ activation: 'relu' });
const qcfs = neuron({
  name: 'qcfs',
  state: { v: 0 },
  params: { theta: 1, levels: 8 },
  update: 'v = theta/levels*clip(floor(i*levels/theta + 0.5), 0, levels)',
});

const artificial: Record<string, () => Layer[]> = {
  mlp: () => [dense(784, 512), relu(), dense(512, 10), rateUnit()],
  small_mlp: () => [dense(784, 32), relu(), dense(32, 10), rateUnit()],
  conv: () => [
    input(1, 28, 28),
    conv2d(1, 12, 5),
    batchNorm(),
    relu(),
    avgPool2d(2),
    conv2d(12, 64, 5),
    batchNorm(),
    relu(),
    avgPool2d(2),
    flatten(),
    dense(1024, 10),
    rateUnit(),
  ],
  mlp_qcfs: () => [dense(784, 512), qcfs({ learn: ['theta'] }), dense(512, 10), rateUnit()],
  small_qcfs: () => [dense(784, 32), qcfs({ learn: ['theta'] }), dense(32, 10), rateUnit()],
};

for (const [name, layers] of Object.entries(artificial)) {
  for (const file of annFiles(name, ['.pth', '.safetensors'])) {
    const run = existsSync(ann(file)) ? test : test.skip;
    run(`${file} gives torch's logits`, async (t) => {
      const model = await sequential(...(layers() as [Layer])).compile();
      const report = await model.importWeights(ann(file));
      t.is(report.set.length, model.info.parameters.length);
      const deviation = await logitsOf(model, name);
      t.true(deviation < 1e-4, `${deviation}`);
    });
  }
}

test('lapicque inspect and convert take files of torch and ONNX', async (t) => {
  const path = await mkdtemp(join(tmpdir(), 'lapicque-foreign-'));
  t.teardown(() => rm(path, { recursive: true }));
  const inspected = await lapicque(['inspect', resolve(folder, 'tutorial6.pth'), '--json'], path);
  t.is(inspected.code, 0, inspected.stderr);
  const { kind, tensors, metadata } = JSON.parse(inspected.stdout) as {
    kind: string;
    tensors: { name: string; shape: number[] }[];
    metadata: Record<string, string>;
  };
  t.is(kind, 'tensors');
  t.is(metadata.epoch, '1');
  t.deepEqual(tensors.find(({ name }) => name === 'model_state_dict.0.weight')?.shape, [12, 1, 5, 5]);

  const written = await lapicque(['convert', resolve(folder, 'tutorial5.pth'), 'five.safetensors'], path);
  t.is(written.code, 0, written.stderr);
  const [ours, theirs] = [
    await readTensors(join(path, 'five.safetensors')),
    await readTensors(join(folder, 'tutorial5.pth')),
  ];
  t.deepEqual(ours.tensors.get('fc1.weight')?.data, theirs.tensors.get('fc1.weight')?.data);

  const onnx = await lapicque(['inspect', resolve(ann('conv.legacy.onnx'))], path);
  t.is(onnx.code, 0, onnx.stderr);
  t.regex(onnx.stdout, /\/conv1\/Conv +Conv +conv1/);
  const model = await lapicque(['convert', resolve(ann('small_qcfs.onnx')), 'model.safetensors'], path);
  t.is(model.code, 0, model.stderr);
  t.true((await logitsOf(await Model.load(join(path, 'model.safetensors')), 'small_qcfs')) < 1e-4);

  const wrong = await lapicque(['convert', resolve(ann('small_qcfs.onnx')), 'model.npz'], path);
  t.is(wrong.code, 2);
  t.regex(wrong.stderr, /\.safetensors/);
});
