// NIR files: results of Norse, SpikingJelly, snnTorch and the NIR paper; detection, round trips, commands.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { circuit, spikeSource } from '../../src-ts/doors/circuit.ts';
import { nirBytes, readNir, readTensors, verifyNir, writeTensors } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { adam, dense, graph, join as joined, loss, Model } from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { uniform } from '../support/numbers.ts';
import { lapicque } from '../support/program.ts';

const folder = '__test__/files/fixtures/nir';
const vectors = '__test__/fixtures/vectors';
const frameworks = join(vectors, '06_nir_frameworks');
const sideCar = (path: string) => JSON.parse(readFileSync(path.replace(/\.nir$/, '.json'), 'utf8'));
const files = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.nir'))
    .map((name) => join(directory, name));

test('the LIF of the NIR paper spikes at 460, 510, 710 and 760 with the potential of Norse', async (t) => {
  const rows = readFileSync(join(folder, 'lif_norse.csv'), 'utf8').trim().split('\n');
  const columns = rows.map((row) => row.split(',').map(Number));
  const { model } = await readNir(join(folder, 'lif_norse.nir'), { dt: 0.1 });
  const x = Float32Array.from(columns, ([current]) => current!);
  const { spikes, v } = await model.run({ x, shape: [1000, 1, 1] });
  t.deepEqual(
    [...spikes!.keys()].filter((step) => spikes![step] === 1),
    [460, 510, 710, 760],
  );
  t.true(columns.every(([, norse], step) => Math.abs(v[step]! - norse!) < 1e-7));
});

for (const name of ['braille_noDelay_bias_zero', 'braille_noDelay_noBias_subtract']) {
  test(`${name} gives the spikes of Norse and SpikingJelly`, async (t) => {
    const { tensors } = await readTensors(join(folder, 'braille.safetensors'));
    const { data, shape } = tensors.get(`${name}.x`)!;
    const { model } = await readNir(join(folder, `${name}.nir`), { dt: 0.1, framework: 'nir' });
    const { spikes } = await model.run({ x: data as Float32Array, shape });
    t.true(spikes!.some((spike) => spike === 1));
    for (const peer of ['norse', 'spikingjelly'])
      t.deepEqual(Array.from(spikes!), Array.from(tensors.get(`${name}.${peer}`)!.data, Number));
  });
}

for (const name of ['snntorch_rleaky_zero', 'snntorch_synaptic_zero', 'spikingjelly_if_vreset']) {
  test(`${name} gives the spikes of the library that wrote it`, async (t) => {
    const { tensors } = await readTensors(join(folder, 'exported.safetensors'));
    const { data, shape } = tensors.get(`${name}.x`)!;
    const reset = name.startsWith('snntorch') ? { conventions: { reset: 'value' } as const } : {};
    const { model } = await readNir(join(folder, `${name}.nir`), reset);
    const { spikes } = await model.run({ x: data as Float32Array, shape });
    t.true(spikes!.some((spike) => spike === 1));
    t.deepEqual(Array.from(spikes!), Array.from(tensors.get(`${name}.out`)!.data, Number));
  });
}

test('the error of a dangling edge names it, and a file that nir refuses is read', async (t) => {
  const error = await failure(() => readNir(join(folder, 'braille_noDelay_bias_zero_subgraph.nir')));
  t.is(error?.code, 'unknown-name');
  t.regex(error!.message, /lif1: edges\[0\] \(input → lif\)/);
  const { report } = await readNir(join(folder, 'lif_rockpool.nir'));
  t.is(report.framework, 'rockpool');
});

test('the framework that wrote a file is detected, and its differences from NIR are reported', async (t) => {
  const undetected: string[] = [];
  for (const path of files(frameworks)) {
    const { writing_framework: framework, dt_s } = sideCar(path);
    const { report } = await readNir(path);
    if (report.framework !== framework) undetected.push(path);
    else {
      t.true(report.detected && report.quirks.length > 0, path);
      if (framework !== 'sinabs') t.is(report.dt, 1000 * dt_s, path);
    }
  }
  // sinabs and Norse write the same IF neurons with r = 1.
  t.deepEqual(undetected, [join(frameworks, 'sinabs_iaf.nir')]);
  const { report } = await readNir(undetected[0]!);
  t.regex(report.assumptions.join('\n'), /sinabs or Norse/);
  const named = async (name: string) =>
    (await readNir(join(frameworks, `${name}.nir`))).report.quirks.join('\n');
  t.regex(await named('norse_lif'), /multiplies every time constant by dt.*#411/);
  t.regex(await named('norse_iaf_li'), /without dt/);
  t.regex(await named('snntorch_conv'), /#410/);
  t.regex(await named('snntorch_ff'), /#435/);
  t.regex(await named('rockpool_rec_lost'), /w_rec/);
  t.regex(await named('sinabs_lif'), /in steps/);
  t.regex(await named('spikingjelly_cuba'), />= v_threshold/);
});

test('a round trip is exact for every file', async (t) => {
  for (const path of [
    ...files(join(vectors, '06_nir')),
    ...files(frameworks),
    join(folder, 'lif_norse.nir'),
  ]) {
    const { roundTrip, supported } = await verifyNir(path);
    t.true(supported, path);
    t.deepEqual(roundTrip, { exact: true, differences: [] }, path);
  }
});

test('an imported graph runs, streams, trains, is saved and becomes a population network', async (t) => {
  const { model, report } = await readNir(join(vectors, '06_nir/recurrent_cubalif.nir'), {
    dt: 0.1,
    framework: 'nir',
  });
  const x = uniform(40 * 2 * 6, 5, 0, 2);
  const run = await model.run({ x, shape: [40, 2, 6] });
  t.true(run.spikes!.some((spike) => spike === 1));
  using session = await model.session();
  for (let step = 0; step < 40; step++) {
    const fired = session.push(Float32Array.from({ length: 6 }, (_, i) => x[step * 12 + i]!));
    const expected = [0, 1, 2, 3].filter((i) => run.spikes![step * 8 + i] === 1);
    t.deepEqual(Array.from(fired), expected);
  }
  using loaded = await Model.load(await model.toBytes());
  t.deepEqual((await loaded.run({ x, shape: [40, 2, 6] })).spikes, run.spikes);
  const before = await model.weightsSha256();
  await model.trainStep(
    { x, shape: [40, 2, 6], y: Uint8Array.of(0, 1) },
    { loss: loss.crossEntropyCount(), optimizer: adam({ lr: 1e-2 }) },
  );
  t.not(await model.weightsSha256(), before);
  t.deepEqual(report.outputs, [{ node: 'output', layer: 'lif1.lif', value: 'spikes', shape: [4] }]);
  // The population network has spike trains as input and biases as currents.
  const trains = spikeSource([[0.5, 1.5], [0.7], [1, 2], [1.3], [0.4], [2.5, 3]]);
  using again = await (await circuit.fromModel(model, trains)).toModel({ dt: 0.1, precision: 'f64' });
  const spiking = Uint8Array.from({ length: 40 * 6 }, (_, i) => (i % 7 < 3 ? 1 : 0));
  const [one, other] = await Promise.all(
    [model, again].map((each) => each.run({ x: spiking, shape: [40, 1, 6] })),
  );
  t.true(one!.spikes!.some((spike) => spike === 1));
  t.deepEqual(other!.spikes, one!.spikes);
});

test('lapicque verify prints the assumptions as text and as JSON', async (t) => {
  const path = join(frameworks, 'snntorch_rleaky.nir');
  const printed = await lapicque(['verify', path]);
  t.is(printed.code, 0);
  for (const part of [
    /written by snnTorch/,
    /step +0\.1 ms/,
    /v > v_threshold; v_threshold is subtracted from v in the step after/,
    /1\.lif → 1\.w_rec/,
    /round trip {2}exact/,
  ])
    t.regex(printed.stdout, part);
  const json = JSON.parse((await lapicque(['verify', path, '--json'])).stdout);
  t.like(json, { supported: true, report: { framework: 'snntorch', dt: 0.1 }, roundTrip: { exact: true } });
  const bad = await lapicque(['verify', join(folder, 'braille_noDelay_bias_zero_subgraph.nir'), '--json']);
  t.is(bad.code, 1);
  t.like(JSON.parse(bad.stdout), { supported: false, problem: { code: 'unknown-name' } });
});

test('a model with branches is written and read', async (t) => {
  const model = await graph({
    inputs: [3],
    nodes: { a: dense(3, 4), b: dense(3, 4), sum: joined('add'), n: lif({ tauMem: 10, like: 'nir' }) },
    edges: [
      ['input', 'a'],
      ['input', 'b'],
      ['a', 'sum'],
      ['b', 'sum'],
      ['sum', 'n'],
    ],
    output: 'n',
  }).compile();
  const bytes = await nirBytes(model);
  const x = uniform(60, 4, 0, 3);
  const expected = (await model.run({ x, shape: [20, 1, 3] })).spikes;
  for (const framework of ['auto', 'nir'] as const) {
    const { model: again } = await readNir(bytes, { framework, dt: 1 });
    t.deepEqual((await again.run({ x, shape: [20, 1, 3] })).spikes, expected);
  }
});

test('lapicque run, inspect and convert accept NIR files', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'lapicque-nir-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const at = (name: string) => join(directory, name);
  const source = join(vectors, '06_nir/affine_lif.nir');
  const { model } = await readNir(source);
  const { size } = model.description.input;
  const x = uniform(20 * size, 4, 0, 2);
  await writeTensors(at('x.safetensors'), { input: { data: x, shape: [20, 1, size] } });
  const run = async (path: string) =>
    (await lapicque(['run', path, '--input', at('x.safetensors'), '--json'])).stdout;
  const converted = await lapicque(['convert', source, at('m.safetensors')]);
  t.is(converted.code, 0, converted.stderr);
  t.regex(converted.stderr, /dt is 0\.1 ms/);
  const refused = await lapicque(['convert', at('m.safetensors'), at('m.nir')]);
  t.is(refused.code, 1);
  t.regex(refused.stderr, /n1_lif\.reset/);
  const back = await lapicque(['convert', at('m.safetensors'), at('m.nir'), '--lossy']);
  t.is(back.code, 0, back.stderr);
  const { spikes } = JSON.parse(await run(source));
  for (const path of [at('m.safetensors'), at('m.nir')])
    t.deepEqual(JSON.parse(await run(path)).spikes, spikes);
  const inspected = JSON.parse((await lapicque(['inspect', source, '--json'])).stdout);
  t.like(inspected, { kind: 'nir', info: { output: model.info.output } });
});
