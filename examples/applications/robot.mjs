// Cart-pole by a network with derived weights, a pendulum by imitation, acrobot by reward.
// docs/applications/robot.md explains it. Options: support/program.mjs.
import { readFile } from 'node:fs/promises';
import { operations } from 'lapicque/chip';
import { figure } from 'lapicque/figure';
import { swingUp, trainAcrobot } from './support/acrobot.mjs';
import { balance, cartPoleNetwork } from './support/cart-pole-network.mjs';
import { swing, trainPendulum } from './support/pendulum.mjs';
import { pendulumTeacher } from './support/pendulum-teacher.mjs';
import { main } from './support/program.mjs';
import { Random } from './support/random.mjs';
import { rowsOfFile } from './support/rows-of-file.mjs';

const many = (count, make) => Array.from({ length: count }, make);
const mean = (values) => values.reduce((sum, x) => sum + x, 0) / values.length;

/** Starts of the baselines, of a file in the format of the fixture, or new ones; `noise(episode)` is a function of step and variable. */
async function tests({ data, dataSeed }) {
  const recorded = JSON.parse(await readFile(new URL('data/control/starts.json', import.meta.url), 'utf8'));
  const drawn = (episode) => {
    const random = new Random((dataSeed ?? 0) + 5000 + episode);
    const numbers = many(2000, () => random.normal());
    return (step, variable) => numbers[4 * step + variable];
  };
  if (data !== undefined) {
    const rows = await rowsOfFile(data);
    const noise = rows('cartpole_noise', 2000);
    return {
      poles: rows('cartpole_start', 4),
      pendulums: rows('pendulum_start', 2),
      acrobots: recorded.acrobot_start,
      noise: (episode) => (step, variable) => noise[episode][4 * step + variable],
    };
  }
  if (dataSeed === undefined) {
    const { cartpole_start, pendulum_start, acrobot_start } = recorded;
    return { poles: cartpole_start, pendulums: pendulum_start, acrobots: acrobot_start, noise: drawn };
  }
  const random = new Random(dataSeed);
  const start = (...ranges) => ranges.map((range) => random.uniform(-range, range));
  return {
    poles: many(40, () => start(1, 1, 1, 1)),
    pendulums: many(40, () => start(Math.PI, 1)),
    acrobots: many(40, () => start(0.1, 0.1, 0.1, 0.1)),
    noise: drawn,
  };
}

/** All episodes of a level by one network, and its costs. */
async function poles(level, seed, { poles: starts, noise }) {
  const model = await cartPoleNetwork(level, new Random(1000 + seed));
  const session = await model.session({ record: ['code.spikes', 'estimate.v'] });
  const times = [];
  const inputs = [];
  const timed = {
    reset: () => session.reset(),
    push(x) {
      if (inputs.length < 500) inputs.push(x.slice());
      const begin = performance.now();
      const fired = session.push(x);
      times.push(1000 * (performance.now() - begin));
      return fired;
    },
  };
  const course = [];
  let spikes = 0;
  const steps = starts.map((start, e) =>
    balance(timed, level, start, noise(e), (state, action) => {
      const code = session.recorded('code.spikes');
      for (const spike of code) spikes += spike;
      if (e === 0) course.push({ state, action, code, estimate: session.recorded('estimate.v') });
    }),
  );
  const x = Float32Array.from(inputs.flatMap((values) => [...values]));
  const cost = await operations(model, { x, shape: [inputs.length, 1, x.length / inputs.length] });
  session.dispose();
  model.dispose();
  times.sort((a, b) => a - b);
  return { steps, spikes: spikes / times.length, cost, counted: inputs.length, times, course };
}

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const set = await tests({ data, dataSeed });
  const figures = {};
  const add = (name, value, better, unit) => {
    figures[name] ??= { values: [], better, unit };
    figures[name].values.push(value);
    log(`${name}: ${value.toFixed(1)}`);
  };
  let last;
  for (const seed of seeds)
    for (const level of [1, 2, 3, 4]) {
      const result = await poles(level, seed, set);
      add(`cart-pole ${level}, worst of ${set.poles.length}`, Math.min(...result.steps), 'higher', 'steps');
      if (level === 4) last = result;
    }
  if (picture !== undefined) await draw(picture, last.course);
  const [rounds, total] = { reduced: [1, 0], default: [8, 300_000], full: [8, 800_000] }[size];
  const teacher = pendulumTeacher(size === 'reduced' ? 10 : 80);
  for (const seed of seeds) {
    const pendulum = await trainPendulum(teacher, new Random(seed), { seed, rounds, epochs: 4 });
    add('pendulum, return', mean((await swing(pendulum, set.pendulums)).returns), 'higher', '');
    if (total === 0) continue;
    const acrobot = await trainAcrobot(new Random(2000 + seed), { seed, total });
    add('acrobot', mean(await swingUp(acrobot, set.acrobots)), 'lower', 'steps');
  }
  const { spikes, cost, counted, times } = last;
  const of = (value) => value / counted;
  return {
    figures,
    spikes: { value: spikes, unit: 'spikes', per: 'control step of cart-pole 4' },
    operations: {
      value: of(cost.effectiveAcs + cost.effectiveMacs),
      unit: 'additions and multiply-adds',
      per: 'control step of cart-pole 4',
    },
    energy: {
      value: 1e9 * of(cost.energy.joules),
      unit: 'nJ (model horowitz-45nm-fp32)',
      per: 'control step of cart-pole 4',
    },
    latency: { value: times[times.length >> 1], unit: 'µs of computing (median)', per: 'control step' },
  };
}

/** Four seconds of level 4: the spikes, and two variables with their estimates; the network does not see the angular velocity. */
async function draw(path, course) {
  const shown = course.slice(0, 200);
  const time = shown.map((_, step) => 0.02 * step);
  const [x, y] = [[], []];
  shown.forEach(({ code }, step) => {
    code.forEach((spike, neuron) => {
      if (spike === 0) return;
      x.push(0.02 * step);
      y.push(neuron);
    });
  });
  const axis = { label: 'time (s)', domain: [0, 4] };
  const panel = (label, variable, factor) => ({
    x: axis,
    y: { label },
    marks: [
      { type: 'line', x: time, y: shown.map(({ state }) => factor * state[variable]), color: 0 },
      { type: 'line', x: time, y: shown.map(({ estimate }) => factor * estimate[variable]), color: 1 },
    ],
    legend: [
      { name: 'pole', color: 0 },
      { name: 'decoded from spikes', color: 1 },
    ],
  });
  const degrees = 180 / Math.PI;
  const made = new figure.Figure({
    name: 'robot',
    title: 'A pole balanced by spikes',
    caption: 'Level 4: the network receives noisy positions and angles, no velocities.',
    columns: [
      [
        panel('angle (°)', 2, degrees),
        panel('angular velocity (°/s)', 3, degrees),
        {
          x: axis,
          y: { label: 'neuron of the code', domain: [-1, shown[0].code.length] },
          marks: [{ type: 'ticks', x, y }],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 560 }).save(path);
}

const recorded = (value, method, sd) => ({ value, sd, source: `fixture control: ${method}` });
await main({
  name: 'robot',
  title: 'Cart-pole on four levels, pendulum, acrobot',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2] },
  generated: true,
  baseline: {
    'cart-pole 1, worst of 40': recorded(500, 'LQG'),
    'cart-pole 2, worst of 40': recorded(500, 'LQG'),
    'cart-pole 3, worst of 40': recorded(500, 'LQG'),
    'cart-pole 4, worst of 40': recorded(500, 'LQG; 19 with velocities by differences'),
    'pendulum, return': recorded(-135, 'energy and PD', 96),
    acrobot: recorded(81, 'sign of the second velocity, starts 0 to 7', 18),
  },
  run,
});
