// How the code shapes what is learned: one network learns digits from each spike code, as far as a few seconds go. `node examples/training/codes.mjs full`
// takes 8,000 digits and more epochs.
import assert from 'node:assert/strict';
import { adam, dense, loss, sequential } from 'lapicque';
import { operations } from 'lapicque/chip';
import { DataLoader, encode, mnist, reconstruct, reconstructionError } from 'lapicque/data';
import { lif, surrogate } from 'lapicque/neurons';

const full = process.argv[2] === 'full';
const [steps, side] = [28, 14];
const [trainCount, testCount, epochs] = full ? [8000, 2000, 5] : [1000, 300, 4];

const { train, test } = (await mnist()).split(0);
const [learn, unseen] = [first(train, trainCount), first(test, testCount)];

// A filter for BSA, whose sum of 1.2 is more than the brightest pixel.
const taps = [1, 2, 3, 2, 1];
const filter = taps.map((tap) => (1.2 * tap) / 9);
/** 14 x 14 pixels, means of 2 x 2: what is encoded pixel by pixel. */
const pixels = ({ x, shape: [n] }) => {
  const out = new Float32Array(n * side * side);
  for (let i = 0; i < out.length; i++) {
    const [image, row, column] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const at = image * 784 + 2 * row * steps + 2 * column;
    out[i] = (x[at] + x[at + 1] + x[at + steps] + x[at + steps + 1]) / 4;
  }
  return { x: out, shape: [n, side * side] };
};
/** The image row by row: 28 channels over 28 steps, a signal for the codes of changes. */
const rows = ({ x, shape: [n] }) => {
  const out = new Float32Array(x.length);
  for (let i = 0; i < out.length; i++) {
    const [image, row, column] = [Math.floor(i / 784), Math.floor(i / steps) % steps, i % steps];
    out[(row * n + image) * steps + column] = x[i];
  }
  return { x: out, shape: [steps, n, steps] };
};

const fields = { neurons: 4, cutoff: 0.3 };
/** Name, what is encoded, how, and what gives the values back. */
const codes = [
  ['rate', pixels, (d) => encode.rate(d, { steps }), (s) => reconstruct.rate(s)],
  [
    'Poisson',
    pixels,
    (d) => encode.poisson({ ...d, x: d.x.map((x) => 700 * x) }, { steps }),
    async (s) => (await reconstruct.poisson(s)).x.map((x) => x / 700),
  ],
  [
    'first spike',
    pixels,
    (d) => encode.latency(d, { steps, linear: true, normalize: true, clip: true }),
    (s) => reconstruct.latency(s, { tau: steps - 1, linear: true }),
  ],
  ['rank order', pixels, (d) => encode.rankOrder(d, { steps }), (s) => reconstruct.rankOrder(s)],
  ['phase', pixels, (d) => encode.phase(d, { steps, period: 7 }), (s) => reconstruct.phase(s, { period: 7 })],
  ['burst', pixels, (d) => encode.burst(d, { steps }), (s) => reconstruct.burst(s)],
  [
    'population',
    pixels,
    async (d) => flat(await encode.population(d, { steps, ...fields })),
    (s) =>
      reconstruct.population(
        { x: s.x, shape: [...s.shape.slice(0, 2), side * side, fields.neurons] },
        fields,
      ),
  ],
  [
    'delta',
    rows,
    (d) => encode.delta(d, { threshold: 0.15, offSpike: true }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  [
    'step-forward',
    rows,
    (d) => encode.stepForward(d, { threshold: 0.15 }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  [
    'moving window',
    rows,
    (d) => encode.movingWindow(d, { threshold: 0.15, window: 3 }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  ['BSA', rows, (d) => encode.bsa(d, { filter, threshold: 0.3 }), (s) => reconstruct.bsa(s, { filter })],
  // Nothing is fixed: the first layer learns which current of which pixel makes it fire when.
  ['learned', pixels, (d) => encode.direct(d, { steps }), (s) => reconstruct.rate(s)],
];

const neuron = { beta: 0.95, surrogate: surrogate.fastSigmoid({ slope: 5 }) };
const objective = loss.crossEntropyRate();
const results = [];
for (const [name, view, encoder, back] of codes) {
  const transform = async ({ x, y, shape }) => ({ ...(await encoder(view({ x, shape }))), y });
  const training = new DataLoader(learn, { batchSize: 50, shuffle: true, seed: 1, transform });
  const testing = new DataLoader(unseen, { batchSize: 250, seed: 2, transform });
  const some = view({ x: unseen.x.slice(0, 200 * 784), shape: [200, 784] });
  const spikes = await encoder(some);
  const channels = spikes.shape.slice(2).reduce((product, size) => product * size, 1);
  const network = sequential(dense(channels, 100), lif(neuron), dense(100, 10), lif(neuron));
  const model = await network.compile({ seed: 1 });
  await model.fit(training, { epochs, loss: objective, optimizer: adam({ lr: 1e-2 }) });
  const { accuracy, spikesPerSample } = await model.evaluate(testing, { loss: objective });
  const cost = await operations(model, { x: spikes.x, shape: [steps, 200, channels] });
  const values = await back(spikes);
  const input = name === 'learned' ? 0 : spikes.x.reduce((sum, x) => sum + Math.abs(x), 0) / 200;
  const network_ = Object.values(spikesPerSample).reduce((sum, count) => sum + count, 0);
  const { rmse } = reconstructionError(values.x ?? values, some.x);
  results.push({ name, accuracy, input, network: network_, joules: cost.energy.joules, rmse });
}

console.log('code            accuracy   spikes in   in the network   energy      values come back within');
for (const { name, accuracy, input, network, joules, rmse } of results) {
  const parts = [
    `${(100 * accuracy).toFixed(1)} %`.padStart(8),
    input.toFixed(0).padStart(11),
    network.toFixed(0).padStart(16),
    `${(1e9 * joules).toFixed(1)} nJ`.padStart(13),
    rmse.toFixed(3).padStart(14),
  ];
  console.log(`${name.padEnd(15)}${parts.join('')}`);
}
console.log(`${trainCount} digits, ${epochs} epochs, ${steps} steps; figures of a digit`);
for (const { name, accuracy } of results) assert.ok(accuracy > 0.2, `${name}: ${accuracy}`);
const best = results.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
const sparse = results.filter(({ input }) => input > 0).reduce((a, b) => (b.input < a.input ? b : a));
console.log(
  `${results.length} codes: ${best.name} is right most often, ${sparse.name} takes the fewest spikes`,
);

/** The first so many digits. */
function first({ x, y }, count) {
  return { x: x.slice(0, 784 * count), y: y.slice(0, count), shape: [count, 784] };
}

/** Neurons of all pixels on one axis. */
function flat({ x, shape: [time, samples, ...rest] }) {
  return { x, shape: [time, samples, rest.reduce((product, size) => product * size, 1)], steps: time };
}
