/** Colors of figures. */
import type { FigureColor } from './spec.ts';

/** The themes by their names. */
export const themeNames = ['light', 'dark', 'print', 'auto'] as const satisfies readonly FigureTheme[];

/** A set of colors; `'auto'` is light or dark as the reader's system prefers, in SVG and HTML, and light in PNG and PDF. */
export type FigureTheme = 'light' | 'dark' | 'print' | 'auto';

interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly wrong: string;
  /** What stands out among the first series. */
  readonly accent: string;
  readonly series: readonly string[];
  /** Whether series differ by dashes, too. */
  readonly dashes: boolean;
}

/**
 * The colors of M. Okabe and K. Ito (Color Universal Design, 2008), which people with any kind of color vision can tell apart. The yellow, which is
 * hardly seen on white, and the black of texts are replaced by two dark colors of P. Tol.
 */
const onWhite = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00', '#332288', '#661100'];
/** The same hues on a dark background, where the two dark ones are lighter. */
const onDark = ['#56b4e9', '#e69f00', '#1fa87e', '#e29cc4', '#f0e442', '#5566cc', '#a8623f', '#ffffff'];

const themes: Record<Exclude<FigureTheme, 'auto'>, Theme> = {
  light: {
    paper: '#ffffff',
    ink: '#1b2130',
    muted: '#5b6474',
    grid: '#e4e7ec',
    wrong: '#c2334d',
    accent: '#d55e00',
    series: onWhite,
    dashes: false,
  },
  dark: {
    paper: '#12161d',
    ink: '#e7eaf0',
    muted: '#a3acba',
    grid: '#2a313c',
    wrong: '#ff8095',
    accent: '#e69f00',
    series: onDark,
    dashes: false,
  },
  print: {
    paper: '#ffffff',
    ink: '#000000',
    muted: '#4d4d4d',
    grid: '#d9d9d9',
    wrong: '#6e6e6e',
    accent: '#000000',
    series: ['#000000', '#757575', '#404040', '#999999'],
    dashes: true,
  },
};

const dashes = ['', '6 3', '2 2', '8 3 2 3'] as const;

const named = ['ink', 'muted', 'grid', 'paper', 'wrong', 'accent'] as const;

/** The variables of a theme as CSS declarations: `--lapicque-ink`, …, and `--lapicque-0`, … of the series. */
export function themeVariables(name: 'light' | 'dark'): string {
  const theme = themes[name];
  return [
    ...named.map((color) => `--lapicque-${color}:${theme[color]}`),
    ...theme.series.map((color, i) => `--lapicque-${i}:${color}`),
  ].join(';');
}

/** CSS rules that set the variables of the theme `'auto'`, for a page or an SVG document. */
export function themeRules(): string {
  return `:root{color-scheme:light dark;${themeVariables('light')}}
@media (prefers-color-scheme:dark){:root{${themeVariables('dark')}}}`;
}

/** The colors and dashes of a figure. */
export class Palette {
  readonly paper: string;
  /** The colors of numbered series, in order. */
  readonly series: readonly string[];
  readonly #theme: Theme;

  constructor(theme: FigureTheme = 'light', colors?: readonly string[]) {
    const own = theme === 'auto' ? variables() : themes[theme];
    this.#theme = colors === undefined ? own : { ...own, accent: colors[1 % colors.length]! };
    this.series = colors ?? own.series;
    this.paper = this.#theme.paper;
  }

  color(of: FigureColor = 0): string {
    if (typeof of === 'number') return this.series[of % this.series.length]!;
    return (named as readonly string[]).includes(of) ? this.#theme[of as (typeof named)[number]] : of;
  }

  /** The dashes of a line, as in SVG's `stroke-dasharray`; empty for none. */
  dash(of: FigureColor = 0, dashed = false): string {
    if (dashed) return '4 3';
    if (!this.#theme.dashes || typeof of !== 'number') return '';
    // Another dash for each round through the grays, so that no two of the first sixteen series are alike.
    const round = Math.floor(of / this.series.length);
    return dashes[(of + round) % dashes.length]!;
  }
}

/** The variables of {@link themeRules} in place of colors. */
function variables(): Theme {
  const of = (name: string | number) => `var(--lapicque-${name})`;
  const own = Object.fromEntries(named.map((name) => [name, of(name)])) as Record<
    (typeof named)[number],
    string
  >;
  return { ...own, series: themes.light.series.map((_, i) => of(i)), dashes: false };
}
