/** The objective over two parameters at a time. */
import { invalid } from '../../checks/check.ts';
import { type ParameterAxis, positions, span } from '../../study/table/axes.ts';
import { type PairwiseEffect, quantile } from '../../study/table/effects.ts';
import { Figure } from '../draw/figure.ts';
import type { CellsMark, PanelSpec } from '../draw/spec.ts';
import { isCommon, rankedAxes } from './ranked-axes.ts';
import { parameterAxis, valueScale } from './scales.ts';
import {
  evenSubset,
  type FigureSource,
  isMaximized,
  type ObjectiveFigureOptions,
  objectiveOf,
  parameterLabel,
  sourceOf,
  valueLabel,
} from './source.ts';

/** Options of {@link contours}. */
export interface ContoursOptions extends ObjectiveFigureOptions {
  /** The parameters whose pairs are shown, by their paths; default the three most important ones. */
  parameters?: readonly string[];
}

/** Parameters by default, columns of panels, points of trials, and cells for each step of the estimate. */
const [maxParameters, perRow, maxDots, finer] = [3, 3, 300, 3];

export async function contours(results: unknown, options: ContoursOptions = {}): Promise<Figure> {
  const { appearance, objective, parameters, ...source } = sourceOf('figure.contours', results, options, [
    'objective',
    'parameters',
  ]);
  const ranked = await rankedAxes(source, objective, parameters);
  const axes =
    parameters === undefined
      ? ranked.filter((axis) => isCommon(source, axis)).slice(0, maxParameters)
      : ranked;
  const pairs = axes.flatMap((first, i) => axes.slice(i + 1).map((second) => [first, second] as const));
  const effects = pairs.map(([first, second]) => source.results.pairwise(first.name, second.name, objective));
  const isMaximum = isMaximized(source, objective);
  const all = effects.flatMap(({ mean }) => Array.from(mean).filter(Number.isFinite));
  if (pairs.length === 0) invalid('results', `${axes.length} parameters`, 'two varied parameters at least');
  // All panels share their darkness, so that one scale describes them. A few very bad values do not decide it.
  const { isLog } = valueScale(all, isMaximum);
  const sorted = all.map((value) => (isLog ? Math.log10(value) : value)).sort((a, b) => a - b);
  const [low, high] = [sorted[0] ?? 0, sorted.at(-1) ?? 1];
  const share = (part: number) => (sorted.length === 0 ? part : quantile(sorted, part));
  const range: [number, number] = isMaximum ? [share(0.1), high] : [share(0.9), low];
  const label = valueLabel(source, objective);
  const many = source.results.directions.length > 1;
  const shades = { label, range: range.map((end) => (isLog ? 10 ** end : end)) as [number, number] };
  return new Figure(
    {
      name: many ? `pairwise-${objective}` : 'pairwise',
      title: many ? `Pairs of parameters: ${label}` : 'Pairs of parameters',
      caption: `Estimated mean of ${label} over two parameters (kernel estimate of Nadaraya and Watson), darker is better; blank where no trials are near. Points are trials, the ring the best one.`,
      columns: pairs.map((pair, i) => [
        {
          ...panelOf(source, pair, effects[i]!, { objective, range, isLog }),
          ...(sorted.length === 0 ? {} : { shades }),
        },
      ]),
      perRow,
    },
    appearance,
  );
}

function panelOf(
  source: FigureSource,
  axes: readonly [ParameterAxis, ParameterAxis],
  effect: PairwiseEffect,
  { objective, range, isLog }: { objective: number; range: readonly [number, number]; isLog: boolean },
): PanelSpec {
  const complete = source.results.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  const at = axes.map((axis) => positions(complete, axis)) as [Float64Array, Float64Array];
  const rows = complete.trials
    .map((_, row) => row)
    .filter((row) => Number.isFinite(at[0][row]! + at[1][row]!));
  const sign = isMaximized(source, objective) ? 1 : -1;
  const value = (row: number) => sign * objectiveOf(complete.trials[row]!, objective);
  const best = rows.reduce((max, row) => (value(row) > value(max) ? row : max), rows[0] ?? 0);
  const dots = evenSubset(rows, maxDots);
  const placed = (list: readonly number[]) => ({
    x: list.map((row) => at[0][row]!),
    y: list.map((row) => at[1][row]!),
  });
  const [across, up] = axes;
  return {
    x: parameterAxis(across, parameterLabel(source, across.name)),
    y: parameterAxis(up, parameterLabel(source, up.name)),
    marks: [
      cellsOf(axes, effect, { range, isLog }),
      { type: 'points', ...placed(dots), radius: 1.4, color: 'ink', opacity: 0.45 },
      {
        type: 'points',
        ...placed(rows.length === 0 ? [] : [best]),
        radius: 4.5,
        color: 'accent',
        hollow: true,
      },
    ],
    aspect: 1,
  };
}

/** The estimate as cells: those of numbers are finer than its points, between which it is interpolated. */
function cellsOf(
  axes: readonly [ParameterAxis, ParameterAxis],
  { x, y, mean }: PairwiseEffect,
  { range, isLog }: { range: readonly [number, number]; isLog: boolean },
): CellsMark {
  const [across, up] = [alongOf(axes[0], x.length), alongOf(axes[1], y.length)];
  const at = (i: number, j: number) => {
    const value = mean[j * x.length + i]!;
    return isLog ? Math.log10(value) : value;
  };
  const values = Array.from({ length: across.cells * up.cells }, (_, cell) => {
    const [i, di] = across.at(cell % across.cells);
    const [j, dj] = up.at(Math.floor(cell / across.cells));
    const [i1, j1] = [Math.min(i + 1, x.length - 1), Math.min(j + 1, y.length - 1)];
    const [below, above] = [j, j1].map(
      (row) => at(i, row) + (di === 0 ? 0 : di * (at(i1, row) - at(i, row))),
    );
    return dj === 0 ? below! : below! + dj * (above! - below!);
  });
  return { type: 'cells', values, columns: across.cells, rows: up.cells, x: across.ends, y: up.ends, range };
}

/** The cells along an axis, and for each of them the point of the estimate before it and the share of the way to the next. */
function alongOf(axis: ParameterAxis, points: number) {
  const [low, high] = span(axis);
  if (axis.scale === 'categories' || points === 1)
    return {
      cells: points,
      ends: [low - 0.5, high + 0.5] as const,
      at: (cell: number) => [cell, 0] as const,
    };
  const cells = finer * (points - 1);
  return {
    cells,
    ends: [low, high] as const,
    at: (cell: number) => {
      const position = (cell + 0.5) / finer;
      return [Math.floor(position), position - Math.floor(position)] as const;
    },
  };
}
