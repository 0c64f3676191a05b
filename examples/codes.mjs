// How the code shapes what is learned: one network learns digits from each spike code, as far as a few seconds go. `node examples/codes.mjs full`
// takes 8,000 digits and more epochs.
import assert from 'node:assert/strict';
import {
  adam,
  DataLoader,
  dense,
  encode,
  lif,
  loss,
  mnist,
  operations,
  reconstruct,
  reconstructionError,
  sequential,
  surrogate,
} from 'lapicque';

const full = process.argv[2] === 'full';
const [steps, side] = [28, 14];
const [trained, held, epochs] = full ? [8000, 2000, 5] : [1500, 500, 2];

// 14 x 14 pixels: means of 2 x 2.
const { train, test } = (await mnist()).split(0);
const [learn, try_] = [small(train, trained), small(test, held)];

// A filter for BSA, whose sum of 1.2 is more than the brightest pixel.
const taps = [1, 2, 3, 2, 1];
const filter = taps.map((tap) => (1.2 * tap) / 9);
// A column of pixels is a channel, the rows are its time; every second step is the row between two.
const scanned = ({ x, shape: [n] }) => {
  const signal = new Float32Array(steps * n * side);
  for (let t = 0; t < steps; t++)
    for (let i = 0; i < n; i++)
      for (let c = 0; c < side; c++) {
        const [above, below] = [t >> 1, Math.min(side - 1, (t + 1) >> 1)].map(
          (row) => x[(i * side + row) * side + c],
        );
        signal[(t * n + i) * side + c] = (above + below) / 2;
      }
  return { x: signal, shape: [steps, n, side] };
};

const fields = { neurons: 4, cutoff: 0.3 };
/** Name, encoder, and what gives the values back. */
const codes = [
  ['rate', (d) => encode.rate(d, { steps }), (s) => reconstruct.rate(s)],
  [
    'Poisson',
    (d) => encode.poisson({ ...d, x: d.x.map((x) => 700 * x) }, { steps }),
    async (s) => (await reconstruct.poisson(s)).x.map((x) => x / 700),
  ],
  [
    'first spike',
    (d) => encode.latency(d, { steps, linear: true, normalize: true, clip: true }),
    (s) => reconstruct.latency(s, { tau: steps - 1, linear: true }),
  ],
  ['rank order', (d) => encode.rankOrder(d, { steps }), (s) => reconstruct.rankOrder(s)],
  ['phase', (d) => encode.phase(d, { steps, period: 7 }), (s) => reconstruct.phase(s, { period: 7 })],
  ['burst', (d) => encode.burst(d, { steps }), (s) => reconstruct.burst(s)],
  [
    'population',
    async (d) => flat(await encode.population(d, { steps, ...fields })),
    (s) =>
      reconstruct.population(
        { x: s.x, shape: [...s.shape.slice(0, 2), side * side, fields.neurons] },
        fields,
      ),
  ],
  [
    'delta',
    (d) => encode.delta(scanned(d), { threshold: 0.15, offSpike: true }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  [
    'step-forward',
    (d) => encode.stepForward(scanned(d), { threshold: 0.15 }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  [
    'moving window',
    (d) => encode.movingWindow(scanned(d), { threshold: 0.15, window: 3 }),
    (s) => reconstruct.sum(s, { threshold: 0.15 }),
  ],
  ['BSA', (d) => encode.bsa(scanned(d), { filter, threshold: 0.3 }), (s) => reconstruct.bsa(s, { filter })],
  // Nothing is fixed: the first layer learns which current of which pixel makes it fire when.
  ['learned', (d) => encode.direct(d, { steps }), (s) => reconstruct.rate(s)],
];

const neuron = { beta: 0.9, surrogate: surrogate.fastSigmoid({ slope: 5 }) };
const objective = loss.crossEntropyRate();
const results = [];
for (const [name, encoder, back] of codes) {
  const transform = async ({ x, y, shape }) => ({ ...(await encoder({ x, shape })), y });
  const training = new DataLoader(learn, { batchSize: 50, shuffle: true, seed: 1, transform });
  const testing = new DataLoader(try_, { batchSize: 250, seed: 2, transform });
  const some = { x: try_.x.slice(0, 200 * side * side), shape: [200, side * side] };
  const spikes = await encoder(some);
  const channels = spikes.shape.slice(2).reduce((product, size) => product * size, 1);
  const network = sequential(dense(channels, 100), lif(neuron), dense(100, 10), lif(neuron));
  const model = await network.compile({ seed: 1 });
  await model.fit(training, { epochs, loss: objective, optimizer: adam({ lr: 3e-3 }) });
  const { accuracy, spikesPerSample } = await model.evaluate(testing, { loss: objective });
  const cost = await operations(model, { x: spikes.x, shape: [steps, 200, channels] });
  const values = await back(spikes);
  const truth = spikes.shape.length > 2 && values.shape?.length === 3 ? scanned(some).x : some.x;
  const input = name === 'learned' ? 0 : spikes.x.reduce((sum, x) => sum + Math.abs(x), 0) / 200;
  const network_ = Object.values(spikesPerSample).reduce((sum, count) => sum + count, 0);
  const { rmse } = reconstructionError(values.x ?? values, truth);
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
console.log(
  `${trained} digits of ${side} x ${side} pixels, ${epochs} epochs, ${steps} steps; figures of a digit`,
);
for (const { name, accuracy } of results) assert.ok(accuracy > 0.3, `${name}: ${accuracy}`);
const best = results.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
const sparse = results.filter(({ input }) => input > 0).reduce((a, b) => (b.input < a.input ? b : a));
console.log(
  `${results.length} codes: ${best.name} is right most often, ${sparse.name} takes the fewest spikes`,
);

/** The first so many digits, at half the width and height. */
function small({ x, y }, count) {
  const out = new Float32Array(count * side * side);
  for (let i = 0; i < out.length; i++) {
    const [image, row, column] = [Math.floor(i / side ** 2), Math.floor(i / side) % side, i % side];
    const at = image * 784 + 2 * row * 28 + 2 * column;
    out[i] = (x[at] + x[at + 1] + x[at + 28] + x[at + 29]) / 4;
  }
  return { x: out, y: y.slice(0, count), shape: [count, side * side] };
}

/** Neurons of all pixels on one axis. */
function flat({ x, shape: [time, samples, ...rest] }) {
  return { x, shape: [time, samples, rest.reduce((product, size) => product * size, 1)], steps: time };
}
