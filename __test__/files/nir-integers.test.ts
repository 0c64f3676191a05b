// Integer networks as NIR files: real numbers that are whole multiples of their scales, and the integers back.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type IntegerNetwork, integerNetwork, quantize } from '../../src-ts/doors/chip.ts';
import {
  type NirGraph,
  type NirNode,
  type NirTensor,
  nirBytes,
  nirTensor,
  readNir,
  readNirGraph,
  readNirIntegerNetwork,
  writeNir,
} from '../../src-ts/doors/files.ts';
import { cubaLif, integrateAndFire, li, lif } from '../../src-ts/doors/neurons.ts';
import {
  avgPool2d,
  conv2d,
  dense,
  input,
  type Layer,
  type Model,
  maxPool2d,
  sequential,
} from '../../src-ts/index.ts';
import { failure } from '../support/errors.ts';
import { random } from '../support/numbers.ts';

const layered = sequential as (...layers: Layer[]) => { compile(options?: object): Promise<Model> };

function counts(size: number, steps = 30, batch = 2) {
  const next = random(3);
  const x = Uint8Array.from({ length: steps * batch * size }, () => (next() < 0.3 ? 1 : 0));
  return { x, shape: [steps, batch, size] };
}

async function quantized(layers: Layer[], size: number, options: object = {}): Promise<IntegerNetwork> {
  const model = await layered(...layers).compile({ seed: 4 });
  return (await quantize(model, { calibration: counts(size), ...options })).network;
}

const made: Readonly<Record<string, () => Promise<IntegerNetwork>>> = {
  'dense with recurrence, decays by shift': () =>
    quantized([dense(9, 12), lif({ beta: 0.875, recurrent: 'dense' }), dense(12, 4), li({ beta: 0.9 })], 9, {
      decay: 'shift',
    }),
  'weights of 4 bits by a power of two': () =>
    quantized([dense(9, 12), lif({ beta: 0.9, reset: 'value' }), dense(12, 4), lif({ beta: 0.8 })], 9, {
      weightBits: 4,
      scale: 'power-of-two',
    }),
  'images and a pool': () =>
    quantized(
      [
        input(2, 6, 6),
        conv2d(2, 3, 3, { padding: 1 }),
        integrateAndFire({ vThreshold: 0.6 }),
        avgPool2d(2),
        dense(27, 4),
        integrateAndFire({ vThreshold: 0.4 }),
      ],
      72,
    ),
  'the rules of a chip': () =>
    quantized(
      [
        dense(9, 12),
        cubaLif({ alpha: 0.75, beta: 0.9375 }),
        dense(12, 4),
        cubaLif({ alpha: 0.75, beta: 0.9375 }),
      ],
      9,
      { target: 'xylo' },
    ),
  tables: () =>
    integerNetwork({
      target: 'int8',
      input: { size: 9, maxCount: 3, signed: true },
      layers: [
        {
          name: 'a/b',
          neurons: 3,
          rules: { currents: 1 },
          threshold: 40,
          vDecay: 30_000,
          currentDecay: 20_000,
          bias: 3,
          vStart: 7,
          currentBias: Int32Array.of(1, -2, 3),
          connections: [
            { from: 'input', weights: Int8Array.from({ length: 27 }, (_, i) => (7 * i) % 50), shift: 1 },
            { from: 'a/b', weights: Int8Array.from({ length: 9 }, (_, i) => i - 4) },
          ],
        },
      ],
    }),
};

async function equalRuns(
  t: { deepEqual(a: unknown, b: unknown): void },
  a: IntegerNetwork,
  b: IntegerNetwork,
) {
  const record = a.description.layers.flatMap(({ name, rules }) => [
    `${name}.v`,
    ...(rules.spiking ? [`${name}.spikes`] : []),
  ]);
  const data = counts(a.description.input.size);
  const [first, second] = [await a.run(data, { record }), await b.run(data, { record })];
  t.deepEqual(second.recordings, first.recordings);
}

/** The nodes of weights with their scales. */
function weighted({ nodes }: NirGraph): [string, NirNode, Float64Array][] {
  return [...nodes].flatMap(([name, node]) => {
    const scale = node.metadata.get('weight_scale') as NirTensor | undefined;
    return scale === undefined ? [] : [[name, node as NirNode, scale.data as Float64Array]];
  });
}

for (const [name, make] of Object.entries(made))
  test(`a NIR file gives the integers back: ${name}`, async (t) => {
    const network = await make();
    const bytes = await nirBytes(network, { lossy: true });
    const back = await readNirIntegerNetwork(bytes);
    t.deepEqual(back.description, network.description);
    t.deepEqual(back.toTables(), network.toTables());
    await equalRuns(t, network, back);
    const graph = await readNirGraph(bytes);
    const all = weighted(graph);
    t.is(all.length, Object.keys(network.tensors.weights).length);
    for (const [, node, scale] of all) {
      const { data } = node.fields.get('weight') as NirTensor;
      const width = data.length / scale.length;
      data.forEach((weight, i) => {
        const unit = scale[Math.floor(i / width)]!;
        const whole = Math.round(weight / unit);
        if (whole * unit !== weight || Math.abs(whole) > 128) t.fail(`${weight} / ${unit}`);
      });
      t.is(
        (node.metadata.get('weight_bits') as NirTensor).data[0],
        network.description.layers[0]!.rules.weightBits,
      );
      t.is((node.metadata.get('weight_zero_point') as NirTensor).data[0], 0);
      t.is(node.metadata.get('weight_rounding'), 'nearest');
    }
  });

test('the real numbers of the file are the network: read as a model it has the same spikes where nothing is rounded', async (t) => {
  const network = await quantized(
    [
      input(2, 6, 6),
      conv2d(2, 3, 3, { padding: 1 }),
      integrateAndFire({ vThreshold: 0.6 }),
      avgPool2d(2),
      dense(27, 4),
      integrateAndFire({ vThreshold: 0.4 }),
    ],
    72,
  );
  const bytes = await nirBytes(network, { lossy: ['reset', 'resetTiming'] });
  const { model } = await readNir(bytes, {
    dt: 1,
    precision: 'f64',
    conventions: { reset: 'subtract', resetTiming: 'next-step' },
  });
  const data = counts(72);
  const whole = await network.run(data, { record: ['if1.spikes'] });
  const real = await model.run(data, { record: [`${model.info.layers[0]!.name}.spikes`] });
  t.deepEqual(Array.from(Object.values(real.recordings)[0]!), Array.from(whole.recordings['if1.spikes']!));
  t.deepEqual(Array.from(real.spikes!), Array.from(whole.spikes!));
  t.true(whole.spikes!.some((count) => count > 0));
});

/** A graph with one field of one node replaced. */
function changed(
  graph: NirGraph,
  name: string,
  part: 'fields' | 'metadata',
  key: string,
  at: number,
  value: number,
): NirGraph {
  const node = graph.nodes.get(name) as NirNode;
  const field = node[part].get(key) as NirTensor;
  const data = Float64Array.from(field.data);
  data[at] = value;
  const other = {
    ...node,
    [part]: new Map([
      ...node[part],
      [key, nirTensor(data, field.shape, Number.isInteger(value) ? field.type : 'float64')],
    ]),
  };
  return { ...graph, nodes: new Map([...graph.nodes, [name, other]]) };
}

test('a file that another program has changed is refused, by node and field', async (t) => {
  const network = await made['weights of 4 bits by a power of two']!();
  const graph = await readNirGraph(await nirBytes(network, { lossy: true }));
  const refused = async (other: NirGraph) => {
    const error = await failure(async () => readNirIntegerNetwork(await nirBytes(other)));
    t.is(error?.code, 'malformed-file', error?.message);
    return error!.message;
  };
  t.regex(
    await refused(changed(graph, 'dense1', 'fields', 'weight', 5, 0.1234)),
    /dense1\.weight\[5\] is 0\.1234.*weight_scale/,
  );
  t.regex(await refused(changed(graph, 'lif1', 'fields', 'v_threshold', 2, 1.5)), /lif1\.v_threshold/);
  t.regex(await refused(changed(graph, 'lif1', 'metadata', 'threshold', 2, 3)), /lif1\.v_threshold/);
  t.regex(
    await refused(changed(graph, 'lif1', 'metadata', 'threshold', 2, 0.5)),
    /lif1\.threshold\[2\] is 0\.5/,
  );
  t.regex(await refused(changed(graph, 'lif1', 'metadata', 'v_bits', 0, 9)), /lif1\.v_bits/);
  t.regex(await refused({ ...graph, edges: graph.edges.slice(1) }), /the edge/);
  t.regex(await refused({ ...graph, metadata: new Map() }), /no integer network; use readNir/);
  t.regex(
    await refused({ ...graph, metadata: new Map([['lapicque_integers', '{"schema":1}']]) }),
    /does not belong to an integer network/,
  );
  const newer = { ...graph, metadata: new Map([['lapicque_integers', '{"schema":2}']]) };
  t.is((await failure(async () => readNirIntegerNetwork(await nirBytes(newer))))?.code, 'unsupported');
});

test('a step has the length that is asked for', async (t) => {
  const network = await made['weights of 4 bits by a power of two']!();
  const tau = async (dt: number) => {
    const graph = await readNirGraph(await nirBytes(network, { lossy: true, dt }));
    return ((graph.nodes.get('lif1') as NirNode).fields.get('tau') as NirTensor).data[0]!;
  };
  // A factor of 0.9 in a step, to 15 bits.
  t.true(Math.abs((await tau(1)) - 0.01) < 1e-5);
  t.true(Math.abs((await tau(0.1)) - 0.001) < 1e-6);
  t.is((await failure(() => tau(0)))?.code, 'invalid-parameter');
  const model = await sequential(dense(2, 1), lif({ beta: 0.9 })).compile();
  t.regex((await failure(() => nirBytes(model, { lossy: true, dt: 1 })))!.message, /^dt: expected no dt/);
});

test('what NIR cannot express is named', async (t) => {
  const network = await made['dense with recurrence, decays by shift']!();
  const refusal = await failure(() => nirBytes(network));
  t.is(refusal?.code, 'unsupported');
  t.regex(refusal!.message, /lif1\.reset.*'subtract'.*lossy/);
  const folder = await mkdtemp(join(tmpdir(), 'lapicque-nir-integers-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const report = await writeNir(join(folder, 'a.nir'), network, { lossy: true });
  t.true(report.lost.some((text) => text.startsWith('lif1.reset: ')));
  t.true(report.notes.some((text) => text.includes('saturate')));
  const pooled = await quantized(
    [input(1, 4, 4), conv2d(1, 2, 1), lif({ beta: 0.9 }), maxPool2d(2), dense(8, 2), lif({ beta: 0.9 })],
    16,
  );
  t.regex(
    (await failure(() => nirBytes(pooled, { lossy: true })))!.message,
    /max pool of lif2\.connections\[0\]/,
  );
  const two = await integerNetwork({
    target: 'xylo',
    input: 1,
    layers: [
      {
        name: 'a',
        neurons: 1,
        rules: { currents: 2 },
        threshold: 9,
        vDecay: 2,
        currentDecay: 2,
        connections: [{ from: 'input', weights: Int8Array.of(4) }],
      },
    ],
  });
  t.regex((await failure(() => nirBytes(two, { lossy: true })))!.message, /a: 2 synaptic currents/);
});

const python = process.env.LAPICQUE_PYTHON ?? 'python3';
const hasNir = spawnSync(python, ['-c', 'import nir']).status === 0;

(hasNir ? test : test.skip)(
  `Python's nir reads and writes the file, and the integers remain${hasNir ? '' : ` (skipped: ${python} has no nir)`}`,
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'lapicque-nir-integers-'));
    t.teardown(() => rm(folder, { recursive: true }));
    const script = `
import sys, json, numpy as np, nir
found = {}
for path in sys.argv[1:]:
    graph = nir.read(path)
    for name, node in graph.nodes.items():
        if 'weight_scale' not in node.metadata: continue
        scale = np.asarray(node.metadata['weight_scale'])
        weight = np.asarray(node.weight)
        whole = np.rint(weight / scale.reshape((-1,) + (1,) * (weight.ndim - 1)))
        bits = int(node.metadata['weight_bits'])
        assert np.array_equal(whole * scale.reshape((-1,) + (1,) * (weight.ndim - 1)), weight), name
        assert np.abs(whole).max() <= 2 ** (bits - 1), name
        assert node.metadata['weight_rounding'] in ('nearest', b'nearest'), node.metadata
        found[path + ' ' + name] = int(np.abs(whole).sum())
    nir.write(path + '.again', graph)
print(json.dumps(found))
`;
    const networks = new Map<string, IntegerNetwork>();
    for (const [i, make] of Object.values(made).entries()) {
      const path = join(folder, `${i}.nir`);
      networks.set(path, await make());
      await writeNir(path, networks.get(path)!, { lossy: true });
    }
    const { status, stdout, stderr } = spawnSync(python, ['-c', script, ...networks.keys()], {
      encoding: 'utf8',
    });
    t.is(status, 0, stderr);
    const sums = JSON.parse(stdout) as Record<string, number>;
    for (const [path, network] of networks) {
      for (const weights of Object.values(network.tensors.weights)) {
        const sum = weights.reduce((all, weight) => all + Math.abs(weight), 0);
        t.true(Object.entries(sums).some(([key, value]) => key.startsWith(path) && value === sum));
      }
      const back = await readNirIntegerNetwork(`${path}.again`);
      t.deepEqual(back.toTables(), network.toTables());
      await equalRuns(t, network, back);
    }
  },
);
