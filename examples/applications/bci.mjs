// Velocity of a hand from the spikes of 96 channels: two leaky neurons that learn by a delta rule while the stream runs.
// docs/applications/bci.md explains it. Options: support/program.mjs.
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { readTensors } from 'lapicque/files';
import { session, step } from './support/bci-data.mjs';
import { OnlineDecoder } from './support/online-decoder.mjs';
import { main, moments } from './support/program.mjs';

const late = 500; // steps: the velocity that was wanted is known 2 s later, when the reach has ended
const calibration = { passes: 10, rate: 5e-4 };
const rates = { still: 0, learning: 2e-4 };

/** Coefficient of determination, mean of x and y. */
function determination(truth, estimate) {
  const count = truth.length / 2;
  let sum = 0;
  for (const axis of [0, 1]) {
    let [mean, wrong, total] = [0, 0, 0];
    for (let i = 0; i < count; i++) mean += truth[2 * i + axis] / count;
    for (let i = 0; i < count; i++) {
      wrong += (truth[2 * i + axis] - estimate[2 * i + axis]) ** 2;
      total += (truth[2 * i + axis] - mean) ** 2;
    }
    sum += (1 - wrong / total) / 2;
  }
  return sum;
}

/** Calibrates on the first 75 % of a session and streams the rest: R², and with `learning` the late targets go on correcting. */
async function decode({ counts, velocity, channels }, rate) {
  const total = velocity.length / 2;
  const first = Math.floor(0.75 * total);
  const decoder = await OnlineDecoder.create(channels, 2, { late });
  await decoder.calibrate(counts.subarray(0, first * channels), velocity.subarray(0, 2 * first), calibration);
  const estimate = new Float64Array(2 * (total - first));
  const times = [];
  for (let t = first; t < total; t++) {
    const begin = performance.now();
    const value = decoder.push(counts.subarray(t * channels, (t + 1) * channels));
    times.push(performance.now() - begin);
    estimate.set(value, 2 * (t - first));
    if (rate > 0) await decoder.learn(velocity.subarray(2 * (t - late), 2 * (t - late) + 2), rate);
  }
  const x = Float32Array.from(counts.subarray(first * channels));
  const cost = await operations(decoder.model, { x, shape: [total - first, 1, channels] });
  decoder.dispose();
  const seconds = (total - first) * step;
  return {
    r2: determination(velocity.subarray(2 * first), estimate),
    estimate,
    first,
    microseconds: 1000 * times.sort((a, b) => a - b)[times.length >> 1],
    spikes: x.reduce((sum, count) => sum + count, 0) / seconds,
    operations: (cost.effectiveAcs + cost.effectiveMacs) / seconds,
    joules: cost.energy.joules / seconds,
  };
}

/** Sessions of a file in the format of the fixture: `seedN_counts`, `seedN_velocity`. */
async function readSessions(path) {
  const { tensors } = await readTensors(path);
  const names = [...tensors.keys()].filter((name) => name.endsWith('_counts'));
  if (names.length === 0) throw new TypeError(`${path}: has no array seedN_counts`);
  return names.map((name) => ({
    counts: tensors.get(name).data,
    velocity: tensors.get(name.replace('_counts', '_velocity')).data,
    channels: tensors.get(name).shape[1],
  }));
}

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const seconds = size === 'reduced' ? 60 : 120;
  const brains = dataSeed === undefined ? seeds : seeds.map((seed) => dataSeed + seed);
  const drift = Math.PI / 3;
  const conditions =
    data === undefined
      ? {
          standard: brains.map((seed) => () => session(seed, { seconds })),
          'rates × 0.4': brains.slice(0, 3).map((seed) => () => session(seed, { seconds, rate: 0.4 })),
          'drift 60°': brains.slice(0, 3).map((seed) => () => session(seed, { seconds, drift })),
        }
      : { 'from file': (await readSessions(data)).map((one) => () => one) };
  const figures = {};
  const costs = [];
  for (const [condition, makers] of Object.entries(conditions)) {
    for (const make of makers) {
      const recorded = make();
      for (const [form, rate] of Object.entries(rates)) {
        const result = await decode(recorded, rate);
        const name = `${condition}, R²${form === 'learning' ? ' with learning' : ''}`;
        figures[name] ??= { values: [], better: 'higher' };
        figures[name].values.push(result.r2);
        costs.push(result);
        log(`${name}: ${result.r2.toFixed(4)}`);
        if (picture !== undefined && costs.length === 2) await draw(picture, recorded, result);
      }
    }
  }
  const first = costs[0];
  return {
    figures,
    spikes: { value: first.spikes, unit: 'input spikes', per: 'second' },
    operations: { value: first.operations / 50, unit: 'additions and multiply-adds', per: '20 ms' },
    energy: { value: 1e6 * first.joules, unit: 'µJ (model horowitz-45nm-fp32)', per: 'second' },
    latency: {
      value: moments(costs.map(({ microseconds }) => microseconds)).mean,
      unit: 'µs of computing (median)',
      per: 'step of 4 ms',
    },
  };
}

/** Eight seconds: the spikes, and the velocity with its estimate. */
async function draw(path, { counts, velocity, channels }, { estimate, first }) {
  const length = 8 / step;
  const [x, y] = [[], []];
  for (let t = 0; t < length; t++)
    for (let c = 0; c < channels; c += 3)
      if (counts[(first + t) * channels + c] > 0) {
        x.push(t * step);
        y.push(c / 3);
      }
  const times = Array.from({ length: length / 4 }, (_, i) => 4 * i);
  const axis = { label: 'time (s)', domain: [0, 8] };
  const made = new figure.Figure({
    name: 'bci',
    title: 'Velocity of a hand, decoded from spikes',
    caption: 'Synthetic channels; every third is shown.',
    columns: [
      [
        { x: axis, y: { label: 'channel', domain: [-1, channels / 3] }, marks: [{ type: 'ticks', x, y }] },
        ...['x', 'y'].map((name, o) => ({
          x: axis,
          y: { label: `velocity ${name} (cm/s)` },
          marks: [
            {
              type: 'line',
              x: times.map((t) => t * step),
              y: times.map((t) => velocity[2 * (first + t) + o]),
              color: 0,
            },
            {
              type: 'line',
              x: times.map((t) => t * step),
              y: times.map((t) => estimate[2 * t + o]),
              color: 1,
            },
          ],
          legend: [
            { name: 'hand', color: 0 },
            { name: 'decoded', color: 1 },
          ],
        })),
      ],
    ],
  });
  await made.with({ width: '180mm', height: 520 }).save(path);
}

const recorded = (value, sd, method) => ({ value, sd, source: `${method} filter` });
await main({
  name: 'bci',
  title: 'Velocity of a hand from 96 synthetic channels',
  seeds: { reduced: [0], default: [0, 1, 2], full: [0, 1, 2, 3, 4] },
  generated: true,
  baseline: {
    'standard, R²': recorded(0.918, 0.013, 'Kalman'),
    'standard, R² with learning': recorded(0.918, 0.013, 'Kalman'),
    'rates × 0.4, R²': recorded(0.86, 0.01, 'Wiener'),
    'rates × 0.4, R² with learning': recorded(0.86, 0.01, 'Wiener'),
    'drift 60°, R²': recorded(0.889, 0.006, 'Wiener'),
    'drift 60°, R² with learning': recorded(0.889, 0.006, 'Wiener'),
  },
  run,
});
