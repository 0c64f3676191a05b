/** What trials reported on their way. */

import type { TrialRecord } from '../../study/trials.ts';
import type { Figure } from '../canvas.ts';
import { colour } from '../theme.ts';
import { thinned } from '../thinned.ts';
import { valueScale } from './scales.ts';
import { everyFew, type FigureSource, isMaximized, shareSaid, valueLabel } from './source.ts';

const mostLines = 400;

/** Nothing where no trial reported twice. */
export function drawReports(source: FigureSource, best: TrialRecord | undefined): Figure | undefined {
  const { plot, draw, results } = source;
  const reporting = results.table.trials.filter(({ reports }) => reports.length > 1);
  if (reporting.length === 0 || results.directions.length > 1) return undefined;
  const drawn = everyFew(reporting, mostLines);
  const scale = valueScale(
    drawn.flatMap(({ reports }) => reports.map(({ value }) => value)),
    isMaximized(source, 0),
  );
  const points = ({ number, reports }: TrialRecord) =>
    thinned(
      reports.map(({ step, value }) => ({
        x: step,
        y: Number.isFinite(value) ? scale.clamped(value) : Number.NaN,
        z: number,
      })),
      200,
    );
  const lines = (trials: readonly TrialRecord[], style: object) =>
    plot.line(trials.flatMap(points), { x: 'x', y: 'y', z: 'z', ...style });
  const of = (state: TrialRecord['state']) =>
    drawn.filter((trial) => trial.state === state && trial !== best);
  const pruned = of('pruned');
  const panel = draw({
    width: 876,
    height: 300,
    marginLeft: 64,
    marginRight: 20,
    marginTop: 10,
    marginBottom: 38,
    x: { label: 'step', labelArrow: 'none', labelAnchor: 'center', tickFormat: 'd', inset: 4 },
    y: { label: null, ...scale.options },
    marks: [
      plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: scale.options.ticks as number }),
      lines([...pruned, ...of('failed'), ...of('running')], {
        stroke: colour('muted'),
        strokeOpacity: 0.45,
        strokeWidth: 1,
      }),
      plot.dot(
        pruned.flatMap((trial) => points(trial).slice(-1)),
        { x: 'x', y: 'y', r: 1.8, fill: colour('muted'), fillOpacity: 0.8 },
      ),
      lines(of('complete'), { stroke: colour('first'), strokeOpacity: 0.4, strokeWidth: 1.2 }),
      best === undefined ? null : lines([best], { stroke: colour('second'), strokeWidth: 2.4 }),
    ],
  });
  return {
    ...panel,
    name: 'reports',
    title: 'Reports of the trials',
    caption: `${valueLabel(source, 0)} as trials reported it, by step: blue complete, grey pruned or unfinished (a dot where they were pruned), orange the best trial.${shareSaid(drawn.length, reporting.length)}`,
  };
}
