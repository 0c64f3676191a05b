/** Colors of the page and of its canvases: those of the library's figures, light or dark. */
import { Palette } from '../../../../src-ts/figure/draw/theme.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';

const system = matchMedia('(prefers-color-scheme: dark)');
const handlers = new Set<() => void>();
let choice: ThemeChoice = 'auto';

function isDark(): boolean {
  return choice === 'auto' ? system.matches : choice === 'dark';
}

/** The colors now: `palette().color(0)` is the first series, `palette().color('ink')` text; `palette().paper` the background. */
export function palette(): Palette {
  return new Palette(isDark() ? 'dark' : 'light');
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
    for (let i = 0; i < 6; i++) style.setProperty(`--series-${i}`, colors.color(i));
  };
  set();
  return onThemeChange(set);
}
