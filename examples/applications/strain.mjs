// A crack found from the vibration of a structure: a bank of resonate-and-fire neurons, and a neuron that collects evidence.
// docs/applications/strain.md explains it. Options: support/program.mjs.
import { dense, sequential } from 'lapicque';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { lif, resonateAndFire } from 'lapicque/neurons';
import { main } from './support/program.mjs';
import { rate, seconds, strainRun } from './support/strain-data.mjs';

const dt = 20; // ms of a step: two samples
const perSecond = 1000 / dt;
const resonance = 2000; // ms, time constant of the resonators
const band = [1.4, 2.7]; // Hz
const frequencies = 16;
const thresholds = [0.1, 0.2, 0.35, 0.55, 0.8, 1.1, 1.5]; // of the neurons at each frequency, in deviations of the strain
const memory = 8; // s, of the activity that gives the center
const reference = [10, 30]; // s of each run that are known to be healthy
const unit = 0.025; // relative fall of the center that counts as 1
const allowance = 0.7; // fall that is no evidence, in units
const quantile = 0.95; // of the healthy training runs below the threshold

/** A neuron per frequency and threshold. A spike of a neuron stands for the square of its threshold less that of the one below. */
const cells = Array.from({ length: frequencies }, (_, k) =>
  thresholds.map((threshold, j) => ({
    frequency: band[0] + ((band[1] - band[0]) * k) / (frequencies - 1),
    threshold,
    power: threshold ** 2 - (j > 0 ? thresholds[j - 1] ** 2 : 0),
  })),
).flat();

async function bank() {
  const model = await sequential(
    dense(1, cells.length, { bias: false }),
    resonateAndFire({
      frequency: cells.map(({ frequency }) => frequency),
      vThreshold: cells.map(({ threshold }) => threshold),
      tauMem: resonance,
      reset: 'none',
    }),
  ).compile({ dt, seed: 0 });
  // At its own frequency a neuron then swings as far as its input.
  await model.setWeights({ 'dense1.weight': new Float32Array(cells.length).fill((2 * dt) / resonance) });
  return model;
}

/** Adds up evidence and never falls below 0: the statistic of the CUSUM test. Its spike is the alarm. */
const collector = (threshold) =>
  sequential(lif({ name: 'alarm', beta: 1, vMin: 0, vThreshold: threshold, reset: 'none' })).compile({
    inputs: 1,
    dt: 1000,
    seed: 0,
  });

/** Strain of several runs as input, `[steps, runs, 1]`: means of two samples. */
function input(runs) {
  const steps = seconds * perSecond;
  const x = new Float32Array(steps * runs.length);
  runs.forEach(({ strain }, r) => {
    for (let t = 0; t < steps; t++) x[t * runs.length + r] = (strain[2 * t] + strain[2 * t + 1]) / 2;
  });
  return { x, shape: [steps, runs.length, 1] };
}

/** The center of activity of the bank after each second, in Hz. */
function center(spikes, run, count) {
  const keep = Math.exp(-1 / memory);
  const centers = new Float64Array(seconds);
  let [weighted, total] = [0, 0];
  for (let t = 0; t < seconds * perSecond; t++) {
    if (t % perSecond === 0) {
      weighted *= keep;
      total *= keep;
    }
    const row = (t * count + run) * cells.length;
    for (let n = 0; n < cells.length; n++)
      if (spikes[row + n] > 0) {
        weighted += cells[n].power * cells[n].frequency;
        total += cells[n].power;
      }
    centers[Math.floor(t / perSecond)] = weighted / Math.max(total, 1e-9);
  }
  return centers;
}

/** Evidence of each second: how far the center has fallen below its reference. */
function evidence(centers) {
  const [from, to] = reference;
  const healthy = centers.subarray(from, to).reduce((sum, value) => sum + value / (to - from), 0);
  return Float32Array.from(centers, (value, second) => {
    if (second < to) return 0;
    const fall = (healthy - value) / (unit * healthy);
    return Math.min(3, Math.max(-3, fall)) - allowance;
  });
}

/** Runs with their collected evidence per second, `score`. */
async function listen(model, collect, runs) {
  const results = [];
  for (let from = 0; from < runs.length; from += 20) {
    const part = runs.slice(from, from + 20);
    const { spikes } = await model.run(input(part));
    const x = new Float32Array(seconds * part.length);
    const centers = part.map((_, r) => center(spikes, r, part.length));
    centers.forEach((values, r) => {
      evidence(values).forEach((value, second) => {
        x[second * part.length + r] = value;
      });
    });
    const { v } = await collect.run({ x, shape: [seconds, part.length, 1] });
    part.forEach((run, r) => {
      const score = Float64Array.from({ length: seconds }, (_, second) => v[second * part.length + r]);
      results.push({ damage: run.damage, centers: centers[r], score });
    });
  }
  return results;
}

const peak = ({ score }) => Math.max(...score);

/** The area under the receiver operating characteristic, the share found, the mean delay, and the share of healthy runs with an alarm. */
function assess(results, threshold) {
  const healthy = results.filter(({ damage }) => damage < 0);
  const damaged = results.filter(({ damage }) => damage >= 0);
  let order = 0;
  for (const a of damaged.map(peak))
    for (const b of healthy.map(peak)) order += a > b ? 1 : a === b ? 0.5 : 0;
  const delays = damaged
    .map(({ score, damage }) => {
      const first = Math.floor(damage / rate);
      const after = score.subarray(first).findIndex((value) => value > threshold);
      return after < 0 ? undefined : first + after + 1 - damage / rate;
    })
    .filter((delay) => delay !== undefined);
  return {
    AUC: order / (healthy.length * damaged.length),
    found: delays.length / damaged.length,
    delay: delays.reduce((sum, delay) => sum + delay / delays.length, 0),
    'false-alarm runs': healthy.filter((one) => peak(one) > threshold).length / healthy.length,
  };
}

async function readRuns(path) {
  const { tensors } = await readTensors(path);
  const [strain, damage] = ['strain', 'damage_sample'].map((name) => {
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
    return tensors.get(name);
  });
  const length = strain.shape[1];
  return Array.from(damage.data, (sample, r) => ({
    strain: Float64Array.from(strain.data.subarray(r * length, (r + 1) * length), (value) => value / 2000),
    damage: Number(sample),
  }));
}

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const count = { reduced: 40, default: 200, full: 200 }[size];
  const losses = { reduced: [0.2], default: [0.2, 0.4], full: [0.1, 0.2, 0.4] }[size];
  const model = await bank();
  const figures = {};
  const add = (name, value, unitName, better) => {
    figures[name] ??= { values: [], ...(unitName === undefined ? {} : { unit: unitName }), better };
    figures[name].values.push(value);
  };
  const several = (first, loss) => Array.from({ length: count }, (_, i) => strainRun(first + i, { loss }));
  let last;
  for (const seed of seeds) {
    const open = await collector(1e9);
    const known = await listen(
      model,
      open,
      several(100_000 + 1000 * seed, 0.2).filter(({ damage }) => damage < 0),
    );
    const peaks = known.map(peak).sort((a, b) => a - b);
    const threshold = peaks[Math.ceil(quantile * peaks.length) - 1];
    const tests =
      data === undefined
        ? losses.map((loss) => [`loss ${100 * loss} %`, several((dataSeed ?? 2000) + 1000 * seed, loss)])
        : [['from file', await readRuns(data)]];
    for (const [name, runs] of tests) {
      const results = await listen(model, open, runs);
      const values = assess(results, threshold);
      for (const [kind, value] of Object.entries(values)) {
        const better = kind === 'AUC' || kind === 'found' ? 'higher' : 'lower';
        add(`${name}, ${kind}`, value, kind === 'delay' ? 's' : undefined, better);
      }
      log(`seed ${seed}, ${name}: AUC ${values.AUC.toFixed(3)}, threshold ${threshold.toFixed(1)}`);
      if (last === undefined || name === 'loss 20 %') last = { runs, results, threshold };
    }
    open.dispose();
  }
  const cost = await operations(model, input(last.runs.slice(0, 10)));
  const begin = performance.now();
  await model.run(input(last.runs.slice(0, 1)));
  const milliseconds = performance.now() - begin;
  if (picture !== undefined) await draw(picture, model, last);
  model.dispose();
  const total = (cost.effectiveAcs + cost.effectiveMacs + 2 * cost.spikes) / seconds;
  return {
    figures,
    spikes: { value: cost.spikes / seconds, unit: 'spikes', per: 'second' },
    operations: { value: total, unit: 'additions and multiply-adds', per: 'second' },
    energy: {
      value: (1000 * 86400 * cost.energy.joules) / seconds,
      unit: 'mJ (model horowitz-45nm-fp32)',
      per: 'day',
    },
    latency: { value: (1000 * milliseconds) / seconds, unit: 'µs of computing', per: 'second of strain' },
  };
}

/** One damaged run: the strain, the spikes of one threshold, the center of activity and the collected evidence. */
async function draw(path, model, { runs, results, threshold }) {
  const at = results.findIndex(
    ({ damage, score }) => damage >= 0 && score.some((value) => value > threshold),
  );
  const [run, { centers, score, damage }] = [runs[at], results[at]];
  const { spikes } = await model.run(input([run]));
  const level = 3; // the neurons of this threshold are shown
  const ticks = [];
  for (let t = 0; t < seconds * perSecond; t++)
    for (let k = 0; k < frequencies; k++) {
      const cell = k * thresholds.length + level;
      const before = t > 0 && spikes[(t - 1) * cells.length + cell] > 0;
      if (spikes[t * cells.length + cell] > 0 && !before) ticks.push([t / perSecond, k]);
    }
  const times = Array.from({ length: seconds }, (_, second) => second + 1);
  const samples = Array.from({ length: (seconds * rate) / 10 }, (_, i) => 10 * i);
  const axis = { label: 'time (s)', domain: [0, seconds] };
  const event = { type: 'line', x: [damage / rate, damage / rate], color: 1 };
  const made = new figure.Figure({
    name: 'strain',
    title: 'A crack opens while the wind shakes a structure',
    caption:
      'Synthetic strain. Vertical line: the stiffness falls by 20 %. Dashed: threshold of the alarm. Neurons prefer 1.4 (bottom) to 2.7 Hz; of consecutive spikes only the first is drawn.',
    columns: [
      [
        {
          x: axis,
          y: { label: 'strain', domain: [-4, 4] },
          marks: [
            { type: 'line', x: samples.map((i) => i / rate), y: samples.map((i) => run.strain[i]), color: 0 },
            { ...event, y: [-4, 4] },
          ],
        },
        {
          x: axis,
          y: { label: 'neuron', domain: [-1, frequencies] },
          marks: [
            { type: 'ticks', x: ticks.map(([x]) => x), y: ticks.map(([, y]) => y) },
            { ...event, y: [-1, frequencies] },
          ],
        },
        {
          x: axis,
          y: { label: 'center (Hz)' },
          marks: [
            { type: 'line', x: times, y: [...centers], color: 0 },
            { ...event, y: [Math.min(...centers), Math.max(...centers)] },
          ],
        },
        {
          x: axis,
          y: { label: 'evidence' },
          marks: [
            { type: 'line', x: times, y: [...score], color: 0 },
            { type: 'rule', y: threshold, dashed: true },
          ],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 600 }).save(path);
}

const cusum = (AUC, found, delay, alarms) => ({ AUC, found, delay, 'false-alarm runs': alarms });
const recorded = {
  'loss 10 %': [cusum(0.74, 0.5, 37, 0.1), '40 runs'],
  'loss 20 %': [cusum(0.915, 0.75, 33, 0.09), '200 runs'],
  'loss 40 %': [cusum(0.967, 0.95, 31, 0.09), '200 runs'],
  'from file': [cusum(0.915, 0.75, 33, 0.09), '200 runs with a loss of 20 %'],
};
await main({
  name: 'strain',
  title: 'A loss of stiffness found from synthetic strain under drifting wind',
  seeds: { reduced: [0], default: [0, 1, 2], full: [0, 1, 2, 3, 4] },
  generated: true,
  baseline: Object.fromEntries(
    Object.entries(recorded).flatMap(([loss, [values, runs]]) =>
      Object.entries(values).map(([kind, value]) => [
        `${loss}, ${kind}`,
        { value, source: `fixture strain: modal frequency and CUSUM, ${runs}` },
      ]),
    ),
  ),
  run,
});
