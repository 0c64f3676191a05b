// What the commands do, from outside.
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { readFile as readText, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tasks } from '@lapicque/bench';
import test from 'ava';
import { readFile } from '../../src-ts/cli/tensors.ts';
import { DataLoader } from '../../src-ts/doors/data.ts';
import { writeTensors } from '../../src-ts/doors/files.ts';
import { li, lif } from '../../src-ts/doors/neurons.ts';
import { adam, conv1d, dense, input, loadCheckpoint, loss, Model, sequential } from '../../src-ts/index.ts';
import { folder, json, lapicque, start } from '../support/program.ts';

const shape: [number, number, number] = [12, 3, 5];
const spikes = Uint8Array.from({ length: 180 }, (_, i) => Number((i * 7919) % 13 < 5));

/** A folder with a small model, `model.safetensors`, and an input for it, `input.npy`. */
async function small(t: { teardown: (undo: () => Promise<void>) => void }) {
  const path = await folder((remove) => t.teardown(remove));
  const model = await sequential(
    dense(5, 7, { initial: { kind: 'uniform', low: -0.3, high: 1 } }),
    lif({ beta: 0.9 }),
    dense(7, 2, { initial: { kind: 'uniform', low: -0.3, high: 1 } }),
    lif({ beta: 0.9 }),
  ).compile({ seed: 3 });
  await model.save(join(path, 'model.safetensors'));
  await writeTensors(join(path, 'input.npy'), { input: { shape: shape, data: spikes } });
  await writeTensors(join(path, 'input.safetensors'), { input: { shape: shape, data: spikes } });
  return { path, model };
}

const digits = {
  data: {
    kind: 'tensors',
    path: resolve('assets/digits/digits.safetensors'),
    x: 'images',
    y: 'labels',
    train: 'train',
    test: 'test',
    scale: 1 / 16,
    batchSize: 64,
  },
  layers: [
    { kind: 'dense', inputs: 64, outputs: 32 },
    { kind: 'lif', beta: 0.95 },
    { kind: 'dense', inputs: 32, outputs: 10 },
    { kind: 'lif', beta: 0.95 },
  ],
  steps: 10,
  epochs: 3,
  loss: { kind: 'cross-entropy-membrane', perStep: 'sum' },
  optimizer: { kind: 'adam', lr: 2e-3 },
};

test.serial('help names every command and needs no addon', async (t) => {
  const { code, stdout } = await lapicque(['--help'], '.', { LAPICQUE_SIMD: 'nonsense' });
  t.is(code, 0);
  for (const command of ['train', 'run', 'generate', 'simulate', 'inspect', 'bench', 'doctor'])
    t.regex(stdout, new RegExp(`${command} `));
  const { stdout: own } = await lapicque(['run', '--help']);
  t.is((await lapicque(['help', 'run'])).stdout, own);
  t.regex(own, /--record/);
  const { stdout: bench } = await lapicque(['bench', '--help']);
  t.true(bench.replace(/\s+/g, ' ').includes('conv, shd,'));
  for (const { name } of tasks) t.regex(bench, new RegExp(`\\b${name}\\b`));
});

test.serial('doctor tells of the binary and the machine', async (t) => {
  const report = await json(['doctor', '--threads', '1'], '.', { LAPICQUE_SIMD: 'portable' });
  t.is(report.simd, 'portable');
  t.is(report.threads, 1);
  t.true(report.simdAvailable.includes('portable'));
  t.true(existsSync(report.binary.path));
  t.is(report.version, '0.1.0');
  t.true(report.memory.total > 0);
  const { stdout } = await lapicque(['doctor']);
  t.regex(stdout, /^simd +\w+ in force/m);
});

test.serial('run writes what model.run gives, bit for bit, from either form of input', async (t) => {
  const { path, model } = await small(t);
  const expected = await model.run({ x: spikes, shape }, { record: ['lif1.v', 'lif1.spikes'] });
  t.true(expected.spikes!.includes(1));
  for (const input of ['input.npy', 'input.safetensors']) {
    const report = await json(
      [
        'run',
        'model.safetensors',
        '--input',
        input,
        '--output',
        'out.safetensors',
        '--record',
        'lif1.v',
        'lif1.spikes',
      ],
      path,
    );
    t.deepEqual(report.shape, [12, 3, 2]);
    t.deepEqual(report.spikes, expected.spikeCounts);
    const { tensors } = await readFile(join(path, 'out.safetensors'));
    const found = new Map(tensors.map((one) => [one.name, one]));
    t.deepEqual([...found.keys()].sort(), ['lif1.spikes', 'lif1.v', 'spikes', 'v']);
    t.is(found.get('spikes')!.dtype, 'U8');
    t.is(found.get('v')!.dtype, 'F32');
    t.deepEqual(found.get('lif1.v')!.shape, [12, 3, 7]);
    t.deepEqual(found.get('spikes')!.data, expected.spikes);
    t.deepEqual(found.get('v')!.data, expected.v as never);
    t.deepEqual(found.get('lif1.v')!.data, expected.recordings['lif1.v'] as never);
    t.deepEqual(found.get('lif1.spikes')!.data, expected.recordings['lif1.spikes'] as never);
  }
});

test.serial('run records what leaves any layer, whatever the layers are called', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const network = sequential(
    input(1, 5),
    conv1d(1, 2, 2),
    lif({ beta: 0.9, name: 'a' }),
    dense(8, 3),
    lif({ beta: 0.9, name: 'a.v' }),
  );
  const model = await network.compile({ seed: 1 });
  await model.save(join(path, 'model.safetensors'));
  await writeTensors(join(path, 'input.npy'), { input: { shape: shape, data: spikes } });
  const record = ['conv1.values', 'a.v', 'a.v.v'];
  const args = ['--input', 'input.npy', '--output', 'out.safetensors', '--record', ...record];
  await json(['run', 'model.safetensors', ...args], path);
  const expected = await model.run({ x: spikes, shape }, { record });
  const { tensors } = await readFile(join(path, 'out.safetensors'));
  const shapes = { 'conv1.values': [12, 3, 8], 'a.v': [12, 3, 8], 'a.v.v': [12, 3, 3] };
  for (const [name, sizes] of Object.entries(shapes)) {
    const found = tensors.find((one) => one.name === name)!;
    t.deepEqual(found.shape, sizes);
    t.deepEqual(found.data, expected.recordings[name] as never);
  }
});

test.serial('a recipe in JSON chooses the method of training, too', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const layers = [...digits.layers.slice(0, 3), { kind: 'li', beta: 0.95 }];
  const weights: string[] = [];
  for (const method of [{}, { method: 'e-prop' }, { truncate: 2 }]) {
    const recipe = { ...digits, epochs: 1, layers, ...method };
    await writeFile(join(path, 'method.json'), JSON.stringify(recipe));
    const report = await json(['train', 'method.json', '--seed', '7'], path);
    weights.push(report.weights_sha256 as string);
    const { tensors } = await readFile(digits.data.path);
    const named = (name: string) => tensors.find((one) => one.name === name)!.data;
    const rows = Array.from(named('train') as unknown as ArrayLike<number>, Number);
    const images = named('images') as Uint8Array;
    const x = Float32Array.from(
      rows.flatMap((row) => [...images.subarray(64 * row, 64 * row + 64)]),
      (v) => Math.fround(v / 16),
    );
    const y = Uint32Array.from(rows, (row) => Number((named('labels') as Uint8Array)[row]));
    const model = await sequential(
      dense(64, 32),
      lif({ beta: 0.95 }),
      dense(32, 10),
      li({ beta: 0.95 }),
    ).compile({
      seed: 7,
    });
    const data = { x, y, shape: [rows.length, 64] };
    await model.fit(new DataLoader(data, { batchSize: 64, shuffle: true, seed: 7 }), {
      epochs: 1,
      steps: 10,
      loss: loss.crossEntropyMembrane({ perStep: 'sum' }),
      optimizer: adam({ lr: 2e-3 }),
      ...(method as { truncate?: number }),
    });
    t.is(report.weights_sha256, await model.weightsSha256(), JSON.stringify(method));
  }
  t.is(new Set(weights).size, 3);
});

test.serial('run takes another length of step where a model is given time constants', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const network = sequential(dense(5, 4, { bias: false }), lif({ tauMem: 20 }));
  await (await network.compile({ seed: 1 })).save(join(path, 'model.safetensors'));
  await writeTensors(join(path, 'input.npy'), { input: { shape: shape, data: spikes } });
  const expected = await (await network.compile({ seed: 1, dt: 5 })).run({ x: spikes, shape });
  const report = await json(
    ['run', 'model.safetensors', '--input', 'input.npy', '--dt', '5', '--output', 'out.safetensors'],
    path,
  );
  t.is(report.dt, 5);
  const { tensors } = await readFile(join(path, 'out.safetensors'));
  t.deepEqual(tensors.find(({ name }) => name === 'v')!.data, expected.v as never);
});

test.serial('inspect tells a model from a file of tensors', async (t) => {
  const { path } = await small(t);
  const model = await json(['inspect', 'model.safetensors', '--input', 'input.npy'], path);
  t.is(model.kind, 'model');
  t.is(model.info.parameterCount, 5 * 7 + 7 + 7 * 2 + 2);
  // 3 samples of 12 steps; each spike that enters reaches 7 neurons, each of a hidden neuron 2.
  t.is(model.operations.dense, 12 * (5 * 7 + 7 * 2));
  t.true(model.operations.effectiveAcs < model.operations.dense);
  t.is(model.operations.effectiveMacs, 0);
  t.true(model.energy.model.assumptions.some((text: string) => /input\.npy/.test(text)));
  const tensors = await json(['inspect', 'input.npy'], path);
  t.is(tensors.kind, 'tensors');
  t.deepEqual(tensors.tensors[0].shape, shape);
  t.is(tensors.tensors[0].max, 1);
  const { stdout, code } = await lapicque(['inspect', 'model.safetensors', '--activity', '0.2'], path);
  t.is(code, 0);
  t.regex(stdout, /input → dense1/);
  t.regex(stdout, /^fused +dense1 in lif1: .+\n +dense2 in \w+: /m);
  t.regex(stdout, /20 % of 25 steps/);
  t.regex(
    stdout,
    /^dense1 \(dense\)\n {2}weights +35, 0\.0 % zero\n {2}operations +[\d,]+ additions; 0 multiply-adds; dense 875\n/m,
  );
  t.regex(stdout, /^lif1 \(lif\)\n {2}outputs +[\d.]+ % zero\n {2}neurons +[\d,]+ membrane updates; /m);
  t.regex(stdout, /source: M\. Horowitz/);
  const chip = await json(
    ['inspect', 'model.safetensors', '--input', 'input.npy', '--energy', 'loihi'],
    path,
  );
  t.is(chip.energy.model.kind, 'chip');
  t.is(chip.operations.neurobench.SynapticOperations.Dense, model.operations.dense);
  t.is((await lapicque(['inspect', 'model.safetensors', '--energy', 'loihy'], path)).code, 2);
  const { profile } = await json(
    ['inspect', 'model.safetensors', '--profile', '--figure', 'times.svg'],
    path,
  );
  t.deepEqual(
    profile.units.map(({ layers }: { layers: string[] }) => layers[0]),
    ['lif1', model.info.output],
  );
  t.regex(await readText(join(path, 'times.svg'), 'utf8'), /lif1/);
  t.is((await lapicque(['inspect', 'model.safetensors', '--figure', 'times.svg'], path)).code, 2);
});

test.serial('train from JSON, and resume with the same bits', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await writeFile(join(path, 'digits.json'), JSON.stringify(digits));
  const whole = await json(['train', 'digits.json', '--out', 'whole.safetensors', '--seed', '7'], path);
  t.is(whole.history.length, 3);
  t.true(whole.validation.accuracy > 0.6, `${whole.validation.accuracy}`);
  const model = await Model.load(join(path, 'whole.safetensors'));
  t.is(await model.weightsSha256(), whole.weights_sha256);

  const logged = ['--log', 'history.csv', '--append'];
  await json(['train', 'digits.json', '--epochs', '1', '--seed', '7', ...logged], path);
  const lines = async () => (await readText(join(path, 'history.csv'), 'utf8')).trim().split('\n').length;
  const first = await lines();
  await json(['train', 'digits.json', '--epochs', '1', '--seed', '7', ...logged], path);
  // The second training adds as many lines as the first one, without the line of names.
  t.is(await lines(), 2 * first - 1);
  const resumed = await json(['train', 'digits.json', '--resume', '--seed', '7'], path);
  t.is(resumed.history.length, 3);
  t.is(resumed.weights_sha256, whole.weights_sha256);
  const other = await json(['train', 'digits.json', '--epochs', '1', '--seed', '8'], path);
  t.not(other.history[0].loss, whole.history[0].loss);
});

test.serial('train encodes, and takes a module', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  const data = { ...digits.data, encode: { kind: 'rate' } };
  await writeFile(join(path, 'rate.json'), JSON.stringify({ ...digits, data, epochs: 1 }));
  const rate = await json(['train', 'rate.json'], path);
  t.true(rate.history[0].loss > 0);

  const door = (name: string) => JSON.stringify(resolve(`dist/${name}.js`));
  await writeFile(
    join(path, 'recipe.mjs'),
    `import { adam, dense, loss, sequential } from ${door('index')};
import { DataLoader } from ${door('data')};
import { lif } from ${door('neurons')};
const x = Float32Array.from({ length: 80 }, (_, i) => (i % 4 === (i >> 2) % 2 ? 1 : 0));
const y = Uint8Array.from({ length: 20 }, (_, i) => i % 2);
export default ({ seed }) => ({
  network: sequential(dense(4, 8), lif({ beta: 0.9 }), dense(8, 2), lif({ beta: 0.9 })),
  data: new DataLoader({ x, y, shape: [20, 4] }, { batchSize: 5, shuffle: true, seed }),
  fit: { epochs: 2, steps: 5, loss: loss.crossEntropyMembrane(), optimizer: adam({ lr: 1e-2 }) },
});`,
  );
  const module = await json(['train', 'recipe.mjs'], path);
  t.is(module.out, 'recipe.safetensors');
  t.is(module.updates, 8);
});

test.serial('an interrupt in training ends with 130 and leaves the last checkpoint whole', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await writeFile(join(path, 'digits.json'), JSON.stringify({ ...digits, epochs: 100_000 }));
  const { child, ended } = start(['train', 'digits.json', '--json'], path);
  const checkpoint = join(path, 'digits.checkpoint.safetensors');
  while (!existsSync(checkpoint) && child.exitCode === null) await sleep(20);
  await sleep(100);
  child.kill('SIGINT');
  const { code, stdout, stderr } = await ended;
  t.is(code, 130, stderr);
  t.is(JSON.parse(stdout).code, 'aborted');
  t.regex(stderr, /--resume/);
  t.false(existsSync(join(path, 'digits.safetensors')));
  const { training } = await loadCheckpoint(checkpoint);
  const finished = training!.epoch;
  t.true(finished >= 1);
  const resumed = await json(['train', 'digits.json', '--resume', '--epochs', String(finished + 1)], path);
  t.is(resumed.history.length, finished + 1);
});

test.serial('SIGTERM ends training as an interrupt does, with its own code', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await writeFile(join(path, 'digits.json'), JSON.stringify({ ...digits, epochs: 100_000 }));
  const { child, ended } = start(['train', 'digits.json', '--json'], path);
  const checkpoint = join(path, 'digits.checkpoint.safetensors');
  while (!existsSync(checkpoint) && child.exitCode === null) await sleep(20);
  child.kill('SIGTERM');
  const { code, stdout, stderr } = await ended;
  t.is(code, 143, stderr);
  t.like(JSON.parse(stdout), { code: 'aborted', cause: 'terminated' });
  t.regex(stderr, /--resume/);
});

test.serial('a reader of messages that goes away ends nothing', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  await writeFile(join(path, 'digits.json'), JSON.stringify(digits));
  const { child, ended } = start(['train', 'digits.json', '--json'], path);
  child.stderr.destroy();
  const { code, stdout } = await ended;
  t.is(code, 0);
  t.is(JSON.parse(stdout).history.length, digits.epochs);
});

test.serial('a result never takes the place of a pipe or a device', async (t) => {
  const path = await folder((remove) => t.teardown(remove));
  if (process.platform === 'win32') return t.pass();
  await writeFile(join(path, 'digits.json'), JSON.stringify(digits));
  const pipe = join(path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const { code, stderr } = await lapicque(['train', 'digits.json', '--out', pipe], path);
  t.is(code, 1);
  t.is(stderr, `lapicque: ${pipe}: not a regular file\n`);
  using model = await sequential(dense(2, 2), li({ beta: 0.5 })).compile();
  await t.throwsAsync(model.save(pipe), { message: `${pipe}: not a regular file` });
  t.true(statSync(pipe).isFIFO());
});
