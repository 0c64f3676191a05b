/** The data for the figures of a study. */

import type { Draw, Plot } from '../../report/canvas.ts';
import type { TrialRecord } from '../search/trials.ts';
import type { ReportedResults } from '../table/results-data.ts';

/** Labels of parameters and objectives in figures and tables, with units. */
export type StudyLabels = Readonly<Record<string, string>>;

/** Results with the drawing library. */
export interface FigureSource {
  readonly plot: Plot;
  readonly draw: Draw;
  readonly results: ReportedResults<never>;
  readonly labels: StudyLabels;
}

/** The name of a parameter, by its path. */
export function parameterLabel({ labels }: Pick<FigureSource, 'labels'>, name: string): string {
  return labels[name] ?? name;
}

/** The name of an objective: `value`, or `value 0` and so on. */
export function valueLabel(
  { labels, results }: Pick<FigureSource, 'labels' | 'results'>,
  objective: number,
): string {
  const own = labels[`values.${objective}`];
  return own ?? (results.directions.length === 1 ? (labels.value ?? 'value') : `value ${objective}`);
}

/** `loss, smaller is better` */
export function aim(source: Pick<FigureSource, 'labels' | 'results'>, objective: number): string {
  const direction = source.results.directions[objective] === 'maximize' ? 'larger' : 'smaller';
  return `${valueLabel(source, objective)}, ${direction} is better`;
}

/** Whether an objective is maximized. */
export function isMaximized({ results }: Pick<FigureSource, 'results'>, objective: number): boolean {
  return results.directions[objective] === 'maximize';
}

/** The value of a complete trial. */
export function objectiveOf({ values }: TrialRecord, objective: number): number {
  return values?.[objective] ?? Number.NaN;
}

/** An evenly spaced part of a list, so that a figure has at most `most` marks. */
export function everyFew<T>(list: readonly T[], most: number): readonly T[] {
  const every = Math.ceil(list.length / most);
  return every <= 1 ? list : list.filter((_, i) => i % every === 0);
}

/** A note in a figure that does not show all trials. */
export function shareSaid(shown: number, all: number): string {
  return shown < all ? ` ${shown.toLocaleString('en')} of ${all.toLocaleString('en')} trials are drawn.` : '';
}
