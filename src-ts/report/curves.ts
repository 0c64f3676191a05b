/** Loss and accuracy over training. */

import { extent } from '../numbers/extent.ts';
import { beside, type Draw, type Figure, type Panel, type Plot, titled } from './canvas.ts';
import type { History } from './data.ts';
import { colour } from './theme.ts';
import { thinned } from './thinned.ts';

interface Point {
  x: number;
  y: number;
}
interface Curve {
  name: string;
  colour: string;
  points: readonly Point[];
}

type Range = [low: number, high: number];
type Markish = ReturnType<Plot['line']>;

const [width, height, labelHeight] = [430, 250, 15];
const margins = { marginLeft: 46, marginRight: 72, marginTop: 8, marginBottom: 34 };

/** Draws nothing if the history is empty. */
export function drawCurves(plot: Plot, draw: Draw, history: History): Figure | undefined {
  const { batchLoss = [], loss = [], validationLoss = [], testLoss = [] } = history;
  const { accuracy = [], validationAccuracy = [], testAccuracy = [] } = history;
  const perEpoch = [loss, validationLoss, testLoss, accuracy, validationAccuracy, testAccuracy];
  const epochs = Math.max(...perEpoch.map(({ length }) => length));
  const unit = epochs > 0 ? 'epoch' : 'batch';
  const perBatch = toPoints(batchLoss, epochs > 0 ? epochs / batchLoss.length : 1);
  const losses = [
    curve('training', 'first', perBatch.some(isFinitePoint) ? runningMean(perBatch) : toPoints(loss)),
    curve('validation', 'second', toPoints(validationLoss)),
    curve('test', 'third', toPoints(testLoss)),
  ].filter(isDrawn);
  const accuracies = [
    curve('training', 'first', toPoints(accuracy)),
    curve('validation', 'second', toPoints(validationAccuracy)),
    curve('test', 'third', toPoints(testAccuracy)),
  ].filter(isDrawn);

  const panels: Panel[] = [];
  if (losses.length > 0) {
    // Single batches may be outliers. The axis follows the curves, and the faint line is cut at its top. (Not by a clip
    // path: resvg aborts the process if one leaves nothing to draw.)
    const [low, high] = extent(
      losses.flatMap(({ points }) => points.filter(isFinitePoint).map(({ y }) => y)),
      0,
    );
    const range: Range = [low, high * 1.08];
    const cut = thinned(perBatch).map(({ x, y }) => ({ x, y: Math.min(y, range[1]) }));
    const faint = plot.line(cut, { x: 'x', y: 'y', stroke: colour('first'), strokeOpacity: 0.22 });
    panels.push(titled('Loss', lines(plot, draw, losses, unit, range, {}, [faint])));
  }
  if (accuracies.length > 0) {
    const [lowest] = extent(
      accuracies.flatMap(({ points }) => points.filter(isFinitePoint).map(({ y }) => y)),
    );
    // Down to the next multiple of 5 %, with some margin.
    const range: Range = [Math.max(0, Math.floor(lowest * 20 - 0.5) / 20), 1];
    const y = { tickFormat: (v: number) => `${Math.round(1000 * v) / 10} %` };
    panels.push(titled('Accuracy', lines(plot, draw, accuracies, unit, range, y)));
  }
  if (panels.length === 0) return undefined;
  const smoothed = perBatch.some(isFinitePoint)
    ? ' The faint line is the loss of single batches, the strong one its running mean.'
    : '';
  const broken = [...losses, ...accuracies].some(({ points }) => !points.every(isFinitePoint));
  const gaps = broken ? ' Gaps are values that are not finite numbers.' : '';
  return {
    ...beside(panels),
    name: 'curves',
    title: 'Learning curves',
    caption: `${panels.length > 1 ? 'Loss and accuracy' : losses.length > 0 ? 'Loss' : 'Accuracy'} against the ${unit}.${smoothed}${gaps}`,
  };
}

function lines(
  plot: Plot,
  draw: Draw,
  curves: Curve[],
  unit: string,
  range: Range,
  y: object,
  under: Markish[] = [],
): Panel {
  const few = curves.every(({ points }) => points.length <= 40);
  const [first, last] = extent(curves.flatMap(({ points }) => [points[0]!.x, points.at(-1)!.x]));
  const shifts = labelShifts(curves, range);
  return draw({
    width,
    height,
    ...margins,
    x: {
      label: unit,
      labelArrow: 'none',
      labelAnchor: 'center',
      // There are no ticks between integers.
      ticks: Math.min(6, Math.round(last - first)),
      tickFormat: 'd',
      inset: 4,
    },
    y: { label: null, ticks: 5, domain: range, ...y },
    marks: [
      plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: 5 }),
      ...under,
      ...curves.flatMap(({ name, colour: stroke, points }, i) => [
        plot.line(points, { x: 'x', y: 'y', stroke, strokeWidth: 2 }),
        few ? plot.dot(points, { x: 'x', y: 'y', fill: stroke, r: 2.6 }) : null,
        plot.text(points.filter(isFinitePoint).slice(-1), {
          x: 'x',
          y: 'y',
          text: () => name,
          fill: stroke,
          fontWeight: 600,
          textAnchor: 'start',
          dx: 8,
          dy: shifts[i]!,
        }),
      ]),
    ],
  });
}

/** Vertical offsets in pixels of the labels at the ends of the curves, so that they do not overlap. */
function labelShifts(curves: Curve[], [low, high]: Range): number[] {
  const pixels = (height - margins.marginTop - margins.marginBottom) / (high - low || 1);
  // From the top of the panel down.
  const places = curves.map(({ points }) => -points.findLast(isFinitePoint)!.y * pixels);
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  // A label that is too near is moved down; then all labels are moved up by half of the last one's offset.
  for (let k = 1; k < order.length; k++)
    moved[order[k]!] = Math.max(moved[order[k]!]!, moved[order[k - 1]!]! + labelHeight);
  const last = order.at(-1)!;
  const rise = (moved[last]! - places[last]!) / 2;
  return moved.map((place, i) => place - places[i]! - rise);
}

function curve(name: string, tone: 'first' | 'second' | 'third', points: Point[]): Curve {
  return { name, colour: colour(tone), points: thinned(points) };
}

/** Value i is drawn at the end of its interval, at i + 1 intervals; infinities are gaps, as NaN is. */
function toPoints(values: ArrayLike<number>, stretch = 1): Point[] {
  return Array.from(values, (y, i) => ({ x: (i + 1) * stretch, y: Number.isFinite(y) ? y : Number.NaN }));
}

function isFinitePoint({ y }: Point): boolean {
  return Number.isFinite(y);
}

function isDrawn({ points }: Curve): boolean {
  return points.some(isFinitePoint);
}

/**
 * The running mean over a window of a fortieth of the curve; values that are not finite are skipped, and gaps remain
 * gaps.
 */
function runningMean(points: Point[]): Point[] {
  const reach = Math.floor(points.length / 80);
  const [sums, counts] = [new Float64Array(points.length + 1), new Uint32Array(points.length + 1)];
  points.forEach((point, i) => {
    const there = isFinitePoint(point);
    sums[i + 1] = sums[i]! + (there ? point.y : 0);
    counts[i + 1] = counts[i]! + Number(there);
  });
  return points.map((point, i) => {
    if (!isFinitePoint(point)) return point;
    const [from, to] = [Math.max(0, i - reach), Math.min(points.length, i + reach + 1)];
    return { x: point.x, y: (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!) };
  });
}
