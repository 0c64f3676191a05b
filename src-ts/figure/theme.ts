/** Colors of figures. */
import type { FigureColor } from './spec.ts';

/** The themes by their names. */
export const themeNames = ['light', 'dark', 'print'] as const satisfies readonly FigureTheme[];

/** A set of colors. */
export type FigureTheme = 'light' | 'dark' | 'print';

interface Theme {
  readonly paper: string;
  readonly ink: string;
  readonly muted: string;
  readonly grid: string;
  readonly series: readonly string[];
  /** Whether series differ by dashes, too. */
  readonly dashes: boolean;
}

/**
 * The colors of M. Okabe and K. Ito (Color Universal Design, 2008), which people with any kind of color vision can tell apart, without the yellow, which is
 * hardly seen on white.
 */
const okabeIto = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'] as const;

const themes: Record<FigureTheme, Theme> = {
  light: {
    paper: '#ffffff',
    ink: '#1b2130',
    muted: '#5b6474',
    grid: '#e4e7ec',
    series: okabeIto,
    dashes: false,
  },
  dark: {
    paper: '#12161d',
    ink: '#e7eaf0',
    muted: '#a3acba',
    grid: '#2a313c',
    series: ['#56b4e9', '#e69f00', '#35c79b', '#e29cc4', '#f0e442', '#ff8a4c'],
    dashes: false,
  },
  print: {
    paper: '#ffffff',
    ink: '#000000',
    muted: '#4d4d4d',
    grid: '#d9d9d9',
    series: ['#000000', '#757575', '#404040', '#999999'],
    dashes: true,
  },
};

const dashes = ['', '6 3', '2 2', '8 3 2 3'] as const;

/** The colors and dashes of a figure. */
export class Palette {
  readonly paper: string;
  readonly #theme: Theme;
  readonly #series: readonly string[];

  constructor(theme: FigureTheme = 'light', colors?: readonly string[]) {
    this.#theme = themes[theme];
    this.#series = colors ?? this.#theme.series;
    this.paper = this.#theme.paper;
  }

  color(of: FigureColor = 0): string {
    if (typeof of === 'number') return this.#series[of % this.#series.length]!;
    const { ink, muted, grid } = this.#theme;
    return { ink, muted, grid }[of as 'ink' | 'muted' | 'grid'] ?? of;
  }

  /** The dashes of a line, as in SVG's `stroke-dasharray`; empty for none. */
  dash(of: FigureColor = 0, dashed = false): string {
    if (dashed) return '4 3';
    return this.#theme.dashes && typeof of === 'number' ? dashes[of % dashes.length]! : '';
  }
}
