/**
 * Colors of the figures. They are CSS variables, so that a page can switch between light and dark; `resolved` inserts
 * the light values for programs that do not support variables.
 */
const light = {
  paper: '#ffffff',
  ink: '#1b2130',
  muted: '#667085',
  grid: '#e4e7ec',
  first: '#2563c9',
  second: '#e0700c',
  third: '#2e8a57',
  wrong: '#c2334d',
};
const dark: typeof light = {
  paper: '#12161d',
  ink: '#e7eaf0',
  muted: '#98a2b3',
  grid: '#2a313c',
  first: '#78aaff',
  second: '#ffa64d',
  third: '#6fd19b',
  wrong: '#ff8095',
};

type Colour = keyof typeof light;

/** The CSS variable of a color, for `fill`, `stroke` and style sheets. */
export function colour(name: Colour): string {
  return `var(--${name})`;
}

/** Replaces the variables by the colors of the light theme. */
export function resolved(svg: string): string {
  return svg.replace(/var\(--(\w+)\)/g, (variable, name) => light[name as Colour] ?? variable);
}

/** The CSS rules that set the variables, light or as the reader's system prefers. */
export function themeRules(): string {
  const rules = (theme: typeof light) =>
    Object.entries(theme)
      .map(([name, value]) => `--${name}:${value}`)
      .join(';');
  return `:root{color-scheme:light dark;${rules(light)}}
@media (prefers-color-scheme:dark){:root{${rules(dark)}}}`;
}
