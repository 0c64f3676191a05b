// Is it the seed? A neuron under 100 Poisson inputs, simulated with 500 seeds: with fixed weights its rate is what the weights make it;
// spike-timing-dependent plasticity takes the weights to where the rate is nearly the same from wherever they begin
// (S. Song, K. D. Miller, L. F. Abbott, Nature Neuroscience 3, 2000), and that does not depend on the seed.
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { plot } from '@lapicque/report';
import { connect, iafCondExp, network, neuron, population, record, rule, simulateMany, synapse } from 'lapicque';
import { colours, drawn, figure } from '../support/figure.mjs';

const seeds = Number(process.argv[2] ?? 500);
const [transient, duration] = [Number(process.argv[3] ?? 40) * 1000, 10_000]; // ms
const [inputs, inputRate, wMax] = [100, 20, 1]; // Hz, nS
const starts = [0.35, 0.65, 0.95]; // of wMax

// Each step an input fires with the probability rate * dt: exp(-(a² + b²)/2) of two normal numbers is uniform between 0 and 1.
const source = neuron({
  state: { u: 1 },
  params: { rate: inputRate },
  update: 'u = exp(-(xi_a^2 + xi_b^2)/2)',
  spike: 'u < rate*dt/1000',
});
// A Poisson train moves its target's weights as any other: two spikes of it and of the target decide.
const stdp = synapse.stdp({ lambda: 0.01, alpha: 1.05, muPlus: 0, muMinus: 0, wMax });
const wired = (start, model) => {
  const sources = population(source, inputs, { name: 'sources' });
  const cell = population(iafCondExp, 1, { name: 'cell', tauMem: 20, vLeak: -70, vThreshold: -54, vReset: -60 });
  const synapses = { port: 'excitatory', weight: start * wMax, delay: 0.1, ...(model ? { model } : {}) };
  return network(connect(sources, cell, rule.allToAll(), synapses), record.spikes(cell));
};
