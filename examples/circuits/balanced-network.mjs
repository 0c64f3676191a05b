// A network of excitatory and inhibitory neurons fires irregularly although nothing in it is noisy but its wiring and its
// input: N. Brunel, Journal of Computational Neuroscience 8, 2000.
import assert from 'node:assert/strict';
import { circuit, connect, distribution, poisson, population, record, rule } from 'lapicque/circuit';
import { lif } from 'lapicque/neurons';

const neuron = {
  like: 'nest', // an input is a jump of v in mV
  vLeak: 0,
  tauMem: 20,
  vThreshold: 20,
  vReset: 10,
  tauRef: 2,
  initial: { v: distribution.uniform(0, 20) },
};
const E = population(lif, 800, { ...neuron, name: 'E' });
const I = population(lif, 200, { ...neuron, name: 'I' });
const balanced = circuit(
  E,
  I,
  [E, I].flatMap((target) => [
    connect(E, target, rule.fixedInDegree(80), { weight: 0.5, delay: distribution.uniform(0.5, 2.5) }),
    connect(I, target, rule.fixedInDegree(20), { weight: -3, delay: 1 }),
    connect(poisson(4000), target, { weight: 0.5 }),
  ]),
  record.spikes(),
  record.traces(E, ['v'], 0.1, [0]),
);

const simulation = await balanced.compile({ dt: 0.1, seed: 1 });
await simulation.run(200); // until it has settled

// A long run comes in pieces; where it is can be put away and taken up again.
const state = await simulation.save();
const pieces = [];
for await (const piece of simulation.chunks(400, 100)) pieces.push(piece);
await simulation.restore(state);
const again = await simulation.run(400);
assert.deepEqual(
  Array.from(again.ids),
  pieces.flatMap(({ ids }) => Array.from(ids)),
);

// The first neurons of the excitatory population, one line each, a column for 4 ms.
for (let id = 0; id < 12; id++) {
  const line = Array(100).fill('·');
  again.times.forEach((time, i) => {
    if (again.ids[i] === id) line[Math.min(99, Math.floor((time - 200) / 4))] = '|';
  });
  console.log(line.join(''));
}
const { E: excitatory, I: inhibitory } = again.rates();
assert.ok(excitatory > 5 && excitatory < 60, `E at ${excitatory} Hz`);
assert.ok(again.traces['E.v'].values.every((v) => v < 20));
console.log(
  `${simulation.synapses} synapses; E fires at ${excitatory.toFixed(1)} Hz, I at ${inhibitory.toFixed(1)} Hz`,
);
simulation.dispose();
