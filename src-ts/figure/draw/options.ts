/** The appearance of a figure: size, font, theme, colors. */
import { options as checkOptions, finite, flag, invalid, oneOf } from '../../checks/check.ts';
import { type FigureTheme, themeNames } from './theme.ts';

/** A length: a number of CSS pixels (96 per inch), or a text with the unit `mm`, `cm`, `in`, `pt` or `px`. */
export type FigureLength = number | `${number}${'mm' | 'cm' | 'in' | 'pt' | 'px'}`;

/** Options of every figure. */
export interface FigureOptions {
  /** Default 120 mm, which is readable in a column of a journal. */
  width?: FigureLength;
  /** Default: depends on the figure. */
  height?: FigureLength;
  /** A font family. PNG and PDF contain Inter, the default, in place of families that the machine does not have. */
  font?: string;
  /** Default `'9pt'`, as in most journals. */
  fontSize?: FigureLength;
  /** `'light'` (default) and `'dark'` have colors that color-blind people can tell apart, `'print'` has grays and dashes, `'auto'` is light or dark as the reader's system prefers. */
  theme?: FigureTheme;
  /** CSS colors of the series, instead of the theme's. */
  colors?: readonly string[];
  /** Whether the title and the caption are drawn above the figure; default false, because papers have them in the text. */
  titles?: boolean;
  /** Whether columns have letters (a, b, …); default false. */
  letters?: boolean;
  /** Labels, ranges and scales (`'log'`) of the x axes, in place of the figure's own. */
  x?: FigureAxisOptions;
  /** The same for the y axes. */
  y?: FigureAxisOptions;
}

/** Options of an axis. */
export interface FigureAxisOptions {
  label?: string;
  domain?: readonly [number, number];
  scale?: 'linear' | 'log';
}

/** The names of {@link FigureOptions}. @internal */
export const figureOptions = [
  'width',
  'height',
  'font',
  'fontSize',
  'theme',
  'colors',
  'titles',
  'letters',
  'x',
  'y',
] as const satisfies readonly (keyof FigureOptions)[];

const pixelsOf = { px: 1, in: 96, cm: 96 / 2.54, mm: 96 / 25.4, pt: 96 / 72 } as const;

/** @returns CSS pixels @throws LapicqueError `invalid-parameter` for a length out of range @internal */
export function pixels(name: string, length: unknown, min: number, max: number): number {
  const parts = typeof length === 'string' ? /^(\d+(?:\.\d+)?)\s*(mm|cm|in|pt|px)$/.exec(length) : null;
  const value = parts === null ? length : Number(parts[1]) * pixelsOf[parts[2] as keyof typeof pixelsOf];
  if (typeof value !== 'number') invalid(name, length, "a number of pixels, or a length such as '85mm'");
  finite(name, value, { min, max });
  return value;
}

/** @throws LapicqueError `invalid-parameter`, `unknown-name` @internal */
export function checkFigureOptions(who: string, options: FigureOptions): FigureOptions {
  const { width, height, font, fontSize, theme, colors, titles, letters, x, y } = checkOptions(
    who,
    options,
    figureOptions,
  );
  if (width !== undefined) pixels('width', width, 60, 20_000);
  if (height !== undefined) pixels('height', height, 40, 20_000);
  if (fontSize !== undefined) pixels('fontSize', fontSize, 4, 200);
  if (font !== undefined && (typeof font !== 'string' || !/^[\w ,.'-]{1,200}$/.test(font)))
    invalid('font', font, 'the name of a font family');
  if (theme !== undefined) oneOf('theme', theme, themeNames);
  if (colors !== undefined) checkColors(colors);
  if (titles !== undefined) flag('titles', titles);
  if (letters !== undefined) flag('letters', letters);
  for (const [name, axis] of Object.entries({ x, y })) {
    const { label, domain, scale } = checkOptions(name, axis, ['label', 'domain', 'scale']);
    if (label !== undefined && typeof label !== 'string') invalid(`${name}.label`, label, 'a text');
    if (scale !== undefined) oneOf(`${name}.scale`, scale, ['linear', 'log']);
    if (domain !== undefined) checkDomain(`${name}.domain`, domain, scale);
  }
  return options;
}

function checkDomain(name: string, domain: readonly number[], scale: string | undefined): void {
  if (!Array.isArray(domain) || domain.length !== 2) invalid(name, domain, '[start, end]');
  for (const [i, end] of domain.entries()) finite(`${name}[${i}]`, end, scale === 'log' ? { above: 0 } : {});
  if (domain[0] === domain[1]) invalid(name, domain, 'two different numbers');
}

function checkColors(colors: readonly string[]): void {
  if (!Array.isArray(colors) || colors.length === 0) invalid('colors', colors, 'a list of CSS colors');
  for (const [i, color] of colors.entries())
    if (
      typeof color !== 'string' ||
      !/^(#[0-9a-f]{3,8}|[a-z]+|(rgb|hsl|oklch)a?\([\d\s.,%/deg-]+\))$/i.test(color)
    )
      invalid(`colors[${i}]`, color, "a CSS color, such as '#0072b2' or 'teal'");
}
