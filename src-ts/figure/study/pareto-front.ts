/** Trials of several objectives, and their Pareto front. */
import { invalid } from '../../checks/check.ts';
import type { TrialRecord } from '../../study/search/trials.ts';
import { Figure } from '../draw/figure.ts';
import type { MarkSpec, PanelSpec } from '../draw/spec.ts';
import { valueScale } from './scales.ts';
import {
  directionText,
  evenSubset,
  isMaximized,
  objectiveOf,
  type StudyFigureOptions,
  shareNote,
  sourceOf,
  valueLabel,
} from './source.ts';

const [maxDots, perRow] = [3000, 2];

export async function paretoFront(results: unknown, options: StudyFigureOptions = {}): Promise<Figure> {
  const { appearance, ...source } = sourceOf('figure.paretoFront', results, options);
  const { results: own } = source;
  const front = await own.paretoFront();
  const objectives = own.directions.map((_, objective) => objective);
  const pairs = objectives.flatMap((first) =>
    objectives.slice(first + 1).map((second) => [first, second] as const),
  );
  const complete = own.complete.trials;
  if (pairs.length === 0 || complete.length === 0)
    invalid(
      'results',
      `${complete.length} complete trials with ${objectives.length} objectives`,
      'two objectives and a trial',
    );
  const isFront = new Set(front);
  const others = evenSubset(
    complete.filter((trial) => !isFront.has(trial)),
    maxDots,
  );
  const scales = objectives.map((objective) =>
    valueScale(
      complete.map((trial) => objectiveOf(trial, objective)),
      isMaximized(source, objective),
    ),
  );
  const columns = pairs.map(([first, second]): PanelSpec[] => {
    const [across, up] = [scales[first]!, scales[second]!];
    const placed = (trials: readonly TrialRecord[]) => {
      const points = trials
        .map((trial) => [objectiveOf(trial, first), objectiveOf(trial, second)] as const)
        .filter(([x, y]) => Number.isFinite(x + y))
        .sort(([a], [b]) => a - b);
      return { x: points.map(([x]) => across.clamped(x)), y: points.map(([, y]) => up.clamped(y)) };
    };
    const best = placed(front);
    return [
      {
        x: { label: valueLabel(source, first), ...across.axis },
        y: { label: valueLabel(source, second), ...up.axis },
        marks: [
          { type: 'points', ...placed(others), opacity: 0.4 },
          // With two objectives, every point beyond the steps is worse in both.
          ...(pairs.length === 1 ? [stepsOf(best, isMaximized(source, first))] : []),
          { type: 'points', ...best, color: 'accent', radius: 3.2 },
        ],
        legend: [
          { name: 'trials', color: 0, mark: 'point' },
          { name: 'Pareto front', color: 'accent', mark: 'point' },
        ],
      },
    ];
  });
  return new Figure(
    {
      name: 'pareto',
      title: 'Pareto front',
      caption: `${front.length.toLocaleString('en')} of ${complete.length.toLocaleString('en')} complete trials are on the front: no other is better in one objective without being worse in another. ${objectives
        .map((objective) => directionText(source, objective))
        .join('; ')}.${shareNote(others.length + front.length, complete.length)}`,
      columns,
      perRow,
    },
    appearance,
  );
}

/** The border of what the front dominates: a value holds up to the next point, or from the one before it where larger is better. */
function stepsOf({ x, y }: { x: number[]; y: number[] }, isMaximum: boolean): MarkSpec {
  const line = { type: 'line', color: 'accent', width: 1.5, steps: true } as const;
  return isMaximum ? { ...line, x: [...x].reverse(), y: [...y].reverse() } : { ...line, x, y };
}
