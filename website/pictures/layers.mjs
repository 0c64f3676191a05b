// Pictures of layers, where one says more than the formula: an image before and behind a layer, a signal over time, a mask.
import {
  avgPool2d,
  conv2d,
  dropout,
  input,
  lateralInhibition,
  legendreDecoder,
  legendreMemory,
  maxPool2d,
  sequential,
  sumPool2d,
  threshold,
  timeFilter,
  timeMax,
  timeMean,
  timeSum,
} from 'lapicque';
import { mnist } from 'lapicque/data';
import { figure } from 'lapicque/figure';
import { li, lif } from 'lapicque/neurons';
import { cellPanel } from './cell-panel.mjs';
import { graphPictures } from './graphs.mjs';
import { vectorPictures } from './vectors.mjs';

const passOn = () => li({ beta: 0 });

let digit;
/** An image of a handwritten digit, 28 × 28. */
async function image() {
  digit ??= mnist().then((data) => Float64Array.from(data.split().test.x.subarray(0, 784), (x) => x));
  return digit;
}

/** An image, and the output of a layer for it. */
async function ofImage(layer, caption, train = false) {
  const x = await image();
  const model = await sequential(input(1, 28, 28), layer, passOn()).compile({ seed: 1, precision: 'f64' });
  const batch = { x, shape: [1, 1, 1, 28, 28] };
  const { v } = train ? await model.forward(batch) : await model.run(batch);
  return {
    caption,
    columns: [[cellPanel(x, 28, 'input')], [cellPanel(v, Math.round(Math.sqrt(v.length)), 'output')]],
  };
}

const steps = 60;
/** Two pulses and a plateau. */
const signal = Float64Array.from({ length: steps }, (_, t) =>
  t === 8 || t === 16 ? 1 : t >= 30 && t < 42 ? 0.6 : 0,
);

/** A signal, and the output of layers for it. */
async function overTime(layer, caption) {
  const model = await sequential(layer, passOn()).compile({ inputs: 1, precision: 'f64' });
  const { v } = await model.run({ x: signal, shape: [steps, 1, 1] });
  const times = signal.map((_, t) => t);
  const panel = (y, label, hidden, color) => ({
    x: { label: 'step', domain: [0, steps - 1], hidden },
    y: { label },
    marks: [{ type: 'line', x: times, y, color }],
    weight: 0.6,
  });
  return { caption, columns: [[panel(signal, 'input', true, 'muted'), panel(v, 'output', false, 0)]] };
}

const pictures = {
  conv2d: () =>
    ofImage(
      conv2d(1, 1, 3, {
        padding: 1,
        bias: false,
        initial: { kind: 'values', values: [1, 0, -1, 2, 0, -2, 1, 0, -1] },
      }),
      'A digit, and the convolution with a kernel of 3 × 3 that finds right edges; what is negative is not drawn.',
    ),
  maxPool2d: () => ofImage(maxPool2d(2), 'A digit, and the largest of each window of 2 × 2.'),
  avgPool2d: () => ofImage(avgPool2d(4), 'A digit, and the mean of each window of 4 × 4.'),
  sumPool2d: () => ofImage(sumPool2d(4), 'A digit, and the sum of each window of 4 × 4.'),
  dropout: () =>
    ofImage(
      dropout(0.3),
      'A digit in training, and the same where 30 % of the pixels are zeroed and the others scaled.',
      true,
    ),
  timeFilter: () =>
    overTime(
      timeFilter({ of: (ms) => Math.exp(-ms / 6) - Math.exp(-ms / 2), length: 30 }),
      'A signal, and its filter with the difference of two exponentials: each pulse leaves a postsynaptic potential.',
    ),
  timeSum: () => overTime(timeSum(), 'A signal, and its sum over the steps so far.'),
  timeMean: () => overTime(timeMean(), 'A signal, and its mean over the steps so far.'),
  timeMax: () => overTime(timeMax(), 'A signal, and its largest value so far.'),
  threshold: async () => {
    const values = Float64Array.from({ length: 201 }, (_, i) => -1 + (3 * i) / 200);
    const model = await sequential(threshold({ vThreshold: 1 })).compile({ inputs: 201, precision: 'f64' });
    const { spikes } = await model.run({ x: values, shape: [1, 1, 201] });
    return {
      caption: 'Spikes by the input: one where it is at the threshold of 1 or above.',
      columns: [
        [
          {
            x: { label: 'input' },
            y: { label: 'spikes', domain: [-0.1, 1.1] },
            marks: [
              { type: 'rule', x: 1, dashed: true },
              { type: 'line', x: values, y: Float64Array.from(spikes), color: 0 },
            ],
          },
        ],
      ],
    };
  },
  lateralInhibition: async () => {
    const neurons = 8;
    const x = Float64Array.from(
      { length: steps * neurons },
      (_, i) => 0.16 + 0.06 * (i % neurons) + 0.04 * Math.sin(i * i),
    );
    const raster = async (...layers) => {
      const model = await sequential(lif({ tauMem: 10 }), ...layers).compile({
        inputs: neurons,
        precision: 'f64',
      });
      const run = await model.run({ x, shape: [steps, 1, neurons] });
      // What leaves a layer behind the spikes is a value.
      const out = layers.length === 0 ? run.spikes : run.v;
      const at = Array.from(out.keys()).filter((i) => out[i] > 0);
      return { x: at.map((i) => Math.floor(i / neurons)), y: at.map((i) => i % neurons) };
    };
    const panel = ({ x: at, y }, title, color) => ({
      title,
      x: { label: 'step', domain: [0, steps] },
      y: { label: 'neuron', domain: [-0.7, neurons - 0.3] },
      marks: [{ type: 'ticks', x: at, y, color }],
    });
    return {
      caption:
        'Eight neurons with growing inputs, and the same with lateral inhibition: at most one spike per step.',
      columns: [
        [panel(await raster(), 'without', 0)],
        [panel(await raster(lateralInhibition(), passOn()), 'with', 1)],
      ],
    };
  },
  legendreMemory: async () => {
    const [order, theta, length] = [8, 40, 160];
    const { a, b } = await legendreMemory(order, theta);
    const u = Float64Array.from(
      { length },
      (_, t) => Math.sin((2 * Math.PI * t) / 40) + 0.5 * Math.sin((2 * Math.PI * t) / 63),
    );
    const decoder = legendreDecoder(order, [1]);
    let state = new Float64Array(order);
    const read = u.map((value) => {
      state = state.map((_, i) => state.reduce((sum, m, j) => sum + a[i * order + j] * m, b[i] * value));
      return state.reduce((sum, m, i) => sum + decoder[i] * m, 0);
    });
    const times = u.map((_, t) => t);
    return {
      caption: `A signal, and the same read back ${theta} steps later out of a memory of ${order} numbers.`,
      columns: [
        [
          {
            x: { label: 'step', domain: [0, length - 1] },
            y: { label: 'value' },
            marks: [
              { type: 'line', x: times, y: u, color: 'muted' },
              { type: 'line', x: times, y: read, color: 0 },
            ],
            legend: [
              { name: 'signal', color: 'muted' },
              { name: 'read from the memory', color: 0 },
            ],
          },
        ],
      ],
    };
  },
};

/** The figure of a layer; undefined for a section that is none. */
export async function layerFigure(name) {
  const made = await (pictures[name] ?? vectorPictures[name] ?? graphPictures[name])?.();
  return made === undefined ? undefined : new figure.Figure({ name, title: name, ...made });
}
