/** Parallel coordinates: one line per trial across the axes of parameters and objectives. */
import { invalid } from '../../checks/check.ts';
import { type ParameterAxis, positions, span } from '../../study/table/axes.ts';
import { Figure } from '../draw/figure.ts';
import type { FigureColor, MarkSpec, PanelSpec } from '../draw/spec.ts';
import { shortened } from '../draw/text.ts';
import { roundTicks, tickTexts } from '../draw/ticks.ts';
import { rankedAxes } from './ranked-axes.ts';
import { parameterTicks, valueScale } from './scales.ts';
import type { ParametersFigureOptions } from './slices.ts';
import {
  evenSubset,
  type FigureSource,
  isMaximized,
  objectiveOf,
  parameterLabel,
  shareNote,
  sourceOf,
  valueLabel,
} from './source.ts';

const [maxLines, maxAxes] = [600, 6];
/** Position below the axes, for trials without the parameter. */
const absent = -0.1;

/** One vertical axis. */
interface Upright {
  readonly label: string;
  readonly ticks: readonly { at: number; text: string }[];
  /** From 0 at the bottom to 1, for each trial. */
  readonly at: readonly number[];
}

export async function parallelCoordinates(
  results: unknown,
  options: ParametersFigureOptions = {},
): Promise<Figure> {
  const { appearance, objective, parameters, ...source } = sourceOf(
    'figure.parallelCoordinates',
    results,
    options,
    ['objective', 'parameters'],
  );
  const { results: own } = source;
  const ranked = await rankedAxes(source, objective, parameters);
  const complete = own.complete.filter((trial) => Number.isFinite(objectiveOf(trial, objective)));
  if (ranked.length === 0 || complete.length < 2)
    invalid(
      'results',
      `${complete.length} complete trials of ${ranked.length} parameters`,
      'two trials and a parameter',
    );
  const values = complete.trials.map((trial) => objectiveOf(trial, objective));
  const kept = new Set(parameters === undefined ? ranked.slice(0, maxAxes) : ranked);
  // In the order of the space, so that related parameters are neighbors.
  const axes = parameters === undefined ? own.axes.filter((axis) => kept.has(axis)) : ranked;
  const uprights = [
    ...axes.map((axis) => parameterUpright(source, axis, positions(complete, axis))),
    valueUpright(source, objective, values),
  ];
  const sign = isMaximized(source, objective) ? -1 : 1;
  const order = Array.from(values.keys()).sort((a, b) => sign * (values[a]! - values[b]!));
  const best = order.slice(0, Math.max(1, Math.ceil(order.length / 10)));
  const [others, sampledBest] = [evenSubset(order.slice(best.length), maxLines), evenSubset(best, maxLines)];
  const lines = (rows: readonly number[], color: FigureColor, opacity: number, width: number): MarkSpec => ({
    type: 'line',
    x: rows.flatMap(() => [...uprights.keys(), uprights.length - 1]),
    y: rows.flatMap((row) => [
      ...uprights.map(({ at }) => (Number.isNaN(at[row]) ? absent : at[row]!)),
      Number.NaN,
    ]),
    color,
    width,
    opacity,
  });
  const isConditional = uprights.some(({ at }) => at.some(Number.isNaN));
  const last = uprights.length - 1;
  const panel: PanelSpec = {
    x: { label: '', domain: [-0.35, last + 0.75] },
    y: { label: '', domain: [isConditional ? -0.18 : -0.08, 1.3] },
    marks: [
      lines(others, 0, Math.max(0.12, Math.min(0.45, 30 / others.length)), 1),
      lines(sampledBest, 'accent', Math.max(0.35, Math.min(0.9, 20 / sampledBest.length)), 1.5),
      ...uprights.flatMap(({ ticks, label }, i) => uprightMarks(ticks, label, { i, last })),
    ],
    legend: [
      { name: 'trials', color: 0 },
      { name: 'best tenth', color: 'accent' },
    ],
    weight: 1.3,
    bare: true,
  };
  const label = valueLabel(source, objective);
  const many = own.directions.length > 1;
  const out = ranked.length - axes.length;
  const caption = [
    `Each line is a complete trial; the best tenth by ${label} stands out.`,
    isConditional ? ' Lines below an axis are trials without that parameter.' : '',
    out > 0 ? ` The ${out} least important parameters are left out.` : '',
    shareNote(others.length + sampledBest.length, order.length),
  ];
  return new Figure(
    {
      name: many ? `parallel-${objective}` : 'parallel',
      title: many ? `Parallel coordinates: ${label}` : 'Parallel coordinates',
      caption: caption.join(''),
      columns: [[panel]],
    },
    appearance,
  );
}

/** The axis, its ticks with their texts, and its name. Names of neighbors are at different heights, so that they have twice the width. */
function uprightMarks(
  ticks: Upright['ticks'],
  label: string,
  { i, last }: { i: number; last: number },
): MarkSpec[] {
  // The names of the outer axes begin and end with the frame, if they are long.
  const [x, anchor] =
    i === 0
      ? ([-0.33, 'start'] as const)
      : i === last && [...label].length > 6
        ? ([last + 0.73, 'end'] as const)
        : ([i, 'middle'] as const);
  return [
    { type: 'line', x: [i, i], y: [0, 1], color: 'ink', width: 1 },
    { type: 'points', x: ticks.map(() => i), y: ticks.map(({ at }) => at), color: 'ink', radius: 1.6 },
    {
      type: 'text',
      x: ticks.map(() => i),
      y: ticks.map(({ at }) => at),
      texts: ticks.map(({ text }) => shortened(text, 7)),
      anchor: 'start',
      dx: 5,
      color: 'ink',
      halo: true,
    },
    {
      type: 'text',
      x: [x],
      y: [i % 2 === 0 ? 1.11 : 1.22],
      texts: [shortened(label, 14)],
      anchor,
      color: 'muted',
    },
  ];
}

function parameterUpright(source: FigureSource, axis: ParameterAxis, at: Float64Array): Upright {
  const [low, high] = span(axis);
  const part = (position: number) => (high === low ? 0.5 : (position - low) / (high - low));
  const all = parameterTicks(axis, 4);
  const every = Math.ceil(all.length / 10);
  return {
    label: parameterLabel(source, axis.name),
    ticks: all.filter((_, i) => i % every === 0).map((tick) => ({ ...tick, at: part(tick.at) })),
    at: Array.from(at, part),
  };
}

function valueUpright(source: FigureSource, objective: number, values: readonly number[]): Upright {
  const { axis, clamped, isLog } = valueScale(values, isMaximized(source, objective));
  const measure = (value: number) => (isLog ? Math.log10(value) : value);
  const [low, high] = [measure(axis.domain[0]), measure(axis.domain[1])];
  const part = (value: number) => (measure(value) - low) / (high - low || 1);
  const ticks = roundTicks(axis.domain, isLog ? 'log' : 'linear', 4);
  const texts = tickTexts(ticks, isLog ? 'log' : 'linear');
  return {
    label: valueLabel(source, objective),
    ticks: ticks.map((tick, i) => ({ at: part(tick), text: texts[i]! })),
    at: values.map((value) => part(clamped(value))),
  };
}
