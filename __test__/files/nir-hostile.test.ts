// Invalid NIR files: errors name the node and the index, and damaged files cause neither a crash nor a hang.
import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  type NirField,
  type NirGraph,
  type NirNode,
  nirBytes,
  readNir,
  readNirData,
  readNirGraph,
} from '../../src-ts/doors/files.ts';
import { hdf5Bytes } from '../../src-ts/hdf5/write.ts';
import { modelOfNir } from '../../src-ts/nir/import.ts';
import { failure, outcome } from '../support/errors.ts';
import { mutated } from '../support/file-bytes.ts';
import { field, inputNode, nirGraph, node, outputNode } from '../support/nir-graphs.ts';
import { random } from '../support/numbers.ts';

const neuron = (more: Record<string, NirField> = {}) =>
  node('CubaLIF', {
    tau_mem: field([0.01, 0.02]),
    tau_syn: field([0.01, 0.02]),
    r: field([1, 1]),
    v_leak: field([0, 0]),
    v_threshold: field([1, 1]),
    v_reset: field([0, 0]),
    w_in: field([1, 1]),
    ...more,
  });
const affine = (weight = field([1, 2, 3, 4, 5, 6], [2, 3]), bias = field([0, 0])) =>
  node('Affine', { weight, bias });

function graph(
  more: Record<string, NirNode> = {},
  edges: [string, string][] = [
    ['in', 'fc'],
    ['fc', 'lif'],
    ['lif', 'out'],
  ],
): NirGraph {
  return nirGraph({ in: inputNode(3), fc: affine(), lif: neuron(), out: outputNode(2), ...more }, edges);
}

test('errors of numbers out of range name the node, the field and the index', async (t) => {
  const of = (nodes: Record<string, NirNode>) => outcome(() => nirBytes(graph(nodes)));
  t.is(await of({}), 'succeeded');
  for (const [key, bad] of [
    ['tau_mem', Number.NaN],
    ['tau_mem', 0],
    ['tau_mem', -0.01],
    ['tau_syn', Number.POSITIVE_INFINITY],
    ['tau_syn', 0],
    ['r', Number.NaN],
    ['v_leak', Number.NEGATIVE_INFINITY],
    ['v_threshold', Number.NaN],
    ['w_in', Number.NaN],
  ] as const) {
    const refusal = await of({ lif: neuron({ [key]: field([0.01, bad]) }) });
    t.regex(
      refusal,
      new RegExp(`^invalid-parameter: lif\\.${key}\\[1\\]: expected a finite number.* but got ${bad}`),
      refusal,
    );
  }
  t.regex(await of({ fc: affine(field([1, 2, 3, 4, Number.NaN, 6], [2, 3])) }), /fc\.weight\[1, 1\].*NaN/);
  t.regex(
    await of({ lif: neuron({ r: field([1, 1, 1]) }) }),
    /shape-mismatch: lif\.r: expected shape \[2\], the shape of tau_mem, but got \[3\]/,
  );
  t.regex(await of({ fc: affine(field([1, 2], [2])) }), /shape-mismatch: fc\.weight/);
  t.regex(
    await of({ fc: affine(undefined, field([1, 2, 3])) }),
    /shape-mismatch: fc\.bias: expected shape \[2\]/,
  );
  t.regex(await of({ in: inputNode(-3) }), /in\.shape\[0\]/);
  t.regex(await of({ lif: node('LIF', { tau: field([1]) }) }), /lif\.r: expected a value/);
});

test('errors of dangling edges, duplicate edges and unequal shapes name the edge', async (t) => {
  const of = (edges: [string, string][], nodes = {}) => outcome(() => modelOfNir(graph(nodes, edges)));
  const written = (edges: [string, string][]) => outcome(() => nirBytes(graph({}, edges)));
  t.regex(
    await written([
      ['in', 'fc'],
      ['fc', 'lift'],
      ['lif', 'out'],
    ]),
    /unknown-name: unknown node of edges\[1\] \(fc → lift\) "lift"; did you mean "lif"/,
  );
  t.regex(
    await written([
      ['in', 'fc'],
      ['fc', 'lif'],
      ['in', 'fc'],
      ['lif', 'out'],
    ]),
    /edges\[2\]: expected each edge once \(edges\[0\] is the same edge\)/,
  );
  t.regex(
    await of([
      ['in', 'lif'],
      ['lif', 'out'],
    ]),
    /shape-mismatch: edge in → lif: expected shape \[2\] but got \[3\]/,
  );
  t.regex(
    await of([
      ['fc', 'lif'],
      ['lif', 'out'],
    ]),
    /node "fc": expected a path of edges from an Input to it but got/,
  );
  t.regex(
    await of([
      ['in', 'fc'],
      ['fc', 'lif'],
    ]),
    /node "out": expected a path of edges from an Input to it but got/,
  );
  t.regex(
    await of(
      [
        ['in', 'fc'],
        ['fc', 'lif'],
        ['lif', 'out'],
      ],
      { extra: neuron() },
    ),
    /^succeeded$/,
  );
});

test('a file that is not a NIR file is refused with the reason', async (t) => {
  const of = async (tree: Parameters<typeof hdf5Bytes>[0]) =>
    outcome(async () => readNir(await hdf5Bytes(tree)));
  t.regex(await of({ version: '1.0' }), /malformed-file: .*the group "node" is missing/);
  t.regex(await of({ node: { nodes: {} } }), /has no type/);
  t.regex(await of({ node: { type: 'LIF' } }), /invalid|malformed/);
  t.regex(await of({ node: { type: 'NIRGraph', nodes: {}, edges: [1, 2] } }), /not \[edges, 2\]/);
  t.regex(
    await of({ node: { type: 'NIRGraph', nodes: { a: { type: 'Conv3d' } }, edges: new Float64Array(0) } }),
    /unsupported: .*Conv3d.*node "a"/,
  );
  t.regex(await outcome(() => readNir(new Uint8Array(100))), /malformed-file/);
  t.regex(
    await outcome(() => readNirData('__test__/files/fixtures/nir/lif_norse.nir')),
    /use readNir to read a graph/,
  );
  t.is((await failure(() => readNir('no-such-file.nir')))?.code, 'io');
  let deep: object = { type: 'NIRGraph', nodes: {}, edges: new Float64Array(0) };
  for (let i = 0; i < 80; i++) deep = { type: 'NIRGraph', nodes: { a: deep }, edges: new Float64Array(0) };
  t.regex(await of({ node: deep } as never), /more than 64 levels of subgraphs/);
});

test('a delay or an image that would need too much memory is refused', async (t) => {
  const delays = node('Delay', { delay: field(Array.from({ length: 2 }, () => 1e9)) });
  const of = (nodes: Record<string, NirNode>, edges: [string, string][]) =>
    outcome(() => modelOfNir(graph(nodes, edges)));
  t.regex(
    await of({ delays }, [
      ['in', 'fc'],
      ['fc', 'delays'],
      ['delays', 'out'],
    ]),
    /delays\.delay.*below 65536 steps/,
  );
  const wide = inputNode(2 ** 24, 1, 1);
  t.regex(
    await of({ in: wide }, [
      ['in', 'fc'],
      ['fc', 'lif'],
      ['lif', 'out'],
    ]),
    /shape-mismatch|too-large/,
  );
});

test('damaged files: no crash, no hang, no internal error', async (t) => {
  const count = process.env.LAPICQUE_LONG_TESTS === '1' ? 10_000 : 150;
  t.timeout(20 * 60_000);
  const whole = [
    '__test__/fixtures/vectors/06_nir/lif.nir',
    '__test__/fixtures/vectors/06_nir/nested_graph.nir',
    '__test__/fixtures/vectors/06_nir_frameworks/snntorch_rleaky.nir',
    '__test__/fixtures/vectors/06_nir_frameworks/spikingjelly_conv.nir',
    '__test__/files/fixtures/nir/braille_noDelay_bias_zero.nir',
  ].map((path) => readFileSync(path));
  const own = await nirBytes((await readNir(whole[2]!)).model, { lossy: true });
  const next = random(33);
  const before = process.memoryUsage().rss;
  let [read, refused, slowest, peak] = [0, 0, 0, before];
  const texts = [...whole, own];
  for (let i = 0; i < count; i++) {
    const bytes = mutated(texts[i % texts.length]!, next);
    const start = process.cpuUsage();
    const error = await failure(async () => {
      const { model } = await readNir(bytes);
      model.dispose();
    });
    const { user, system } = process.cpuUsage(start);
    slowest = Math.max(slowest, (user + system) / 1e6);
    if (error === undefined) read += 1;
    else {
      refused += 1;
      t.not(error.code, 'internal', error.message);
    }
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  t.log(
    `${read} read, ${refused} refused, slowest ${slowest.toFixed(2)} s of CPU, ${((peak - before) / 2 ** 20).toFixed(0)} MiB more`,
  );
  t.true(read > 0 && refused > count / 4);
  t.true(slowest < 1);
});

test('a truncated file and a file above the memory limit are refused', async (t) => {
  const big = graph({ fc: affine(field(new Array(6 * 2 ** 20).fill(0), [2, 3 * 2 ** 20]), field([0, 0])) });
  const bytes = await nirBytes({ ...big, edges: [] });
  t.true(bytes.length < 2 ** 20);
  t.regex(
    await outcome(() => readNirGraph(bytes)),
    /too-large: the content of the NIR file needs \d+ bytes but 33554432 are allowed/,
  );
  t.is(await outcome(() => readNirGraph(bytes, { limits: { bytes: 2 ** 28 } })), 'succeeded');
  t.regex(await outcome(() => readNirGraph(bytes.slice(0, bytes.length / 2))), /malformed-file/);
});
