// Eight numbers of a cell with a dendrite are fitted to one recorded trace by its gradient: the conductances of soma and dendrite, their
// resistivity and the weight of a synapse. The trace is made with known numbers, which the fit does not see.
import assert from 'node:assert/strict';
import * as morphology from 'lapicque/morphology';

const shape = morphology.fromBranches([
  {
    tag: 'soma',
    points: [
      [0, 0, 0, 10],
      [20, 0, 0, 10],
    ],
  },
  {
    tag: 'apic',
    parent: 0,
    points: [
      [20, 0, 0, 2],
      [320, 0, 0, 1],
    ],
  },
]);
/** Sodium, potassium and leak in S/cm². */
const cell = (soma, dendrite) =>
  morphology.cell(shape, {
    compartments: { perBranch: 15 },
    resistivity: 150,
    paint: [
      { mechanism: 'hh', region: 'soma', parameters: soma },
      { mechanism: 'hh', region: 'apic', parameters: dendrite },
    ],
  });
const truth = cell({ gNa: 0.16, gK: 0.03, gLeak: 4e-4 }, { gNa: 0.04, gK: 0.012, gLeak: 2e-4 });
const guess = cell({ gNa: 0.12, gK: 0.036, gLeak: 3e-4 }, { gNa: 0.06, gK: 0.018, gLeak: 3e-4 });

// A step of current into the soma, and a synapse in the dendrite.
const soma = { branch: 0, x: 0.5 };
const protocol = (weight) => ({
  duration: 40,
  currentClamps: { step: { at: soma, delay: 2, duration: 20, amplitude: 0.5 } },
  synapses: { input: { at: { branch: 1, x: 0.8 }, times: [28], weight } },
  record: { soma: { at: soma } },
});
const { traces } = await morphology.simulateCells(truth, protocol(0.004));

const within = { min: 0.25, max: 4 };
const between = (value) => ({ min: within.min * value, max: within.max * value });
const start = performance.now();
const { numbers, loss, losses } = await morphology.fitCells(guess, {
  ...protocol(0.003),
  objective: { soma: { target: traces.soma } },
  steps: 160,
  numbers: {
    'gNa soma': { paint: 0, parameter: 'gNa', ...between(0.12) },
    'gK soma': { paint: 0, parameter: 'gK', ...between(0.036) },
    'gLeak soma': { paint: 0, parameter: 'gLeak', ...between(3e-4) },
    'gNa dendrite': { paint: 1, parameter: 'gNa', ...between(0.06) },
    'gK dendrite': { paint: 1, parameter: 'gK', ...between(0.018) },
    'gLeak dendrite': { paint: 1, parameter: 'gLeak', ...between(3e-4) },
    resistivity: { factorOf: 'resistivity', ...between(1) },
    weight: { synapse: 'input', ...between(0.003) },
  },
});
const seconds = (performance.now() - start) / 1000;
const sought = [0.16, 0.03, 4e-4, 0.04, 0.012, 2e-4, 1, 0.004];
for (const [i, [name, value]] of Object.entries(numbers).entries())
  console.log(`${name}: ${value.toPrecision(3)}, made with ${sought[i]}`);
const rms = (squared) => Number(Math.sqrt(squared).toPrecision(2));
assert(loss < losses[0] / 100, 'the fitted trace is near the recorded one');
console.log(`${seconds.toFixed(1)} s, from ${rms(losses[0])} to ${rms(loss)} mV (root mean square)`);
