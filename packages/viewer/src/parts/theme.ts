/** Colors of the page and of its canvases: those of the library's figures, light or dark. */
import { Palette } from '../../../../src-ts/figure/draw/theme.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';

const system = matchMedia('(prefers-color-scheme: dark)');
const handlers = new Set<() => void>();
let choice: ThemeChoice = 'auto';

function isDark(): boolean {
  return choice === 'auto' ? system.matches : choice === 'dark';
}

/** Number of series with a color of their own; later ones repeat them. */
const count = 32;

/** Colors after those of figures. Each hue is turned from the one before by the golden angle, so that neighbors differ. */
function furtherColors(own: number, dark: boolean): string[] {
  const [saturation, lightness] = dark ? [0.6, 0.68] : [0.65, 0.38];
  return Array.from({ length: count - own }, (_, i) => hex((75 + 137.508 * i) % 360, saturation, lightness));
}

/** As `#rrggbb`, whose channels plots read. */
function hex(hue: number, saturation: number, lightness: number): string {
  const channel = (n: number) => {
    const k = (n + hue / 30) % 12;
    const value =
      lightness - saturation * Math.min(lightness, 1 - lightness) * Math.max(-1, Math.min(k - 3, 9 - k, 1));
    return Math.round(255 * value)
      .toString(16)
      .padStart(2, '0');
  };
  return `#${channel(0)}${channel(8)}${channel(4)}`;
}

/** The colors now: `palette().color(0)` is the first series, `palette().color('ink')` text; `palette().paper` the background. */
export function palette(): Palette {
  const theme = isDark() ? 'dark' : 'light';
  const { series } = new Palette(theme);
  return new Palette(theme, [...series, ...furtherColors(series.length, isDark())]);
}

/** The color of a series as CSS. */
export function seriesVariable(series: number): string {
  return `var(--series-${series % count})`;
}

/** Chooses the theme; `auto` is that of the reader's system. */
export function chooseTheme(to: ThemeChoice): void {
  choice = to;
  for (const handler of handlers) handler();
}

/** Calls a function when the theme changes: canvases are drawn again. @returns a function that stops it */
export function onThemeChange(handler: () => void): () => void {
  handlers.add(handler);
  return () => handlers.delete(handler);
}

system.addEventListener('change', () => {
  if (choice === 'auto') chooseTheme('auto');
});

/** Gives an element and what is in it the colors as CSS variables, now and after changes. @returns a function that stops it */
export function paint(element: HTMLElement): () => void {
  const set = () => {
    const colors = palette();
    const { style } = element;
    style.setProperty('color-scheme', isDark() ? 'dark' : 'light');
    style.setProperty('--paper', colors.paper);
    for (const name of ['ink', 'muted', 'grid'] as const) style.setProperty(`--${name}`, colors.color(name));
    for (let i = 0; i < count; i++) style.setProperty(`--series-${i}`, colors.color(i));
  };
  set();
  return onThemeChange(set);
}
