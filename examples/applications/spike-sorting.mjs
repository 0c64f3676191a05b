// Spikes of several cells on one electrode, told apart without labels: a background that predicts itself, prototypes that compete, a bank of neurons.
// docs/applications/spike-sorting.md explains it. Options: support/program.mjs.
import { operations, quantize } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { compareWithC } from './support/in-c.mjs';
import { matchEvents } from './support/matching.mjs';
import { main } from './support/program.mjs';
import { Random } from './support/random.mjs';
import { bankOf, encode, floatBank, integerBank, sort, windowLength } from './support/spike-sorter.mjs';
import { cases, rate, readRecordings, recording } from './support/spike-trace.mjs';
import { learnUnits } from './support/waveform-learning.mjs';
import { predictor, quiet, whitened } from './support/whitening.mjs';

const tolerance = 12; // samples, 0.5 ms
const overlap = 24; // samples, 1 ms
const order = 16; // past samples that predict the background
const floor = 0.01; // of the power of the background: noise that no sample predicts

/** The trace as counts of its prediction error. */
function countsOf(samples) {
  const background = quiet(samples, { sigmas: 4, around: 48 });
  return encode(whitened(samples, predictor(samples, background, { order, floor })));
}

/** Windows of the trace for the calibration of the integer network. */
function windows(counts, count) {
  const from = (k) => Math.floor((k * (counts.length - windowLength)) / count);
  const x = new Int16Array(count * windowLength);
  for (let k = 0; k < count; k++) x.set(counts.subarray(from(k), from(k) + windowLength), k * windowLength);
  return { x, shape: [count, 1, 1, windowLength] };
}

/** Learns the units of a recording and sorts it, in floats and in integers. */
async function study({ samples }, seed) {
  const counts = countsOf(samples);
  const units = learnUnits(samples, counts, new Random(seed));
  if (units.length === 0) return { counts, units, spikes: { float: [], integer: [] }, pushed: [] };
  const model = await bankOf(units);
  const { network } = await quantize(model, { target: 'int8', calibration: windows(counts, 2000) });
  const pushed = [];
  const spikes = {};
  for (const [form, bank] of [
    ['float', await floatBank(model)],
    ['integer', integerBank(network)],
  ]) {
    const push = (window) => {
      if (form === 'integer') pushed.push(window);
      return bank.push(window);
    };
    spikes[form] = sort(units, counts, { ...bank, push });
    bank.dispose();
  }
  return { counts, units, model, network, spikes, pushed };
}

/** The best assignment of true units to found ones: the sum of `value(trueUnit, found)` over the true units is largest. */
function assign(value, trueUnits, found) {
  const [first, ...others] = trueUnits;
  if (first === undefined) return { sum: 0, pairs: [] };
  const choices = [...found, undefined].map((k) => {
    const rest = assign(
      value,
      others,
      found.filter((one) => one !== k),
    );
    const own = k === undefined ? 0 : value(first, k);
    return { sum: own + rest.sum, pairs: [k, ...rest.pairs] };
  });
  return choices.reduce((a, b) => (b.sum > a.sum ? b : a));
}

/** Accuracy of each true unit, TP / (TP + FN + FP), after the best assignment, and the share of overlapping spikes that were found. */
function score({ times, units: labels }, spikes, found) {
  const trueUnits = [...new Set(labels)].sort((a, b) => a - b);
  const events = trueUnits.map((unit) => Array.from(times).filter((_, i) => labels[i] === unit));
  const detections = Array.from({ length: found }, (_, k) =>
    spikes.filter(({ unit }) => unit === k).map(({ at }) => at),
  );
  const hits = events.map((own) => detections.map((list) => matchEvents(list, own, tolerance).hit));
  const accuracy = (u, k) => {
    const right = hits[u][k].filter((i) => i >= 0).length;
    return right / (events[u].length + detections[k].length - right);
  };
  const { pairs } = assign(accuracy, [...trueUnits.keys()], [...detections.keys()]);
  const perUnit = pairs.map((k, u) => (k === undefined ? 0 : accuracy(u, k)));
  let [overlapping, right] = [0, 0];
  const next = trueUnits.map(() => 0);
  times.forEach((t, i) => {
    const u = trueUnits.indexOf(labels[i]);
    const isHit = pairs[u] !== undefined && hits[u][pairs[u]][next[u]++] >= 0;
    if (!(t - times[i - 1] < overlap || times[i + 1] - t < overlap)) return;
    overlapping += 1;
    if (isHit) right += 1;
  });
  return { perUnit, mean: mean(perUnit), overlaps: right / Math.max(1, overlapping) };
}

const mean = (values) => values.reduce((total, x) => total + x, 0) / values.length;

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const seconds = size === 'reduced' ? 6 : 10;
  const kinds = size === 'reduced' ? [cases[1], cases[5]] : cases;
  const files = data === undefined ? undefined : await readRecordings(data);
  const draw = (seed) =>
    kinds.map((kind) => ({ name: kind.name, ...recording(dataSeed ?? seed, { seconds, ...kind }) }));
  const figures = {};
  const add = (name, value, perUnit) => {
    figures[name] ??= { values: [], better: 'higher' };
    figures[name].values.push(value);
    if (perUnit === undefined) return;
    figures[name].perUnit ??= [];
    figures[name].perUnit.push(perUnit);
  };
  const costs = { events: [], spikes: [], latency: [], operations: [], joules: [] };
  let [shown, equalInC] = [];
  for (const seed of seeds) {
    const scores = new Map();
    for (const one of files ?? draw(seed)) {
      const { counts, units, model, network, spikes, pushed } = await study(one, seed);
      const result = score(one, spikes.float, units.length);
      const inIntegers = score(one, spikes.integer, units.length);
      if (!scores.has(one.name)) scores.set(one.name, []);
      const cells = new Set(one.units).size;
      scores
        .get(one.name)
        .push({ ...result, found: units.length, isComplete: Number(units.length === cells), inIntegers });
      const [events, length] = [counts.reduce((sum, x) => sum + Math.abs(x), 0), counts.length / rate];
      costs.events.push(events / length);
      if (model === undefined) continue;
      costs.spikes.push(spikes.float.length / length);
      if (spikes.float.length > 0)
        costs.latency.push((1000 * mean(spikes.float.map(({ latency }) => latency))) / rate);
      const x = Int16Array.from(pushed.flatMap((window) => [...window]));
      const shape = [pushed.length, 1, 1, windowLength];
      const cost = await operations(model, { x, shape }, { energy: 'horowitz-45nm-memory-int8' });
      costs.operations.push((cost.effectiveAcs + cost.effectiveMacs) / length);
      costs.joules.push(cost.energy.joules / length);
      if (one.name === 'hard 0.1' || shown === undefined) {
        const checked = Math.min(pushed.length, 1500);
        const inC = compareWithC(network, x.subarray(0, checked * windowLength));
        if (inC !== undefined) equalInC = Math.min(equalInC ?? 1, inC.equal / inC.steps);
        shown = { one, units, spikes: spikes.float, bytes: network.bytes.network };
      }
      model.dispose();
      network.dispose();
    }
    for (const [name, list] of scores) {
      const all = (field) => mean(list.map((one) => one[field]));
      add(
        `${name}, accuracy`,
        all('mean'),
        list.map(({ perUnit }) => perUnit),
      );
      add(`${name}, overlapping spikes found`, all('overlaps'));
      add(`${name}, accuracy in int8`, mean(list.map(({ inIntegers }) => inIntegers.mean)));
      add(`${name}, recordings with as many units as cells`, all('isComplete'));
      const perUnit = list.map((one) => one.perUnit.map((x) => x.toFixed(3)).join(' ')).join('; ');
      log(`seed ${seed}, ${name}: accuracy of each unit ${perUnit}; ${all('found')} units`);
    }
  }
  if (equalInC !== undefined) add('steps of the C program equal to the integer network, share', equalInC);
  log(`encoder: ${Math.round(mean(costs.events))} events per second; network: ${shown?.bytes} bytes`);
  if (picture !== undefined) await drawPicture(picture, shown);
  return {
    figures,
    spikes: { value: mean(costs.spikes), unit: 'output spikes', per: 'second of recording' },
    operations: {
      value: mean(costs.operations),
      unit: 'additions and multiply-adds',
      per: 'second of recording',
    },
    energy: {
      value: mean(costs.joules) * 1e6,
      unit: 'µJ (model horowitz-45nm-memory-int8)',
      per: 'second of recording',
    },
    latency: { value: mean(costs.latency), unit: 'ms after the trough', per: 'spike' },
  };
}

/** A tenth of a second of the trace with the sorted spikes, and the learned templates before their waveforms. */
async function drawPicture(path, { one, units, spikes }) {
  const { samples, times, units: labels } = one;
  const [before, after] = [16, 32]; // samples around a trough
  const milliseconds = (i) => (1000 * i) / rate;
  const from = Math.floor(samples.length / 2);
  const to = from + 0.15 * rate;
  const top = samples.subarray(from, to).reduce((most, x) => Math.max(most, x), 0);
  const inside = (at) => at >= from && at < to;
  const trace = Array.from({ length: to - from }, (_, i) => from + i);
  const shift = (at) => milliseconds(at - from);
  const marks = units.map((_, k) => {
    const own = spikes.filter(({ at, unit }) => unit === k && inside(at));
    return {
      type: 'points',
      x: own.map(({ at }) => shift(at)),
      y: own.map(() => 1.2 * top),
      color: k + 1,
      size: 5,
    };
  });
  const truth = Array.from(times, (at, i) => ({ at, unit: labels[i] })).filter(({ at }) => inside(at));
  const axis = Array.from({ length: before + after }, (_, i) => milliseconds(i - before));
  const waveforms = units.map((_, k) => {
    const own = spikes.filter(({ at, unit }) => unit === k && at > before && at + after < samples.length);
    const waveOf = ({ at }) => Array.from(samples.subarray(at - before, at + after));
    const average = axis.map((_, i) => mean(own.map(({ at }) => samples[at - before + i])));
    return [
      ...own
        .slice(0, 25)
        .map((spike) => ({ type: 'line', x: axis, y: waveOf(spike), color: 0, opacity: 0.3 })),
      { type: 'line', x: axis, y: average, color: k + 1 },
    ];
  });
  const made = new figure.Figure({
    name: 'spike-sorting',
    title: 'Spikes of three cells on one electrode',
    caption: `Synthetic, ${one.name}. Left: the trace, the sorted spikes (dots) and the true times (ticks, ${labels.length} in the recording). Right: 25 waveforms of each unit, and their mean.`,
    columns: [
      [
        {
          x: { label: 'time (ms)', domain: [0, shift(to)] },
          y: { label: 'trace (16-bit samples)' },
          marks: [{ type: 'line', x: trace.map(shift), y: trace.map((i) => samples[i]), color: 0 }, ...marks],
          legend: units.map((_, k) => ({ name: `unit ${k + 1}`, color: k + 1 })),
        },
        {
          x: { label: 'time (ms)', domain: [0, shift(to)] },
          y: { label: 'true cell', domain: [-1, 3] },
          marks: [{ type: 'ticks', x: truth.map(({ at }) => shift(at)), y: truth.map(({ unit }) => unit) }],
        },
      ],
      waveforms.map((list) => ({
        x: { label: 'after the trough (ms)' },
        y: { label: 'trace' },
        marks: list,
      })),
    ],
  });
  await made.with({ width: '180mm', height: 480 }).save(path);
}

const kMeans = 'fixture spike-sorting: k-means with a cluster for the background';
const templates = 'fixture spike-sorting: template matching, 2 passes';
const recorded = {
  'easy 0.05': [0.865, 0.212, templates],
  'easy 0.1': [0.877, 0.03, kMeans],
  'easy 0.15': [0.767, 0.061, templates],
  'easy 0.2': [0.528, 0.084, templates],
  'hard 0.05': [0.797, 0.176, kMeans],
  'hard 0.1': [0.66, 0.05, kMeans],
  'hard 0.15': [0.397, 0.076, kMeans],
  'hard 0.2': [0.282, 0.02, kMeans],
};
await main({
  name: 'spike-sorting',
  title: 'Spikes of three cells on one synthetic electrode, sorted without labels',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2, 3, 4] },
  generated: true,
  baseline: Object.fromEntries(
    Object.entries(recorded).flatMap(([name, [value, sd, source]]) =>
      ['accuracy', 'accuracy in int8'].map((kind) => [`${name}, ${kind}`, { value, sd, source }]),
    ),
  ),
  run,
});
