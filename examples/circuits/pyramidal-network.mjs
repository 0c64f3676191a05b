// Pyramidal cells with the plan of layer 5 (basal dendrites, a long apical trunk, a tuft) in one network with point interneurons. All cells get
// input at their basal dendrites, half of them at the tuft as well, for a while: NMDA receptors there open, and these cells fire more
// (M. E. Larkum, Trends Neurosci. 36, 2013). The interneurons inhibit all.
import assert from 'node:assert/strict';
import { circuit, connect, poisson, population, record, rule, simulate } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import * as morphology from 'lapicque/morphology';
import { iafPscExp } from 'lapicque/neurons';
import { picture } from '../support/figure.mjs';

/** A straight branch from a point in a direction. */
const branch = (tag, parent, from, [dx, dy], radii) => ({
  tag,
  parent,
  points: [
    [...from, 0, radii[0]],
    [from[0] + dx, from[1] + dy, 0, radii[1]],
  ],
});
const shape = morphology.fromBranches([
  {
    tag: 'soma',
    points: [
      [0, -10, 0, 8],
      [0, 10, 0, 8],
    ],
  },
  ...[-1, 1].flatMap((side) => [
    { ...branch('dend', 0, [0, -10], [120 * side, -90], [1, 0.5]), at: 0 },
    { ...branch('dend', 0, [0, -10], [50 * side, -140], [1, 0.5]), at: 0 },
  ]),
  branch('apic', 0, [0, 10], [0, 500], [1.8, 1]),
  ...[-150, -50, 50, 150].map((dx) => branch('apic', 5, [0, 510], [dx, 160], [0.7, 0.4])),
]);
const tuft = { branches: [6, 7, 8, 9] };
const cell = morphology.cell(shape, {
  compartments: { maxLength: 20 },
  resistivity: 120,
  paint: [
    { mechanism: 'passive', parameters: { g: 5e-5, e: -70 } },
    { mechanism: 'naTraub', region: 'soma', parameters: { g: 0.1, vT: -60 } },
    { mechanism: 'kTraub', region: 'soma', parameters: { g: 0.02, vT: -60 } },
    { mechanism: 'naTraub', region: { branches: [5] }, parameters: { g: 0.01, vT: -60 } },
    { mechanism: 'kTraub', region: { branches: [5] }, parameters: { g: 0.003, vT: -60 } },
  ],
});
const soma = { branch: 0, x: 0.5 };
const [cells, interneurons] = [40, 10];

const pyramidal = morphology.cellPopulation(cell, cells, {
  name: 'pyramidal',
  targets: {
    basal: { region: 'dend', decay: 2 },
    tuft: { region: tuft, kinetics: 'nmda', decay: 50 },
    inhibition: { at: soma, rise: 0.5, decay: 6, reversal: -75 },
  },
  variables: { tuft_v: { at: { branch: 6, x: 0.5 } } },
  temperature: 36,
  initialVoltage: -70,
  ions: { k: { valence: 1, reversal: -90, inside: 54.4, outside: 2.5 } },
  dt: 0.025,
});
const basket = population(iafPscExp, interneurons, { name: 'basket', tauMem: 10, tauE: 2, tauI: 5 });

// Trains that synapses anywhere on the dendrites receive; those of the tuft are silent until 100 ms and after 200 ms.
const relay = (name, rate, n) => {
  const neurons = population(iafPscExp, n, { name, tauMem: 10, tauE: 2, tauI: 2, tauRef: 1 });
  return [neurons, connect(poisson(rate), neurons, { weight: 10_000 })];
};
const [thalamus, toThalamus] = relay('thalamus', 12, 200);
const [cortex, toCortex] = relay('cortex', { times: [100, 200], values: [40, 0] }, 100);
const withTuft = pyramidal.slice(0, cells / 2);

/** The recording of 300 ms. */
const run = (inhibits) =>
  simulate(
    circuit(
      pyramidal,
      basket,
      toThalamus,
      toCortex,
      connect(thalamus, pyramidal, rule.fixedInDegree(60), { port: 'basal', weight: 0.0012, delay: 1.5 }),
      connect(cortex, withTuft, rule.fixedInDegree(40), { port: 'tuft', weight: 0.00018, delay: 1.5 }),
      connect(pyramidal, basket, rule.fixedInDegree(20), { weight: 150, delay: 1 }),
      ...(inhibits
        ? [connect(basket, pyramidal, rule.fixedInDegree(5), { port: 'inhibition', weight: 0.004, delay: 1 })]
        : []),
      record.spikes(pyramidal, basket),
      record.traces(pyramidal, ['v', 'tuft_v'], 0.5, [0]),
    ),
    { duration: 300, dt: 0.1, seed: 1 },
  );
const recording = await run(true);
const alone = await run(false);

/** Spikes per second of each of these cells between two times. */
function rate(of, name, [from, to], [first, last]) {
  const { times, ids } = of.of(name);
  const own = times.filter((time, i) => {
    return time >= from && time < to && ids[i] >= first && ids[i] < last;
  });
  return (1000 * own.length) / (to - from) / (last - first);
}
const window = [110, 220];
const [tufted, other] = [
  rate(recording, 'pyramidal', window, [0, cells / 2]),
  rate(recording, 'pyramidal', window, [cells / 2, cells]),
];
const uninhibited = rate(alone, 'pyramidal', window, [0, cells]);
console.log(`interneurons fire at ${rate(recording, 'basket', window, [0, interneurons]).toFixed(0)} Hz`);
const somaTrace = recording.traces['pyramidal.v'];
const tuftTrace = recording.traces['pyramidal.tuft_v'];
assert(tufted > 1.5 * other, 'input at the tuft makes cells fire more');
assert(uninhibited > 1.2 * ((tufted + other) / 2), 'interneurons keep the rates low');

const membrane = await figure.membrane(
  {
    'soma of cell 0': { times: somaTrace.times, values: somaTrace.values, unit: 'mV' },
    'tuft of cell 0': { times: tuftTrace.times, values: tuftTrace.values, unit: 'mV' },
  },
  { window: [0, 300] },
);
await picture(
  'pyramidal-network',
  figure.beside([await figure.raster(recording, { window: [0, 300] }), membrane]),
);
console.log(
  `with input at the tuft ${tufted.toFixed(0)} Hz, without ${other.toFixed(0)} Hz, without interneurons ${uninhibited.toFixed(0)} Hz: build/pyramidal-network.png`,
);
