// How fast five kinds of neurons fire by the current into them: 1,000 currents each, every row a network of its own, in one call
// a model. Those of one variable are held to the integral of their equation, the others to the current at which they begin.
import assert from 'node:assert/strict';
import { circuit, connect, currentSource, population, simulateMany } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { adex, eif, iafPscExp, izhikevich, qif } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

const currents = Number(process.argv[2] ?? 1000);
const [transient, duration, dt] = [300, 1000, 0.1]; // ms

/** The rate in Hz of dv/dt = f(v) from reset to peak, by Simpson's rule; 0 where f has a zero between them. */
function integrated(f, from, to, tauRef = 0) {
  const n = 20_000;
  let sum = 0;
  for (let i = 0; i <= n; i++) {
    const slope = f(from + ((to - from) * i) / n);
    if (!(slope > 0)) return 0;
    sum += (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2) / slope;
  }
  return 1000 / (tauRef + (sum * (to - from)) / (3 * n));
}

// Parameters, range of currents, and what is known of the curve: the rate, or the rheobase.
const [c, tauMem, vT, deltaT] = [250, 10, -50, 2]; // pF, ms, mV, mV
const cell = { c, tauMem, tauRef: 2, vLeak: -65, vThreshold: -50, vReset: -65, vInit: -65 };
const slope = { tauMem, vLeak: -65, vT, deltaT, vPeak: 0, vReset: -60, method: 'rk4', subSteps: 2 };
const curve = {
  tauMem,
  vLeak: -65,
  vCritical: -50,
  a0: 0.1,
  vPeak: 0,
  vReset: -60,
  method: 'rk4',
  subSteps: 2,
};
const adapting = { c: 200, gL: 10, vLeak: -70, vT, deltaT, a: 2, b: 60, tauW: 300, vPeak: 0, vReset: -58 };
const models = [
  {
    name: 'leaky',
    model: iafPscExp,
    params: cell,
    unit: 'pA',
    range: [200, 1000],
    rate: (i) =>
      integrated((v) => (cell.vLeak - v) / tauMem + i / c, cell.vReset, cell.vThreshold, cell.tauRef),
  },
  {
    name: 'exponential',
    model: eif,
    params: slope,
    unit: 'mV',
    range: [5, 60],
    rate: (i) => integrated((v) => (-65 - v + deltaT * Math.exp((v - vT) / deltaT) + i) / tauMem, -60, 0),
  },
  {
    name: 'quadratic',
    model: qif,
    params: curve,
    unit: 'mV',
    range: [0, 60],
    rate: (i) => integrated((v) => (0.1 * (v + 65) * (v + 50) + i) / tauMem, -60, 0),
  },
  {
    name: 'adaptive exponential',
    model: adex,
    params: { ...adapting, method: 'rk4', subSteps: 2 },
    unit: 'pA',
    range: [50, 800],
    // R. Naud et al., Biological Cybernetics 99, 2008, eq. 6, a saddle-node where a / gL < tau / tauW.
    rheobase: (() => {
      const { gL, a, vLeak } = adapting;
      return (gL + a) * (vT - vLeak - deltaT + deltaT * Math.log(1 + a / gL));
    })(),
  },
  {
    name: 'Izhikevich',
    model: izhikevich,
    params: { method: 'rk4', subSteps: 1 },
    unit: 'mV/ms',
    range: [0, 40],
    // Where the equilibrium of 0.04 v² + 5 v + 140 - u + I with u = 0.2 v loses its stability: 0.08 v + 5 = a.
    rheobase: -(0.04 * 62.25 ** 2 - 4.8 * 62.25 + 140),
  },
];

const began = performance.now();
const curves = [];
for (const { name, model, params, range, rate, rheobase, unit } of models) {
  const neuron = population(model, 1, { ...params, name: 'neuron' });
  const [low, high] = range;
  const axis = Float64Array.from({ length: currents }, (_, i) => low + ((high - low) * (i + 0.5)) / currents);
  const { columns, failed } = await simulateMany(
    circuit(neuron, connect(currentSource(0), neuron, { name: 'step' })),
    {
      axes: { 'step.current': axis },
      measure: ['rate'],
      transient,
      duration,
      dt,
      precision: 'f64',
    },
  );
  assert.equal(failed.length, 0);
  const rates = columns['neuron.rate'];
  // A count is off by one spike, and each interval ends with a step of the grid.
  const count = 1000 / duration;
  let worst = 0;
  let onset = Number.POSITIVE_INFINITY;
  axis.forEach((current, i) => {
    if (rates[i] > 0) onset = Math.min(onset, current);
    if (rate === undefined) return;
    const known = rate(current);
    const late = known / (1 + (known * dt) / 1000);
    const off = Math.max(late - count - rates[i], rates[i] - known - count, 0);
    worst = Math.max(worst, off / Math.max(known, 1));
  });
  if (rate === undefined) {
    const width = (high - low) / currents;
    // Near the rheobase the first interval is longer than what is simulated.
    const [min, max] = [
      rheobase - width - 0.02 * Math.abs(rheobase),
      rheobase + width + 0.05 * Math.abs(rheobase),
    ];
    assert.ok(onset >= min && onset <= max, `${name} begins at ${onset}, ${rheobase} by its equation`);
    console.log(`${name}: begins at ${onset.toFixed(2)} ${unit}, ${rheobase.toFixed(2)} by its equation`);
  } else {
    assert.ok(worst <= 0.005, `${name} is ${worst} beyond a spike from its integral`);
    console.log(
      `${name}: within a spike and ${(100 * worst).toFixed(2)} % of its integral, up to ${Math.max(...rates).toFixed(0)} Hz`,
    );
  }
  curves.push({ name, unit, axis, rates, rate, rheobase });
}
const seconds = (performance.now() - began) / 1000;

const panels = curves.map(({ name, unit, axis, rates, rate, rheobase }) => ({
  title: name,
  x: { label: `current (${unit})` },
  y: { label: 'rate (Hz)' },
  marks: [
    rate === undefined
      ? { type: 'rule', x: rheobase, color: 1, dashed: true }
      : { type: 'line', x: axis, y: Array.from(axis, (x) => rate(x)), color: 1, width: 4, opacity: 0.5 },
    { type: 'line', x: axis, y: rates },
  ],
}));
const made = new figure.Figure({
  name: 'fi-curves',
  title: 'Five neurons by the current into them',
  caption: `${currents} currents each (blue); orange: the integral of the equation, or the current at which it begins to fire.`,
  columns: panels.map((panel) => [panel]),
  perRow: 3,
});
await picture('sweep-fi-curves', made, { width: 950 });
console.log(`${5 * currents} rows in ${seconds.toFixed(1)} s`);
console.log('five f-I curves as their equations say: build/sweep-fi-curves.png');
