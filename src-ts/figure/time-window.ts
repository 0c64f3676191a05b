/** The option `window` of figures over time. */
import { finite, invalid } from '../checks/check.ts';

type Interval = readonly [from: number, to: number];

/** The option of figures that can show a part of the time. */
export interface FigureWindowOptions {
  /** The time that is shown, `[from, to]` in ms; in steps for traces without times. Default all. */
  window?: readonly [number, number];
}

/** A window, checked. @throws LapicqueError `invalid-parameter` */
export function interval(window: Interval): Interval {
  if (!Array.isArray(window) || window.length !== 2) invalid('window', window, 'two numbers, [from, to]');
  const [from, to] = [finite('window[0]', window[0]), finite('window[1]', window[1])];
  if (!(to > from)) invalid('window', window, 'an end after the start');
  return [from, to];
}

/** The window, or the whole time without one. @throws LapicqueError `invalid-parameter` for a window that is outside of the whole time */
export function windowOf(window: Interval | undefined, [first, last]: Interval): Interval {
  if (window === undefined) return [first, last];
  const [from, to] = interval(window);
  if (to < first || from > last) invalid('window', window, `a part of the time from ${first} to ${last}`);
  return [from, to];
}
