/** The data for the figures of a study. */

import { options as checkOptions, integer, invalid, text } from '../../checks/check.ts';
import type { TrialRecord } from '../../study/search/trials.ts';
import type { ReportedResults } from '../../study/table/results-data.ts';
import { type FigureOptions, figureOptions } from '../draw/options.ts';

/** Labels of parameters and objectives in figures and tables, with units. */
export type StudyLabels = Readonly<Record<string, string>>;

/** Options of the figures of studies. */
export interface StudyFigureOptions extends FigureOptions {
  /**
   * Labels of parameters and objectives with units: `{ lr: 'learning rate', tauMem: 'tauMem (ms)', value: 'error (%)'
   * }`; several objectives are `values.0`, `values.1` and so on. Default their names.
   */
  labels?: StudyLabels;
}

/** Options of a figure of one objective. */
export interface ObjectiveFigureOptions extends StudyFigureOptions {
  /** From 0; default 0. */
  objective?: number;
}

/** Results with the labels of their figures. */
export interface FigureSource {
  readonly results: ReportedResults<never>;
  readonly labels: StudyLabels;
}

/** @param own - the options that a figure has of its own @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function sourceOf(
  who: string,
  value: unknown,
  options: ObjectiveFigureOptions & { parameters?: readonly string[] },
  own: readonly ('objective' | 'parameters')[] = [],
): FigureSource & {
  appearance: FigureOptions;
  objective: number;
  parameters: readonly string[] | undefined;
} {
  const results = value as ReportedResults<never>;
  if (typeof results !== 'object' || results === null || !('table' in results) || !('axes' in results))
    invalid('results', value, 'results of a study, such as await study.results()');
  const {
    labels = {},
    objective = 0,
    parameters,
    ...appearance
  } = checkOptions(who, options, [...figureOptions, 'labels', ...own]);
  checkLabels(results, labels);
  integer('objective', objective, { min: 0, max: results.directions.length - 1 });
  if (parameters !== undefined && !Array.isArray(parameters))
    invalid('parameters', parameters, 'a list of the names of parameters');
  return { results, labels, appearance, objective, parameters };
}

/** @throws LapicqueError `invalid-parameter`, `unknown-name` */
export function checkLabels<P>(results: ReportedResults<P>, labels: StudyLabels): void {
  const objectives = results.directions.map((_, objective) => `values.${objective}`);
  const parameters = results.table.names.flatMap((name) =>
    name.startsWith('parameters.') ? [name.slice('parameters.'.length)] : [],
  );
  checkOptions('labels', labels as Record<string, string>, [...parameters, ...objectives, 'value']);
  for (const [name, label] of Object.entries(labels)) text(`labels.${name}`, label);
}

/** The name of a parameter, by its path. */
export function parameterLabel({ labels }: Pick<FigureSource, 'labels'>, name: string): string {
  return labels[name] ?? name;
}

/** The name of an objective: `value`, or `value 0` and so on. */
export function valueLabel({ labels, results }: FigureSource, objective: number): string {
  const own = labels[`values.${objective}`];
  return own ?? (results.directions.length === 1 ? (labels.value ?? 'value') : `value ${objective}`);
}

/** `loss, smaller is better` */
export function directionText(source: FigureSource, objective: number): string {
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

/** An evenly spaced part of a list, so that a figure has at most `max` marks. */
export function evenSubset<T>(list: readonly T[], max: number): readonly T[] {
  const every = Math.ceil(list.length / max);
  return every <= 1 ? list : list.filter((_, i) => i % every === 0);
}

/** A note in a figure that does not show all trials. */
export function shareNote(drawn: number, all: number): string {
  return drawn < all ? ` ${drawn.toLocaleString('en')} of ${all.toLocaleString('en')} trials are drawn.` : '';
}
