/** The importance of each parameter. */
import { Figure } from '../draw/figure.ts';
import { fromZero, rowBars, rowsAxis, rowsWeight } from '../draw/rows.ts';
import type { PanelSpec } from '../draw/spec.ts';
import { parameterLabel, type StudyFigureOptions, sourceOf, valueLabel } from './source.ts';

const maxBars = 20;

export async function parameterImportance(
  results: unknown,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  const { appearance, ...source } = sourceOf('figure.parameterImportance', results, options);
  const { directions } = source.results;
  const all = await Promise.all(directions.map((_, objective) => source.results.importance(objective)));
  const columns = all.map((list, objective): PanelSpec[] => {
    const kept = list.slice(0, maxBars);
    const shares = kept.map(({ importance }) => 100 * importance);
    return [
      {
        ...(all.length === 1 ? {} : { title: valueLabel(source, objective) }),
        x: { label: 'importance (%)', domain: fromZero(shares) },
        y: rowsAxis(kept.map(({ parameter }) => parameterLabel(source, parameter))),
        marks: [
          rowBars(
            kept.map(() => 0),
            shares,
            { color: 0 },
          ),
        ],
        notes: shares.map((share, y) => ({
          y,
          text: share < 0.5 ? '< 1 %' : `${Math.round(share)} %`,
          color: 'ink',
        })),
        weight: rowsWeight(kept.length),
      },
    ];
  });
  const left = Math.max(0, all[0]!.length - maxBars);
  const omitted = left > 0 ? ` The ${left} least important are left out.` : '';
  return new Figure(
    {
      name: 'importance',
      title: 'Importance of the parameters',
      caption: `How far good trials differ from all trials along each parameter, as shares of the whole (PED-ANOVA, Watanabe et al. 2023).${omitted}`,
      columns,
    },
    appearance,
  );
}
