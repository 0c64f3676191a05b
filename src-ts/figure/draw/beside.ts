/** Figures beside each other. */
import { options as checkOptions, invalid } from '../../checks/check.ts';
import { Figure } from './figure.ts';
import { type FigureOptions, figureOptions } from './options.ts';

/**
 * Combines several figures side by side.
 *
 * @example
 * ```ts
 * const both = figure.beside([await figure.raster(recording), await figure.isi(recording)], { letters: true, width: '180mm' });
 * ```
 * @param figures - at least one; their own appearances are not used
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function beside(figures: readonly Figure[], options: FigureOptions = {}): Figure {
  const appearance = checkOptions('figure.beside', options, figureOptions);
  if (!Array.isArray(figures) || figures.length === 0 || figures.some((one) => !(one instanceof Figure)))
    invalid('figures', figures, 'a list of figures');
  const specs = (figures as readonly Figure[]).map(({ spec }) => spec);
  return new Figure(
    {
      ...(specs.some(({ widths }) => widths !== undefined)
        ? { widths: specs.flatMap(({ columns, widths }) => columns.map((_, c) => widths?.[c] ?? 1)) }
        : {}),
      leastWidth: Math.max(...specs.map(({ leastWidth = 13 }) => leastWidth)),
      name: specs.map(({ name }) => name).join('-'),
      title: specs.map(({ title }) => title).join(', '),
      caption: specs.map(({ caption }) => caption).join(' '),
      columns: specs.flatMap(({ columns }) => columns),
    },
    appearance,
  );
}
