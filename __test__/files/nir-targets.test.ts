// Files written for the importers of other frameworks. The spikes of fixtures/nir-targets are those of snnTorch, Norse, SpikingJelly, sinabs and Rockpool, which
// read these files (make.mjs and run.py beside them). Where Python has a framework (LAPICQUE_PYTHON, default python3), it runs again.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type NirTarget, nirBytes, readNir, readNirGraph, writeNir } from '../../src-ts/doors/files.ts';
import { alif, cubaLif, li, lif, multiLevelLif } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  conv2d,
  dense,
  flatten,
  input,
  type Layer,
  maxPool2d,
  type Network,
  sequential,
} from '../../src-ts/index.ts';
import { targets } from '../../src-ts/nir/targets.ts';
import { outcome } from '../support/errors.ts';
import {
  compiled,
  digestOf,
  networks,
  optionsFor,
  type Reference,
  spikesOf,
  stimulus,
} from '../support/nir-targets.ts';
import { lapicque, folder as scratch } from '../support/program.ts';

const fixtures = '__test__/files/fixtures/nir-targets';
const names = Object.keys(targets) as NirTarget[];
const referenceOf = async (target: NirTarget): Promise<Reference> =>
  JSON.parse(await readFile(join(fixtures, `${target}.json`), 'utf8'));

for (const target of names) {
  test(`${target} computes the spikes of the models that are written for it`, async (t) => {
    const { versions, cases } = await referenceOf(target);
    t.true(targets[target].title.endsWith(` ${versions[target]}`), targets[target].title);
    t.is(targets[target].version, versions.nir!);
    const own = Object.entries(networks).filter(([, made]) => made.targets.includes(target));
    t.deepEqual(
      own.map(([name]) => name),
      Object.keys(cases),
    );
    for (const [name, made] of own) {
      using model = await compiled(made);
      const bytes = await nirBytes(model, optionsFor(made, target));
      const graph = await readNirGraph(bytes);
      // Another file needs the oracle again.
      t.is(digestOf(graph), cases[name]!.digest, `${name}: make.mjs of ${fixtures} has to run again`);
      const spikes = await spikesOf(model, made);
      t.deepEqual(
        spikes.map((row) => row.join(' ')),
        cases[name]!.spikes,
        name,
      );
      const share = spikes.flat().filter((count) => count > 0).length / spikes.flat().length;
      t.true(share > 0.02 && share < 0.95, `${name}: ${share}`);
      // lapicque reads the same network back.
      const { model: again, report } = await readNir(bytes);
      t.is(report.framework, 'lapicque');
      t.deepEqual(await spikesOf(again, made), spikes, name);
      const has = [...graph.nodes.values()].some((node) => 'fields' in node && node.fields.has('v_reset'));
      t.is(has, versions.nir !== '1.0.4', `${name}: v_reset`);
    }
  });
}

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
for (const target of names) {
  const look = `import importlib.util, sys; sys.exit(any(importlib.util.find_spec(m) is None for m in ("nir", "${target}")))`;
  const isThere = spawnSync(python, ['-c', look]).status === 0;
  const run = isThere ? test.serial : test.skip;
  run(
    `${target} reads files that are written now ${isThere ? '' : `(skipped: ${python} has no ${target})`}`,
    async (t) => {
      t.timeout(600_000);
      const folder = await mkdtemp(join(tmpdir(), 'nir-targets-'));
      t.teardown(() => rm(folder, { recursive: true }));
      const own = Object.entries(networks).filter(([, made]) => made.targets.includes(target));
      const cases = [];
      const expected = [];
      for (const [i, [, made]] of own.entries()) {
        const model = await compiled(made);
        await writeNir(join(folder, `${i}.nir`), model, optionsFor(made, target));
        const { x, shape, dt } = stimulus(made);
        cases.push({ file: `${i}.nir`, x: [...x], shape, dt });
        expected.push({ spikes: await spikesOf(model, made) });
      }
      await writeFile(join(folder, 'cases.json'), JSON.stringify(cases));
      const { status, stderr } = spawnSync(python, [join(fixtures, 'run.py'), target, folder], {
        encoding: 'utf8',
      });
      t.is(status, 0, stderr);
      t.deepEqual(JSON.parse(await readFile(join(folder, `${target}.json`), 'utf8')).results, expected);
    },
  );
}

const zero = { reset: 'value', resetTiming: 'same-step' } as const;
const behind = (...layers: Layer[]) => (sequential as (...all: Layer[]) => Network)(dense(3, 4), ...layers);
const image = (...layers: Layer[]) =>
  (sequential as (...all: Layer[]) => Network)(input(1, 4, 4), conv2d(1, 2, 3, { padding: 1 }), ...layers);

/** What an importer cannot read, or computes otherwise. */
const refused: readonly (readonly [target: NirTarget, network: () => Network, pattern: RegExp])[] = [
  ['snntorch', () => behind(lif({ beta: 0.9 })), /lif1\.reset: 'subtract'/],
  [
    'snntorch',
    () => behind(lif({ ...zero, beta: 0.9, vLeak: 0.1 })),
    /snnTorch 1\.0\.0 does not support vLeak other than 0 of lif1/,
  ],
  ['snntorch', () => behind(lif({ ...zero, beta: 0.9, vReset: 0.1 })), /vReset other than 0 of lif1/],
  [
    'snntorch',
    () => behind(lif({ ...zero, beta: 0.9, vThreshold: [1, 2, 3, 4] })),
    /a vThreshold that differs between neurons/,
  ],
  [
    'snntorch',
    () => behind(lif({ ...zero, beta: 0.9, recurrent: { kind: 'dense' } })),
    /recurrent connections/,
  ],
  ['snntorch', () => behind(li({ beta: 0.9 })), /the neuron LI of li1/],
  [
    'norse',
    () => behind(lif({ ...zero, beta: 0.9, vReset: -0.1, vLeak: -0.1 })),
    /Norse 1\.1\.0 does not support vReset other than 0/,
  ],
  [
    'norse',
    () =>
      image(lif({ ...zero, beta: 0.9 }), avgPool2d(2), flatten(), dense(8, 2), lif({ ...zero, beta: 0.9 })),
    /AvgPool2d/,
  ],
  [
    'spikingjelly',
    () => behind(lif({ ...zero, beta: [0.5, 0.6, 0.7, 0.8] })),
    /parameters that differ between neurons/,
  ],
  ['spikingjelly', () => behind(lif({ ...zero, beta: 0.9, vReset: 0.1 })), /vLeak other than vReset/],
  [
    'sinabs',
    () => behind(lif({ ...zero, beta: 0.9 })),
    /lif1\.reset: 'value'; sinabs 3\.1\.3 subtracts v_threshold/,
  ],
  [
    'sinabs',
    () => behind(lif({ beta: 0.9, resetTiming: 'same-step' })),
    /lif1\.spikes: at most one per step/,
  ],
  [
    'sinabs',
    () => behind(cubaLif({ alpha: 0.5, beta: 0.9 })),
    /sinabs 3\.1\.3 does not support the neuron CubaLIF of cubaLif1/,
  ],
  ['sinabs', () => behind(multiLevelLif({ beta: 0.9, vLeak: 0.1 })), /vLeak other than 0/],
  [
    'rockpool',
    () => image(multiLevelLif({ beta: 0.9 })),
    /the importer of Rockpool 3\.1\.0 does not support Conv2d/,
  ],
  ['rockpool', () => behind(li({ beta: 0.9 })), /Rockpool 3\.1\.0 does not support the neuron LI/],
];

for (const [i, [target, network, pattern]] of refused.entries())
  test(`${target} gets no file that it reads otherwise: ${i + 1}`, async (t) => {
    const model = await network().compile();
    t.regex(
      await outcome(() => nirBytes(model, { for: target })),
      new RegExp(`^unsupported: .*${pattern.source}`),
    );
  });

test('every profile names the layer that no importer reads', async (t) => {
  const end = [flatten(), dense(8, 2), lif({ beta: 0.9 })];
  for (const target of names)
    for (const network of [behind(alif({ tauMem: 8 })), image(lif({ beta: 0.9 }), maxPool2d(2), ...end)])
      t.regex(
        await outcome(async () => nirBytes(await network.compile(), { for: target, lossy: true })),
        /^unsupported: .*(alif1|pool1|Conv2d|LIF of lif1)/i,
        target,
      );
});

test('for is one of the frameworks, of a model', async (t) => {
  const model = await behind(lif({ ...zero, beta: 0.9 })).compile();
  t.regex(
    await outcome(() => nirBytes(model, { for: 'nengo' as never })),
    /^(unknown-name|invalid-parameter): .*for/,
  );
  const graph = await readNirGraph(await nirBytes(model));
  t.regex(
    await outcome(() => nirBytes(graph, { for: 'norse' })),
    /^invalid-parameter: for: expected no framework/,
  );
});

test('convert --for writes for a framework, and only to NIR', async (t) => {
  const path = await scratch((remove) => t.teardown(remove));
  const model = await behind(multiLevelLif({ beta: 0.9 })).compile();
  await model.save(join(path, 'm.safetensors'));
  const done = await lapicque(['convert', 'm.safetensors', 'm.nir', '--for', 'sinabs'], path);
  t.is(done.code, 0, done.stderr);
  t.regex(done.stderr, /emits at most 4 spikes in a step; sinabs 3\.1\.3 has no limit/);
  const graph = await readNirGraph(join(path, 'm.nir'));
  t.is(graph.version, '1.0.4');
  const other = await lapicque(['convert', 'm.nir', 'n.safetensors', '--for', 'sinabs'], path);
  t.is(other.code, 2);
  t.regex(other.stderr, /--for: expected no --for, because n\.safetensors is not a NIR file/);
});
