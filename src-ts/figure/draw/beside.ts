/** Figures beside each other. */
import { options as checkOptions, flag, invalid } from '../../checks/check.ts';
import { Figure } from './figure.ts';
import { type FigureOptions, figureOptions } from './options.ts';
import { domainOf } from './ranges.ts';
import type { PanelSpec } from './spec.ts';

/** Options of {@link beside}. */
export interface BesideOptions extends FigureOptions {
  /**
   * Whether all panels are in one column, the first at the top; default false. Where all have the same label of the x axis, such as `time (ms)`, they share
   * that axis.
   */
  stacked?: boolean;
}

/**
 * Combines several figures side by side, or above each other with `stacked`.
 *
 * @example
 * ```ts
 * const both = figure.beside([await figure.raster(recording), await figure.isi(recording)], { letters: true, width: '180mm' });
 * const stacked = figure.beside([await figure.membrane(recording), await figure.rate(recording)], { stacked: true });
 * ```
 * @param figures - at least one; their own appearances are not used
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function beside(figures: readonly Figure[], options: BesideOptions = {}): Figure {
  const { stacked = false, ...appearance } = checkOptions('figure.beside', options, [
    ...figureOptions,
    'stacked',
  ]);
  flag('stacked', stacked);
  if (!Array.isArray(figures) || figures.length === 0 || figures.some((one) => !(one instanceof Figure)))
    invalid('figures', figures, 'a list of figures');
  const specs = (figures as readonly Figure[]).map(({ spec }) => spec);
  return new Figure(
    {
      ...(!stacked && specs.some(({ widths }) => widths !== undefined)
        ? { widths: specs.flatMap(({ columns, widths }) => columns.map((_, c) => widths?.[c] ?? 1)) }
        : {}),
      leastWidth: Math.max(...specs.map(({ leastWidth = 13 }) => leastWidth)),
      name: specs.map(({ name }) => name).join('-'),
      title: specs.map(({ title }) => title).join(', '),
      caption: specs.map(({ caption }) => caption).join(' '),
      columns: stacked
        ? [stack(specs.flatMap(({ columns }) => columns.flat()))]
        : specs.flatMap(({ columns }) => columns),
    },
    appearance,
  );
}

/** Panels in one column. With one x axis for all, only the last has its texts. */
function stack(panels: readonly PanelSpec[]): PanelSpec[] {
  const isShared = panels.every(
    ({ x, bare }) => bare !== true && x.label === panels[0]!.x.label && x.scale === panels[0]!.x.scale,
  );
  if (!isShared) return [...panels];
  const ends = panels.flatMap((panel) => domainOf(panel, 'x'));
  const domain = [Math.min(...ends), Math.max(...ends)] as const;
  return panels.map((panel, i) => ({ ...panel, x: { ...panel.x, domain, hidden: i < panels.length - 1 } }));
}
