// NIR: graphs of others and of our own against Norse, SpikingJelly, the NIR paper and an interpreter of the equations.
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  adam,
  dense,
  graph,
  isNirGraph,
  join as joined,
  lif,
  loss,
  Model,
  type NirField,
  type NirGraph,
  type NirNode,
  type NirTensor,
  network,
  nirBytes,
  nirTensor,
  readNir,
  readNirGraph,
  readTensors,
  spikeSource,
  verifyNir,
  writeTensors,
} from '../src-ts/index.ts';
import { modelOfNir } from '../src-ts/nir/import.ts';
import { lapicque } from './program.ts';
import { failure } from './support/errors.ts';
import { nirEuler } from './support/nir-euler.ts';
import { random, uniform } from './support/numbers.ts';

const folder = '__test__/fixtures/nir';
const vectors = '__test__/fixtures/vectors';
const frameworks = join(vectors, '06_nir_frameworks');
const sideCar = (path: string) => JSON.parse(readFileSync(path.replace(/\.nir$/, '.json'), 'utf8'));
const files = (directory: string) =>
  readdirSync(directory)
    .filter((name) => name.endsWith('.nir'))
    .map((name) => join(directory, name));

const field = (values: number | readonly number[], shape?: readonly number[]): NirField => {
  const list = typeof values === 'number' ? [values] : values;
  return nirTensor(list, shape ?? (typeof values === 'number' ? [] : [list.length]));
};
const node = (type: string, fields: Record<string, NirField> = {}): NirNode => ({
  type,
  fields: new Map(Object.entries(fields)),
  metadata: new Map(),
});
const input = (...shape: number[]) => node('Input', { shape: field(shape) });
const output = (...shape: number[]) => node('Output', { shape: field(shape) });
const lifNode = (n: number, more: Record<string, NirField> = {}) =>
  node('LIF', {
    tau: field(new Array(n).fill(0.01)),
    r: field(new Array(n).fill(1)),
    v_leak: field(new Array(n).fill(0)),
    v_threshold: field(new Array(n).fill(0.1)),
    v_reset: field(new Array(n).fill(0)),
    ...more,
  });
const nirGraph = (nodes: Record<string, NirNode | NirGraph>, edges: [string, string][]): NirGraph => ({
  type: 'NIRGraph',
  nodes: new Map(Object.entries(nodes)),
  edges,
  metadata: new Map(),
});

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

test('files that nir refuses are read, or refused by the edge', async (t) => {
  const error = await failure(() => readNir(join(folder, 'braille_noDelay_bias_zero_subgraph.nir')));
  t.is(error?.code, 'unknown-name');
  t.regex(error!.message, /lif1: edges\[0\] \(input → lif\)/);
  const { report } = await readNir(join(folder, 'lif_rockpool.nir'));
  t.is(report.framework, 'rockpool');
});

test('the writing framework is detected, and its habits are named', async (t) => {
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
  // IF neurons with r = 1: sinabs and Norse write the same.
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
  // Trains instead of values, and biases as currents.
  const trains = spikeSource([[0.5, 1.5], [0.7], [1, 2], [1.3], [0.4], [2.5, 3]]);
  using again = await (await network.fromModel(model, trains)).toModel({ dt: 0.1, precision: 'f64' });
  const spiking = Uint8Array.from({ length: 40 * 6 }, (_, i) => (i % 7 < 3 ? 1 : 0));
  const [one, other] = await Promise.all(
    [model, again].map((each) => each.run({ x: spiking, shape: [40, 1, 6] })),
  );
  t.true(one!.spikes!.some((spike) => spike === 1));
  t.deepEqual(other!.spikes, one!.spikes);
});

/** Values of the Output at all steps. */
async function outputs(source: NirGraph, x: readonly number[][], dt: number): Promise<number[][]> {
  const { model, report } = await modelOfNir(source, { dt: dt * 1000, framework: 'nir', precision: 'f64' });
  const [out] = report.outputs;
  const recording = `${out!.layer}.${out!.value}`;
  const flat = Float64Array.from(x.flat());
  const { recordings } = await model.run(
    { x: flat, shape: [x.length, 1, x[0]!.length] },
    { record: [recording] },
  );
  const values = Array.from(recordings[recording]!);
  model.dispose();
  return x.map((_, step) =>
    values.slice((step * values.length) / x.length, ((step + 1) * values.length) / x.length),
  );
}

/** A graph drawn at random, with branches and cycles. */
function drawn(seed: number): { graph: NirGraph; inputs: number } {
  const next = random(seed);
  const between = (low: number, high: number) => low + (high - low) * next();
  const whole = (low: number, high: number) => Math.floor(between(low, high + 1));
  const list = (n: number, low: number, high: number) =>
    field(Array.from({ length: n }, () => between(low, high)));
  const inputs = whole(2, 5);
  const nodes: Record<string, NirNode> = { in: input(inputs) };
  const edges: [string, string][] = [];
  const width = new Map([['in', inputs]]);
  const spiking = (n: number) => ({ v_threshold: list(n, 0.2, 0.6), v_reset: list(n, -0.1, 0.1) });
  const leaky = (n: number) => ({ r: list(n, 0.5, 2), v_leak: list(n, -0.1, 0.1) });
  const made: Record<string, (n: number) => NirNode> = {
    LIF: (n) => node('LIF', { tau: list(n, 2e-3, 1e-2), ...leaky(n), ...spiking(n) }),
    LI: (n) => node('LI', { tau: list(n, 2e-3, 1e-2), ...leaky(n) }),
    IF: (n) => node('IF', { r: list(n, 100, 900), ...spiking(n) }),
    I: (n) => node('I', { r: list(n, 10, 90) }),
    CubaLIF: (n) =>
      node('CubaLIF', {
        tau_mem: list(n, 2e-3, 1e-2),
        tau_syn: list(n, 2e-3, 1e-2),
        w_in: list(n, 0.5, 2),
        ...leaky(n),
        ...spiking(n),
      }),
    CubaLI: (n) =>
      node('CubaLI', {
        tau_mem: list(n, 2e-3, 1e-2),
        tau_syn: list(n, 2e-3, 1e-2),
        w_in: field(1.5),
        ...leaky(n),
      }),
    Threshold: (n) => node('Threshold', { threshold: list(n, 0, 0.5) }),
    Scale: (n) => node('Scale', { scale: list(n, -1, 1) }),
    Delay: (n) => node('Delay', { delay: field(Array.from({ length: n }, () => whole(0, 4) * 1e-3)) }),
  };
  let last = 'in';
  const count = whole(2, 8);
  for (let i = 0; i < count; i++) {
    const name = `n${i}`;
    const n = width.get(last)!;
    if (next() < 0.4) {
      const out = whole(2, 5);
      const bias = next() < 0.6;
      const weight = field(
        Array.from({ length: n * out }, () => between(-1, 1.2)),
        [out, n],
      );
      nodes[name] = bias
        ? node('Affine', { weight, bias: list(out, -0.2, 0.4) })
        : node('Linear', { weight });
      width.set(name, out);
    } else {
      const kinds = Object.keys(made);
      nodes[name] = made[kinds[whole(0, kinds.length - 1)]!]!(n);
      width.set(name, n);
    }
    edges.push([last, name]);
    last = name;
  }
  // A projection back, from a neuron or from anything, and a way past some nodes.
  const names = Object.keys(nodes).filter((name) => name !== 'in');
  for (let k = whole(0, 2); k > 0; k--) {
    const [a, b] = [whole(0, names.length - 1), whole(0, names.length - 1)].sort((p, q) => p - q) as [
      number,
      number,
    ];
    const [from, to] = [names[b]!, names[a]!];
    const takes =
      nodes[to]!.type === 'Affine' || nodes[to]!.type === 'Linear'
        ? (nodes[to]!.fields.get('weight') as NirTensor).shape[1]!
        : width.get(to)!;
    const inside = names.slice(a, b + 1);
    if (inside.some((name) => nodes[name]!.type === 'Delay')) continue;
    const back = `b${k}`;
    const weight = field(
      Array.from({ length: width.get(from)! * takes }, () => between(-0.6, 0.6)),
      [takes, width.get(from)!],
    );
    nodes[back] =
      next() < 0.5 ? node('Affine', { weight, bias: list(takes, -0.1, 0.2) }) : node('Linear', { weight });
    edges.push([from, back], [back, to]);
  }
  if (names.length > 2 && next() < 0.5) {
    const pair = names.flatMap((from, i) => names.slice(i + 2).map((to) => [from, to] as [string, string]));
    const fits = pair.find(
      ([from, to]) => width.get(from) === width.get(to) && !['Affine', 'Linear'].includes(nodes[to]!.type),
    );
    if (fits !== undefined) edges.push(fits);
  }
  nodes.out = output(width.get(last)!);
  edges.push([last, 'out']);
  return { graph: nirGraph(nodes, edges), inputs };
}

test('graphs drawn at random, with cycles and branches, equal an interpreter of the equations', async (t) => {
  const count = process.env.LAPICQUE_LONG_TESTS === '1' ? 1000 : 40;
  let cyclic = 0;
  for (let seed = 1; seed <= count; seed++) {
    const { graph: source, inputs } = drawn(seed);
    const next = random(seed + 1000);
    const x = Array.from({ length: 30 }, () => Array.from({ length: inputs }, () => 2 * next() - 0.5));
    const expected = nirEuler(source, x, 1e-3);
    const got = await outputs(source, x, 1e-3);
    const { report } = await modelOfNir(source, { dt: 1, framework: 'nir' });
    if (report.delayed.length > 0) cyclic += 1;
    const worst = Math.max(
      ...expected.flatMap((row, step) =>
        row.map((value, i) => Math.abs(value - got[step]![i]!) / (1 + Math.abs(value))),
      ),
    );
    t.true(
      worst < 1e-9,
      `graph ${seed} is off by ${worst}: ${[...source.nodes].map(([name, { type }]) => `${name} ${type}`)} ${source.edges.join(' ')}`,
    );
    // As a file, too.
    if (seed % 10 === 0) {
      const again = await readNirGraph(await nirBytes(source));
      t.deepEqual(await outputs(again, x, 1e-3), got);
    }
  }
  t.true(cyclic > count / 10);
});

test('an image within a cycle: a pool and a Flatten', async (t) => {
  const next = random(3);
  const values = (n: number) => Array.from({ length: n }, () => next() - 0.4);
  const source = nirGraph(
    {
      in: input(2, 4, 4),
      lif: lifNode(
        32,
        Object.fromEntries(
          ['tau', 'r', 'v_leak', 'v_threshold', 'v_reset'].map((key) => [
            key,
            field(
              new Array(32).fill({ tau: 0.01, r: 1, v_leak: 0, v_threshold: 0.1, v_reset: 0 }[key]!),
              [2, 4, 4],
            ),
          ]),
        ),
      ),
      pool: node('SumPool2d', { kernel_size: field([2, 2]), stride: field([2, 2]), padding: field([0, 0]) }),
      flat: node('Flatten', { start_dim: field(0), end_dim: field(-1) }),
      back: node('Affine', { weight: field(values(8 * 8), [8, 8]), bias: field(values(8)) }),
      near: lifNode(8),
      out: output(8),
    },
    [
      ['in', 'lif'],
      ['lif', 'pool'],
      ['pool', 'flat'],
      ['flat', 'near'],
      ['near', 'back'],
      ['back', 'near'],
      ['near', 'out'],
    ],
  );
  const x = Array.from({ length: 20 }, () => Array.from({ length: 32 }, () => 3 * next()));
  t.deepEqual(await outputs(source, x, 1e-3), nirEuler(source, x, 1e-3));
});

test('scalars stand for all neurons, and subgraphs are opened', async (t) => {
  const scalar = nirGraph(
    {
      in: input(3),
      n: node('LIF', { tau: field(0.01), r: field(1), v_leak: field(0), v_threshold: field(0.1) }),
      out: output(3),
    },
    [
      ['in', 'n'],
      ['n', 'out'],
    ],
  );
  const full = nirGraph({ in: input(3), n: lifNode(3), out: output(3) }, [
    ['in', 'n'],
    ['n', 'out'],
  ]);
  const nested = nirGraph({ a: input(3), sub: full, b: output(3) }, [
    ['a', 'sub'],
    ['sub', 'b'],
  ]);
  const x = Array.from({ length: 20 }, (_, step) => [step / 10, 1, 2]);
  const expected = nirEuler(full, x, 1e-3);
  for (const source of [scalar, full, nested]) t.deepEqual(await outputs(source, x, 1e-3), expected);
  const read = await readNirGraph(await nirBytes(nested));
  t.true(isNirGraph(read.nodes.get('sub')!));
});

test('several inputs are one vector, several outputs are recorded', async (t) => {
  const source = nirGraph(
    {
      a: input(2),
      b: input(1),
      x: node('Linear', { weight: field([1, 2, 3, 4, 5, 6], [3, 2]) }),
      y: node('Linear', { weight: field([1, 10, 100], [3, 1]) }),
      n: node('LI', { tau: field(0.001), r: field(1), v_leak: field(0) }),
      one: output(3),
      two: output(3),
    },
    [
      ['a', 'x'],
      ['b', 'y'],
      ['x', 'n'],
      ['y', 'n'],
      ['n', 'one'],
      ['y', 'two'],
    ],
  );
  const { model, report } = await modelOfNir(source, { dt: 1, framework: 'nir' });
  const { v, recordings } = await model.run(
    { x: Float32Array.of(1, 2, 3), shape: [1, 1, 3] },
    { record: [`${report.outputs[1]!.layer}.v`] },
  );
  t.deepEqual(Array.from(v), [5 + 3, 11 + 30, 17 + 300]);
  t.deepEqual(Array.from(Object.values(recordings)[0]!), [3, 30, 300]);
});

test('a time constant shorter than a step is warned of, in ms and in steps, too', async (t) => {
  const of = async (tau: number) => {
    const source = nirGraph({ in: input(1), n: lifNode(2, { tau: field([tau, 0.01]) }), out: output(2) }, [
      ['in', 'n'],
      ['n', 'out'],
    ]);
    return (await failure(() => modelOfNir(source)))?.message ?? '';
  };
  t.regex(await of(0.01), /edge in → n/);
  const warned = async (tau: number, dt: number) => {
    const source = nirGraph({ in: input(1), n: lifNode(1, { tau: field([tau]) }), out: output(1) }, [
      ['in', 'n'],
      ['n', 'out'],
    ]);
    return (await modelOfNir(source, { dt, framework: 'nir' })).report.warnings.join('\n');
  };
  t.is(await warned(0.01, 1), '');
  t.regex(await warned(1e-5, 1), /n\.tau is 0\.01 steps of 1 ms, less than one/);
  t.regex(await warned(1000, 1), /perhaps in ms or in steps/);
});

test('lapicque verify tells what is assumed, as text and as JSON', async (t) => {
  const path = join(frameworks, 'snntorch_rleaky.nir');
  const told = await lapicque(['verify', path]);
  t.is(told.code, 0);
  for (const part of [
    /written by snnTorch/,
    /step +0\.1 ms/,
    /v > v_threshold; v_threshold is taken off v in the step after/,
    /1\.lif → 1\.w_rec/,
    /round trip {2}exact/,
  ])
    t.regex(told.stdout, part);
  const json = JSON.parse((await lapicque(['verify', path, '--json'])).stdout);
  t.like(json, { supported: true, report: { framework: 'snntorch', dt: 0.1 }, roundTrip: { exact: true } });
  const bad = await lapicque(['verify', join(folder, 'braille_noDelay_bias_zero_subgraph.nir'), '--json']);
  t.is(bad.code, 1);
  t.like(JSON.parse(bad.stdout), { supported: false, problem: { code: 'unknown-name' } });
});

test('a graph of ours with branches is written and read', async (t) => {
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

test('run, inspect and convert take NIR files', async (t) => {
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
