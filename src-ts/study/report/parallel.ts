/** Parallel coordinates: one line per trial across the axes of parameters and objectives. */

import { escaped, type Figure, shortened } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import { type ParameterAxis, placeOf, positions, span } from '../table/axes.ts';
import { parameterTicks, roundTicks, shown, shownAt, valueScale } from './scales.ts';
import {
  everyFew,
  type FigureSource,
  isMaximized,
  objectiveOf,
  parameterLabel,
  shareSaid,
  valueLabel,
} from './source.ts';

const [width, height] = [876, 340];
const [top, bottom, left, right] = [40, 34, 24, 74];
const mostLines = 600;
/** Maximum number of drawn parameters. */
const mostAxes = 8;
/** Position below the axes, for trials without the parameter. */
const absent = -0.1;

/** One vertical axis. */
interface Upright {
  readonly label: string;
  readonly ticks: readonly { at: number; text: string }[];
  /** From 0 at the bottom to 1, for each trial. */
  readonly at: readonly number[];
}

/** @param given - the axes, the most important first */
export function drawParallel(
  source: FigureSource,
  given: readonly ParameterAxis[],
  objective: number,
): Figure | undefined {
  const { results } = source;
  const complete = results.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  if (given.length === 0 || complete.length < 2) return undefined;
  const values = complete.trials.map((trial) => objectiveOf(trial, objective));
  const kept = new Set(given.slice(0, mostAxes));
  // In the order of the space, so that related parameters are neighbors.
  const axes = results.axes.filter((axis) => kept.has(axis));
  const uprights = [
    ...axes.map((axis) => parameterUpright(source, axis, positions(complete, axis))),
    valueUpright(source, objective, values),
  ];
  const sign = isMaximized(source, objective) ? -1 : 1;
  const order = Array.from(values.keys()).sort((a, b) => sign * (values[a]! - values[b]!));
  const best = order.slice(0, Math.max(1, Math.ceil(order.length / 10)));
  const others = everyFew(order.slice(best.length), mostLines);
  const shownBest = everyFew(best, mostLines);
  const x = (i: number) => left + ((width - left - right) * i) / (uprights.length - 1);
  const y = (at: number) => top + (height - top - bottom) * (1 - at);
  const line = (row: number) =>
    uprights
      .map(
        ({ at }, i) =>
          `${i === 0 ? 'M' : 'L'}${x(i).toFixed(1)} ${y(Number.isNaN(at[row]) ? absent : at[row]!).toFixed(1)}`,
      )
      .join('');
  const lines = (rows: readonly number[], style: string) =>
    `<g fill="none" stroke-linejoin="round" ${style}>${rows.map((row) => `<path d="${line(row)}"/>`).join('')}</g>`;
  const faint = Math.max(0.12, Math.min(0.45, 30 / others.length));
  const conditional = uprights.some(({ at }) => at.some(Number.isNaN));
  const svg = [
    `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="11.5">`,
    lines(
      [...others].reverse(),
      `stroke="${colour('first')}" stroke-opacity="${faint.toFixed(2)}" stroke-width="1"`,
    ),
    lines(
      [...shownBest].reverse(),
      `stroke="${colour('second')}" stroke-opacity="${Math.max(0.35, Math.min(0.9, 20 / shownBest.length)).toFixed(2)}" stroke-width="1.5"`,
    ),
    ...uprights.map((upright, i) => drawnUpright(upright, x(i), y, (x(1) - x(0)) / 6.8)),
    '</svg>',
  ].join('');
  const many = results.directions.length > 1;
  const out = given.length - axes.length;
  return {
    svg,
    width,
    height,
    name: many ? `parallel-${objective}` : 'parallel',
    title: many ? `Parallel coordinates: ${valueLabel(source, objective)}` : 'Parallel coordinates',
    caption: `One line a complete trial; orange is the best tenth by ${valueLabel(source, objective)}.${
      conditional ? ' Lines below an axis are trials without that parameter.' : ''
    }${out > 0 ? ` The ${out} least important parameters are left out.` : ''}${shareSaid(others.length + shownBest.length, order.length)}`,
  };
}

function drawnUpright(
  { label, ticks }: Upright,
  x: number,
  y: (at: number) => number,
  letters: number,
): string {
  const name = escaped(shortened(label, Math.max(8, Math.floor(letters * 0.95))));
  const halo = `paint-order="stroke" stroke="${colour('paper')}" stroke-width="3" stroke-linejoin="round"`;
  return [
    `<path d="M${x.toFixed(1)} ${y(0).toFixed(1)}V${y(1).toFixed(1)}" stroke="${colour('ink')}" stroke-opacity="0.55"/>`,
    `<text x="${x.toFixed(1)}" y="16" text-anchor="${x < 60 ? 'start' : 'middle'}" ${x < 60 ? `dx="${-20}"` : ''} font-weight="600" fill="${colour('ink')}">${name}</text>`,
    ...ticks.map(
      ({ at, text }) =>
        `<path d="M${(x - 3).toFixed(1)} ${y(at).toFixed(1)}h6" stroke="${colour('ink')}" stroke-opacity="0.55"/><text x="${(x + 6).toFixed(1)}" y="${(y(at) + 4).toFixed(1)}" fill="${colour('ink')}" ${halo}>${escaped(text)}</text>`,
    ),
  ].join('');
}

function parameterUpright(source: FigureSource, axis: ParameterAxis, at: Float64Array): Upright {
  const [low, high] = span(axis);
  const part = (position: number) => (high === low ? 0.5 : (position - low) / (high - low));
  const label = parameterLabel(source, axis.name);
  if (axis.scale === 'categories') {
    const every = Math.ceil(axis.categories.length / 12);
    const ticks = axis.categories.flatMap((_, i) =>
      i % every === 0 ? [{ at: part(i), text: shortened(shownAt(axis, i), 14) }] : [],
    );
    return { label, ticks, at: Array.from(at, part) };
  }
  const ticks = parameterTicks(axis, 6).map((value) => ({
    at: part(placeOf(axis, value) as number),
    text: shown(value),
  }));
  return { label, ticks, at: Array.from(at, part) };
}

function valueUpright(source: FigureSource, objective: number, values: readonly number[]): Upright {
  const { options, clamped, log } = valueScale(values, isMaximized(source, objective));
  const [low, high] = (options.domain as [number, number]).map((end) => (log ? Math.log10(end) : end)) as [
    number,
    number,
  ];
  const part = (value: number) => ((log ? Math.log10(value) : value) - low) / (high - low || 1);
  const all = log ? (options.ticks as number[]) : roundTicks(low, high);
  return {
    label: valueLabel(source, objective),
    ticks: all.map((tick) => ({ at: part(tick), text: shown(tick) })),
    at: values.map((value) => part(clamped(value))),
  };
}
