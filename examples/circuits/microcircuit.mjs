// The cortical microcircuit of T. C. Potjans and M. Diesmann, Cerebral Cortex 24, 2014: its raster, and rates, irregularity and
// correlations beside those of others. `node examples/circuits/microcircuit.mjs 1` takes all 77,169 neurons and 299 million synapses;
// without a number it is a tenth, which has rates of its own.
import assert from 'node:assert/strict';
import * as analysis from 'lapicque/analysis';
import { circuits, simulate } from 'lapicque/circuit';
import { figure } from 'lapicque/figure';
import { picture } from '../support/figure.mjs';

const scale = Number(process.argv[2] ?? 0.1);
const names = ['L23E', 'L23I', 'L4E', 'L4I', 'L5E', 'L5I', 'L6E', 'L6I'];
/** Rates in Hz: the paper's, and NEST 3.10's at full scale and at a tenth (one second, mean of two seeds). */
const published = [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523];
const nest = {
  1: [0.911, 2.961, 4.376, 5.867, 7.442, 8.608, 1.108, 7.815],
  0.1: [0.74, 3.15, 4.5, 7.0, 7.6, 7.7, 1.27, 8.1],
}[scale];
/** Of NEST: the mean coefficient of variation of the intervals of a population. */
const irregularity = { 1: [0.62, 0.68], 0.1: [0.5, 0.62] }[scale] ?? [0.4, 0.8];

const [transient, duration] = [200, 600]; // ms
const { circuit } = circuits.microcircuit({ scale });
const run = await simulate(circuit, { duration: transient + duration, dt: 0.1, seed: 1 });

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const table = [];
for (const [i, name] of names.entries()) {
  const { times, ids } = run.of(name);
  const neurons = run.populations[name].size;
  const kept = Array.from(times.keys()).filter((k) => times[k] > transient);
  const trains = {
    times: Float64Array.from(kept, (k) => times[k] - transient),
    ids: Uint32Array.from(kept, (k) => ids[k]),
    neurons,
    stop: duration,
  };
  const bins = new Float64Array(duration / 2); // of 2 ms
  for (const time of trains.times) bins[Math.ceil(time / 2 - 1e-6) - 1] += 1;
  const fano = mean(bins.map((x) => (x - mean(bins)) ** 2)) / mean(bins);
  // Trains of a few spikes say little about their irregularity: from five on, as in `lapicque simulate`, and of 30 neurons.
  const counts = new Uint32Array(neurons);
  for (const id of trains.ids) counts[id] += 1;
  const known = (await analysis.cv(trains)).filter((_, k) => counts[k] > 4);
  const cv = known.length < 30 ? undefined : mean(known);
  const rate = (1000 * kept.length) / neurons / duration;
  table.push({ name, rate, published: published[i], nest: nest?.[i], cv, correlation: (fano - 1) / neurons });
}

const cell = (x, digits) => (x === undefined ? '' : x.toFixed(digits)).padStart(9);
console.log(
  `${'Hz'.padEnd(5)}${['here', 'NEST', 'paper'].map((x) => x.padStart(9)).join('')}       CV  correlation`,
);
for (const { name, rate, nest: theirs, published: paper, cv, correlation } of table) {
  console.log(
    name.padEnd(5) + cell(rate, 2) + cell(theirs, 2) + cell(paper, 2) + cell(cv, 2) + cell(correlation, 4),
  );
}
for (const { name, rate, nest: theirs, cv, correlation } of table) {
  // 600 ms of a population that fires about once a second are a few hundred spikes.
  const within = theirs < 2 ? 0.3 : 0.12;
  assert.ok(theirs === undefined || Math.abs(rate / theirs - 1) < within, `${name} at ${rate} Hz`);
  if (theirs > 2) assert.ok(cv > irregularity[0] && cv < irregularity[1], `${name}: CV ${cv}`);
  assert.ok(correlation < 0.03, `${name}: correlation ${correlation}`);
}

const isInhibitory = (name) => name.endsWith('I');
const raster = await figure.raster(run, { window: [transient, transient + duration] });
for (const [i, panel] of raster.spec.columns[0].entries()) {
  panel.y.label = '';
  panel.weight = 0.3;
  for (const mark of panel.marks) mark.color = Number(isInhibitory(names[i]));
}
/** All numbers of a panel: a population that hardly fires has no irregularity. */
const numbersOf = (value, nestOf) =>
  table.flatMap((row) => [row[value], nestOf?.(row)]).filter(Number.isFinite);
/** Bars by population, and lines where NEST is. */
const bars = (value, label, nestOf) => ({
  x: { label, domain: [0, 1.1 * Math.max(...numbersOf(value, nestOf))] },
  y: { label: '', domain: [7.5, -0.5], ticks: names.map((_, i) => i), tickLabels: names },
  marks: [
    ...[false, true].map((inhibitory) => {
      const own = table
        .map((row, i) => ({ ...row, i }))
        .filter(({ name }) => isInhibitory(name) === inhibitory);
      return {
        type: 'boxes',
        left: own.map(() => 0),
        right: own.map((row) => row[value]),
        low: own.map(({ i }) => i - 0.35),
        high: own.map(({ i }) => i + 0.35),
        color: Number(inhibitory),
      };
    }),
    ...(nestOf === undefined
      ? []
      : [{ type: 'ticks', x: table.map(nestOf), y: names.map((_, i) => i), color: 'ink', width: 2 }]),
  ],
});
const made = figure.beside([raster]);
made.spec.columns.push([
  bars('rate', 'rate (Hz)', ({ nest: theirs, published: paper }) => theirs ?? paper),
  bars('cv', 'CV of intervals'),
]);
made.spec.widths = [2, 1];
made.spec.title = 'The cortical microcircuit';
made.spec.caption = `${run.populations.L6I.first + run.populations.L6I.size} neurons: spikes of excitatory and inhibitory populations; rates of NEST as black lines.`;
await picture('microcircuit', made, { width: 820 });
const total = run.times.filter((t) => t > transient).length;
console.log(`${total} spikes of ${duration} ms, as irregular as NEST’s: build/microcircuit.png`);
