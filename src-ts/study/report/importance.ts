/** The importance of each parameter. */

import { beside, type Figure, shortened, titled, widthOf } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import type { Importance } from '../table/results-data.ts';
import { type FigureSource, parameterLabel, valueLabel } from './source.ts';

const rowHeight = 30;
const most = 20;

/** @param shares - one list per objective, with all parameters */
export function drawImportance(
  source: FigureSource,
  shares: readonly (readonly Importance[])[],
): Figure | undefined {
  const { plot, draw } = source;
  if (shares.every((list) => list.length < 2)) return undefined;
  const panels = shares.map((list, objective) => {
    const kept = list.slice(0, most);
    const label = (name: string) => shortened(parameterLabel(source, name), 28);
    const panel = draw({
      width: shares.length === 1 ? 876 : 424,
      height: rowHeight * kept.length + 46,
      marginLeft: Math.max(60, ...kept.map(({ parameter }) => widthOf(label(parameter)) + 14)),
      marginRight: 56,
      marginTop: 6,
      marginBottom: 40,
      x: {
        label: 'share of importance',
        labelArrow: 'none',
        labelAnchor: 'center',
        ticks: 5,
        zero: true,
        tickFormat: (x: number) => `${Math.round(100 * x)} %`,
      },
      y: {
        type: 'band',
        domain: kept.map(({ parameter }) => parameter),
        label: null,
        tickSize: 0,
        padding: 0.28,
        tickFormat: label,
      },
      marks: [
        plot.gridX({ stroke: colour('grid'), strokeOpacity: 1, ticks: 5 }),
        plot.barX(kept, { x: 'importance', y: 'parameter', fill: colour('first'), rx2: 3 }),
        plot.text(kept, {
          x: 'importance',
          y: 'parameter',
          text: ({ importance }: Importance) =>
            importance < 0.005 ? '< 1 %' : `${Math.round(100 * importance)} %`,
          textAnchor: 'start',
          dx: 6,
          fontWeight: 600,
        }),
      ],
    });
    return shares.length === 1 ? panel : titled(valueLabel(source, objective), panel);
  });
  const left = Math.max(0, shares[0]!.length - most);
  const rest = left > 0 ? ` The ${left} least important are left out.` : '';
  return {
    ...beside(panels),
    name: 'importance',
    title: 'Importance of the parameters',
    caption: `How far good trials differ from all trials along each parameter, as shares of the whole (PED-ANOVA, Watanabe et al. 2023).${rest}`,
  };
}
