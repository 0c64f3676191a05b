/** The objective over two parameters at a time. */
import type { PlotOptions } from '@observablehq/plot';
import { below, beside, escaped, type Figure, type Panel } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import { type ParameterAxis, positions, span, valueAt } from '../table/axes.ts';
import { type PairwiseEffect, quantile } from '../table/effects.ts';
import { parameterScale, shown, slant } from './scales.ts';
import {
  everyFew,
  type FigureSource,
  isMaximized,
  objectiveOf,
  parameterLabel,
  valueLabel,
} from './source.ts';

const [size, levels, mostDots] = [272, 9, 300];
/** Opacity of one level; levels are drawn on top of each other. */
const shade = 0.1;

interface Pair {
  readonly axes: readonly [ParameterAxis, ParameterAxis];
  readonly effect: PairwiseEffect;
}

/** @param pairs - the parameters to draw, at most three pairs */
export function drawPairwise(
  source: FigureSource,
  pairs: readonly (readonly [ParameterAxis, ParameterAxis])[],
  objective: number,
): Figure | undefined {
  const { results } = source;
  const sign = isMaximized(source, objective) ? 1 : -1;
  const drawn: Pair[] = pairs.map((axes) => ({
    axes,
    effect: results.pairwise(axes[0].name, axes[1].name, objective),
  }));
  // Darker is better. All panels share their levels, so that one legend describes them.
  const good = drawn.flatMap(({ effect }) =>
    Array.from(effect.mean, (mean) => sign * mean).filter(Number.isFinite),
  );
  if (good.length === 0) return undefined;
  const sorted = good.sort((a, b) => a - b);
  const all = Array.from({ length: levels }, (_, i) => quantile(sorted, (i + 0.5) / levels));
  const thresholds = [...new Set(all)];
  const room = Math.max(...pairs.map(([across]) => slant(across, size - 62)));
  const panels = drawn.map((pair) => panelOf(source, pair, { objective, sign, thresholds, room }));
  const many = results.directions.length > 1;
  const name = valueLabel(source, objective);
  return {
    ...below([beside(panels, 30), legend(thresholds, sign, name)], 8),
    name: many ? `pairwise-${objective}` : 'pairwise',
    title: many ? `Pairs of parameters: ${name}` : 'Pairs of parameters',
    caption: `Estimated mean of ${name} over two parameters (kernel estimate of Nadaraya and Watson), darker is better; blank where no trials are near. Dots are trials, the ring the best one.`,
  };
}

function panelOf(
  source: FigureSource,
  { axes, effect }: Pair,
  {
    objective,
    sign,
    thresholds,
    room,
  }: { objective: number; sign: number; thresholds: readonly number[]; room: number },
): Panel {
  const { plot, draw, results } = source;
  const [across, up] = axes;
  const complete = results.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  const at = axes.map((axis) => positions(complete, axis));
  const points = complete.trials.flatMap((trial, row) => {
    const [x, y] = [at[0]![row]!, at[1]![row]!];
    return Number.isNaN(x) || Number.isNaN(y)
      ? []
      : [{ x: placeOn(across, x), y: placeOn(up, y), value: sign * objectiveOf(trial, objective) }];
  });
  const best = points.reduce((most, point) => (point.value > most.value ? point : most), points[0]!);
  const smooth = across.scale !== 'categories' && up.scale !== 'categories';
  const marks: PlotOptions['marks'] = smooth
    ? contours(source, axes, effect, sign, thresholds)
    : cells(source, axes, effect, sign, thresholds);
  return draw({
    width: size,
    height: size + 6 + room,
    marginLeft: 56,
    marginRight: 24,
    marginTop: 24,
    marginBottom: 44 + room,
    x: {
      label: parameterLabel(source, across.name),
      labelArrow: 'none',
      labelAnchor: 'center',
      labelOffset: 38 + room,
      ...parameterScale(across, size - 66, !smooth),
    },
    y: {
      label: parameterLabel(source, up.name),
      labelArrow: 'none',
      ...parameterScale(up, 5 * 52, !smooth),
      tickRotate: 0,
    },
    marks: [
      ...marks,
      plot.dot(everyFew(points, mostDots), {
        x: 'x',
        y: 'y',
        r: 1.5,
        fill: colour('ink'),
        fillOpacity: 0.45,
      }),
      plot.dot([best], { x: 'x', y: 'y', r: 5, stroke: colour('second'), strokeWidth: 2.2 }),
      plot.frame({ stroke: colour('grid') }),
    ],
  });
}

type Marks = NonNullable<PlotOptions['marks']>;

/** The region of at least each level, drawn on top of each other, above the region with any data. */
function contours(
  { plot }: FigureSource,
  [across, up]: Pair['axes'],
  { x, y, mean }: PairwiseEffect,
  sign: number,
  thresholds: readonly number[],
): Marks {
  const [xs, ys] = [span(across), span(up)];
  const grid = {
    width: x.length,
    height: y.length,
    x1: xs[0],
    x2: xs[1],
    y1: ys[0],
    y2: ys[1],
  };
  // Contours would interpolate between rows, so blanks get a value far below every level.
  const lowest = thresholds[0]! - 10 * (thresholds.at(-1)! - thresholds[0]! || 1);
  const good = Float64Array.from(mean, (value) => (Number.isNaN(value) ? lowest : sign * value));
  const known = Float64Array.from(mean, (value) => Number(!Number.isNaN(value)));
  const filled = { stroke: 'none', fill: colour('first'), fillOpacity: shade };
  return [
    plot.contour(known, { ...grid, thresholds: [0.5], ...filled, fillOpacity: 0.06 }),
    ...thresholds.map((threshold) => plot.contour(good, { ...grid, thresholds: [threshold], ...filled })),
  ];
}

/** If one of the two is a choice: one cell per grid point, as dark as its level. */
function cells(
  { plot }: FigureSource,
  [across, up]: Pair['axes'],
  { x, y, mean }: PairwiseEffect,
  sign: number,
  thresholds: readonly number[],
): Marks {
  const edges = (axis: ParameterAxis, points: readonly (number | string)[], i: number) => {
    const [low, high] = span(axis);
    const at = (place: number) =>
      low + ((high - low) * Math.min(points.length - 1, Math.max(0, place))) / (points.length - 1);
    return [at(i - 0.5), at(i + 0.5)] as const;
  };
  const rectangles = Array.from(mean, (value, place) => {
    const [i, j] = [place % x.length, Math.floor(place / x.length)];
    const [[x1, x2], [y1, y2]] = [edges(across, x, i), edges(up, y, j)];
    return { x1, x2, y1, y2, x: x[i]!, y: y[j]!, value };
  }).filter(({ value }) => !Number.isNaN(value));
  const opacity = ({ value }: { value: number }) => {
    const reached = thresholds.filter((threshold) => sign * value >= threshold).length;
    return 1 - (1 - 0.06) * (1 - shade) ** reached;
  };
  // Without antialiasing, which would show seams between cells.
  const style = { fill: colour('first'), fillOpacity: opacity, shapeRendering: 'crispEdges' };
  if (across.scale === 'categories' && up.scale === 'categories')
    return [plot.cell(rectangles, { x: 'x', y: 'y', ...style })];
  if (across.scale === 'categories') return [plot.barY(rectangles, { x: 'x', y1: 'y1', y2: 'y2', ...style })];
  return [plot.barX(rectangles, { y: 'y', x1: 'x1', x2: 'x2', ...style })];
}

/** The shades from worst to best, with the values between them. */
function legend(thresholds: readonly number[], sign: number, name: string): Panel {
  const [left, step, tall] = [56, 46, 14];
  const text = (x: number, y: number, anchor: string, words: string) =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="${colour('ink')}">${escaped(words)}</text>`;
  const boxes = Array.from({ length: thresholds.length + 1 }, (_, i) => {
    const opacity = 1 - 0.94 * (1 - shade) ** i;
    return `<rect x="${left + i * step}" y="2" width="${step}" height="${tall}" fill="${colour('first')}" fill-opacity="${opacity.toFixed(3)}"/>`;
  });
  // Only every second boundary has its number, because a number is as wide as two boxes.
  const numbers = thresholds.map((threshold, i) =>
    i % 2 === 0 ? text(left + (i + 1) * step, 31, 'middle', shown(sign * threshold)) : '',
  );
  const [width, height] = [876, 36];
  const end = left + boxes.length * step + 12;
  const svg = `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, system-ui, sans-serif" font-size="11.5">${boxes.join('')}${numbers.join('')}${text(end, 13, 'start', name)}</svg>`;
  return { svg, width, height };
}

/** The position at which a figure draws a value. */
function placeOn(axis: ParameterAxis, position: number): number | string {
  return axis.scale === 'categories' ? valueAt(axis, position) : position;
}
