// f-I curves: how fast neurons fire by the current into them, without and with noise, beside the closed forms.
import assert from 'node:assert/strict';
import { circuit, connect, currentSource, noise, population, simulate } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { iafPscExp } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

const [c, tau, tauRef, threshold, reset] = [250, 10, 2, 15, 0]; // pF, ms, ms, mV, mV; rest at 0
const neuron = { c, tauMem: tau, tauRef, vLeak: 0, vThreshold: threshold, vReset: reset, vInit: 0 };
const dt = 0.1;
const n = 41;
const repeats = 50;
const currents = Array.from({ length: n }, (_, i) => 200 + 15 * i); // pA
const steady = (current) => (current * tau) / c; // mV
const sigma = 3; // mV: the standard deviation of v without a threshold

// One neuron for each current, and with noise many.
const quiet = population(iafPscExp, n, { ...neuron, name: 'quiet', iBias: currents });
const noisy = population(iafPscExp, n * repeats, {
  ...neuron,
  name: 'noisy',
  iBias: Array.from({ length: n * repeats }, (_, i) => currents[Math.floor(i / repeats)]),
});
// A current that is drawn anew in each step moves v by this much a step, and by sigma in all.
const left = Math.exp(-dt / tau);
const sd = (sigma * Math.sqrt(1 - left ** 2)) / (((1 - left) * tau) / c);
const duration = 4000;
const run = await simulate(
  circuit(quiet, noisy, connect(noise({ sd }), noisy), connect(currentSource(0), quiet)),
  {
    duration,
    dt,
    precision: 'f64',
  },
);
const rates = (name, neurons) => {
  const counts = new Float64Array(n);
  for (const id of run.of(name).ids) counts[Math.floor(id / neurons)] += 1;
  return Array.from(counts, (count) => count / neurons / (duration / 1000));
};

/** The time from reset to threshold, by the exponential. */
function deterministic(current) {
  const end = steady(current);
  return end <= threshold ? 0 : 1000 / (tauRef + tau * Math.log((end - reset) / (end - threshold)));
}

/** A. J. F. Siegert's formula, the threshold moved by what a grid of steps misses. */
function siegert(current) {
  const missed = 0.5826 * sigma * Math.sqrt((2 * dt) / tau);
  const [from, to] = [reset, threshold + missed].map((v) => (v - steady(current)) / (sigma * Math.SQRT2));
  const steps = 4000;
  let area = 0;
  for (let k = 0; k < steps; k++) {
    const u = from + ((to - from) * (k + 0.5)) / steps;
    area += scaledErf(u) * ((to - from) / steps);
  }
  return 1000 / (tauRef + tau * Math.sqrt(Math.PI) * area);
}

/** exp(u^2) (1 + erf(u)): by W. J. Cody's continued fraction where u is far below 0, else by the series of erf. */
function scaledErf(u) {
  if (u < -2.5) {
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (-u + fraction);
    return 1 / (Math.sqrt(Math.PI) * (-u + fraction));
  }
  let [term, sum] = [u, u];
  for (let k = 1; k < 200; k++) {
    term *= (2 * u * u) / (2 * k + 1);
    sum += term;
  }
  return Math.exp(u * u) + (2 / Math.sqrt(Math.PI)) * sum;
}

const [measured, measuredNoisy] = [rates('quiet', 1), rates('noisy', repeats)];
const [closed, closedNoisy] = [currents.map(deterministic), currents.map(siegert)];
let [worst, worstNoisy] = [0, 0];
currents.forEach((current, i) => {
  if (closed[i] === 0) assert.equal(measured[i], 0, `${current} pA`);
  // A spike waits for the end of its step: half a step on average, one at the most.
  else {
    const late = closed[i] / (1 + (closed[i] * dt) / 1000);
    const count = 1000 / duration;
    assert.ok(
      measured[i] <= closed[i] + count && measured[i] >= late - count,
      `${current} pA: ${measured[i]} Hz`,
    );
    worst = Math.max(worst, Math.abs(measured[i] - closed[i]) / closed[i]);
  }
  worstNoisy = Math.max(worstNoisy, Math.abs(measuredNoisy[i] - closedNoisy[i]) / closedNoisy[i]);
});
assert.ok(worstNoisy < 0.05, `with noise ${worstNoisy}`);

const made = await figure.fi(
  {
    'without noise': { currents, rates: closed },
    [`noise of ${sigma} mV`]: { currents, rates: closedNoisy },
  },
  { unit: 'pA' },
);
const { spec } = made;
spec.title = 'Firing rate by current';
spec.caption = 'Simulated (points) and in closed form (lines).';
const points = (y, color) => ({ type: 'points', x: currents, y, color });
const lines = spec.columns[0][0].marks.filter(({ type }) => type === 'line');
spec.columns[0][0].marks = [...lines, points(measured, 0), points(measuredNoisy, 1)];
await picture('fi-curves', made, { width: 640 });
const percent = (x) => `${(100 * x).toFixed(1)} %`;
console.log(
  `within ${percent(worst)} of the closed form, with noise within ${percent(worstNoisy)}: build/fi-curves.png`,
);
