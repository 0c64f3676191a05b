/** The reports of trials by step. */

import { below, type Figure, type Panel, titled } from '../../report/canvas.ts';
import { colour } from '../../report/theme.ts';
import { thinned } from '../../report/thinned.ts';
import type { TrialRecord, TrialReport } from '../search/trials.ts';
import { valueScale } from './scales.ts';
import { everyFew, type FigureSource, isMaximized, shareSaid, valueLabel } from './source.ts';

const [width, mostLines] = [876, 400];

/** Draws nothing if no trial reported twice. @param best - the best trial, with one objective */
export function drawReports(source: FigureSource, best: TrialRecord | undefined): Figure | undefined {
  const { results } = source;
  const reporting = results.table.trials.filter(({ reports }) => reports.length > 1);
  if (reporting.length === 0) return undefined;
  const drawn = everyFew(reporting, mostLines);
  const one = results.directions.length === 1;
  const shownBest = one && best !== undefined && best.reports.length > 1 ? best : undefined;
  const panels = results.directions.map((_, objective) => {
    const panel = lines(source, drawn, shownBest, objective);
    return one ? panel : titled(valueLabel(source, objective), panel);
  });
  return {
    ...below(panels),
    name: 'reports',
    title: 'Reports of the trials',
    caption: `${one ? valueLabel(source, 0) : 'Values'} as trials reported them, by step: blue complete, grey pruned or unfinished (a dot where they were pruned)${
      shownBest === undefined ? '' : ', orange the best trial'
    }.${shareSaid(drawn.length, reporting.length)}`,
  };
}

function lines(
  source: FigureSource,
  drawn: readonly TrialRecord[],
  best: TrialRecord | undefined,
  objective: number,
): Panel {
  const { plot, draw } = source;
  const value = ({ value: reported }: TrialReport) =>
    typeof reported === 'number' ? reported : (reported[objective] ?? Number.NaN);
  const scale = valueScale(
    drawn.flatMap(({ reports }) => reports.map(value)),
    isMaximized(source, objective),
  );
  const points = ({ number, reports }: TrialRecord) => {
    const all = reports.map((report) => {
      const y = value(report);
      return { x: report.step, y: Number.isFinite(y) ? scale.clamped(y) : Number.NaN, z: number };
    });
    return thinned(all, 200);
  };
  const of = (state: TrialRecord['state']) =>
    drawn.filter((trial) => trial.state === state && trial !== best);
  const line = (trials: readonly TrialRecord[], style: object) =>
    plot.line(trials.flatMap(points), { x: 'x', y: 'y', z: 'z', ...style });
  const faint = { stroke: colour('muted'), strokeOpacity: 0.45, strokeWidth: 1 };
  const pruned = of('pruned');
  const ends = pruned.flatMap((trial) => points(trial).slice(-1));
  return draw({
    width,
    height: source.results.directions.length === 1 ? 300 : 220,
    marginLeft: 64,
    marginRight: 20,
    marginTop: 10,
    marginBottom: 38,
    x: { label: 'step', labelArrow: 'none', labelAnchor: 'center', tickFormat: 'd', inset: 4 },
    y: { label: null, ...scale.options },
    marks: [
      plot.gridY({ stroke: colour('grid'), strokeOpacity: 1, ticks: scale.options.ticks as number }),
      line([...pruned, ...of('failed'), ...of('running')], faint),
      plot.dot(
        ends.filter(({ y }) => !Number.isNaN(y)),
        { x: 'x', y: 'y', r: 1.8, fill: colour('muted'), fillOpacity: 0.8 },
      ),
      line(of('complete'), { stroke: colour('first'), strokeOpacity: 0.4, strokeWidth: 1.2 }),
      best === undefined ? null : line([best], { stroke: colour('second'), strokeWidth: 2.4 }),
    ],
  });
}
