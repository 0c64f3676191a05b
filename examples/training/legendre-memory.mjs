// A Legendre memory holds the last 50 steps of a signal in twelve numbers: nothing is learned, its weights are the matrices of a
// linear system. Beside it the same numbers from those matrices by hand, and the signal read back out of them.
import assert from 'node:assert/strict';
import { dense, legendreDecoder, legendreMemory, networks, sequential } from 'lapicque';
import { lif, rateUnit } from 'lapicque/neurons';

const [order, theta, steps] = [12, 50, 300];
// A slow signal: sines of periods from 40 steps on.
const signal = Float64Array.from({ length: steps }, (_, t) =>
  [40, 63, 97].reduce((sum, period, i) => sum + Math.sin((2 * Math.PI * t) / period + i), 0),
);

const fixed = { bias: false, trainable: false };
const initial = (kind) => ({ kind, order, theta });
const model = await sequential(
  dense(1, order, { ...fixed, initial: initial('legendre-input') }),
  rateUnit({ recurrent: { kind: 'dense', ...fixed, initial: initial('legendre-memory') } }),
).compile({ precision: 'f64' });
const { v: memory } = await model.run({ x: signal, shape: [steps, 1, 1] });

// m[t] = a m[t-1] + b u[t]
const { a, b } = await legendreMemory(order, theta);
let state = new Float64Array(order);
let difference = 0;
for (let t = 0; t < steps; t++) {
  const row = (i) => state.reduce((sum, value, j) => sum + a[i * order + j] * value, b[i] * signal[t]);
  state = Float64Array.from(state, (_, i) => row(i));
  state.forEach((value, i) => {
    difference = Math.max(difference, Math.abs(value - memory[t * order + i]));
  });
}
assert.ok(difference < 1e-10, `the layer and the matrices differ by ${difference}`);

// The memory of step t holds u[t - 50] to u[t].
const fractions = [0.1, 0.25, 0.5, 0.75, 1];
const decoder = legendreDecoder(order, fractions);
let worst = 0;
fractions.forEach((fraction, k) => {
  let [error, power] = [0, 0];
  for (let t = 2 * theta; t < steps; t++) {
    const row = memory.subarray(t * order, (t + 1) * order);
    const read = row.reduce((sum, value, i) => sum + decoder[k * order + i] * value, 0);
    // A value is held for a step (zero-order hold), so that it stands for the middle of it.
    const ago = t + 0.5 - fraction * theta;
    const before = Math.floor(ago);
    const delayed = signal[before] + (ago - before) * (signal[before + 1] - signal[before]);
    error += (read - delayed) ** 2;
    power += signal[t] ** 2;
  }
  const share = Math.sqrt(error / power);
  worst = Math.max(worst, share);
  console.log(
    `${String(fraction * theta).padStart(5)} steps ago: error ${(100 * share).toFixed(2)} % of the signal`,
  );
});
assert.ok(worst < 0.01, `error ${worst}`);

// In a network whose memory depends on the input alone a batch computes all its steps at once, here behind spiking hidden units.
const options = { inputs: 1, classes: 3, theta: 48, order: 128, hidden: 16, feedback: [], recurrent: false };
const neuron = lif({ beta: 0.9, vThreshold: 0.1 });
const short = { x: Float32Array.from(signal.subarray(0, 100)), shape: [50, 2, 1] };
const [atOnce, stepByStep] = await Promise.all(
  [true, false].map(async (parallel) => {
    const network = networks.lmu({ ...options, neuron, parallel });
    return (await network.compile({ seed: 1 })).run(short, { record: ['memory.v'] });
  }),
);
const [own, other] = [atOnce, stepByStep].map(({ recordings }) => recordings['memory.v']);
const apart = Math.max(...own.map((value, i) => Math.abs(value - other[i])));
assert.ok(apart < 1e-4 && atOnce.spikeCounts.hidden > 0, `${apart}, ${atOnce.spikeCounts.hidden} spikes`);
console.log(`all steps at once and one by one differ by ${apart.toExponential(0)}`);
console.log(`${order} numbers hold ${theta} steps within ${(100 * worst).toFixed(1)} %`);
