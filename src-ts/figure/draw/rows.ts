/** Panels of horizontal bars, one row for each name. */
import type { FigureColor, PanelSpec } from './spec.ts';
import { shortened } from './text.ts';

/** A y axis with a row for each name, from the top. */
export function rowsAxis(names: readonly string[]): PanelSpec['y'] {
  return {
    label: '',
    domain: [names.length - 0.5, -0.5],
    ticks: names.map((_, i) => i),
    tickLabels: names.map((name) => shortened(name, 32)),
  };
}

/** Bars from one number to another; `part` is the share of a row that a bar is high. */
export function rowBars(
  from: readonly number[],
  to: readonly number[],
  { color, part = 0.7, opacity }: { color: FigureColor; part?: number; opacity?: number },
): PanelSpec['marks'][number] {
  return {
    type: 'boxes',
    left: from,
    right: to,
    low: to.map((_, i) => i - part / 2),
    high: to.map((_, i) => i + part / 2),
    color,
    ...(opacity === undefined ? {} : { opacity }),
  };
}

/** The height of a panel with this number of rows. */
export function rowsWeight(rows: number): number {
  return 0.12 + 0.11 * rows;
}

/** From 0 to a little above the largest number. */
export function fromZero(values: readonly number[]): [number, number] {
  const max = values.reduce((largest, value) => Math.max(largest, value), 0);
  return [0, max > 0 ? 1.03 * max : 1];
}
