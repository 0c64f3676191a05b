// Digits without a teacher, after P. Diehl, M. Cook, Frontiers in Computational Neuroscience 9, 2015: neurons that inhibit one another,
// with thresholds that rise, learn from spike-timing-dependent plasticity alone what digits look like. Labels are used only afterwards, to ask of
// each neuron for which digit it fires most.
import assert from 'node:assert/strict';
import { circuit, connect, distribution, population, record, rule, synapse } from 'lapicque/circuit';
import { mnist } from 'lapicque/data';
import { neuron } from 'lapicque/neurons';

const [cells, images, tests] = [64, 1500, 200];
const { train, test } = (await mnist()).split();

// Poisson neurons with rates of their own: exp(-(a² + b²)/2) of two normal numbers is uniform between 0 and 1.
const pixel = neuron({
  state: { u: 1 },
  params: { rate: 0 },
  update: 'u = exp(-(xi_a^2 + xi_b^2)/2)',
  spike: 'u < rate*dt/1000',
});
const cell = neuron({
  input: ['excitatory', 'inhibitory'],
  state: { v: -65, theta: 0, gE: 0, gI: 0 },
  params: { thetaPlus: 0.1 },
  update: `
    v' = (-65 - v + gE*(0 - v) + gI*(-100 - v))/100
    theta' = -theta/1e7
    gE' = -gE
    gI' = -gI/2`,
  arrival: 'gE += excitatory; gI += inhibitory',
  spike: 'v > theta - 52',
  reset: 'v = -65; theta += thetaPlus',
  refractory: { period: 5, hold: ['v'] },
  method: 'exponential-euler',
});
const stdp = synapse.rule({
  params: { etaPre: 1e-4, etaPost: 2e-2, wMin: 0, wMax: 1 },
  traces: {
    x: { of: 'pre', tau: 20, jump: 'set' },
    y: { of: 'post', tau: 20, jump: 'set' },
    z: { of: 'post', tau: 40, jump: 'set' },
  },
  pre: 'w -= etaPre*y',
  post: 'w += etaPost*x*z',
});
const pixels = population(pixel, 784, { name: 'pixels' });
const E = population(cell, cells, { name: 'E' });
const inhibition = { port: 'inhibitory', weight: 17, delay: 1 };
const simulation = await circuit(
  connect(pixels, E, rule.allToAll(), {
    port: 'excitatory',
    weight: distribution.uniform(0.003, 0.3),
    delay: 1,
    model: stdp,
  }),
  connect(E, E, rule.allToAll({ autapses: false }), inhibition),
  record.spikes(E),
).compile({ dt: 1, seed: 1 });
const { targets } = await simulation.plasticSynapses(pixels, E);

/** Spikes of each cell while it sees an image; the fainter of them again, brighter. */
async function seen({ x }, i) {
  for (let brightness = 63.75; ; brightness *= 1.5) {
    await simulation.set(pixels, {
      rate: Float64Array.from(x.subarray(784 * i, 784 * (i + 1)), (p) => brightness * p),
    });
    const counts = new Uint32Array(cells);
    for (const id of (await simulation.run(350)).of('E').ids) counts[id] += 1;
    await simulation.set(pixels, { rate: 0 });
    await simulation.run(100);
    if (counts.reduce((sum, count) => sum + count, 0) >= 5 || brightness > 400) return counts;
  }
}

/** What enters each cell sums to 78. */
async function normalize() {
  const weights = await simulation.weights(pixels, E);
  const sums = new Float64Array(cells);
  weights.forEach((w, k) => {
    sums[targets[k]] += w;
  });
  await simulation.setWeights(
    pixels,
    E,
    weights.map((w, k) => Math.min(1, (78 * w) / sums[targets[k]])),
  );
}

// The last third tells what each cell has come to stand for.
const answers = Array.from({ length: cells }, () => new Float64Array(10));
for (let i = 0; i < images; i++) {
  await normalize();
  const counts = await seen(train, i);
  if (i < (2 * images) / 3) continue;
  counts.forEach((count, k) => {
    answers[k][train.y[i]] += count;
  });
}
const digits = answers.map((of) => of.indexOf(Math.max(...of)));

// From here on nothing is learned: thresholds rest, and weights are what they were before each image.
const weights = await simulation.weights(pixels, E);
await simulation.set(E, { thetaPlus: 0 });
let right = 0;
for (let i = 0; i < tests; i++) {
  await simulation.setWeights(pixels, E, weights);
  const [votes, voters] = [new Float64Array(10), new Float64Array(10)];
  (await seen(test, i)).forEach((count, k) => {
    votes[digits[k]] += count;
    voters[digits[k]] += 1;
  });
  const means = votes.map((count, digit) => count / Math.max(1, voters[digit]));
  if (means.indexOf(Math.max(...means)) === test.y[i]) right += 1;
}

// What three cells have learned.
const shades = ' .:-=+*#%@';
for (let row = 0; row < 28; row += 2) {
  const line = [5, 6, 7].map((k) =>
    Array.from({ length: 28 }, (_, column) => {
      const w = weights[k * 784 + row * 28 + column];
      return shades[Math.min(9, Math.floor(w * 14))];
    }).join(''),
  );
  console.log(line.join(' | '));
}
console.log(`${((100 * right) / tests).toFixed(1)} % of ${tests} digits never seen, learned without labels`);
assert.ok(right / tests > 0.6);
simulation.dispose();
