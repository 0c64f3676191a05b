// A spike that begins in the soma runs back into the dendrite if the dendrite has sodium channels, and fades within it if it has none
// (G. Stuart and B. Sakmann, Nature 367, 1994). Density of sodium channels falls with the distance from the soma.
import assert from 'node:assert/strict';
import { figure } from 'lapicque/figure';
import * as morphology from 'lapicque/morphology';
import { picture } from '../support/figure.mjs';

// A soma of 20 µm and a dendrite of 600 µm that becomes thinner.
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
      [620, 0, 0, 1],
    ],
  },
]);
const distances = [0, 100, 200, 300, 400, 500];
const at = distances.map((distance) =>
  distance === 0 ? { branch: 0, x: 0.5 } : { branch: 1, x: distance / 600 },
);

/** The voltages at the distances, in mV. */
async function spike(dendrite) {
  const cell = morphology.cell(shape, {
    compartments: { maxLength: 5 },
    resistivity: 150,
    paint: [
      { mechanism: 'hh', region: 'soma' },
      { ...dendrite, region: 'apic' },
    ],
  });
  const { time, traces } = await morphology.simulateCells(cell, {
    duration: 20,
    method: 'crankNicolson',
    currentClamps: { pulse: { at: at[0], delay: 2, duration: 2, amplitude: 3 } },
    record: Object.fromEntries(distances.map((distance, i) => [`${distance} µm`, { at: at[i] }])),
  });
  return { time, traces: Object.values(traces) };
}
const sodium = ({ distance }) => 0.12 * Math.max(0.3, 1 - distance / 1000);
const active = await spike({ mechanism: 'hh', parameters: { gNa: sodium } });
const passive = await spike({ mechanism: 'passive', parameters: { g: 3e-4, e: -65 } });

const peak = (trace) => Math.max(...trace);
const timeOfPeak = ({ time }, trace) => time[trace.indexOf(peak(trace))];
for (const [name, run] of Object.entries({ active, passive }))
  for (const [i, distance] of distances.entries()) {
    const trace = run.traces[i];
    console.log(
      `${name}, ${distance} µm: ${peak(trace).toFixed(1)} mV at ${timeOfPeak(run, trace).toFixed(2)} ms`,
    );
  }
const delay = timeOfPeak(active, active.traces[5]) - timeOfPeak(active, active.traces[1]);
const speed = 0.4 / delay;
assert(
  active.traces.every((trace) => peak(trace) > 0),
  'a spike at every place of the active dendrite',
);
assert(peak(passive.traces[5]) < -30, 'the spike fades within the passive dendrite');

/** Traces as columns of one panel. */
const panel = ({ time, traces }) => ({
  times: time,
  values: Float64Array.from(
    { length: time.length * distances.length },
    (_, i) => traces[i % distances.length][Math.floor(i / distances.length)],
  ),
  neurons: distances,
  unit: 'mV',
});
const made = await figure.membrane(
  { 'sodium channels': panel(active), 'passive dendrite': panel(passive) },
  {
    neurons: distances.map((_, i) => i),
    window: [1, 8],
  },
);
const { spec } = made;
spec.title = 'A spike runs back into the dendrite';
spec.caption =
  'Voltages at distances from the soma, in µm, with sodium channels in the dendrite and without.';
for (const { legend } of spec.columns.flat())
  for (const entry of legend) entry.name = entry.name.replace(/neuron (\d+)/, '$1 µm');
await picture('back-propagating-spike', made);
console.log(`${speed.toFixed(2)} m/s along the dendrite: build/back-propagating-spike.png`);
