// Forecast of a chaotic series: spiking neurons compute its delay equation, and their output neuron is its state.
// docs/applications/mackey-glass.md explains it. Options: support/program.mjs.
import { basename } from 'node:path';
import { dense, graph } from 'lapicque';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { li, lif } from 'lapicque/neurons';
import { mackeyGlass, smape } from './support/mackey-glass-data.mjs';
import { main, moments } from './support/program.mjs';
import { Random } from './support/random.mjs';
import { Ridge } from './support/ridge.mjs';

const points = 75; // of a Lyapunov time
const length = 10 * points; // of the training part, and of the forecast
const warmUp = 45; // points without a target
const neurons = 64;
const window = 4; // consecutive delays that the output reads
const longest = 23; // points of delay that the search tries
const range = [0.2, 1.4]; // of the thresholds
const penalty = 1e-6;

/** Half of the neurons fire more for larger values, half for smaller ones; thresholds are evenly spaced, gains differ at random. */
function encoder(seed) {
  const random = new Random(seed);
  const [low, high] = range;
  const half = neurons / 2;
  return Array.from({ length: neurons }, (_, i) => {
    const sign = i < half ? 1 : -1;
    const threshold = low + ((high - low) * ((i % half) + Number(sign < 0))) / half;
    return { sign, threshold, gain: random.uniform(0.65, 1.3) / (high - low) };
  });
}

/**
 * The network. Input 0 is the value, constant during the `steps` of a point; input 1 corrects the output while data are known.
 *
 * @param delays - in points
 */
function network(delays, steps, leak) {
  const readouts = delays.map((delay) => [
    `delay${delay}`,
    dense(neurons, 1, { bias: false, delay: delay * steps }),
  ]);
  return graph({
    inputs: [2],
    nodes: {
      drive: dense(2, neurons),
      encoder: lif({ beta: 1, vMin: 0 }),
      ...Object.fromEntries(readouts),
      correction: dense(2, 1),
      forecast: li({ beta: leak ** (1 / steps) }),
    },
    edges: [
      ['input', 'drive'],
      ['drive', 'encoder'],
      ['input', 'correction'],
      ['correction', 'forecast'],
      ...readouts.flatMap(([name]) => [
        ['encoder', name],
        [name, 'forecast'],
      ]),
    ],
    output: 'forecast',
  });
}

async function compile(delays, steps, leak, cells, weights = [0]) {
  const model = await network(delays, steps, leak).compile({ seed: 0 });
  const beta = leak ** (1 / steps);
  await model.setWeights({
    'drive.weight': Float32Array.from(cells.flatMap(({ sign, gain }) => [sign * gain, 0])),
    'drive.bias': Float32Array.from(cells, ({ sign, gain, threshold }) => -sign * gain * threshold),
    // A constant of each step, which adds up to the constant of a point.
    'correction.bias': Float32Array.of((weights[0] * (1 - beta)) / (1 - leak)),
    'correction.weight': Float32Array.of(0, 1),
    ...Object.fromEntries(
      delays.map((delay, k) => {
        const from = 1 + k * neurons;
        const row = Float32Array.from({ length: neurons }, (_, i) => (weights[from + i] ?? 0) / steps);
        return [`delay${delay}.weight`, row];
      }),
    ),
  });
  return model;
}

/** Spikes of the encoder for known values, `[points, steps, neurons]`. */
async function encode(values, steps, cells) {
  const model = await compile([0], steps, 0.9, cells);
  const x = new Float32Array(2 * values.length * steps);
  for (let i = 0; i < values.length * steps; i++) x[2 * i] = values[Math.floor(i / steps)];
  const run = await model.run({ x, shape: [values.length * steps, 1, 2] }, { record: ['encoder.spikes'] });
  model.dispose();
  return run.recordings['encoder.spikes'];
}

/** Spikes of each point and neuron, divided by `steps`; early spikes have decayed by `leak` per point. */
function leakySums(spikes, steps, leak) {
  const beta = leak ** (1 / steps);
  const sums = new Float64Array(spikes.length / steps);
  for (let row = 0; row < spikes.length / neurons; row++) {
    const to = Math.floor(row / steps) * neurons;
    for (let i = 0; i < neurons; i++) sums[to + i] = beta * sums[to + i] + spikes[row * neurons + i] / steps;
  }
  return sums;
}

/** The row of a regression: a constant and the sums of every `skip`-th neuron at the delays. */
function regressors(sums, point, delays, skip = 1) {
  const row = [1];
  for (const delay of delays)
    for (let i = 0; i < neurons; i += skip) row.push(sums[(point - delay) * neurons + i]);
  return row;
}

const consecutive = (first) => Array.from({ length: window }, (_, k) => first + k);

/**
 * Delays and leak of the series, found within the training part: for each window of delays a regression on the value itself and a quarter of the
 * neurons, judged on the last Lyapunov time. The weight of the value is the leak.
 */
function identify(series, spikes, steps) {
  const sums = leakySums(spikes, steps, 1);
  let best = { error: Number.POSITIVE_INFINITY };
  for (let first = 0; first + window - 1 <= longest; first++) {
    const delays = consecutive(first);
    const row = (t) => [...regressors(sums, t, delays, 4), series[t]];
    const ridge = new Ridge(2 + (window * neurons) / 4);
    for (let t = warmUp; t < length - points; t++) ridge.add(row(t), series[t + 1]);
    const weights = ridge.solve(penalty);
    let error = 0;
    for (let t = length - points; t < length; t++)
      error += (row(t).reduce((sum, x, i) => sum + x * weights[i], 0) - series[t + 1]) ** 2;
    if (error < best.error) best = { error, delays, leak: Math.min(0.99, Math.max(0.1, weights.at(-1))) };
  }
  return best;
}

/** Weights of the delayed spikes, from the training part: they predict what the leak leaves to explain. */
function fitReadout(series, spikes, steps, { delays, leak }) {
  const sums = leakySums(spikes, steps, leak);
  const ridge = new Ridge(1 + window * neurons);
  for (let t = warmUp; t < length; t++)
    ridge.add(regressors(sums, t, delays), series[t + 1] - leak * series[t]);
  return ridge.solve(Float64Array.from({ length: ridge.size }, (_, i) => (i === 0 ? 0 : penalty)));
}

/** Follows the end of the training part, then runs on its own output for 10 Lyapunov times. */
async function forecast(model, series, steps, leak) {
  const session = await model.session({ record: ['encoder.spikes'] });
  const beta = leak ** (1 / steps);
  const predicted = new Float64Array(length);
  const output = new Float32Array(1);
  const raster = [];
  const begin = length - points; // the longest delay is much shorter than a Lyapunov time
  let microseconds = 0;
  for (let t = begin; t < 2 * length; t++) {
    const known = t <= length;
    const value = known ? series[t] : output[0];
    if (t === length + 1) microseconds = performance.now();
    for (let s = 0; s < steps; s++) {
      session.push(Float32Array.of(value, known && s === 0 ? beta * (value - output[0]) : 0));
      if (s % 8 === 0) raster.push({ at: t + s / steps - length, fired: session.recorded('encoder.spikes') });
    }
    session.membrane(output);
    // A forecast that leaves the range of the neurons stays at its end.
    output[0] = Math.min(2, Math.max(0, output[0]));
    if (t >= length) predicted[t - length] = output[0];
  }
  microseconds = (1000 * (performance.now() - microseconds)) / (length - 1);
  session.dispose();
  return { predicted, raster, microseconds };
}

/** One repeat: trains and forecasts a part of a series. */
async function study(series, seed, steps) {
  const cells = encoder(seed);
  const spikes = await encode(series.subarray(0, length), steps, cells);
  const found = identify(series, spikes, steps);
  const weights = fitReadout(series, spikes, steps, found);
  const model = await compile(found.delays, steps, found.leak, cells, weights);
  const run = await forecast(model, series, steps, found.leak);
  const truth = series.subarray(length + 1, 2 * length + 1);
  return {
    ...found,
    ...run,
    model,
    truth,
    one: smape(run.predicted.subarray(0, points), truth.subarray(0, points)),
    ten: smape(run.predicted, truth),
  };
}

/** NeuroBench's columns, for 100 points of the true series. */
async function costs({ model, truth }, steps) {
  const x = new Float32Array(2 * 100 * steps);
  for (let i = 0; i < 100 * steps; i++) x[2 * i] = truth[Math.floor(i / steps)];
  return operations(model, { x, shape: [100 * steps, 1, 2] });
}

async function readSeries(path) {
  const tau = /mg_(\d+)\.npy$/.exec(basename(path))?.[1];
  if (tau === undefined) throw new TypeError(`${path}: expected a name such as mg_17.npy, with the delay`);
  const { tensors } = await readTensors(path);
  return [[tau, Float64Array.from([...tensors.values()][0].data)]];
}

async function run({ size, seeds, data, picture, log }) {
  const steps = size === 'reduced' ? 32 : 128;
  const taus = size === 'reduced' ? [20] : [17, 20, 25, 30];
  const all = data === undefined ? taus.map((tau) => [tau, mackeyGlass(tau)]) : await readSeries(data);
  const figures = {};
  const add = (name, value) => {
    figures[name] ??= { values: [], unit: '%', better: 'lower' };
    figures[name].values.push(value);
  };
  const times = [];
  let cost;
  for (const [tau, series] of all)
    for (const seed of seeds) {
      const from = Math.floor(37.5 * seed);
      if (from + 2 * length + 1 > series.length)
        throw new RangeError(`repeat ${seed}: the series is too short`);
      const result = await study(series.subarray(from, from + 2 * length + 1), seed, steps);
      add(`τ ${tau}, sMAPE over 1 Lyapunov time`, result.one);
      add(`τ ${tau}, sMAPE over 10 Lyapunov times`, result.ten);
      times.push(result.microseconds);
      log(
        `τ ${tau}, repeat ${seed}: ${result.one.toFixed(3)} and ${result.ten.toFixed(2)} %; delays ${result.delays.join(', ')}, leak ${result.leak.toFixed(3)}`,
      );
      cost ??= await costs(result, steps);
      if (picture !== undefined && seed === seeds[0] && (data !== undefined || tau === taus[0]))
        await draw(picture, tau, result);
      result.model.dispose();
    }
  const { neurobench } = cost;
  log(JSON.stringify(neurobench));
  return {
    figures,
    spikes: { value: cost.spikes / 100, unit: 'spikes', per: 'point' },
    operations: {
      value: (cost.effectiveAcs + cost.effectiveMacs) / 100,
      unit: 'additions and multiply-adds',
      per: 'point',
    },
    energy: { value: (1e6 * cost.energy.joules) / 100, unit: 'µJ (model horowitz-45nm-fp32)', per: 'point' },
    latency: { value: moments(times).mean, unit: 'µs of computing', per: 'point' },
  };
}

/** Four Lyapunov times before the forecast leaves the series: both curves, and the spikes. */
async function draw(path, tau, { predicted, truth, raster }) {
  const shown = 6 * points;
  const at = Array.from({ length: shown }, (_, i) => i);
  const time = (t) => t / points;
  const axis = { label: 'time after the last known value (Lyapunov times)', domain: [0, 6] };
  const ticks = raster
    .filter((row) => row.at >= 0 && row.at < shown && Math.round(row.at * 16) % 48 === 0)
    .flatMap((row) => [...row.fired].flatMap((spike, i) => (spike > 0 ? [[time(row.at), i]] : [])));
  const line = (y, color) => ({ type: 'line', x: at.map((t) => time(t + 1)), y, color });
  const made = new figure.Figure({
    name: 'mackey-glass',
    title: `Forecast of the Mackey–Glass series, τ = ${tau}`,
    caption: 'After time 0 the network reads only its own output. Of its spikes, 1 in 384 steps is shown.',
    columns: [
      [
        {
          x: axis,
          y: { label: 'x' },
          marks: [
            line(
              at.map((t) => truth[t]),
              0,
            ),
            line(
              at.map((t) => predicted[t]),
              1,
            ),
          ],
          legend: [
            { name: 'series', color: 0 },
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

const echoState = (value, sd) => ({
  value,
  sd,
  source: 'fixture mackey-glass: echo-state network, 300 nodes',
});
const constant = (value, sd) => ({
  value,
  sd,
  source: 'fixture mackey-glass: the mean of the training part',
});
const recorded = {
  17: [echoState(0.54, 0.29), constant(21.7, 0.02)],
  18: [echoState(2.42, 4.2), constant(22.36, 0.09)],
  20: [echoState(1.1, 0.63), constant(23.47, 0.23)],
  23: [echoState(2.29, 2.24), constant(25.51, 0.47)],
  25: [echoState(3.57, 1.34), constant(25.79, 0.51)],
  28: [echoState(4.22, 1.97), constant(24.09, 0.66)],
  30: [echoState(3.39, 2.71), constant(28.25, 0.79)],
};
await main({
  name: 'mackey-glass',
  title: 'Forecast of the chaotic Mackey–Glass series (a seed is a repeat)',
  seeds: { reduced: [0, 1], default: [0, 1, 2], full: [0, 1, 2, 3, 4, 5, 6, 7] },
  generated: false,
  baseline: Object.fromEntries(
    Object.entries(recorded).flatMap(([tau, [one, ten]]) => [
      [`τ ${tau}, sMAPE over 1 Lyapunov time`, one],
      [`τ ${tau}, sMAPE over 10 Lyapunov times`, ten],
    ]),
  ),
  run,
});
