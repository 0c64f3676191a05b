// The same numbers as spikes in four codes, drawn in the terminal: a row a value, a column a time step.
import assert from 'node:assert/strict';
import { decode, encode } from 'lapicque/data';

const steps = 40;
const values = { x: Float32Array.of(0.05, 0.25, 0.5, 0.75, 1), shape: [5] };

const rate = await encode.rate(values, { steps, seed: 1 });
const poisson = await encode.poisson(
  { x: values.x.map((value) => 500 * value), shape: [5] },
  { steps, dt: 1, seed: 1 },
);
const latency = await encode.latency(values, { steps, tau: 10, normalize: true, linear: true });
show('rate: the value is the probability of a spike at each step', rate);
show('Poisson: the value times 500 Hz, 1 ms a step', poisson);
show('latency: one spike, the earlier the larger the value', latency);

// A signal in time: a spike where it rises by at least 0.15 in a step, a negative one where it falls.
const signal = Float32Array.from({ length: steps }, (_, t) => Math.sin((4 * Math.PI * t) / steps));
const delta = await encode.delta({ x: signal, shape: [steps, 1] }, { threshold: 0.15, offSpike: true });
show('delta: changes of a sine', delta);

// Counting takes the rate code back: the spikes of the brightest value are the most.
const { labels } = decode({ kind: 'spike-count' }, rate.x, [steps, 1, 5]);
assert.equal(labels[0], 4);
const spikes = rate.x.reduce((sum, spike) => sum + spike, 0);
const expected = steps * values.x.reduce((sum, value) => sum + value, 0);
assert.ok(Math.abs(spikes - expected) < 15, `${spikes} spikes, ${expected} expected`);
// A latency code has exactly one spike a value.
assert.equal(
  latency.x.reduce((sum, spike) => sum + spike, 0),
  5,
);
console.log(`${spikes} spikes in the rate code, ${expected.toFixed(0)} expected`);

function show(title, { x, steps, shape }) {
  const rows = shape.slice(1).reduce((product, size) => product * size, 1);
  console.log(title);
  for (let row = 0; row < rows; row++) {
    const marks = Array.from({ length: steps }, (_, t) => ({ 1: '│', '-1': '╎' })[x[t * rows + row]] ?? '·');
    console.log(`  ${marks.join('')}`);
  }
  console.log();
}
