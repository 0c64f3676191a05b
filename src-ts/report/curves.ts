/** Loss and accuracy over training. */
import { beside, type Draw, type Figure, type Panel, type Plot, titled } from './canvas.ts';
import type { History } from './data.ts';
import { colour } from './theme.ts';
import { extent, thinned } from './thinned.ts';

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

const [width, height] = [424, 250];
const margins = { marginLeft: 46, marginRight: 62, marginTop: 8, marginBottom: 34 };

/** Nothing when the history is empty. */
export function drawCurves(plot: Plot, draw: Draw, history: History): Figure | undefined {
  const { batchLoss = [], loss = [], testLoss = [], accuracy = [], testAccuracy = [] } = history;
  const epochs = Math.max(loss.length, testLoss.length, accuracy.length, testAccuracy.length);
  const unit = epochs > 0 ? 'epoch' : 'batch';
  const perBatch = toPoints(batchLoss, epochs > 0 ? epochs / batchLoss.length : 1);
  const losses = [
    curve('training', 'first', perBatch.length > 0 ? runningMean(perBatch) : toPoints(loss)),
    curve('held out', 'second', toPoints(testLoss)),
  ].filter(({ points }) => points.length > 0);
  const accuracies = [
    curve('training', 'first', toPoints(accuracy)),
    curve('held out', 'second', toPoints(testAccuracy)),
  ].filter(({ points }) => points.length > 0);

  const panels: Panel[] = [];
  if (losses.length > 0) {
    // Single batches may lie far out; the axis follows the curves, and the faint line stops at its top. (No clip
    // path: resvg ends the process at one that leaves nothing to draw.)
    const [low, high] = extent(
      losses.flatMap(({ points }) => points.map(({ y }) => y)),
      0,
    );
    const range: Range = [low, high * 1.08];
    const cut = thinned(perBatch).map(({ x, y }) => ({ x, y: Math.min(y, range[1]) }));
    const faint = plot.line(cut, { x: 'x', y: 'y', stroke: colour('first'), strokeOpacity: 0.22 });
    panels.push(titled('Loss', lines(plot, draw, losses, unit, range, {}, [faint])));
  }
  if (accuracies.length > 0) {
    const [lowest] = extent(accuracies.flatMap(({ points }) => points.map(({ y }) => y)));
    // Down to the next multiple of 5 % with a little room.
    const range: Range = [Math.max(0, Math.floor(lowest * 20 - 0.5) / 20), 1];
    const y = { tickFormat: (v: number) => `${Math.round(1000 * v) / 10} %` };
    panels.push(titled('Accuracy', lines(plot, draw, accuracies, unit, range, y)));
  }
  if (panels.length === 0) return undefined;
  const smoothed =
    perBatch.length > 0
      ? ' The faint line is the loss of single batches, the strong one its running mean.'
      : '';
  return {
    ...beside(panels),
    name: 'curves',
    title: 'Learning curves',
    caption: `Loss and accuracy against the ${unit}; held-out samples are never trained on.${smoothed}`,
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
      // Between whole numbers there are none.
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
        plot.text(points.slice(-1), {
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

/** Pixels by which the two labels at the ends of the curves move apart, so that they do not overlap. */
function labelShifts(curves: Curve[], [low, high]: Range): number[] {
  if (curves.length < 2) return [0];
  const pixels = (height - margins.marginTop - margins.marginBottom) / (high - low || 1);
  const [first, second] = curves.map(({ points }) => points.at(-1)!.y * pixels) as [number, number];
  const missing = Math.max(0, 15 - Math.abs(first - second)) / 2;
  return first >= second ? [-missing, missing] : [missing, -missing];
}

function curve(name: string, tone: 'first' | 'second', points: Point[]): Curve {
  return { name, colour: colour(tone), points: thinned(points) };
}

/** Value number i stands at the end of its stretch, (i + 1) stretches; NaN and infinities are left out. */
function toPoints(values: ArrayLike<number>, stretch = 1): Point[] {
  return Array.from(values, (y, i) => ({ x: (i + 1) * stretch, y })).filter(({ y }) => Number.isFinite(y));
}

/** Mean over a window of a fortieth of the curve around each point. */
function runningMean(points: Point[]): Point[] {
  const reach = Math.floor(points.length / 80);
  const sums = new Float64Array(points.length + 1);
  points.forEach(({ y }, i) => {
    sums[i + 1] = sums[i]! + y;
  });
  return points.map(({ x }, i) => {
    const [from, to] = [Math.max(0, i - reach), Math.min(points.length, i + reach + 1)];
    return { x, y: (sums[to]! - sums[from]!) / (to - from) };
  });
}
