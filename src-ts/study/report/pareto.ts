/** Trials of several objectives, and their Pareto front. */

import { below, beside, type Figure } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import type { TrialRecord } from '../search/trials.ts';
import { valueScale } from './scales.ts';
import {
  aim,
  everyFew,
  type FigureSource,
  isMaximized,
  objectiveOf,
  shareSaid,
  valueLabel,
} from './source.ts';

const mostDots = 3000;

/** @param front - the trials of the front; draws nothing with one objective */
export function drawPareto(source: FigureSource, front: readonly TrialRecord[]): Figure | undefined {
  const { plot, draw, results } = source;
  const objectives = results.directions.map((_, objective) => objective);
  const pairs = objectives.flatMap((first) =>
    objectives.slice(first + 1).map((second) => [first, second] as const),
  );
  const complete = results.complete.trials;
  if (pairs.length === 0 || complete.length === 0) return undefined;
  const isFront = new Set(front);
  const others = everyFew(
    complete.filter((trial) => !isFront.has(trial)),
    mostDots,
  );
  const one = pairs.length === 1;
  const scales = objectives.map((objective) =>
    valueScale(
      complete.map((trial) => objectiveOf(trial, objective)),
      isMaximized(source, objective),
    ),
  );
  const panels = pairs.map(([first, second]) => {
    const [across, up] = [scales[first]!, scales[second]!];
    const at = (trial: TrialRecord) => ({
      x: across.clamped(objectiveOf(trial, first)),
      y: up.clamped(objectiveOf(trial, second)),
    });
    const known = ({ x, y }: { x: number; y: number }) => Number.isFinite(x) && Number.isFinite(y);
    // With two objectives, every point beyond the steps is worse in both.
    const sorted = front
      .map(at)
      .filter(known)
      .sort((a, b) => a.x - b.x);
    return draw({
      width: one ? 620 : 424,
      height: one ? 420 : 310,
      marginLeft: 62,
      marginRight: 18,
      marginTop: 26,
      marginBottom: 42,
      x: { label: valueLabel(source, first), labelArrow: 'none', labelAnchor: 'center', ...across.options },
      y: { label: valueLabel(source, second), labelArrow: 'none', ...up.options },
      marks: [
        plot.gridX({ stroke: colour('grid'), strokeOpacity: 1, ticks: across.options.ticks as number }),
        plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: up.options.ticks as number }),
        plot.dot(others.map(at).filter(known), {
          x: 'x',
          y: 'y',
          r: 2.6,
          fill: colour('first'),
          fillOpacity: 0.4,
        }),
        one
          ? plot.line(sorted, {
              x: 'x',
              y: 'y',
              stroke: colour('second'),
              strokeWidth: 1.6,
              curve: isMaximized(source, first) ? 'step-before' : 'step-after',
            })
          : null,
        plot.dot(sorted, { x: 'x', y: 'y', r: 3.6, fill: colour('second') }),
      ],
    });
  });
  const rows = Array.from({ length: Math.ceil(panels.length / 2) }, (_, row) =>
    beside(panels.slice(2 * row, 2 * row + 2)),
  );
  return {
    ...below(rows),
    name: 'pareto',
    title: 'Pareto front',
    caption: `${front.length.toLocaleString('en')} of ${complete.length.toLocaleString('en')} complete trials are on the front (orange): no other is better in one objective without being worse in another. ${objectives
      .map((objective) => aim(source, objective))
      .join('; ')}.${shareSaid(others.length + front.length, complete.length)}`,
  };
}
