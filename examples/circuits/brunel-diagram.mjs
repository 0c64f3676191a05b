// Brunel's phase diagram by a sweep: a sparse network of excitatory and inhibitory neurons fires regularly or irregularly,
// in synchrony or not, by the strength g of inhibition, the input eta from outside and the spread of its delays.
// N. Brunel, Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons, Journal of Computational
// Neuroscience 8, 2000; here with 5,000 neurons and stronger synapses.
import assert from 'node:assert/strict';
import * as analysis from 'lapicque/analysis';
import { circuit, connect, distribution, poisson, population, rule, simulate } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { lif } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

const neuron = {
  like: 'nest', // an input is a jump of v in mV
  vLeak: 0,
  tauMem: 20,
  vThreshold: 20,
  vReset: 10,
  tauRef: 2,
  initial: { v: distribution.uniform(0, 20) },
};
const [size, J] = [4000, 0.3]; // excitatory neurons; mV
const [transient, duration] = [200, 200]; // ms

function brunel(g, eta, delay) {
  const E = population(lif, size, { ...neuron, name: 'E' });
  const I = population(lif, size / 4, { ...neuron, name: 'I' });
  const external = poisson((1000 * eta * neuron.vThreshold) / (J * neuron.tauMem)); // eta 1: v reaches its threshold
  return circuit(
    E,
    I,
    [E, I].flatMap((target) => [
      connect(E, target, rule.fixedInDegree(size / 10), { weight: J, delay }),
      connect(I, target, rule.fixedInDegree(size / 40), { weight: -g * J, delay }),
      connect(external, target, { weight: J }),
    ]),
  );
}

/** Rate in Hz, mean CV of the intervals, and the mean correlation of two neurons in bins of 1 ms. */
async function measured(g, eta, delay) {
  const run = await simulate(brunel(g, eta, delay), { duration: transient + duration, dt: 0.1, seed: 1 });
  const { times, ids } = run.of('E');
  const kept = Array.from(times.keys()).filter((i) => times[i] > transient);
  const trains = {
    times: Float64Array.from(kept, (i) => times[i] - transient),
    ids: Uint32Array.from(kept, (i) => ids[i]),
    neurons: size,
    stop: duration,
  };
  const known = (await analysis.cv(trains)).filter((cv) => !Number.isNaN(cv));
  const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
  const counts = new Float64Array(duration);
  for (const time of trains.times) counts[Math.ceil(time - 1e-6) - 1] += 1;
  const fano = mean(counts.map((x) => (x - mean(counts)) ** 2)) / mean(counts);
  return {
    rate: (1000 * mean(counts)) / size,
    cv: known.length === 0 ? Number.NaN : mean(known),
    // The variance of a sum of neurons that fire less than once a bin.
    synchrony: (fano - 1) / size,
  };
}

const regime = ({ cv, synchrony }) =>
  `${synchrony > 0.01 ? 'synchronous' : 'asynchronous'} ${cv < 0.5 ? 'regular' : 'irregular'}`;

const delays = { 'delays of 1.5 ms': 1.5, 'delays from 0.1 to 3 ms': distribution.uniform(0.1, 3) };
const [gs, etas] = [
  [3, 4, 5, 6, 8],
  [1, 2, 4],
];
const points = [];
for (const [spread, delay] of Object.entries(delays)) {
  for (const eta of etas) {
    for (const g of gs) points.push({ spread, g, eta, ...(await measured(g, eta, delay)) });
  }
}

const [same, wide] = Object.keys(delays);
const at = (spread, g, eta) => points.find((p) => p.spread === spread && p.g === g && p.eta === eta);
const found = {
  'synchronous regular': at(same, 3, 2),
  'asynchronous regular': at(wide, 3, 2),
  'synchronous irregular': at(same, 6, 4),
  'asynchronous irregular': at(wide, 6, 4),
};
for (const [name, point] of Object.entries(found)) {
  assert.equal(regime(point), name);
  const [rate, cv] = [point.rate.toFixed(0), point.cv.toFixed(2)];
  const where = `g = ${point.g}, eta = ${point.eta}, ${point.spread}`;
  console.log(`${name}: ${rate} Hz, CV ${cv}, correlation ${point.synchrony.toFixed(4)} (${where})`);
}

const map = async (spread) => {
  const own = points.filter((p) => p.spread === spread);
  const column = (of) => own.map(of);
  const table = {
    g: column(({ g }) => g),
    eta: column(({ eta }) => eta),
    cv: column(({ cv }) => cv),
    // By its logarithm, since it spans three powers of ten.
    correlation: column(({ synchrony }) => Math.log10(Math.max(0.001, synchrony))),
  };
  const labels = { cv: `CV of intervals, ${spread}`, correlation: `log10 of correlation, ${spread}` };
  const ranges = { cv: [0, 1], correlation: [-3, 0] };
  return figure.phaseDiagram(table, {
    parameters: ['g', 'eta'],
    measures: ['cv', 'correlation'],
    labels,
    ranges,
  });
};
const made = figure.beside(await Promise.all(Object.keys(delays).map(map)));
made.spec.perRow = 2;
made.spec.title = 'Phase diagram of Brunel’s network';
made.spec.caption = 'Irregular where the CV is near 1; synchronous where neurons are correlated.';
await picture('brunel-diagram', made, { width: 660 });
console.log(`${points.length} networks, four regimes: build/brunel-diagram.png`);
