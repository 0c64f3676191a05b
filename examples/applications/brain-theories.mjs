// Seven effects that theories of the brain predict, each beside a control that must lose it.
// docs/applications/brain-theories.md explains it. Options: support/program.mjs.
import { main } from './support/program.mjs';
import { balance } from './support/theories/balance.mjs';
import { fields } from './support/theories/fields.mjs';
import { gamma } from './support/theories/gamma.mjs';
import { maze } from './support/theories/maze.mjs';
import { pattern } from './support/theories/pattern.mjs';
import { draw } from './support/theories/picture.mjs';
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

await main({
  name: 'brain-theories',
  title: 'Seven effects that theories of the brain predict, with controls',
  seeds: { reduced: [0], default: [0, 1, 2, 3, 4], full: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
  generated: false,
  readsData: false,
  baseline: {},
  run,
});
