// Pictures of layers on a vector or on an image of one row: values before a layer as bars, and behind it.
import {
  avgPool1d,
  batchNorm,
  concat,
  conv1d,
  dense,
  embedding,
  flatten,
  input,
  layerNorm,
  legendreDecoder,
  maxPool1d,
  multiply,
  psn,
  residual,
  rmsNorm,
  sequential,
  slice,
  slidingPsn,
  sumPool1d,
  timeMixture,
} from 'lapicque';
import { li } from 'lapicque/neurons';
import { cellPanel } from './cell-panel.mjs';

const passOn = () => li({ beta: 0 });
const size = 16;
/** Two bumps, the second one negative in part. */
const values = Float64Array.from({ length: size }, (_, i) => Math.sin(i / 2.2) + 0.6 * Math.sin(i * 1.9));
/** Spikes, more of them towards the end. */
const spikes = Float64Array.from({ length: size }, (_, i) => Number((i * i) % 7 < 1 + i / 4));

/** 1 for every other element. */
const mask = Array.from({ length: size }, (_, i) => 1 - (i % 2));

/** A panel of bars, one for each value. */
export function barPanel(height, title, color) {
  const positions = Array.from(height, (_, i) => i);
  const [low, high] = [Math.min(0, ...height), Math.max(0, ...height)];
  return {
    title,
    x: { label: 'element', domain: [-0.7, height.length - 0.3] },
    y: { label: 'value', domain: [1.08 * low, 1.08 * high || 1] },
    marks: [
      { type: 'rule', y: 0 },
      {
        type: 'bars',
        from: positions.map((i) => i - 0.35),
        to: positions.map((i) => i + 0.35),
        height,
        color,
      },
    ],
  };
}

/** A vector, or an image of one row, and what layers make of it. */
async function ofVector(layers, caption, { x = values, row = false } = {}) {
  const before = row ? [input(1, size)] : [];
  const model = await sequential(...before, ...layers, passOn()).compile({
    seed: 1,
    precision: 'f64',
    ...(row ? {} : { inputs: size }),
  });
  const { v } = await model.run({ x, shape: row ? [1, 1, 1, size] : [1, 1, size] });
  return { caption, columns: [[barPanel(x, 'input', 'muted')], [barPanel(v, 'output', 0)]] };
}

const ofRow = (layer, caption, x) => ofVector([layer], caption, { row: true, x });

/** The weights of a layer after `compile`, as magnitudes. */
async function weightsOf(layer, shape, { inputs, name = 'layer.weight' }, caption, labels) {
  const model = await sequential(layer, passOn()).compile({ inputs, seed: 1, precision: 'f64' });
  const weights = (await model.weights())[name];
  return { caption, columns: [[cellPanel(weights.map(Math.abs), shape[1], 'weights', labels)]] };
}

const steps = 40;
const wave = Float64Array.from({ length: steps }, (_, t) => 4 * Math.sin(t / 3) + 2 * Math.sin(t / 1.3));

async function neuronsWithoutState(layers, caption) {
  const model = await sequential(...layers).compile({ inputs: 1, seed: 6, precision: 'f64' });
  const run = await model.run({ x: wave, shape: [steps, 1, 1] });
  const times = Array.from(run.spikes.keys()).filter((t) => run.spikes[t] > 0);
  return {
    caption,
    columns: [
      [
        {
          x: { label: 'step', domain: [0, steps - 1] },
          y: { label: 'input', domain: [-6.5, 8.5] },
          marks: [
            { type: 'line', x: wave.map((_, t) => t), y: wave, color: 0 },
            { type: 'ticks', x: times, y: times.map(() => 7.3), length: 1.2, color: 1 },
          ],
          legend: [
            { name: 'input', color: 0 },
            { name: 'spikes', color: 1 },
          ],
        },
      ],
    ],
  };
}

export const vectorPictures = {
  dense: () =>
    weightsOf(
      dense(size, 12, { name: 'layer' }),
      [12, size],
      { inputs: size },
      'The magnitudes of 12 × 16 weights at the start: each output reads each input.',
      ['input', 'output'],
    ),
  conv1d: () =>
    ofRow(
      conv1d(1, 1, 3, { padding: 1, bias: false, initial: { kind: 'values', values: [-1, 2, -1] } }),
      'A row, and its convolution with the kernel −1, 2, −1, which answers to change.',
    ),
  maxPool1d: () => ofRow(maxPool1d(4), 'A row, and the largest of each window of 4.'),
  avgPool1d: () => ofRow(avgPool1d(4), 'A row, and the mean of each window of 4.'),
  sumPool1d: () => ofRow(sumPool1d(4), 'Spikes, and how many there are in each window of 4.', spikes),
  flatten: () => ofRow(flatten(), 'A row of an image, and the same values as a vector.'),
  slice: () => ofVector([slice(4, [8])], 'A vector, and 8 of its elements from the fourth on.'),
  layerNorm: () => ofVector([layerNorm()], 'A vector, and the same with a mean of 0 and a variance of 1.'),
  rmsNorm: () => ofVector([rmsNorm()], 'A vector, and the same divided by its root mean square.'),
  residual: () =>
    ofVector(
      [residual([dense(size, size, { initial: { kind: 'normal', mean: 0, std: 0.1 }, bias: false })])],
      'A vector, and its sum with what a dense layer makes of it.',
    ),
  multiply: () =>
    ofVector(
      [
        multiply(
          [],
          [dense(size, size, { initial: { kind: 'zeros' }, initialBias: { kind: 'values', values: mask } })],
        ),
      ],
      'A vector, and its product with a branch that is 1 for every other element and else 0.',
    ),
  concat: () =>
    ofVector(
      [concat([], [dense(size, 8, { bias: false })])],
      'A vector, and behind it 8 values that a dense layer computes from it.',
    ),
  embedding: () =>
    weightsOf(
      embedding(12, size, { name: 'layer' }),
      [12, size],
      { inputs: 1 },
      'The magnitudes of a table of 12 rows with 16 numbers each at the start: an index chooses a row.',
      ['element', 'index'],
    ),
  timeMixture: () =>
    weightsOf(
      timeMixture(size, { name: 'layer' }),
      [size, size],
      { inputs: 1 },
      'The magnitudes of the weights from each of 16 steps to each step at the start.',
      ['step of the input', 'step of the output'],
    ),
  psn: () =>
    neuronsWithoutState(
      psn(steps),
      'A signal, and the spikes of one parallel neuron with weights as at the start.',
    ),
  slidingPsn: () =>
    neuronsWithoutState(
      slidingPsn(8),
      'A signal, and the spikes of one sliding parallel neuron with 8 lags.',
    ),
  batchNorm: async () => {
    const samples = 40;
    const x = Float64Array.from({ length: samples }, (_, i) => 2 + 0.8 * Math.sin(i * 2.4) + 0.02 * i);
    const model = await sequential(input(1, 1, 1), batchNorm(), passOn()).compile({ precision: 'f64' });
    const { v } = await model.forward({ x, shape: [1, samples, 1, 1, 1] });
    const panel = (y, title, color) => ({
      title,
      x: { label: 'sample', domain: [0, samples - 1] },
      y: { label: 'value', domain: [-2.5, 4] },
      marks: [
        { type: 'rule', y: 0 },
        { type: 'line', x: y.map((_, i) => i), y, color },
      ],
    });
    return {
      caption: 'A channel of 40 samples, and the same in training: with a mean of 0 and a variance of 1.',
      columns: [[panel(x, 'input', 'muted')], [panel(v, 'output', 0)]],
    };
  },
  legendreDecoder: async () => {
    const order = 6;
    const fractions = [0, 0.5, 1];
    const weights = legendreDecoder(order, fractions);
    const positions = Array.from({ length: order }, (_, i) => i);
    return {
      caption:
        'The weights of 6 numbers of a memory that read the present value, the value half of the window ago, and the oldest one.',
      columns: [
        [
          {
            x: { label: 'number of the memory', domain: [0, order - 1] },
            y: { label: 'weight' },
            marks: fractions.map((_, row) => ({
              type: 'line',
              x: positions,
              y: Float64Array.from(positions, (i) => weights[row * order + i]),
              color: row,
            })),
            legend: ['now', 'half of the window', 'the whole window'].map((name, color) => ({ name, color })),
          },
        ],
      ],
    };
  },
};
