// One neuron with two dendrites learns exclusive or, which no point neuron can (A. Gidon et al., Science 367, 2020, find it in human cells).
// Each input excites and inhibits both dendrites; the eight weights are found by the gradient through the cell. The control has the same
// synapses on its soma, and no dendrites.
import assert from 'node:assert/strict';
import * as morphology from 'lapicque/morphology';

const soma = {
  tag: 'soma',
  points: [
    [-8, 0, 0, 8],
    [8, 0, 0, 8],
  ],
};
const dendrite = (side) => ({
  tag: 'dend',
  parent: 0,
  at: 0.5,
  points: [
    [0, 0, 0, 0.4],
    [side * 250, 0, 0, 0.4],
  ],
});
const made = (branches) =>
  morphology.cell(morphology.fromBranches(branches), {
    compartments: { maxLength: 20 },
    resistivity: 150,
    paint: [{ mechanism: 'passive', parameters: { g: 1e-4, e: -75 } }],
  });
const neuron = made([soma, dendrite(1), dendrite(-1)]);
const point = made([soma]);

const patterns = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
];
const answer = ([a, b]) => a !== b;
/** Inputs, dendrites and signs of the eight weights, with their names. */
const weights = [0, 1].flatMap((input) =>
  [0, 1].flatMap((branch) =>
    ['excites', 'inhibits'].map((sign) => ({ input, branch, sign, name: `${input} ${sign} ${branch}` })),
  ),
);

/** All patterns at once, a cell for each: an active input has spikes, and its synapses share their weights between the cells. */
function protocol(cell, values) {
  const on = (branch) => (cell === point ? { branch: 0, x: 0.5 } : { branch: 1 + branch, x: 0.8 });
  const synapses = {};
  for (const [index, pattern] of patterns.entries())
    for (const { input, branch, sign, name } of weights)
      synapses[`${index}: ${name}`] = {
        at: { ...on(branch), cell: index },
        times: pattern[input] === 1 ? [5, 10, 15] : [],
        weight: values[name],
        ...(sign === 'excites'
          ? { kinetics: 'nmda', rise: 1, decay: 30 }
          : { kinetics: 'doubleExponential', rise: 1, decay: 30, reversal: -75 }),
      };
  const record = Object.fromEntries(
    patterns.map((_, index) => [index, { at: { branch: 0, x: 0.5, cell: index } }]),
  );
  return { duration: 60, dt: 0.1, sampleInterval: 5, initialVoltage: -75, synapses, record };
}

/** Fits the weights from a start; returns the peaks of the responses to the patterns in mV above rest. */
async function learned(cell, seed) {
  const cells = patterns.map(() => cell);
  // Weights that differ a little from each other, by the seed.
  const first = Object.fromEntries(
    weights.map(({ name }, i) => [name, 0.002 * (1 + 0.4 * Math.sin(12.9898 * (i + 1) * seed))]),
  );
  const target = (pattern) =>
    Float64Array.from({ length: 13 }, (_, k) => (answer(pattern) && k > 2 ? -60 : -75));
  const { numbers, losses } = await morphology.fitCells(cells, {
    ...protocol(cell, first),
    objective: Object.fromEntries(patterns.map((pattern, index) => [index, { target: target(pattern) }])),
    steps: 60,
    numbers: Object.fromEntries(
      weights.map(({ name }) => [
        name,
        { synapse: patterns.map((_, index) => `${index}: ${name}`), min: 1e-5, max: 0.05 },
      ]),
    ),
  });
  const { traces } = await morphology.simulateCells(cells, protocol(cell, numbers));
  const peaks = patterns.map((_, index) => Math.max(...traces[index]) + 75);
  return { peaks, numbers, losses };
}

const separates = (peaks) => {
  const of = (value) => peaks.filter((_, i) => answer(patterns[i]) === value);
  return Math.min(...of(true)) - Math.max(...of(false));
};
const seeds = [1, 2, 3];
const gaps = [];
for (const [name, cell] of Object.entries({ 'with dendrites': neuron, 'point neuron': point }))
  for (const seed of seeds) {
    const { peaks, losses } = await learned(cell, seed);
    console.log(
      `${name}, seed ${seed}: ${patterns.map((pattern, i) => `${pattern.join('')} ${peaks[i].toFixed(1)} mV`).join(', ')}; loss ${losses[0].toFixed(0)} to ${Math.min(...losses).toFixed(0)}`,
    );
    gaps.push(separates(peaks));
  }
const [dendritic, control] = [gaps.slice(0, seeds.length), gaps.slice(seeds.length)];
const solved = (all) => all.filter((gap) => gap > 2).length;
assert(solved(dendritic) === seeds.length, 'the dendrites separate the patterns');
assert(Math.max(...control) <= 0.1, 'the point neuron cannot');
console.log(
  `exclusive or: ${solved(dendritic)} of ${seeds.length} with dendrites, ${solved(control)} of ${seeds.length} without`,
);
