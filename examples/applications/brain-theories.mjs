// Seven effects that theories of the brain predict, each beside a control that must lose it.
// docs/applications/brain-theories.md explains it. Options: support/program.mjs.
import { figure } from 'lapicque/figure';
import { main } from './support/program.mjs';
import { balance } from './support/theories/balance.mjs';
import { fields } from './support/theories/fields.mjs';
import { gamma } from './support/theories/gamma.mjs';
import { maze } from './support/theories/maze.mjs';
import { pattern } from './support/theories/pattern.mjs';
import { recall } from './support/theories/recall.mjs';
import { replay } from './support/theories/replay.mjs';

const all = [balance, fields, gamma, maze, pattern, recall, replay];

async function run({ size, seeds, picture, log }) {
  const effects = size === 'reduced' ? [fields, maze, pattern, recall, replay] : all;
  const figures = {};
  const pairs = [];
  const add = (name, seed, value, better) => {
    figures[name] ??= { values: [], better };
    figures[name].values[seeds.indexOf(seed)] = value;
  };
  for (const effect of effects)
    for (const seed of seeds)
      for (const { name, effect: value, control, without, lower } of await effect(seed, size)) {
        const beside = without === undefined ? '' : `; ${without}: ${control.toFixed(3)}`;
        log(`seed ${seed}, ${name}: ${value.toFixed(3)}${beside}`);
        add(name, seed, value, lower ? 'lower' : 'higher');
        if (without === undefined) continue;
        const other = `${name}; control: ${without}`;
        add(other, seed, control, lower ? 'higher' : 'lower');
        if (seed === seeds[0]) pairs.push({ name, control: other, lower });
      }
  for (const { name, control, lower } of pairs) {
    const [above, below] = lower ? [control, name] : [name, control];
    if (!(Math.min(...figures[above].values) > Math.max(...figures[below].values)))
      throw new Error(`${name}: the values of the seeds touch those of ${control}`);
  }
  if (picture !== undefined) await draw(picture, figures, pairs);
  return { figures };
}

/** The values of all seeds: effect and control. */
async function draw(path, figures, pairs) {
  const panels = pairs.map(({ name, control }) => {
    const values = [figures[name].values, figures[control].values];
    const points = (list, at, color) => ({
      type: 'points',
      x: list.map((_, i) => at + 0.06 * (i - (list.length - 1) / 2)),
      y: list,
      color,
    });
    return {
      x: { label: '', domain: [-0.5, 1.5], ticks: [] },
      y: { label: name.replace(/^gamma.*/, 'gamma, log10 of power').replace(' with 10 patterns', '') },
      marks: [points(values[0], 0, 0), points(values[1], 1, 1)],
      legend: [
        { name: 'effect', color: 0 },
        { name: control.split('control: ')[1], color: 1 },
      ],
    };
  });
  const columns = [0, 1, 2].map((column) => panels.filter((_, i) => i % 3 === column));
  const made = new figure.Figure({
    name: 'brain-theories',
    title: 'Effects and their controls',
    caption: 'A point is a seed.',
    columns,
  });
  await made.with({ width: '180mm', height: 460 }).save(path);
}

await main({
  name: 'brain-theories',
  title: 'Seven effects that theories of the brain predict, with controls',
  seeds: { reduced: [0], default: [0, 1, 2, 3, 4], full: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  generated: false,
  readsData: false,
  baseline: {},
  run,
});
