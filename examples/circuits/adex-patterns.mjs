// Eight firing patterns of one equation: the adaptive exponential integrate-and-fire neuron with the parameters of R. Naud,
// N. Marcille, C. Clopath and W. Gerstner, Biological Cybernetics 99, 2008, table 1. A constant current, and what comes of it.
import assert from 'node:assert/strict';
import { sequential } from 'lapicque';
import { adex } from 'lapicque/neurons';

// Expected class, c (pF), gL (nS), vLeak (mV), a (nS), tauW (ms), b (pA), vReset (mV), current (pA), and the first spikes
// of NEST 3.10 (aeif_cond_exp, error tolerance 1e-10), ms.
const patterns = [
  ['tonic', 200, 10, -70, 2, 30, 0, -58, 500, [14.3, 23.2, 32.3, 41.5, 50.8]],
  ['adapting', 200, 12, -70, 2, 300, 60, -58, 500, [15, 26.2, 40.6, 60.2, 89.6]],
  ['initial burst', 130, 18, -58, 4, 150, 120, -50, 400, [5.5, 8.9, 16.3, 71, 135.1]],
  ['regular bursting', 200, 10, -58, 2, 120, 100, -46, 210, [16.2, 19.1, 24.2, 156, 161.4]],
  ['delayed accelerating', 200, 12, -70, -10, 300, 0, -58, 300, [33.6, 54.2, 73.3, 91.2, 108.3]],
  ['delayed regular bursting', 100, 10, -65, -10, 90, 30, -47, 110, [57.2, 60.4, 64.8, 72.2, 129]],
  ['transient', 100, 10, -65, 10, 90, 100, -47, 180, [30.3]],
  ['irregular', 100, 12, -60, -11, 130, 30, -48, 160, [15.7, 19.1, 23.6]],
];
const [dt, duration] = [0.1, 400];

/** The class of a spike train that answers a constant current, from its intervals alone. */
function classOf(times) {
  if (times.length < 3) return 'transient';
  const intervals = times.slice(1).map((time, i) => time - times[i]);
  const delayed = times[0] > 30 ? 'delayed ' : '';
  const each = (holds) => intervals.slice(1).every((interval, i) => holds(interval, intervals[i]));
  const alike = (list, tolerance) => Math.max(...list) <= (1 + tolerance) * Math.min(...list);
  if (alike(intervals, 0.15)) return `${delayed}tonic`;
  if (each((now, before) => now < before + 1.5 * dt)) return `${delayed}accelerating`;
  if (alike(intervals.slice(-4), 0.05)) return `${delayed}initial burst`;
  if (each((now, before) => now > before - 1.5 * dt)) return `${delayed}adapting`;
  // Bursts: what lies between intervals that are much longer than the shortest. The first may be longer than those after it,
  // and the last may be cut off.
  const long = 3 * Math.min(...intervals);
  const bursts = [[]];
  for (const interval of intervals) {
    if (interval > long) bursts.push([]);
    else bursts.at(-1).push(interval);
  }
  const [model, ...others] = bursts.slice(1, -1);
  const repeats = others.every(
    (burst) => burst.length === model.length && burst.every((x, i) => alike([x, model[i]], 0.1)),
  );
  return model?.length > 0 && repeats ? `${delayed}regular bursting` : 'irregular';
}

for (const [expected, c, gL, vLeak, a, tauW, b, vReset, current, first] of patterns) {
  const neuron = { c, gL, vLeak, vT: -50, deltaT: 2, a, tauW, b, vReset, vPeak: 0 };
  const network = sequential(adex({ ...neuron, method: 'rk4', subSteps: 8 }));
  const model = await network.compile({ inputs: 1, dt, precision: 'f64' });
  const { spikes } = await model.run(
    { x: Float64Array.of(current), shape: [1, 1] },
    { steps: duration / dt },
  );
  const times = [...spikes.keys()].filter((step) => spikes[step]).map((step) => (step + 1) * dt);
  const found = classOf(times);

  const early = times.slice(0, 4).map((time) => time.toFixed(1));
  console.log(`${found.padEnd(25)} ${`${times.length}`.padStart(2)} spikes, first at ${early.join(', ')} ms`);
  assert.equal(found, expected);
  first.forEach((time, i) => {
    assert.ok(
      Math.abs(times[i] - time) <= 0.25,
      `${expected}: spike ${i} at ${times[i]} ms, NEST's at ${time} ms`,
    );
  });
  model.dispose();
}
console.log(`${patterns.length} patterns as in NEST`);
