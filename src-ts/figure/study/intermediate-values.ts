/** The reports of trials by step. */
import { invalid } from '../../checks/check.ts';
import type { TrialRecord, TrialReport } from '../../study/search/trials.ts';
import { Figure } from '../draw/figure.ts';
import type { MarkSpec, PanelSpec } from '../draw/spec.ts';
import { thinned } from '../draw/thinned.ts';
import { valueScale } from './scales.ts';
import {
  evenSubset,
  type FigureSource,
  isMaximized,
  type StudyFigureOptions,
  shareNote,
  sourceOf,
  valueLabel,
} from './source.ts';

const maxLines = 400;

export async function intermediateValues(
  results: unknown,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  const { appearance, ...source } = sourceOf('figure.intermediateValues', results, options);
  const { results: own } = source;
  const reporting = own.table.trials.filter(({ reports }) => reports.length > 0);
  if (!reporting.some(({ reports }) => reports.length > 1))
    invalid('results', 'no trial that reported twice', 'at least one');
  const [best] = await own.best();
  const sampled = evenSubset(reporting, maxLines);
  const one = own.directions.length === 1;
  const visibleBest = one && best !== undefined && best.reports.length > 1 ? best : undefined;
  const last = own.directions.length - 1;
  const panels = own.directions.map((_, objective) =>
    lines(source, sampled, visibleBest, { objective, hidden: objective < last }),
  );
  const what = visibleBest === undefined ? '' : '; the best trial is strong';
  return new Figure(
    {
      name: 'reports',
      title: 'Reports of the trials',
      caption: `${one ? valueLabel(source, 0) : 'Values'} as trials reported them, by step; a point is where a trial was pruned${what}.${shareNote(sampled.length, reporting.length)}`,
      columns: [panels],
    },
    appearance,
  );
}

function lines(
  source: FigureSource,
  sampled: readonly TrialRecord[],
  best: TrialRecord | undefined,
  { objective, hidden }: { objective: number; hidden: boolean },
): PanelSpec {
  const value = ({ value: reported }: TrialReport) =>
    typeof reported === 'number' ? reported : (reported[objective] ?? Number.NaN);
  const scale = valueScale(
    sampled.flatMap(({ reports }) => reports.map(value)),
    isMaximized(source, objective),
  );
  const points = ({ reports }: TrialRecord) => {
    const all = reports.map((report) => {
      const y = value(report);
      return { x: report.step, y: Number.isFinite(y) ? scale.clamped(y) : Number.NaN };
    });
    return thinned(all, 200);
  };
  const of = (...states: readonly TrialRecord['state'][]) =>
    sampled.filter((trial) => states.includes(trial.state) && trial !== best);
  const line = (
    trials: readonly TrialRecord[],
    look: Pick<MarkSpec & { type: 'line' }, 'color' | 'opacity' | 'width'>,
  ): MarkSpec => {
    // Lines of several trials in one mark are divided by gaps.
    const all = trials.flatMap((trial) => [...points(trial), { x: 0, y: Number.NaN }]);
    return { type: 'line', x: all.map(({ x }) => x), y: all.map(({ y }) => y), ...look };
  };
  const unfinished = of('pruned', 'failed', 'running');
  const complete = of('complete');
  const ends = of('pruned')
    .flatMap((trial) => points(trial).slice(-1))
    .filter(({ y }) => !Number.isNaN(y));
  const steps = sampled.flatMap(({ reports }) => reports.map(({ step }) => step));
  const [from, to] = steps.reduce(([low, high], step) => [Math.min(low, step), Math.max(high, step)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  return {
    x: {
      label: 'step',
      domain: from < to ? [from, to] : [from - 0.5, from + 0.5],
      hidden,
      // There is nothing between two steps.
      ...(to - from <= 12 ? { ticks: Array.from({ length: to - from + 1 }, (_, i) => from + i) } : {}),
    },
    y: { label: valueLabel(source, objective), ...scale.axis },
    marks: [
      line(unfinished, { color: 'muted', opacity: 0.45, width: 1 }),
      {
        type: 'points',
        x: ends.map(({ x }) => x),
        y: ends.map(({ y }) => y),
        radius: 1.8,
        color: 'muted',
      },
      line(complete, { color: 0, opacity: 0.4, width: 1.2 }),
      ...(best === undefined ? [] : [line([best], { color: 'accent', width: 2.2 })]),
    ],
    legend: [
      ...(complete.length === 0 ? [] : [{ name: 'complete', color: 0 }]),
      ...(unfinished.length === 0 ? [] : [{ name: 'pruned or unfinished', color: 'muted' }]),
      ...(best === undefined ? [] : [{ name: 'best', color: 'accent' }]),
    ],
  };
}
