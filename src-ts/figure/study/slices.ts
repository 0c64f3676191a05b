/** The objective as a function of each parameter. */
import { invalid } from '../../checks/check.ts';
import { coordinateOf, type ParameterAxis, positions } from '../../study/table/axes.ts';
import type { MarginalBin } from '../../study/table/effects.ts';
import { Figure } from '../draw/figure.ts';
import type { MarkSpec, PanelSpec } from '../draw/spec.ts';
import { rankedAxes } from './ranked-axes.ts';
import { parameterAxis, type ValueScale, valueScale } from './scales.ts';
import {
  evenSubset,
  type FigureSource,
  isMaximized,
  type ObjectiveFigureOptions,
  objectiveOf,
  parameterLabel,
  shareNote,
  sourceOf,
  valueLabel,
} from './source.ts';

/** Options of {@link slices} and {@link parallelCoordinates}. */
export interface ParametersFigureOptions extends ObjectiveFigureOptions {
  /** The parameters that are shown, by their paths; default the most important ones. */
  parameters?: readonly string[];
}

const [maxPanels, perRow, maxDots] = [12, 3, 1200];

export async function slices(results: unknown, options: ParametersFigureOptions = {}): Promise<Figure> {
  const { appearance, objective, parameters, ...source } = sourceOf('figure.slices', results, options, [
    'objective',
    'parameters',
  ]);
  const { results: own } = source;
  const axes = (await rankedAxes(source, objective, parameters)).slice(0, maxPanels);
  const complete = own.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  if (axes.length === 0 || complete.length === 0)
    invalid('results', 'no complete trial with a varied parameter', 'at least one');
  const values = complete.trials.map((trial) => objectiveOf(trial, objective));
  const scale = valueScale(values, isMaximized(source, objective));
  const label = valueLabel(source, objective);
  const far = values.some(scale.beyond) ? ' Values beyond the axis are drawn at its end.' : '';
  const many = own.directions.length > 1;
  return new Figure(
    {
      name: many ? `slices-${objective}` : 'slices',
      title: many ? `Slices: ${label}` : 'Slices',
      caption: `${label} by one parameter at a time, each point a complete trial. Lines and bars are medians of bins of equally many trials, shades their quartiles.${far}${shareNote(Math.min(values.length, evenSubset(values, maxDots).length), values.length)}`,
      columns: axes.map((axis) => [
        slice(source, axis, { objective, scale, values, at: positions(complete, axis) }),
      ]),
      perRow,
    },
    appearance,
  );
}

function slice(
  source: FigureSource,
  axis: ParameterAxis,
  {
    objective,
    scale,
    values,
    at,
  }: { objective: number; scale: ValueScale; values: readonly number[]; at: Float64Array },
): PanelSpec {
  const isChoice = axis.scale === 'categories';
  // Points of one category are spread horizontally, each at a reproducible position.
  const spread = (row: number) => (isChoice ? (((row * 0.618034) % 1) - 0.5) * 0.5 : 0);
  const points = evenSubset(
    values.flatMap((y, row) =>
      Number.isNaN(at[row]) ? [] : [{ x: at[row]! + spread(row), y: scale.clamped(y) }],
    ),
    maxDots,
  );
  const bins = source.results.marginal(axis.name, objective).map((bin) => ({
    ...bin,
    median: scale.clamped(bin.median),
    lower: scale.clamped(bin.lower),
    upper: scale.clamped(bin.upper),
  }));
  return {
    x: parameterAxis(axis, parameterLabel(source, axis.name)),
    y: { label: valueLabel(source, objective), ...scale.axis },
    marks: [
      { type: 'points', x: points.map(({ x }) => x), y: points.map(({ y }) => y), radius: 2, opacity: 0.4 },
      ...(isChoice ? barsOf(axis, bins) : curveOf(axis, bins)),
    ],
  };
}

function barsOf(axis: ParameterAxis, bins: readonly MarginalBin[]): MarkSpec[] {
  const at = bins.map((bin) => axis.categories.indexOf(String(bin.at)));
  const half = 0.36;
  return [
    {
      type: 'boxes',
      left: at.map((x) => x - half),
      right: at.map((x) => x + half),
      low: bins.map(({ lower }) => lower),
      high: bins.map(({ upper }) => upper),
      color: 'accent',
      opacity: 0.2,
    },
    {
      type: 'line',
      x: at.flatMap((x) => [x - half, x + half, x + half]),
      y: bins.flatMap(({ median }) => [median, median, Number.NaN]),
      color: 'accent',
      width: 2,
    },
  ];
}

/** Through the middle of each bin, from the first value of the first bin to the last value of the last. */
function curveOf(axis: ParameterAxis, bins: readonly MarginalBin[]): MarkSpec[] {
  const last = bins.length - 1;
  const points = bins.flatMap(({ from, at, to, median, lower, upper }, i) =>
    [...(i === 0 ? [from] : []), at, ...(i === last ? [to] : [])].map((value) => ({
      x: coordinateOf(axis, value) as number,
      median,
      lower,
      upper,
    })),
  );
  const x = points.map((point) => point.x);
  return [
    {
      type: 'band',
      x,
      low: points.map(({ lower }) => lower),
      high: points.map(({ upper }) => upper),
      color: 'accent',
    },
    { type: 'line', x, y: points.map(({ median }) => median), color: 'accent', width: 2 },
  ];
}
