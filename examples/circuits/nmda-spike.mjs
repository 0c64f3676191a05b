// Synapses on one thin dendrite, with and without NMDA receptors (J. Schiller et al., Nature 404, 2000). NMDA receptors open further as they
// depolarize the dendrite: from some number of synapses on the response is larger than the sum of its parts, if the synapses are near each
// other and active at about the same time. The dendrite detects coincidences.
import assert from 'node:assert/strict';
import { figure } from 'lapicque/figure';
import * as morphology from 'lapicque/morphology';
import { picture } from '../support/figure.mjs';

// A soma with six thin dendrites of 250 µm.
const dendrites = 6;
const angle = (i) => (2 * Math.PI * i) / dendrites;
const shape = morphology.fromBranches([
  {
    tag: 'soma',
    points: [
      [-8, 0, 0, 8],
      [8, 0, 0, 8],
    ],
  },
  ...Array.from({ length: dendrites }, (_, i) => ({
    tag: 'dend',
    parent: 0,
    at: 0.5,
    points: [0, 250].map((r) => [r * Math.cos(angle(i)), r * Math.sin(angle(i)), 0, 0.4]),
  })),
]);
const cell = morphology.cell(shape, {
  compartments: { maxLength: 5 },
  resistivity: 150,
  paint: [{ mechanism: 'passive', parameters: { g: 1e-4, e: -75 } }],
});

/** The peak of the soma's response in mV to synapses at [dendrite, x, time], and the trace in the first dendrite. */
async function response(places, { nmda = true } = {}) {
  const synapse =
    (kinetics, weight) =>
    ([branch, x, time]) => ({
      at: { branch: 1 + branch, x },
      kinetics,
      times: [time],
      weight,
    });
  const all = [
    ...places.map(synapse('doubleExponential', 0.0002)),
    ...(nmda ? places.map(synapse('nmda', 0.0006)) : []),
  ];
  const { time, traces } = await morphology.simulateCells(cell, {
    duration: 120,
    initialVoltage: -75,
    method: 'crankNicolson',
    synapses: Object.fromEntries(all.map((one, i) => [i, one])),
    record: { soma: { at: { branch: 0, x: 0.5 } }, dendrite: { at: { branch: 1, x: 0.7 } } },
  });
  return { peak: Math.max(...traces.soma) + 75, time, ...traces };
}
const start = 10;
/** `n` synapses near each other on one dendrite; `apart` ms from one to the next. */
const clustered = (n, apart = 0.1) =>
  Array.from({ length: n }, (_, i) => [0, 0.65 + 0.1 * (i / n), start + apart * i]);
/** The same number, spread over all dendrites. */
const spread = (n) => clustered(n).map(([, x, time], i) => [i % dendrites, x, time]);

const numbers = [1, 2, 4, 6, 8, 10, 12, 15, 18];
const peaks = async (of) => {
  const found = [];
  for (const n of numbers) found.push(await of(n));
  return found;
};
const near = await peaks((n) => response(clustered(n)));
const apart = await peaks((n) => response(spread(n)));
const blocked = await peaks((n) => response(clustered(n), { nmda: false }));
for (const [i, n] of numbers.entries())
  console.log(
    `${n} synapses: clustered ${near[i].peak.toFixed(1)} mV, spread ${apart[i].peak.toFixed(1)} mV, without NMDA ${blocked[i].peak.toFixed(1)} mV`,
  );
/** The steepest step from one number to the next, over the response to a single synapse. */
const gain = (all) =>
  Math.max(
    ...all.slice(1).map(({ peak }, i) => (peak - all[i].peak) / (numbers[i + 1] - numbers[i]) / all[0].peak),
  );
assert(gain(near) > 1.5, 'each further synapse of a cluster adds more than the first');
assert(gain(blocked) < 1.2, 'without NMDA receptors it does not');
const late = await response(clustered(12, 6));
const together = near[numbers.indexOf(12)];
assert(late.peak < 0.8 * together.peak, 'synapses that follow each other slowly do less');

const made = await figure.membrane(
  {
    'dendrite, NMDA': { times: near[0].time, values: near.at(-1).dendrite, unit: 'mV' },
    'soma, NMDA': { times: near[0].time, values: near.at(-1).soma, unit: 'mV' },
    'dendrite, no NMDA': { times: near[0].time, values: blocked.at(-1).dendrite, unit: 'mV' },
  },
  { window: [0, 120] },
);
await picture('nmda-spike', made);
console.log(
  `a further synapse adds ${gain(near).toFixed(1)} times the first; 12 over 72 ms reach ${((100 * late.peak) / together.peak).toFixed(0)} % of 12 at once: build/nmda-spike.png`,
);
