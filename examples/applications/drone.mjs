// A planar quadrotor that holds its attitude and lands by optic flow, controlled by spikes with derived weights.
// docs/applications/drone.md explains it. Options: support/program.mjs.
import { readFile } from 'node:fs/promises';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import {
  attitudeControl,
  attitudeNetwork,
  landingControl,
  landingNetwork,
} from './support/drone-network.mjs';
import { main } from './support/program.mjs';
import { attitude, dt, fly, landing, plant } from './support/quadrotor.mjs';
import { Random } from './support/random.mjs';
import { rowsOfFile } from './support/rows-of-file.mjs';

const many = (count, make) => Array.from({ length: count }, make);
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** References and starts of the baselines, of a file in the format of the fixture, or new ones, each with a function of its noise. */
async function tests({ data, dataSeed }) {
  const noise = (seed, width, values) => {
    const random = new Random(seed);
    const numbers = values ?? Float32Array.from({ length: 6000 * width }, () => random.normal());
    return (step) => numbers.subarray(width * step, width * (step + 1));
  };
  if (data !== undefined) {
    const rows = await rowsOfFile(data);
    const [gusts, landings] = [rows('attitude_noise', 10_000), rows('landing_noise', 12_000)];
    return {
      flights: rows('attitude_reference', 10).map((row, i) => [[...row], noise(0, 5, gusts[i])]),
      landings: rows('landing_start', 2).map((row, i) => [row, noise(0, 2, landings[i])]),
    };
  }
  const recorded = JSON.parse(await readFile(new URL('data/control/starts.json', import.meta.url), 'utf8'));
  const random = new Random(dataSeed ?? 0);
  const references =
    dataSeed === undefined
      ? recorded.attitude_reference
      : many(5, () => many(10, () => random.uniform(-0.5, 0.5)));
  const starts =
    dataSeed === undefined
      ? recorded.landing_start
      : many(20, () => [random.uniform(2, 6), random.uniform(-0.5, 0.1)]);
  const first = 10_000 + 100 * (dataSeed ?? 0);
  return {
    flights: references.map((row, i) => [row, noise(first + i, 5)]),
    landings: starts.map((row, i) => [row, noise(first + 50 + i, 2)]),
  };
}

/** Counts the spikes of a session, and keeps its first inputs and what it did. */
function watched(session) {
  const seen = { spikes: 0, steps: 0, inputs: [], codes: [] };
  return {
    seen,
    reset: () => session.reset(),
    membrane: () => session.membrane(),
    push(x) {
      session.push(x);
      const code = session.recorded('code.spikes');
      for (const spike of code) seen.spikes += spike;
      seen.steps += 1;
      if (seen.inputs.length < 2000) {
        seen.inputs.push(x);
        seen.codes.push(code);
      }
    },
  };
}

/**
 * The attitude loop in real time: the plant and the network, a step every millisecond. Returns the microseconds from the tick to the moment of the
 * motors, sorted, and the number of ticks that began late by a whole step.
 */
async function realTime(seconds) {
  const model = await attitudeNetwork(new Random(1), 1e-3);
  const control = attitudeControl(await model.session());
  const random = new Random(2);
  const weight = plant.mass * plant.gravity;
  let state = [0, 0, 0, 0, 0, 0, weight / 2, weight / 2];
  const times = [];
  let late = 0;
  const begin = performance.now();
  for (let tick = 0; tick < 1000 * seconds; tick++) {
    const due = begin + tick;
    while (performance.now() < due);
    const now = performance.now();
    if (now >= due + 1) late += 1;
    const reference = Math.floor(tick / 1000) % 2 === 0 ? 0.3 : -0.3;
    const moment = control(reference, state[2] + 0.01 * random.normal(), state[5] + 0.05 * random.normal());
    times.push(1000 * (performance.now() - now));
    state = fly(state, weight, moment, [0, 0, 0], 1e-3);
  }
  model.dispose();
  return { times: times.sort((a, b) => a - b), late };
}

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const set = await tests({ data, dataSeed });
  const figures = {};
  const add = (name, value, unit) => {
    figures[name] ??= { values: [], better: 'lower', unit };
    figures[name].values.push(value);
  };
  let last;
  for (const seed of seeds) {
    const hover = await attitudeNetwork(new Random(3000 + seed));
    const flight = watched(await hover.session({ record: ['code.spikes'] }));
    const course = [];
    const errors = set.flights.map(([references, noise]) =>
      attitude(references, noise, attitudeControl(flight), (state) => course.push(state)),
    );
    add('attitude, RMS', mean(errors), '°');
    const descent = await landingNetwork(new Random(4000 + seed));
    const down = watched(await descent.session({ record: ['code.spikes'] }));
    const heights = [];
    const landings = set.landings.map(([start, noise], i) =>
      landing(start, noise, landingControl(down), (state) => i === 0 && heights.push(state)),
    );
    add('landing, touchdown', mean(landings.map(({ speed }) => speed)), 'm/s');
    add('landing, time', mean(landings.map(({ seconds }) => seconds)), 's');
    add(`landing, crashes of ${landings.length}`, landings.filter(({ crash }) => crash).length);
    log(`seed ${seed}: fastest touchdown ${Math.max(...landings.map(({ speed }) => speed)).toFixed(3)} m/s`);
    last = { hover, flight: flight.seen, down: down.seen, course, heights };
  }
  if (picture !== undefined) await draw(picture, last);
  const { times, late } = await realTime({ reduced: 0.5, default: 2, full: 10 }[size]);
  log(
    `1 kHz: ${times.length} ticks, 99.9 % within ${times[Math.floor(0.999 * times.length)].toFixed(0)} µs, ${late} late`,
  );
  const { inputs, spikes, steps } = last.flight;
  const x = Float32Array.from(inputs.flatMap((values) => [...values]));
  const cost = await operations(last.hover, { x, shape: [inputs.length, 1, 4] });
  log(`spikes per step of the landing: ${(last.down.spikes / last.down.steps).toFixed(2)}`);
  return {
    figures,
    spikes: { value: spikes / steps, unit: 'spikes', per: 'step of 5 ms, attitude' },
    operations: {
      value: (cost.effectiveAcs + cost.effectiveMacs) / inputs.length,
      unit: 'additions and multiply-adds',
      per: 'step of 5 ms, attitude',
    },
    energy: {
      value: (1e6 * cost.energy.joules) / (inputs.length * dt),
      unit: 'µJ (model horowitz-45nm-fp32)',
      per: 'second of flight',
    },
    latency: {
      value: times[times.length >> 1],
      unit: 'µs of computing (median)',
      per: 'step of 1 ms, in real time',
    },
  };
}

/** Four seconds of attitude with its spikes, and a landing with its spikes. */
async function draw(path, { flight, down, course, heights }) {
  const raster = (codes, seconds) => {
    const [x, y] = [[], []];
    codes.slice(0, seconds / dt).forEach((code, step) => {
      code.forEach((spike, neuron) => {
        if (spike === 0) return;
        x.push(step * dt);
        y.push(neuron);
      });
    });
    return {
      x: { label: 'time (s)', domain: [0, seconds] },
      y: { label: 'neuron', domain: [-1, codes[0].length] },
      marks: [{ type: 'ticks', x, y }],
    };
  };
  const [flown, landed] = [4, Math.ceil(heights.length * dt)];
  const sampled = (states, seconds) => states.slice(0, seconds / dt).filter((_, i) => i % 4 === 0);
  const line = (values, color) => ({ type: 'line', x: values.map((_, i) => 4 * i * dt), y: values, color });
  const degrees = (name) => sampled(course, flown).map((state) => (180 / Math.PI) * state[name]);
  const track = sampled(heights, landed);
  const made = new figure.Figure({
    name: 'drone',
    title: 'A quadrotor flown by spikes',
    caption: 'Left: attitude. Right: a landing by the divergence of the image alone.',
    columns: [
      [
        {
          x: { label: 'time (s)', domain: [0, flown] },
          y: { label: 'angle (°)' },
          marks: [line(degrees('reference'), 0), line(degrees('angle'), 1)],
          legend: [
            { name: 'wanted', color: 0 },
            { name: 'flown', color: 1 },
          ],
        },
        raster(flight.codes, flown),
      ],
      [
        {
          x: { label: 'time (s)', domain: [0, landed] },
          y: { label: 'height (m), speed (m/s)' },
          marks: [
            line(
              track.map(({ height }) => height),
              0,
            ),
            line(
              track.map(({ speed }) => -speed),
              1,
            ),
          ],
          legend: [
            { name: 'height', color: 0 },
            { name: 'downward speed', color: 1 },
          ],
        },
        raster(down.codes.slice(0, heights.length), landed),
      ],
    ],
  });
  await made.with({ width: '180mm', height: 460 }).save(path);
}

const recorded = (value, method, sd) => ({ value, sd, source: `fixture control: ${method}` });
await main({
  name: 'drone',
  title: 'Attitude and landing of a planar quadrotor (a seed is a network)',
  seeds: { reduced: [0], default: [0, 1, 2], full: [0, 1, 2, 3, 4] },
  generated: true,
  baseline: {
    'attitude, RMS': recorded(5.98, 'PID', 0.93),
    'landing, touchdown': recorded(0.144, 'PI on divergence, 1/s', 0.05),
    'landing, time': recorded(8.5, 'PI on divergence, 1/s'),
    'landing, crashes of 20': recorded(0, 'PI on divergence, 1/s'),
  },
  run,
});
