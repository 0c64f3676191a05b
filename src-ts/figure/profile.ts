/** Figure of what the layers of a model take in a training step. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { Profile } from '../model/profile.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import { fromZero, rowBars, rowsAxis, rowsWeight } from './draw/rows.ts';

/** Forward and backward as one bar for each unit, then the optimizer and the rest. */
export async function profile(profiled: Profile, options: FigureOptions = {}): Promise<Figure> {
  const appearance = checkOptions('figure.profile', options, figureOptions);
  if (!Array.isArray((profiled as Partial<Profile> | undefined | null)?.units))
    invalid('profile', profiled, 'a result of model.profile()');
  const { units, update, rest, total, rounds } = profiled;
  const rows = [
    ...units
      .filter(({ forward, backward }) => forward + backward > 0)
      .map(({ layers, forward, backward }) => ({ name: layers.join(' + '), forward, backward, other: 0 })),
    ...(update > 0 ? [{ name: 'optimizer', forward: 0, backward: 0, other: update }] : []),
    { name: 'rest', forward: 0, backward: 0, other: rest },
  ];
  const zero = rows.map(() => 0);
  const forward = rows.map((row) => row.forward);
  const both = rows.map((row) => row.forward + row.backward);
  const other = rows.map((row) => row.other);
  const all = both.map((time, i) => time + other[i]!);
  return new Figure(
    {
      name: 'profile',
      title: 'Time of a training step',
      caption: `Mean of ${rounds} steps. A population is shown with the weights in front of it. A step takes ${total.toPrecision(3)} ms; the number at the right is the share of it.`,
      columns: [
        [
          {
            x: { label: 'time (ms)', domain: fromZero(all) },
            y: rowsAxis(rows.map(({ name }) => name)),
            marks: [
              rowBars(zero, forward, { color: 0 }),
              rowBars(forward, both, { color: 1 }),
              rowBars(zero, other, { color: 'grid' }),
            ],
            legend: [
              { name: 'forward', color: 0, mark: 'box' },
              { name: 'backward', color: 1, mark: 'box' },
            ],
            notes: all.map((time, y) => ({
              y,
              text: `${((100 * time) / total).toFixed(1)} %`,
              color: 'ink',
            })),
            weight: rowsWeight(rows.length),
          },
        ],
      ],
      leastWidth: 22,
    },
    appearance,
  );
}
