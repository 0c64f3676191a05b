// Brunel's phase diagram over 400 points in one sweep: a sparse network of excitatory and inhibitory neurons, by the strength g of
// inhibition and the drive from outside, nu_ext / nu_thr (1: it alone brings v to its threshold).
// N. Brunel, Dynamics of sparsely connected networks of excitatory and inhibitory spiking neurons, Journal of Computational Neuroscience 8,
// 2000, figure 2; here with 1,250 neurons of 100 excitatory and 25 inhibitory synapses each, and stronger synapses.
//
//   node examples/studies/brunel-phases.mjs [--short]
import assert from 'node:assert/strict';
import { circuit, connect, distribution, poisson, population, rule, simulateMany } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { lif } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

const short = process.argv.includes('--short');
const neuron = {
  like: 'nest', // an input is a jump of v in mV
  vLeak: 0,
  tauMem: 20,
  vThreshold: 20,
  vReset: 10,
  tauRef: 2,
  initial: { v: distribution.uniform(0, 20) },
};
const [size, synapses, J] = [1000, 100, 0.3]; // excitatory neurons and synapses; mV
/** The rate of one source in Hz with which the drive brings v to its threshold. */
const threshold = (1000 * neuron.vThreshold) / (J * synapses * neuron.tauMem);

const E = population(lif, size, { ...neuron, name: 'E' });
const I = population(lif, size / 4, { ...neuron, name: 'I' });
const brunel = circuit(
  E,
  I,
  [E, I].flatMap((to) => [
    connect(E, to, rule.fixedInDegree(synapses), { weight: J, delay: 1.5 }),
    connect(I, to, rule.fixedInDegree(synapses / 4), { weight: -J, delay: 1.5, name: 'inhibition' }),
    connect(poisson(0), to, { weight: J, name: to === E ? 'driveE' : 'driveI' }),
  ]),
);

/** `n` numbers from one to another, both included. */
const between = (from, to, n) => Array.from({ length: n }, (_, i) => from + ((to - from) * i) / (n - 1));
const [gs, etas] = short ? [between(2, 8, 7), between(1, 4, 4)] : [between(2, 8, 20), between(0.9, 4, 20)];
// Both inhibitory connections and both drives move together: rows are the combinations, written out.
const points = etas.flatMap((eta) => gs.map((g) => ({ eta, g })));
const rates = points.map(({ eta }) => eta * threshold * synapses);

const began = performance.now();
const { columns, failed } = await simulateMany(brunel, {
  axes: {
    'inhibition.weight': points.map(({ g }) => -g * J),
    'driveE.rate': rates,
    'driveI.rate': rates,
  },
  design: 'zip',
  seeds: 1,
  measure: ['rate', 'cv', { measure: 'synchrony', bin: 1 }],
  transient: 150,
  duration: 250,
  dt: 0.1,
});
const seconds = (performance.now() - began) / 1000;
assert.equal(failed.length, 0);
const of = (name) => (i) => columns[`E.${name}`][i];
const table = points.map((point, i) => ({
  ...point,
  rate: of('rate')(i),
  cv: of('cv')(i),
  synchrony: of('synchrony')(i),
}));
const where = (chosen) => table.filter(chosen);
const mean = (rows, key) => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;

// Where excitation wins, neurons fire as fast as their refractory period lets them, and regularly.
const excited = where(({ g, eta }) => g < 3.3 && eta >= 2);
assert.ok(excited.every(({ rate, cv }) => rate > 100 && cv < 0.4));
// Where inhibition wins and the drive is strong, they fire irregularly.
const inhibited = where(({ g, eta }) => g > 6.9 && eta >= 2);
assert.ok(inhibited.every(({ cv }) => cv > 0.5));
// There the rate is linear in the drive: nu_0 = (nu_ext - nu_thr) / (g C_I / C_E - 1), Brunel 2000, equation 22.
const theory = ({ g, eta }) => ((eta - 1) * threshold) / (g / 4 - 1);
const off = inhibited.map((row) => row.rate / theory(row) - 1);
const error = Math.sqrt(
  mean(
    off.map((x) => ({ x: x * x })),
    'x',
  ),
);
assert.ok(error < 0.3, `${error}`);
// Rates fall where inhibition begins to balance excitation, g = C_E / C_I = 4: between the fast and the slow regime, on a
// logarithmic scale.
const middle = etas
  .filter((eta) => eta >= 1.5)
  .map((eta) => {
    const row = where((point) => point.eta === eta);
    const logs = row.map(({ rate }) => Math.log(rate));
    const half = (logs[0] + logs.at(-1)) / 2;
    const k = logs.findIndex((log) => log < half);
    return row[k - 1].g + ((logs[k - 1] - half) / (logs[k - 1] - logs[k])) * (row[k].g - row[k - 1].g);
  });
const boundary = middle.reduce((sum, g) => sum + g, 0) / middle.length;
assert.ok(Math.abs(boundary - 4.5) < 1, `${boundary}`);

const column = (key) => table.map((row) => row[key]);
const made = await figure.phaseDiagram(
  {
    g: column('g'),
    eta: column('eta'),
    rate: column('rate'),
    cv: column('cv'),
    synchrony: column('synchrony'),
  },
  {
    parameters: ['g', 'eta'],
    measures: ['rate', 'cv', 'synchrony'],
    labels: { eta: 'nu_ext / nu_thr', rate: 'rate (Hz)', cv: 'CV of intervals' },
    ranges: { rate: [0, 300], cv: [0, 1], synchrony: [0, 0.1] },
  },
);
made.spec.title = 'Phases of Brunel’s network';
made.spec.caption = `${table.length} networks of ${1.25 * size} neurons, 250 ms each after 150 ms. Left of g = 4 excitation wins, right of it inhibition.`;
await picture('brunel-phases', made, { width: 1000 });
console.log(
  `${table.length} networks in ${seconds.toFixed(1)} s; rates within ${(100 * error).toFixed(0)} % of theory where inhibition wins; balanced at g = ${boundary.toFixed(2)}: build/brunel-phases.png`,
);
