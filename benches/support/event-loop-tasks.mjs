// The large inputs of event-loop.mjs: what each task prepares, and the one call that is measured.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as analysis from '../../dist/analysis.js';
import * as circuit from '../../dist/circuit.js';
import * as data from '../../dist/data.js';
import { figure, writeReport } from '../../dist/figure.js';
import * as files from '../../dist/files.js';
import { dense, graph, sequential } from '../../dist/index.js';
import * as morphology from '../../dist/morphology.js';
import { iafPscExp, lif } from '../../dist/neurons.js';
import { generator } from './turns.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lapicque-event-loop-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const random = generator();
const numbers = (count) => Float64Array.from({ length: count }, random);

/** Spike trains of neurons that fire at random, with the options that figures take. */
const trains = (spikes, neurons) =>
  analysis.spikeTrains(
    Array.from({ length: neurons }, () =>
      numbers(spikes / neurons)
        .map((x) => 10_000 * x)
        .sort(),
    ),
    { stop: 10_000 },
  );

const plain = (marks, more = {}) =>
  new figure.Figure({
    title: 'large',
    caption: 'A large figure.',
    columns: [[{ x: { label: 'x' }, y: { label: 'y' }, marks, ...more }]],
  });
const points = (count) => ({ type: 'points', x: numbers(count), y: numbers(count) });

/** @type {readonly { name: string, prepare: () => unknown, run: (input: any) => unknown }[]} */
export const tasks = [
  {
    name: 'readOnnx, 5,000 nodes',
    prepare: () => onnxChain(5000),
    run: (bytes) => files.readOnnx(bytes),
  },
  {
    name: 'compile of an ONNX graph of 5,000 nodes',
    prepare: () => files.readOnnx(onnxChain(5000)),
    run: (network) => network.compile(),
  },
  {
    name: 'compile of a graph of 5,000 nodes',
    prepare: () => layers(2500),
    run: ({ nodes, edges, output }) => graph({ inputs: 4, nodes, edges, output }).compile(),
  },
  {
    name: 'compile of 5,000 layers one after the other',
    prepare: () => Object.values(layers(2500).nodes),
    run: (all) => sequential(...all).compile(),
  },
  {
    name: 'nirBytes, 5,000 nodes',
    prepare: () => sequential(...Object.values(layers(2500, { like: 'nir' }).nodes)).compile(),
    run: (model) => files.nirBytes(model),
  },
  {
    name: 'readNir, 4,000 nodes',
    prepare: async () =>
      files.nirBytes(await sequential(...Object.values(layers(2000, { like: 'nir' }).nodes)).compile()),
    run: async (bytes) => (await files.readNir(bytes)).compile?.(),
  },
  {
    name: 'hdf5Bytes, 40,000 groups',
    prepare: () => Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`g${i}`, {}])),
    run: (tree) => files.hdf5Bytes(tree),
  },
  {
    name: 'hdf5Bytes, 40,000 small datasets',
    prepare: () => Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`d${i}`, [1, 2, 3]])),
    run: (tree) => files.hdf5Bytes(tree),
  },
  {
    name: 'hdf5Bytes, a dataset of 1,000,000 texts',
    prepare: () => ({ texts: Array.from({ length: 1_000_000 }, (_, i) => `text ${i}`) }),
    run: (tree) => files.hdf5Bytes(tree),
  },
  {
    name: 'png, 5,000 × 5,000 pixels',
    prepare: () => plain([points(2000)]).with({ width: 5000, height: 5000 }),
    run: (one) => one.png({ dpi: 96 }),
  },
  {
    name: 'svg, a label of 10,000 characters',
    prepare: () => plain([points(2000)], { x: { label: 'long '.repeat(2000) } }),
    run: (one) => one.svg(),
  },
  {
    name: 'svg, 10,000 labels of 1,000 characters',
    prepare: () => {
      const { x, y } = points(10_000);
      return plain([{ type: 'text', x, y, texts: Array.from(x, () => 'long '.repeat(200)) }]);
    },
    run: (one) => one.svg(),
  },
  { name: 'svg, 1,000,000 points', prepare: () => plain([points(1_000_000)]), run: (one) => one.svg() },
  {
    name: 'svg, a line of 1,000,000 points',
    prepare: () =>
      plain([
        { type: 'line', x: Float64Array.from({ length: 1_000_000 }, (_, i) => i), y: numbers(1_000_000) },
      ]),
    run: (one) => one.svg(),
  },
  {
    name: 'pdf, 20,000 points',
    prepare: () => plain([points(20_000)]),
    run: (one) => one.pdf(),
  },
  {
    name: 'raster of 1,000,000 spikes',
    prepare: () => trains(1_000_000, 1000),
    run: async (spikes) => (await figure.raster(spikes)).svg(),
  },
  {
    name: 'isi of 1,000,000 spikes',
    prepare: () => trains(1_000_000, 1000),
    run: async (spikes) => (await figure.isi(spikes)).svg(),
  },
  {
    name: 'weights of 10,000,000 numbers',
    prepare: () => ({ w: new Float32Array(10_000_000).map(random) }),
    run: async (tensors) => (await figure.weights(tensors)).svg(),
  },
  {
    name: 'confusion of 1,000 classes',
    prepare: () => {
      const counts = numbers(1_000_000).map((x) => Math.floor(20 * x));
      return Array.from({ length: 1000 }, (_, row) => [...counts.slice(1000 * row, 1000 * (row + 1))]);
    },
    run: async (counts) => (await figure.confusion(counts)).svg(),
  },
  {
    name: 'history of 1,000,000 batches',
    prepare: () => ({ batchLoss: [...numbers(1_000_000)], accuracy: [0.5, 0.6] }),
    run: async (history) => (await figure.history(history)).svg(),
  },
  {
    name: 'report of 1,000,000 batches and 1,000,000 spikes',
    prepare: () => {
      const spikes = trains(1_000_000, 1000);
      return {
        title: 'Large',
        history: { batchLoss: [...numbers(1_000_000)], accuracy: [0.5, 0.6] },
        raster: {
          dt: 1,
          steps: 10_001,
          layers: [{ name: 'all', neurons: 1000, times: spikes.times, ids: spikes.ids }],
        },
      };
    },
    run: (report) => writeReport(join(folder, 'report'), report),
  },
  {
    name: 'fromSwc, 100,000 points',
    prepare: () =>
      Buffer.from(
        Array.from(
          { length: 100_000 },
          (_, i) => `${i + 1} ${i === 0 ? 1 : 3} ${i} 0 0 1 ${i === 0 ? -1 : i}\n`,
        ).join(''),
      ),
    run: (bytes) => morphology.fromSwc(bytes),
  },
  {
    name: 'circuit.compile of 10,000,000 listed synapses',
    prepare: () => {
      const cells = circuit.population(iafPscExp, 10_000, { name: 'P' });
      const drawn = (count) => Uint32Array.from({ length: count }, () => random() * 10_000);
      const pairs = circuit.rule.list(drawn(10_000_000), drawn(10_000_000));
      return circuit.circuit(
        cells,
        circuit.connect(cells, cells, pairs, { weight: numbers(10_000_000), delay: 1.5 }),
      );
    },
    run: (built) => built.compile({ dt: 0.1 }),
  },
  {
    name: 'weights() of 25,000,000 numbers',
    prepare: () => sequential(dense(5000, 5000), lif({ tauMem: 10 })).compile(),
    run: (model) => model.weights(),
  },
  {
    name: 'toBytes of 25,000,000 weights',
    prepare: () => sequential(dense(5000, 5000), lif({ tauMem: 10 })).compile(),
    run: (model) => model.toBytes(),
  },
  // Functions that return at once what they make, and not a promise: their time grows with the input.
  {
    name: 'spikeTrains of 1,000,000 spikes (synchronous)',
    prepare: () => [numbers(1_000_000)],
    run: (lists) => analysis.spikeTrains(lists, { stop: 1 }),
  },
  {
    name: 'vocabulary of 10,000,000 characters (synchronous)',
    prepare: () => 'a long text '.repeat(833_334),
    run: (text) => data.vocabulary(text),
  },
  {
    name: 'tokenWindows of 10,000,000 tokens (synchronous)',
    prepare: () => new Uint32Array(10_000_000),
    run: (tokens) => data.tokenWindows(tokens, { steps: 128 }),
  },
  {
    name: 'collate of 10,000 samples of 784 numbers (synchronous)',
    prepare: () => Array.from({ length: 10_000 }, () => ({ x: new Float32Array(784), y: 1 })),
    run: (samples) => data.collate(samples),
  },
];

/** Pairs of a dense layer and neurons, as many as asked for. */
function layers(pairs, options = {}) {
  const nodes = {};
  const edges = [];
  let before = 'input';
  for (let i = 0; i < pairs; i++) {
    nodes[`fc${i}`] = dense(4, 4);
    nodes[`lif${i}`] = lif({ tauMem: 10, ...options });
    edges.push([before, `fc${i}`], [`fc${i}`, `lif${i}`]);
    before = `lif${i}`;
  }
  return { nodes, edges, output: before };
}

/** The bytes of an ONNX file whose nodes, Gemm and Relu in turns, stand one behind the other. */
function onnxChain(count) {
  const varint = (value) => {
    const bytes = [];
    for (let rest = value; ; rest = Math.floor(rest / 128)) {
      if (rest < 128) return Buffer.from([...bytes, rest]);
      bytes.push((rest % 128) | 128);
    }
  };
  const int = (field, value) => Buffer.concat([varint(field * 8), varint(value)]);
  const part = (field, ...content) => {
    const bytes = Buffer.concat(
      content.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)),
    );
    return Buffer.concat([varint(field * 8 + 2), varint(bytes.length), bytes]);
  };
  const nodes = [];
  const tensors = [];
  for (let i = 0; i < count; i++) {
    const isDense = i % 2 === 0;
    const inputs = isDense ? [`t${i}`, `fc${i}.weight`] : [`t${i}`];
    nodes.push(
      part(
        1,
        ...inputs.map((name) => part(1, name)),
        part(2, `t${i + 1}`),
        part(3, `n${i}`),
        part(4, isDense ? 'Gemm' : 'Relu'),
      ),
    );
    const raw = Buffer.from(Float32Array.from({ length: 16 }, random).buffer);
    if (isDense)
      tensors.push(part(5, int(1, 4), int(1, 4), int(2, 1), part(8, `fc${i}.weight`), part(9, raw)));
  }
  const shape = part(2, part(1, part(2, 'batch')), part(1, int(1, 4)));
  const input = part(11, part(1, 't0'), part(2, part(1, int(1, 1), shape)));
  const made = part(7, ...nodes, part(2, 'chain'), ...tensors, input, part(12, part(1, `t${count}`)));
  return Buffer.concat([int(1, 10), made, part(8, part(1, ''), int(2, 20))]);
}
