// What the reader of NIR files assumes is in its report; the file as written needs no dt; a Delay in a cycle has its own length.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type NirGraph, type NirNode, nirBytes, nirTensor, readNir } from '../../src-ts/doors/files.ts';
import { lif } from '../../src-ts/doors/neurons.ts';
import { dense, sequential } from '../../src-ts/index.ts';
import { literal, type NirConventions } from '../../src-ts/nir/conventions.ts';
import { json, lapicque } from '../support/program.ts';

const folders = ['__test__/fixtures/vectors/06_nir_frameworks', '__test__/files/fixtures/nir'];
const files = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.nir'))
    .map((name) => join(folder, name)),
);
/** Its edges name a node that there is not. */
const broken = 'braille_noDelay_bias_zero_subgraph.nir';

test('a file taken as snnTorch’s says that it is reset by subtraction, a step later', async (t) => {
  const { report } = await readNir('__test__/fixtures/vectors/06_nir_frameworks/snntorch_ff.nir');
  t.is(report.framework, 'snntorch');
  const all = report.assumptions.join('\n');
  t.regex(
    all,
    /a spike subtracts v_threshold from v; v_reset is ignored, although the file has it: a convention of snnTorch/,
  );
  t.regex(all, /v is reset in the step after the spike: a convention of snnTorch/);
  // What the caller chose is no assumption.
  const chosen = await readNir('__test__/fixtures/vectors/06_nir_frameworks/snntorch_ff.nir', {
    conventions: { reset: 'value', resetTiming: 'same-step' },
  });
  t.notRegex(chosen.report.assumptions.join('\n'), /subtracts|step after/);
});

/** A word of the sentence of each convention that changes what equations say. */
const words: Partial<Record<keyof NirConventions, RegExp>> = {
  membrane: /exp\(-dt\/tau\)/,
  synapse: /synaptic current/,
  inputGain: /input is added to v without a factor/,
  reset: /subtracts v_threshold/,
  resetTiming: /in the step after/,
  start: /starts at v_reset/,
  compare: />=/,
  spikes: /up to \d+ spikes/,
  tauScale: /time constant of the file is multiplied/,
};

for (const path of files.filter((file) => !file.endsWith(broken)))
  test(`every convention that differs from the equations is an assumption: ${path.split('/').at(-1)}`, async (t) => {
    const { report, model } = await readNir(path);
    model.dispose();
    const types = new Set(report.nodes.map(({ type }) => type));
    const has = (...names: string[]) => names.some((name) => types.has(name));
    const applies: Partial<Record<keyof NirConventions, boolean>> = {
      membrane: has('LIF', 'LI', 'CubaLIF', 'CubaLI'),
      inputGain: has('LIF', 'LI', 'CubaLIF', 'CubaLI'),
      tauScale: has('LIF', 'LI', 'CubaLIF', 'CubaLI'),
      synapse: has('CubaLIF', 'CubaLI'),
      reset: has('IF', 'LIF', 'CubaLIF'),
      resetTiming: has('IF', 'LIF', 'CubaLIF'),
      start: has('IF', 'LIF', 'CubaLIF'),
      compare: has('IF', 'LIF', 'CubaLIF'),
      spikes: has('IF', 'LIF', 'CubaLIF'),
    };
    const all = report.assumptions.join('\n');
    for (const key of Object.keys(words) as (keyof NirConventions)[]) {
      const differs = report.conventions[key] !== literal[key] && applies[key] === true;
      t.is(words[key]!.test(all), differs, `${key}: ${all}`);
    }
  });

test('every file is read as written without a step', async (t) => {
  for (const path of files.filter((file) => !file.endsWith(broken))) {
    const { model, report } = await readNir(path, { framework: 'nir' });
    t.true(
      report.assumptions.some((line) => line.startsWith('dt is ')),
      path,
    );
    model.dispose();
  }
});

const field = (values: number[]) => nirTensor(Float64Array.from(values), [values.length], 'float64');
const node = (type: string, fields: Record<string, ReturnType<typeof field>>): NirNode => ({
  type,
  fields: new Map(Object.entries(fields)),
  metadata: new Map(),
});

/** A neuron that fires at any input of 1, and whose spikes come back after a delay in steps of 1 ms. */
function loop(steps: number, middle: Readonly<Record<string, NirNode>> = {}): NirGraph {
  const names = Object.keys(middle);
  const chain = ['lif', ...names, 'delay', 'lif'];
  return {
    type: 'NIRGraph',
    nodes: new Map<string, NirNode>([
      ['input', node('Input', { shape: nirTensor(Int32Array.of(1), [1], 'int64') })],
      // tau = dt: v is the input.
      [
        'lif',
        node('LIF', {
          tau: field([1e-3]),
          r: field([1]),
          v_leak: field([0]),
          v_threshold: field([0.5]),
          v_reset: field([0]),
        }),
      ],
      ...Object.entries(middle),
      ['delay', node('Delay', { delay: field([steps * 1e-3]) })],
      ['output', node('Output', { shape: nirTensor(Int32Array.of(1), [1], 'int64') })],
    ]),
    edges: [
      ['input', 'lif'],
      ...chain.slice(1).map((to, i): [string, string] => [chain[i]!, to]),
      ['lif', 'output'],
    ],
    metadata: new Map(),
  };
}

for (const steps of [1, 2, 3, 7])
  for (const [what, middle] of [
    ['', {}],
    [' and a factor', { scale: node('Scale', { scale: field([1]) }) }],
    [' and weights', { w: node('Linear', { weight: nirTensor(Float64Array.of(1), [1, 1], 'float64') }) }],
  ] as const)
    test(`a spike in a cycle with a Delay of ${steps}${what} comes back after ${steps} steps`, async (t) => {
      const { model, report } = await readNir(await nirBytes(loop(steps, middle)), {
        framework: 'nir',
        dt: 1,
      });
      const x = new Float32Array(30);
      x[2] = 1;
      const { spikes } = await model.run({ x, shape: [30, 1, 1] });
      const fired = [...spikes!.keys()].filter((step) => spikes![step] === 1);
      // The solution: at 2, and every `steps` after it.
      t.deepEqual(
        fired,
        Array.from({ length: Math.ceil(28 / steps) }, (_, i) => 2 + i * steps),
      );
      t.deepEqual(report.delayed, []);
      // What is written again has the same delay, also for readers of the graph alone.
      const again = await readNir(await nirBytes(model), { framework: 'nir', dt: 1 });
      t.deepEqual((await again.model.run({ x, shape: [30, 1, 1] })).spikes, spikes);
    });

test('readers of a Delay outside of its cycle get its values at the same time', async (t) => {
  const graph = loop(3);
  const edges: (readonly [string, string])[] = [
    ...graph.edges.filter(([, to]) => to !== 'output'),
    ['delay', 'output'],
  ];
  const { model, report } = await readNir(await nirBytes({ ...graph, edges }), { framework: 'nir', dt: 1 });
  const x = new Float32Array(20);
  x[2] = 1;
  const [output] = report.outputs;
  const name = `${output!.layer}.${output!.value}`;
  const { recordings } = await model.run({ x, shape: [20, 1, 1] }, { record: [name] });
  const values = Array.from(recordings[name]!);
  t.deepEqual(
    [...values.keys()].filter((step) => values[step]! > 0.5),
    [5, 8, 11, 14, 17],
  );
});

test('a Delay of less than a step in a cycle leaves the step of the closing edge', async (t) => {
  const { model, report } = await readNir(await nirBytes(loop(0)), { framework: 'nir', dt: 1 });
  const x = new Float32Array(6);
  x[2] = 1;
  const { spikes } = await model.run({ x, shape: [6, 1, 1] });
  t.deepEqual([...spikes!], [0, 0, 1, 1, 1, 1]);
  t.is(report.delayed.length, 1);
});

test('an edge of a neuron to itself carries the spike of the previous step', async (t) => {
  const graph = loop(1);
  const nodes = new Map([...graph.nodes].filter(([name]) => name !== 'delay'));
  const edges = graph.edges.map(([a, b]): [string, string] =>
    a === 'lif' && b === 'delay' ? ['lif', 'lif'] : [a, b],
  );
  const self = { ...graph, nodes, edges: edges.filter(([a]) => a !== 'delay') };
  const { model } = await readNir(await nirBytes(self), { framework: 'nir', dt: 1 });
  const { spikes } = await model.run({ x: Float32Array.of(0, 1, 0, 0, 0), shape: [5, 1, 1] });
  t.deepEqual([...spikes!], [0, 1, 1, 1, 1]);
});

test('run, inspect and convert take --framework, for NIR files only', async (t) => {
  const file = '__test__/fixtures/vectors/06_nir_frameworks/snntorch_ff.nir';
  const reset = async (...more: string[]) => {
    const { description } = await json(['inspect', file, ...more]);
    const found = description.nodes.find((one: { kind: string }) => one.kind === 'dynamics');
    return found.dynamics.options.reset;
  };
  t.is(await reset(), 'subtract');
  t.is(await reset('--framework', 'nir', '--dt', '0.1'), 'value');
  const model = await sequential(dense(2, 2), lif({ beta: 0.9 })).compile();
  await model.save('build/not-nir.safetensors');
  for (const args of [
    ['inspect', 'build/not-nir.safetensors'],
    ['run', 'build/not-nir.safetensors', '--input', 'x.npy'],
  ]) {
    const { code, stderr } = await lapicque([...args, '--framework', 'nir']);
    t.is(code, 2, stderr);
    t.regex(
      stderr,
      /--framework: expected no --framework, because build\/not-nir\.safetensors is not a NIR file/,
    );
  }
  const unknown = await lapicque(['run', file, '--input', 'x.npy', '--framework', 'nengo']);
  t.regex(unknown.stderr, /unknown --framework "nengo"|--framework/);
  t.is(unknown.code, 2);
});
