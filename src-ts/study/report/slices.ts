/** The objective as a function of each parameter. */

import { below, beside, type Figure, type Panel, titled } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import { type ParameterAxis, placeOf, positions, valueAt } from '../table/axes.ts';
import type { MarginalBin } from '../table/effects.ts';
import { parameterScale, slant, type ValueScale, valueScale } from './scales.ts';
import {
  everyFew,
  type FigureSource,
  isMaximized,
  objectiveOf,
  parameterLabel,
  shareSaid,
  valueLabel,
} from './source.ts';

const [width, height, perRow] = [270, 176, 3];
const margins = { marginLeft: 52, marginRight: 12, marginTop: 8 };
const mostDots = 1200;

/** @param axes - the parameters to draw, the most important first */
export function drawSlices(
  source: FigureSource,
  axes: readonly ParameterAxis[],
  objective: number,
): Figure | undefined {
  const { results } = source;
  const complete = results.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  if (axes.length === 0 || complete.length === 0) return undefined;
  const values = complete.trials.map((trial) => objectiveOf(trial, objective));
  const scale = valueScale(values, isMaximized(source, objective));
  const rows = Array.from({ length: Math.ceil(axes.length / perRow) }, (_, row) => {
    const list = axes.slice(row * perRow, (row + 1) * perRow);
    const room = Math.max(...list.map((axis) => slant(axis, width - 64)));
    const panels = list.map((axis) => slice(source, axis, { objective, scale, values, room }));
    return beside(panels, 33);
  });
  const several = results.directions.length > 1;
  const far = values.some(scale.beyond);
  return {
    ...below(rows, 16),
    name: several ? `slices-${objective}` : 'slices',
    title: several ? `Slices: ${valueLabel(source, objective)}` : 'Slices',
    caption: `${valueLabel(source, objective)} by one parameter at a time, one dot a complete trial. Lines and bars are medians of bins of equally many trials, shades their quartiles.${
      far ? ' Values beyond the axis stand at its end.' : ''
    }${shareSaid(Math.min(values.length, everyFew(values, mostDots).length), values.length)}`,
  };
}

function slice(
  source: FigureSource,
  axis: ParameterAxis,
  {
    objective,
    scale,
    values,
    room,
  }: { objective: number; scale: ValueScale; values: readonly number[]; room: number },
): Panel {
  const { plot, draw, results } = source;
  const complete = results.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  const at = positions(complete, axis);
  const categories = axis.scale === 'categories';
  const points = everyFew(
    values.flatMap((y, row) =>
      Number.isNaN(at[row])
        ? []
        : [{ x: categories ? valueAt(axis, at[row]!) : at[row]!, y: scale.clamped(y), row }],
    ),
    mostDots,
  );
  const bins = results.marginal(axis.name, objective).map((bin) => ({
    ...bin,
    median: scale.clamped(bin.median),
    lower: scale.clamped(bin.lower),
    upper: scale.clamped(bin.upper),
  }));
  // Dots of one category are spread horizontally, each at a reproducible position.
  const step = (width - 64) / axis.categories.length;
  const spread = (row: number) => (((row * 0.618034) % 1) - 0.5) * Math.min(0.5 * step, 40);
  const dots = categories
    ? Array.from({ length: 16 }, (_, k) =>
        plot.dot(
          points.filter(({ row }) => row % 16 === k),
          { x: 'x', y: 'y', r: 2, fill: colour('first'), fillOpacity: 0.4, dx: spread(k) },
        ),
      )
    : [plot.dot(points, { x: 'x', y: 'y', r: 2, fill: colour('first'), fillOpacity: 0.4 })];
  const half = Math.min(0.36 * step, 30);
  const second = colour('second');
  const medians = categories
    ? bins.flatMap((bin) => [
        plot.ruleX([bin], {
          x: 'at',
          y1: 'lower',
          y2: 'upper',
          stroke: second,
          strokeWidth: 2 * half,
          strokeOpacity: 0.2,
        }),
        plot.vector([bin], {
          x: 'at',
          y: 'median',
          length: 2 * half,
          rotate: 90,
          shape: { draw: bar },
          stroke: second,
          strokeWidth: 2.2,
          anchor: 'middle',
        }),
      ])
    : [
        plot.areaY(polyline(axis, bins), {
          x: 'x',
          y1: 'lower',
          y2: 'upper',
          fill: second,
          fillOpacity: 0.2,
        }),
        plot.line(polyline(axis, bins), { x: 'x', y: 'median', stroke: second, strokeWidth: 2 }),
      ];
  return titled(
    parameterLabel(source, axis.name),
    draw({
      width,
      height: height + room,
      ...margins,
      marginBottom: 26 + room,
      x: { label: null, ...parameterScale(axis, width - 64), inset: categories ? 0 : 4 },
      y: { label: null, ...scale.options },
      marks: [
        plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: scale.options.ticks as number }),
        ...dots,
        ...medians,
      ],
    }),
  );
}

/** A horizontal line; vector symbols are vertical. */
function bar(
  context: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void },
  length: number,
): void {
  context.moveTo(0, 0);
  context.lineTo(0, -length);
}

/** Through the middle of each bin, from the first value of the first bin to the last value of the last. */
function polyline(
  axis: ParameterAxis,
  bins: readonly MarginalBin[],
): { x: number; median: number; lower: number; upper: number }[] {
  const last = bins.length - 1;
  return bins.flatMap(({ from, at, to, median, lower, upper }, i) =>
    [...(i === 0 ? [from] : []), at, ...(i === last ? [to] : [])].map((value) => ({
      x: placeOf(axis, value) as number,
      median,
      lower,
      upper,
    })),
  );
}
