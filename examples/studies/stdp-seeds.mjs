// Is it the seed? One neuron under 100 Poisson inputs, 500 seeds, from weak, middle and strong weights. With fixed weights its rate is what
// they make it; spike-timing-dependent plasticity takes them to where the rate is nearly the same from wherever they begin (S. Song, K. D. Miller,
// L. F. Abbott, Nature Neuroscience 3, 2000), and it does so with every seed.
import assert from 'node:assert/strict';
import { circuit, connect, population, rule, simulateMany, synapse } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { iafCondExp, neuron } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

const seeds = Number(process.argv[2] ?? 500);
const [inputs, wMax] = [100, 0.8]; // nS
const starts = [0.25, 0.4, 0.6]; // nS
const [learning, measured, dt] = [60_000, 10_000, 1]; // ms

// An input fires in a step with the probability rate * dt: exp(-(a² + b²)/2) of two normal numbers is uniform between 0 and 1.
const source = neuron({
  state: { u: 1 },
  params: { rate: 20 },
  update: 'u = exp(-(xi_a^2 + xi_b^2)/2)',
  spike: 'u < rate*dt/1000',
});
const target = { vLeak: -70, vThreshold: -54, vReset: -60, c: 200, gL: 10, tauE: 5, tauRef: 2, name: 'cell' };

/** The rate of the cell in Hz for each start, a list over the seeds. */
async function rates(model, transient) {
  const cell = population(iafCondExp, 1, target);
  const synapses = {
    port: 'excitatory',
    name: 'inputs',
    weight: starts[0],
    delay: 1,
    ...(model ? { model } : {}),
  };
  const { axes, columns, failed } = await simulateMany(
    circuit(connect(population(source, inputs, { name: 'sources' }), cell, rule.allToAll(), synapses)),
    {
      axes: { 'inputs.weight': starts },
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
      measure: ['rate'],
      transient,
      duration: measured,
      dt,
    },
  );
  assert.equal(failed.length, 0);
  const rate = columns['cell.rate'];
  return starts.map((start) => Array.from(rate).filter((_, row) => axes['inputs.weight'][row] === start));
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const deviation = (list) => Math.sqrt(mean(list.map((x) => (x - mean(list)) ** 2)));

const began = performance.now();
const fixed = await rates(undefined, 1000);
const learned = await rates(
  synapse.stdp({ lambda: 0.01, alpha: 1.1, muPlus: 0, muMinus: 0, wMax }),
  learning,
);
const seconds = (performance.now() - began) / 1000;
for (const [kind, lists] of Object.entries({ fixed, learned })) {
  const columns = lists.map(
    (list, i) => `${starts[i]} nS ${mean(list).toFixed(1)} ± ${deviation(list).toFixed(1)} Hz`,
  );
  console.log(`${kind.padEnd(8)} ${columns.join(', ')}`);
}
console.log(`${6 * seeds} rows in ${seconds.toFixed(1)} s`);

const ratio = (lists) => mean(lists.at(-1)) / mean(lists[0]);
const every = learned.flat();
const [min, max] = [Math.min(...every), Math.max(...every)];
assert.ok(ratio(fixed) > 2, `fixed weights: strong ones make ${ratio(fixed)} times the rate of weak ones`);
assert.ok(Math.abs(ratio(learned) - 1) < 0.25, `learned ones: ${ratio(learned)} times`);
assert.ok(min > 0.5 * mean(every) && max < 1.5 * mean(every), `from ${min} to ${max} Hz over the seeds`);

const highest = 1.05 * Math.max(...fixed.flat(), max);
/** A short line at each rate, in a column for each weight at the start. */
const dashes = (lists, half) => ({
  x: lists.flatMap((list, i) => list.flatMap(() => [i - half, i + half, i + half])),
  y: lists.flatMap((list) => list.flatMap((rate) => [rate, rate, Number.NaN])),
});
const panel = (title, lists) => ({
  title,
  x: {
    label: 'weights at the start (nS)',
    domain: [-0.5, lists.length - 0.5],
    ticks: lists.map((_, i) => i),
    tickLabels: starts.map((start) => `${start}`),
  },
  y: { label: 'rate (Hz)', domain: [0, highest] },
  marks: [
    { type: 'line', ...dashes(lists, 0.25), width: 1, opacity: Math.max(0.08, Math.min(1, 40 / seeds)) },
    {
      type: 'line',
      ...dashes(
        lists.map((list) => [mean(list)]),
        0.32,
      ),
      color: 1,
      width: 2.5,
    },
  ],
});
const made = new figure.Figure({
  name: 'stdp-seeds',
  title: 'Plasticity forgets where it began',
  caption: `${seeds} seeds (blue) and their mean (orange): fixed weights, and weights after ${learning / 1000} s of plasticity.`,
  columns: [[panel('fixed weights', fixed)], [panel('spike-timing-dependent plasticity', learned)]],
});
await picture('sweep-stdp-seeds', made, { width: 870 });
console.log(
  `${seeds} seeds end between ${min.toFixed(1)} and ${max.toFixed(1)} Hz: build/sweep-stdp-seeds.png`,
);
