// A goalie of table football that sees the ball through an event camera: neurons that stand for shots vote for a place on the goal line.
// docs/applications/table-football.md explains it. Options: support/program.mjs.
import { figure } from 'lapicque/figure';
import { columns, Goalie, high, low, pixel, readShots, rows, shot } from './support/football-table.mjs';
import { main } from './support/program.mjs';
import { shotBank } from './support/shot-bank.mjs';

const middle = (low + high) / 2;
const reach = 0.03; // m: the goalie covers so much to either side

/** Plays a shot: the goalie moves to the place for which the bank votes. */
function play(bank, { steps, y }) {
  bank.reset();
  const goalie = new Goalie();
  const game = { targets: [], places: [], spikes: 0, operations: 0, events: 0 };
  steps.forEach((events, step) => {
    const { target, spikes, operations } = bank.push(events);
    goalie.step(target ?? middle);
    game.targets.push(target);
    game.places.push(goalie.y);
    game.spikes += spikes;
    game.operations += operations;
    game.events += events.length;
    if (target !== undefined) game.first ??= step;
    if (Math.abs(goalie.y - middle) > 0.001) game.moved ??= step;
    if (target === undefined || Math.abs(target - y) >= reach) game.right = undefined;
    else {
      game.right ??= step;
      game.useful ??= step;
    }
  });
  game.saved = goalie.saves(y);
  return game;
}

const mean = (values) => values.reduce((total, x) => total + x, 0) / values.length;
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const meanOf = (games, name) => mean(games.map((game) => game[name]).filter((value) => value !== undefined));

/** The same shot as if the ball had lain on the table before: its whole disc does not appear at once. */
const withoutStart = ({ steps, ...others }) => ({ ...others, steps: [[], ...steps.slice(1)] });

async function run({ size, seeds, data, dataSeed, picture, log }) {
  const count = size === 'reduced' ? 12 : 300;
  const file = data === undefined ? undefined : await readShots(data);
  const bank = await shotBank();
  const figures = {};
  const add = (name, unit, better, value) => {
    figures[name] ??= { values: [], unit, better };
    figures[name].values.push(value);
  };
  const costs = [];
  for (const seed of seeds) {
    const first = 1_000_000 + 1000 * (dataSeed ?? seed);
    const shots = file ?? Array.from({ length: count }, (_, i) => shot(first + i));
    for (const [name, prepare] of [
      ['', (one) => one],
      [', first millisecond withheld', withoutStart],
    ]) {
      const games = shots.map((one) => play(bank, prepare(one)));
      add(`saves${name}`, '%', 'higher', 100 * meanOf(games, 'saved'));
      add(`first prediction${name}`, 'ms', 'lower', meanOf(games, 'first'));
      add(`first prediction within 30 mm${name}`, 'ms', 'lower', meanOf(games, 'useful'));
      add(`first move of more than 1 mm${name}`, 'ms', 'lower', meanOf(games, 'moved'));
      add(
        `prediction stays right from, median${name}`,
        'ms',
        'lower',
        median(games.map(({ right }, k) => right ?? shots[k].steps.length)),
      );
      if (name === '') costs.push(...games);
    }
    log(`seed ${seed}: ${shots.length} shots, ${Math.round(meanOf(costs, 'events'))} events per shot`);
  }
  if (picture !== undefined) await draw(picture, bank);
  bank.dispose();
  const operations = meanOf(costs, 'operations');
  return {
    figures,
    spikes: { value: meanOf(costs, 'spikes'), unit: 'spikes', per: 'shot' },
    operations: { value: operations, unit: 'additions', per: 'shot' },
    energy: { value: operations * 0.9e-6, unit: 'µJ (0.9 pJ per addition, 45 nm)', per: 'shot' },
    latency: { value: meanOf(costs, 'moved'), unit: 'ms from the shot to the first move', per: 'shot' },
  };
}

/** A shot that bounces: its events, the path, and below it the predictions and the goalie over time. */
async function draw(path, bank) {
  const shots = Array.from({ length: 200 }, (_, i) => shot(i + 5000));
  const bounces = ({ path: centers }) => centers.some(([, y], k) => k > 60 && Math.abs(y - 0.35) > 0.33);
  const shown = shots.find(
    (one) => bounces(one) && one.steps.length > 150 && Math.abs(one.y - middle) > 0.05,
  );
  const game = play(bank, shown);
  const events = shown.steps.flat();
  const time = { label: 'time (ms)', domain: [0, shown.steps.length] };
  const seen = game.targets.flatMap((target, step) => (target === undefined ? [] : [[step, target]]));
  const made = new figure.Figure({
    name: 'table-football',
    title: 'A goalie predicts a shot from the events of a camera',
    caption: `Synthetic. Above: all ${events.length} events of a shot that bounces, and the path of the ball. Below: the place for which the neurons vote, the goalie, and the place where the ball arrives (dashed).`,
    columns: [
      [
        {
          x: { label: 'x (pixel)', domain: [0, columns] },
          y: { label: 'y (pixel)', domain: [0, rows] },
          marks: [
            {
              type: 'points',
              x: events.map(({ x }) => x + 0.5),
              y: events.map(({ y }) => y + 0.5),
              color: 0,
              size: 1,
              opacity: 0.35,
            },
            {
              type: 'line',
              x: shown.path.map(([x]) => x / pixel),
              y: shown.path.map(([, y]) => y / pixel),
              color: 1,
            },
          ],
        },
        {
          x: time,
          y: { label: 'place on the goal line (m)', domain: [low, high] },
          marks: [
            { type: 'points', x: seen.map(([x]) => x), y: seen.map(([, y]) => y), color: 0, size: 3 },
            { type: 'line', x: game.places.map((_, step) => step), y: game.places, color: 1 },
            { type: 'rule', y: shown.y, dashed: true },
          ],
          legend: [
            { name: 'vote of the neurons', color: 0 },
            { name: 'goalie', color: 1 },
          ],
        },
      ],
    ],
  });
  await made.with({ width: '180mm', height: 560 }).save(path);
}

const source = 'fixture table-football: straight line through 12 ms of centroids, bounces folded';
await main({
  name: 'table-football',
  title: 'A goalie of table football before an event camera (a seed is 300 synthetic shots)',
  seeds: { reduced: [0], default: [0], full: [0, 1, 2] },
  generated: true,
  baseline: {
    saves: { value: 66.7, sd: 18.3, source },
    'first prediction': { value: 25, source },
  },
  run,
});
