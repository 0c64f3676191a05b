// The twenty firing patterns of E. M. Izhikevich, "Which model to use for cortical spiking neurons?", 2004: one
// neuron each, four parameters, one picture.
import assert from 'node:assert/strict';
import { sequential } from 'lapicque';
import { izhikevich } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';
import { patternFigure } from '../support/pattern-picture.mjs';

// Name, parameters, v at the start (mV), step and duration (ms), input at t ms, spikes that the paper's script gives.
const integrator = { k1: 4.1, k0: 108 };
const onset = (from, I) => (t) => (t > from ? I : 0);
const pulses =
  (starts, width, I, base = 0) =>
  (t) =>
    starts.some((start) => t > start && t < start + width) ? I : base;
const patterns = [
  ['tonic spiking', { a: 0.02, b: 0.2, c: -65, d: 6 }, -70, 0.25, 100, onset(10, 14), 5],
  ['phasic spiking', { a: 0.02, b: 0.25, c: -65, d: 6 }, -64, 0.25, 200, onset(20, 0.5), 1],
  ['tonic bursting', { a: 0.02, b: 0.2, c: -50, d: 2 }, -70, 0.25, 220, onset(22, 15), 28],
  ['phasic bursting', { a: 0.02, b: 0.25, c: -55, d: 0.05 }, -64, 0.2, 200, onset(20, 0.6), 6],
  ['mixed mode', { a: 0.02, b: 0.2, c: -55, d: 4 }, -70, 0.25, 160, onset(16, 10), 6],
  ['frequency adaptation', { a: 0.01, b: 0.2, c: -65, d: 8 }, -70, 0.25, 85, onset(8.5, 30), 6],
  [
    'class 1 excitable',
    { a: 0.02, b: -0.1, c: -55, d: 6, ...integrator },
    -60,
    0.25,
    300,
    (t) => (t > 30 ? 0.075 * (t - 30) : 0),
    10,
  ],
  [
    'class 2 excitable',
    { a: 0.2, b: 0.26, c: -65, d: 0 },
    -64,
    0.25,
    300,
    (t) => (t > 30 ? -0.5 + 0.015 * (t - 30) : -0.5),
    14,
  ],
  ['spike latency', { a: 0.02, b: 0.2, c: -65, d: 6 }, -70, 0.2, 100, pulses([10], 3, 7.04), 1],
  ['subthreshold oscillation', { a: 0.05, b: 0.26, c: -60, d: 0 }, -62, 0.25, 200, pulses([20], 5, 2), 1],
  ['resonator', { a: 0.1, b: 0.26, c: -60, d: -1 }, -62, 0.25, 400, pulses([40, 60, 280, 320], 4, 0.65), 1],
  [
    'integrator',
    { a: 0.02, b: -0.1, c: -55, d: 6, ...integrator },
    -60,
    0.25,
    100,
    (t) => pulses([100 / 11, 100 / 11 + 5], 2, 9)(t) || pulses([70, 80], 2, 9)(t),
    1,
  ],
  ['rebound spike', { a: 0.03, b: 0.25, c: -60, d: 4 }, -64, 0.2, 200, pulses([20], 5, -15), 1],
  ['rebound burst', { a: 0.03, b: 0.25, c: -52, d: 0 }, -64, 0.2, 200, pulses([20], 5, -15), 7],
  [
    'threshold variability',
    { a: 0.03, b: 0.25, c: -60, d: 4 },
    -64,
    0.25,
    100,
    (t) => pulses([10, 80], 5, 1)(t) + pulses([70], 5, -6)(t),
    1,
  ],
  ['bistability', { a: 0.1, b: 0.26, c: -60, d: 0 }, -61, 0.25, 300, pulses([37.5, 216], 5, 1.24, 0.24), 5],
  ['depolarizing after-potential', { a: 1, b: 0.2, c: -60, d: -21 }, -70, 0.1, 50, pulses([9], 2, 20), 1],
  [
    'accommodation',
    // Of this pattern the paper's script has another equation: u' = a b (v + 65).
    { a: 0.02, b: 1, c: -55, d: 4, uOffset: 65, uLeak: 0, uInit: -16 },
    -65,
    0.5,
    400,
    (t) => (t < 200 ? t / 25 : t > 300 && t < 312.5 ? ((t - 300) / 12.5) * 4 : 0),
    1,
  ],
  [
    'inhibition-induced spiking',
    { a: -0.02, b: -1, c: -60, d: 8 },
    -63.8,
    0.5,
    350,
    (t) => (t < 50 || t > 250 ? 80 : 75),
    3,
  ],
  [
    'inhibition-induced bursting',
    { a: -0.026, b: -1, c: -45, d: -2 },
    -63.8,
    0.5,
    350,
    (t) => (t < 50 || t > 250 ? 80 : 75),
    12,
  ],
];

const traces = [];
for (const [name, parameters, vInit, dt, duration, current, expected] of patterns) {
  // The paper's script: Euler's method, u from the new v, a spike above 30 mV.
  const neuron = izhikevich({ name: 'neuron', ...parameters, vInit, method: 'sequential', compare: '>' });
  const model = await sequential(neuron).compile({ inputs: 1, dt, precision: 'f64' });
  const input = Float64Array.from({ length: Math.round(duration / dt) + 1 }, (_, k) => current(k * dt));
  const run = await model.run({ x: input, shape: [input.length, 1, 1] }, { record: ['neuron.v'] });
  const spikes = run.spikes.reduce((sum, spike) => sum + spike, 0);
  assert.equal(spikes, expected, name);
  // What the reset hides: a spike goes up to 30 mV.
  const v = run.recordings['neuron.v'].map((x, k) => (run.spikes[k] === 1 ? 30 : x));
  traces.push({ name, dt, v, input, spikes });
}

await picture('izhikevich-patterns', patternFigure(traces), { width: 1080 });
const total = traces.reduce((sum, { spikes }) => sum + spikes, 0);
console.log(`${traces.length} patterns, ${total} spikes: build/izhikevich-patterns.png`);
