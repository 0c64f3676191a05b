/** The value of each trial, in the order of their numbers, with the best so far. */
import { Figure } from '../draw/figure.ts';
import type { AxisSpec, MarkSpec, PanelSpec } from '../draw/spec.ts';
import { valueScale } from './scales.ts';
import {
  directionText,
  evenSubset,
  type FigureSource,
  isMaximized,
  objectiveOf,
  type StudyFigureOptions,
  shareNote,
  sourceOf,
  valueLabel,
} from './source.ts';

const [maxDots, maxTicks] = [4000, 1500];

export async function optimizationHistory(
  results: unknown,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  const { appearance, ...source } = sourceOf('figure.optimizationHistory', results, options);
  const { results: own } = source;
  const last = own.table.trials.at(-1)?.number ?? 1;
  const rest = unfinished(source, last);
  const objectives = own.directions.map((_, objective) => objective);
  const panels = objectives.map((objective) =>
    values(source, objective, trialAxis(last, rest !== undefined || objective < objectives.length - 1)),
  );
  const words = [
    `Each point is a complete trial, the line the best so far (${objectives.map((objective) => directionText(source, objective)).join('; ')}).`,
    rest === undefined ? '' : ' Strokes below are trials without a value.',
    shareNote(evenSubset(own.complete.trials, maxDots).length, own.complete.length),
  ];
  return new Figure(
    {
      name: 'history',
      title: 'History',
      caption: words.join(''),
      columns: [rest === undefined ? panels : [...panels, rest]],
    },
    appearance,
  );
}

function values(source: FigureSource, objective: number, x: AxisSpec): PanelSpec {
  const { results } = source;
  const complete = results.complete.trials;
  const scale = valueScale(
    complete.map((trial) => objectiveOf(trial, objective)),
    isMaximized(source, objective),
  );
  const points = evenSubset(complete, maxDots)
    .map((trial) => ({ x: trial.number, y: objectiveOf(trial, objective) }))
    .filter(({ y }) => Number.isFinite(y));
  const [near, far] = [points.filter(({ y }) => !scale.beyond(y)), points.filter(({ y }) => scale.beyond(y))];
  const { number, best } = results.history(objective);
  const dots = (list: typeof points, hollow: boolean): MarkSpec => ({
    type: 'points',
    x: list.map((point) => point.x),
    y: list.map((point) => scale.clamped(point.y)),
    color: 0,
    ...(hollow ? { hollow } : { opacity: 0.55 }),
  });
  const end = x.domain![1];
  return {
    x,
    y: { label: valueLabel(source, objective), ...scale.axis },
    marks: [
      dots(near, false),
      ...(far.length === 0 ? [] : [dots(far, true)]),
      {
        type: 'line',
        x: number.length === 0 ? [] : [...number, end],
        y: number.length === 0 ? [] : [...best, best.at(-1)!],
        color: 'accent',
        width: 2,
        steps: true,
      },
    ],
    legend: [
      { name: 'complete trials', color: 0, mark: 'point' },
      { name: 'best so far', color: 'accent' },
    ],
  };
}

/** One row of strokes for each state without a value. */
function unfinished({ results }: FigureSource, last: number): PanelSpec | undefined {
  const { trials } = results.table;
  const colors = { pruned: 'muted', failed: 'wrong', running: 2 } as const;
  const states = (['pruned', 'failed', 'running'] as const).filter((state) =>
    trials.some((trial) => trial.state === state),
  );
  if (states.length === 0) return undefined;
  return {
    x: trialAxis(last, false),
    y: {
      label: '',
      domain: [states.length - 0.5, -0.5],
      ticks: states.map((_, i) => i),
      tickLabels: states,
    },
    marks: states.map((state, row): MarkSpec => {
      const own = evenSubset(
        trials.filter((trial) => trial.state === state),
        maxTicks,
      );
      return {
        type: 'ticks',
        x: own.map(({ number }) => number),
        y: own.map(() => row),
        length: 0.7,
        color: colors[state],
      };
    }),
    weight: 0.1 * states.length,
  };
}

function trialAxis(last: number, hidden: boolean): AxisSpec {
  const margin = 0.01 * Math.max(1, last);
  const ticks = last <= 10 ? { ticks: Array.from({ length: last + 1 }, (_, i) => i) } : {};
  return { label: 'trial', domain: [-margin, Math.max(1, last) + margin], hidden, ...ticks };
}
