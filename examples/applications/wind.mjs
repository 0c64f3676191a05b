// Forecasts of wind speed at a mast: spiking populations, synapses with several time constants, linear read-outs.
// docs/applications/wind.md explains it. Options: support/program.mjs.
import { fileURLToPath } from 'node:url';
import { dense, sequential } from 'lapicque';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { lif } from 'lapicque/neurons';
import { main } from './support/program.mjs';
import { Random } from './support/random.mjs';
import { Ridge } from './support/ridge.mjs';

const horizons = { '10 min': 1, '1 h': 6, '6 h': 36, '24 h': 144 };
const history = 36; // steps without a gap before a forecast, as the baselines need them
const substeps = 64; // of the network within ten minutes
const week = 1008; // steps
const penalties = [1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3];

// What a population receives, the range of its thresholds, their number, and the time constants of its synapses in steps of ten minutes.
const fast = 0.5;
const populations = [
  { name: 'speed', input: 0, range: [0, 20], thresholds: 2, taus: [fast, 1, 3, 9, 27, 81] },
  { name: 'turbulence', input: 1, range: [0, 3], thresholds: 2, taus: [fast, 3] },
  { name: 'pressure change', input: 2, range: [-10, 10], thresholds: 2, taus: [fast] },
  { name: 'temperature change', input: 3, range: [-8, 8], thresholds: 2, taus: [fast] },
];
const hours = 8; // neurons that prefer a time of day
const inputs = 6; // the last two are cosine and sine of the time of day

/** Neurons with their input weights: pairs of opposite sign at each threshold; gains differ at random. */
function encoder(seed, without) {
  const random = new Random(seed);
  const cells = [];
  for (const { input, range, thresholds, taus } of populations.filter(({ name }) => name !== without)) {
    const [low, high] = range;
    for (const sign of [1, -1])
      for (let k = 0; k < thresholds; k++) {
        const threshold = low + ((high - low) * (k + Number(sign < 0))) / thresholds;
        const gain = (sign * random.uniform(0.65, 1.3)) / (high - low);
        const weights = new Float32Array(inputs);
        weights[input] = gain;
        cells.push({ weights, bias: -gain * threshold, taus });
      }
  }
  for (let k = 0; k < hours; k++) {
    const angle = (2 * Math.PI * k) / hours;
    const weights = new Float32Array(inputs);
    weights.set([Math.cos(angle), Math.sin(angle)], 4);
    cells.push({ weights: weights.map((w) => 0.9 * w), bias: 0, taus: [fast] });
  }
  return cells;
}

async function compile(cells) {
  const model = await sequential(
    dense(inputs, cells.length),
    lif({ name: 'encoder', beta: 1, vMin: 0 }),
  ).compile({ seed: 0 });
  await model.setWeights({
    'dense1.weight': Float32Array.from(cells.flatMap(({ weights }) => [...weights])),
    'dense1.bias': Float32Array.from(cells, ({ bias }) => bias),
  });
  return model;
}

/** Measured values in their units, NaN where missing, and the same with the last value held through gaps. */
async function readMast(path) {
  const { tensors } = await readTensors(path);
  const channel = (name, scale) => {
    if (!tensors.has(name)) throw new TypeError(`${path}: has no array ${name}`);
    return Float64Array.from(tensors.get(name).data, (v) => (v === -32768 ? Number.NaN : Number(v) / scale));
  };
  const speed = channel('speed_mm_s', 1000);
  const start = Number(tensors.get('start_unix').data[0]);
  const [turbulence, pressure, temperature] = [
    ['turbulence_mm_s', 1000],
    ['pressure_hpa_x10', 10],
    ['temperature_c_x100', 100],
  ].map(([name, scale]) => held(channel(name, scale)));
  return { start, speed, held: held(speed), turbulence, pressure, temperature };
}

function held(values) {
  let last = values.find((value) => !Number.isNaN(value));
  return values.map((value) => {
    if (!Number.isNaN(value)) last = value;
    return last;
  });
}

/** A value without its recent mean: slow adaptation with a time constant in steps. */
function adapted(values, tau) {
  const keep = Math.exp(-1 / tau);
  let mean = values[0];
  return values.map((value) => {
    mean = keep * mean + (1 - keep) * value;
    return value - mean;
  });
}

/** Input channels of each step, `[steps, inputs]`. */
function channels({ start, held: speed, turbulence, pressure, temperature }) {
  const [fall, warming] = [adapted(pressure, 24), adapted(temperature, 6)];
  const clip = (value, limit) => Math.min(limit, Math.max(-limit, value));
  const x = new Float32Array(inputs * speed.length);
  for (let t = 0; t < speed.length; t++) {
    const hour = (2 * Math.PI * ((start + 600 * t) % 86400)) / 86400;
    const row = [
      speed[t],
      turbulence[t],
      clip(fall[t], 10),
      clip(warming[t], 8),
      Math.cos(hour),
      Math.sin(hour),
    ];
    x.set(row, t * inputs);
  }
  return x;
}

/** `x` with each step repeated: the sub-steps of a stretch of steps. */
function repeated(x, from, to) {
  const rows = new Float32Array((to - from) * substeps * inputs);
  for (let t = from; t < to; t++)
    for (let s = 0; s < substeps; s++)
      rows.set(x.subarray(t * inputs, (t + 1) * inputs), ((t - from) * substeps + s) * inputs);
  return { x: rows, shape: [(to - from) * substeps, 1, inputs] };
}

/** The synaptic currents after each step: the spikes of each neuron, filtered with each of its time constants. `[steps, currents]`. */
async function currents(model, cells, x) {
  const steps = x.length / inputs;
  const sources = cells.flatMap(({ taus }, cell) =>
    taus.map((tau) => ({ cell, keep: Math.exp(-1 / (tau * substeps)) })),
  );
  const values = new Float64Array(sources.length);
  const all = new Float32Array(steps * sources.length);
  let state;
  for (let from = 0; from < steps; from += week) {
    const to = Math.min(steps, from + week);
    const run = await model.run(repeated(x, from, to), { state });
    state = run.state;
    for (let row = 0; row < (to - from) * substeps; row++) {
      const fired = run.spikes.subarray(row * cells.length, (row + 1) * cells.length);
      sources.forEach(({ cell, keep }, k) => {
        values[k] = keep * values[k] + (1 - keep) * fired[cell];
      });
      if (row % substeps === substeps - 1)
        all.set(values, (from + Math.floor(row / substeps)) * sources.length);
    }
  }
  return { all, size: sources.length };
}

/** Steps from which a forecast can be judged: no gap in the six hours before, and a measured target. */
function usable(speed, horizon) {
  const steps = [];
  let since = 0;
  speed.forEach((value, t) => {
    since = Number.isNaN(value) ? 0 : since + 1;
    if (since >= history && t + horizon < speed.length && !Number.isNaN(speed[t + horizon])) steps.push(t);
  });
  return steps;
}

/** Mean and standard deviation of each current over some steps. */
function scales({ all, size }, steps) {
  const [mean, square] = [new Float64Array(size), new Float64Array(size)];
  for (const t of steps)
    for (let k = 0; k < size; k++) {
      const value = all[t * size + k];
      mean[k] += value / steps.length;
      square[k] += (value * value) / steps.length;
    }
  return { mean, deviation: square.map((s, k) => Math.sqrt(Math.max(1e-8, s - mean[k] ** 2))) };
}

/** The change of the speed as a linear function of the currents, for each of some penalties. */
function regress(features, mast, horizon, steps, values) {
  const { size } = features;
  const { mean, deviation } = scales(features, steps);
  const ridge = new Ridge(size + 1);
  for (const t of steps)
    ridge.add(normalized(features, { mean, deviation }, t), mast.speed[t + horizon] - mast.speed[t]);
  return values.map((penalty) => {
    const weights = ridge.solve(Float64Array.from({ length: size + 1 }, (_, k) => (k < size ? penalty : 0)));
    return { penalty, horizon, mean, deviation, weights };
  });
}

/** The currents after a step with mean 0 and deviation 1, and a constant. */
function normalized({ all, size }, { mean, deviation }, t) {
  const row = new Float64Array(size + 1).fill(1);
  for (let k = 0; k < size; k++) row[k] = (all[t * size + k] - mean[k]) / deviation[k];
  return row;
}

const forecast = (readout, features, mast, t) =>
  mast.held[t] + normalized(features, readout, t).reduce((sum, x, k) => sum + x * readout.weights[k], 0);

const rootMeanSquare = (errors) => Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);

/** Root mean square errors of a read-out and of persistence. */
function judge(readout, features, mast, steps) {
  const truth = (t) => mast.speed[t + readout.horizon];
  return {
    network: rootMeanSquare(steps.map((t) => forecast(readout, features, mast, t) - truth(t))),
    persistence: rootMeanSquare(steps.map((t) => mast.speed[t] - truth(t))),
  };
}

/** The penalty is chosen on every fourth week of the training year; then all weeks train. */
function train(features, mast, horizon) {
  const steps = usable(mast.speed, horizon);
  const apart = (t) => Math.floor(t / week) % 4 === 3;
  const rest = steps.filter((t) => !apart(t));
  const kept = steps.filter(apart);
  const errors = regress(features, mast, horizon, rest, penalties).map(
    (readout) => judge(readout, features, mast, kept).network,
  );
  const best = penalties[errors.indexOf(Math.min(...errors))];
  return regress(features, mast, horizon, steps, [best])[0];
}

const here = (name) => fileURLToPath(new URL(`data/wind/${name}.npz`, import.meta.url));

async function run({ size, seeds, data, picture, log }) {
  const past = await readMast(here('train'));
  const test = await readMast(data ?? here('test'));
  const only = size === 'reduced' ? { '1 h': 6 } : horizons;
  const figures = {};
  const add = (name, value, unit, better) => {
    figures[name] ??= { values: [], unit, better };
    figures[name].values.push(value);
  };
  let [cost, latency] = [undefined, 0];
  // The classical forecasts do not have the turbulence, so the network forecasts without it, too.
  const forms = size === 'reduced' ? [undefined] : [undefined, 'turbulence'];
  for (const seed of seeds)
    for (const without of forms) {
      const cells = encoder(seed, without);
      const model = await compile(cells);
      const begin = performance.now();
      const [known, fresh] = [
        await currents(model, cells, channels(past)),
        await currents(model, cells, channels(test)),
      ];
      latency = (performance.now() - begin) / (past.speed.length + test.speed.length);
      const readouts = {};
      for (const [name, horizon] of Object.entries(only)) {
        const readout = train(known, past, horizon);
        const errors = judge(readout, fresh, test, usable(test.speed, horizon));
        const suffix = without === undefined ? '' : ` without ${without}`;
        const skill = 100 * (1 - errors.network / errors.persistence);
        add(`${name}, skill over persistence${suffix}`, skill, '%', 'higher');
        if (without === undefined) add(`${name}, RMSE`, errors.network, 'm/s', 'lower');
        log(`seed ${seed}, ${name}${suffix}: ${skill.toFixed(2)} %, penalty ${readout.penalty}`);
        readouts[name] = readout;
      }
      cost ??= await costs(model, cells, channels(test), Object.keys(only).length);
      if (picture !== undefined && seed === seeds[0] && without === undefined)
        await draw(picture, test, fresh, readouts, model);
      model.dispose();
    }
  return {
    figures,
    ...cost,
    latency: { value: 1000 * latency, unit: 'µs of computing', per: 'step of 10 minutes' },
  };
}

/** Costs of a step over the first week: the neurons as the library counts them, and the synapses onto the read-outs. */
async function costs(model, cells, x, count) {
  const counted = await operations(model, repeated(x, 0, week));
  const synapses = cells.reduce((sum, { taus }) => sum + taus.length, 0);
  const perNeuron = synapses / cells.length;
  // A spike is added to its filters; after each step all filters decay and are read by each horizon.
  const additions = (counted.spikes / week) * perNeuron;
  const multiplications = cells.length * 2 + synapses * (1 + count);
  const picojoules = 0.9 * (additions + multiplications) + 3.7 * multiplications;
  return {
    spikes: { value: counted.spikes / week, unit: 'spikes', per: 'step of 10 minutes' },
    operations: {
      value: additions + multiplications,
      unit: 'additions and multiply-adds',
      per: 'step of 10 minutes',
    },
    energy: {
      value: (picojoules / 1e6) * 144,
      unit: 'µJ (45 nm: 0.9 pJ per addition, 3.7 pJ per product)',
      per: 'day',
    },
  };
}

/** Ten days: the speed and its forecast of six hours before, and spikes. */
async function draw(path, mast, features, readouts, model) {
  const readout = readouts['6 h'] ?? Object.values(readouts)[0];
  const { horizon } = readout;
  const steps = usable(mast.speed, horizon);
  const days = 6;
  const from = steps[Math.floor(steps.length / 3)];
  const at = Array.from({ length: days * 144 }, (_, i) => from + i);
  const { spikes } = await model.run(repeated(channels(mast), from, from + days * 144));
  const neurons = spikes.length / (at.length * substeps);
  const ticks = at
    .filter((_, i) => i % 3 === 0)
    .flatMap((t, i) => {
      const row = 3 * i * substeps + 40;
      return Array.from({ length: neurons }, (_, n) => n)
        .filter((n) => spikes[row * neurons + n] > 0)
        .map((n) => [(t - from) / 144, n]);
    });
  const axis = { label: 'time (days)', domain: [0, days] };
  const line = (y, color) => ({ type: 'line', x: at.map((t) => (t - from) / 144), y: at.map(y), color });
  const made = new figure.Figure({
    name: 'wind',
    title: `Wind speed at 80 m, and its forecast ${horizon / 6} hours before`,
    caption: 'A real mast. Of the spikes, one sub-step in 192 is shown.',
    columns: [
      [
        {
          x: axis,
          y: { label: 'speed (m/s)' },
          marks: [
            line((t) => mast.held[t], 0),
            line((t) => forecast(readout, features, mast, t - horizon), 1),
          ],
          legend: [
            { name: 'measured', color: 0 },
            { name: 'forecast', color: 1 },
          ],
        },
        {
          x: axis,
          y: { label: 'neuron', domain: [-1, neurons] },
          marks: [{ type: 'ticks', x: ticks.map(([x]) => x), y: ticks.map(([, y]) => y) }],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 420 }).save(path);
}

const autoregression = 'fixture wind: ridge on 36 lags, hour and pressure';
const boosting = 'fixture wind: gradient boosting';
await main({
  name: 'wind',
  title: 'Wind speed at a real mast, ten minutes to a day ahead',
  seeds: { reduced: [0], default: [0, 1, 2], full: [0, 1, 2, 3, 4] },
  generated: false,
  baseline: {
    ...Object.fromEntries(
      ['', ' without turbulence'].flatMap((suffix) => [
        [`10 min, skill over persistence${suffix}`, { value: 2.1, source: autoregression }],
        [`1 h, skill over persistence${suffix}`, { value: 6.1, source: autoregression }],
        [`6 h, skill over persistence${suffix}`, { value: 12.7, source: boosting }],
        [`24 h, skill over persistence${suffix}`, { value: 21.3, source: autoregression }],
      ]),
    ),
    '10 min, RMSE': { value: 0.936, source: autoregression },
    '1 h, RMSE': { value: 1.794, source: autoregression },
    '6 h, RMSE': { value: 3.0, source: boosting },
    '24 h, RMSE': { value: 3.915, source: autoregression },
  },
  run,
});
