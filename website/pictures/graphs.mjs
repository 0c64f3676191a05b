// Pictures of what is built of layers: its layers with their shapes, from top to bottom. And of layers on images of several channels.
import {
  attention,
  conv3d,
  dense,
  globalAvgPool,
  globalMaxPool,
  globalSumPool,
  graph,
  input,
  join,
  networks,
  pointwise,
  selfAttention,
  sequential,
  unflatten,
} from 'lapicque';
import { mnist } from 'lapicque/data';
import { figure } from 'lapicque/figure';
import { li, lif } from 'lapicque/neurons';
import { cellPanel } from './cell-panel.mjs';
import { barPanel } from './vectors.mjs';

const passOn = () => li({ beta: 0 });
const neuron = () => lif({ tauMem: 2 });
const pixels = 784;

/** The layers of a network, with the shapes between them. */
async function ofGraph(network, caption) {
  const { spec } = await figure.topology(await network.compile({ seed: 1 }));
  return { caption, columns: spec.columns };
}

/** Handwritten digits, each a channel of one image; the first ones are paler. */
async function digits(count) {
  const { test } = (await mnist()).split();
  return Float64Array.from(
    test.x.subarray(0, count * pixels),
    (x, i) => (x * (Math.floor(i / pixels) + 1)) / count,
  );
}

const channel = (x, i) => x.subarray(i * pixels, (i + 1) * pixels);

/** The output of a layer for an image, or a volume, of digits. */
async function outputOf(shape, layer) {
  const x = await digits(shape.reduce((product, size) => product * size, 1) / pixels);
  const model = await sequential(input(...shape), layer, passOn()).compile({ seed: 1, precision: 'f64' });
  const { v } = await model.run({ x, shape: [1, 1, ...shape] });
  return { x, v };
}

async function ofChannels(layer, caption) {
  const { x, v } = await outputOf([3, 28, 28], layer);
  const inputs = [0, 1, 2].map((i) => [cellPanel(channel(x, i), 28, `channel ${i}`)]);
  return { caption, columns: [...inputs, [{ ...barPanel(v, 'output', 0), aspect: 1 }]] };
}

const overPixels = (words) =>
  `Three channels of an image, and ${words} over the pixels of each: three numbers.`;

export const graphPictures = {
  globalAvgPool: () => ofChannels(globalAvgPool(), overPixels('the mean')),
  globalSumPool: () => ofChannels(globalSumPool(), overPixels('the sum')),
  globalMaxPool: () => ofChannels(globalMaxPool(), overPixels('the largest value')),
  pointwise: async () => {
    const initial = { kind: 'values', values: [1, -1] };
    const { x, v } = await outputOf([2, 28, 28], pointwise(2, 1, { bias: false, initial }));
    return {
      caption:
        'Two channels, and one output channel with the weights 1 and −1: their difference at each pixel, where it is positive.',
      columns: [
        ...[0, 1].map((i) => [cellPanel(channel(x, i), 28, `channel ${i}`)]),
        [cellPanel(v, 28, 'output')],
      ],
    };
  },
  conv3d: async () => {
    const options = { bias: false, initial: { kind: 'values', values: [1 / 3, 1 / 3, 1 / 3] } };
    const { x, v } = await outputOf([1, 3, 28, 28], conv3d(1, 1, [3, 1, 1], options));
    return {
      caption:
        'A volume of three slices, and its convolution with a kernel of 3 × 1 × 1 that takes their mean: one slice.',
      columns: [
        ...[0, 1, 2].map((i) => [cellPanel(channel(x, i), 28, `slice ${i}`)]),
        [cellPanel(v, 28, 'output')],
      ],
    };
  },
  input: async () => {
    const x = await digits(1);
    return {
      caption: 'The 784 values of a sample in their order, and the image [1, 28, 28] that later layers see.',
      columns: [
        [
          {
            title: 'sample',
            x: { label: 'value', domain: [0, pixels] },
            y: { label: '' },
            marks: [{ type: 'line', x: x.map((_, i) => i), y: x, color: 'muted' }],
          },
        ],
        [cellPanel(x, 28, 'input(1, 28, 28)')],
      ],
    };
  },
  unflatten: async () => {
    const x = Float64Array.from({ length: 16 }, (_, i) => (i % 5) + 1);
    const model = await sequential(unflatten([1, 4, 4]), passOn()).compile({ inputs: 16, precision: 'f64' });
    const { v } = await model.run({ x, shape: [1, 1, 16] });
    return {
      caption: 'A vector of 16 values, and the same as an image of 1 × 4 × 4, row by row.',
      columns: [[barPanel(x, 'input', 'muted')], [cellPanel(v, 4, 'output')]],
    };
  },
  sequential: () =>
    ofGraph(
      sequential(dense(784, 100), lif({ beta: 0.9 }), dense(100, 10), lif({ beta: 0.9 })),
      'Two dense layers with neurons; the shape of each output is beside it.',
    ),
  graph: () =>
    ofGraph(
      graph({
        inputs: [20],
        nodes: {
          in: dense(20, 30),
          hidden: lif({ beta: 0.9 }),
          back: dense(30, 30),
          out: dense(30, 4),
          last: li({ beta: 0.9 }),
        },
        edges: [
          ['input', 'in'],
          ['in', 'hidden'],
          ['hidden', 'out'],
          ['out', 'last'],
          ['hidden', 'back', { delayed: true }],
          ['back', 'hidden'],
        ],
        output: 'last',
      }),
      'A graph whose hidden neurons feed themselves, one step later.',
    ),
  join: () =>
    ofGraph(
      graph({
        inputs: [20],
        nodes: { a: dense(20, 30), b: dense(20, 30), both: join('concat'), hidden: lif({ beta: 0.9 }) },
        edges: [
          ['input', 'a'],
          ['input', 'b'],
          ['a', 'both'],
          ['b', 'both'],
          ['both', 'hidden'],
        ],
        output: 'hidden',
      }),
      'Two paths, and the join that puts their outputs one behind the other.',
    ),
  attention: () => {
    const path = () => [pointwise(16, 16), neuron()];
    return ofGraph(
      sequential(input(16, 4, 4), attention(path(), path(), path(), { heads: 4 }), neuron()),
      'Queries, keys and values by three paths from the same input, and the attention that joins them.',
    );
  },
  selfAttention: () =>
    ofGraph(
      sequential(input(16, 4, 4), ...selfAttention(16, { heads: 4 })),
      'The layers of self-attention over 16 tokens of 16 channels.',
    ),
  associativeLeaky: () =>
    ofGraph(
      networks.associativeLeaky({ inputs: 8, values: 4, keys: 4 }),
      'The layers for 8 inputs, and a memory of 4 × 4 numbers.',
    ),
  convSnn: () => ofGraph(networks.convSnn(), 'The layers, and the shapes of their outputs.'),
  lmu: () =>
    ofGraph(
      networks.lmu({ inputs: 1, classes: 10, theta: 64, order: 8, hidden: 32 }),
      'The layers for one input, a memory of 8 numbers and 32 hidden units.',
    ),
  shdRecurrent: () => ofGraph(networks.shdRecurrent(), 'The layers, and the shapes of their outputs.'),
  spikeGPT: () =>
    ofGraph(
      networks.spikeGPT({ vocabulary: 'abcdefgh', channels: 16, blocks: 1 }),
      'One block of 16 channels between the embedding of 8 characters and their scores.',
    ),
  spikformer: () =>
    ofGraph(
      networks.spikformer({ channels: 16, heads: 2, blocks: 1 }),
      'One block of 16 channels behind the convolutions that make tokens of an image.',
    ),
  spikformerBlock: () =>
    ofGraph(
      sequential(input(16, 4, 4), ...networks.spikformerBlock(16, { heads: 2 }), passOn()),
      'The block over 16 tokens of 16 channels.',
    ),
};
