/** The report of a study: a page with its best trials, and its figures. */
import * as check from '../../checks/check.ts';
import { throwIfAborted } from '../../checks/errors.ts';
import { checkTask } from '../../engine/native.ts';
import type { TaskOptions } from '../../engine/task-options.ts';
import { numberText } from '../../figure/study/scales.ts';
import {
  checkLabels,
  isMaximized,
  parameterLabel,
  type StudyLabels,
  valueLabel,
} from '../../figure/study/source.ts';
import { checkFormats, type ReportFormats, writeFigures } from '../../report/files.ts';
import { type PageTable, page } from '../../report/page.ts';
import { cell } from '../table/columns.ts';
import type { ReportedResults } from '../table/results-data.ts';
import { drawStudy } from './draw.ts';

/** Options of {@link StudyResults.report}. */
export interface StudyReportOptions extends Pick<TaskOptions, 'signal'> {
  /** Default `['html', 'png']`; `svg` and `png` write one file per figure. */
  formats?: ReportFormats;
  /** Default the name of the study. */
  title?: string;
  /** One paragraph under the title. */
  description?: string;
  /**
   * Labels of parameters and objectives with units: `{ lr: 'learning rate', tauMem: 'tauMem (ms)', value: 'error (%)'
   * }`; several objectives are `values.0`, `values.1` and so on. Default their names.
   */
  labels?: StudyLabels;
}

/** Number of trials in the table of the best. */
const maxListed = 10;

/** Writes the report: {@link StudyResults.report}. */
export async function writeStudyReport<P>(
  into: string | URL,
  results: ReportedResults<P>,
  options?: StudyReportOptions,
): Promise<string[]> {
  const folder = check.filePath('folder', into);
  const known = ['formats', 'title', 'description', 'labels', 'signal'] as const;
  const { formats, title, description, labels = {}, signal } = check.options('report', options, known);
  checkTask({ signal });
  const checkedFormats = checkFormats(formats);
  if (title !== undefined) check.text('title', title);
  if (description !== undefined) check.text('description', description);
  checkLabels(results, labels);
  throwIfAborted(signal);
  const figures = await drawStudy(results, labels);
  const heading = {
    title: title ?? results.name,
    ...(description === undefined ? {} : { description }),
    summary: await summaryOf(results, labels),
  };
  const html = page(heading, figures, [await bestTable(results, labels)]);
  return writeFigures(folder, html, figures, { formats: checkedFormats, signal });
}

async function summaryOf<P>(
  results: ReportedResults<P>,
  labels: StudyLabels,
): Promise<Record<string, string>> {
  const { trials } = results.table;
  const count = (state: string) => trials.filter((trial) => trial.state === state).length;
  const states = ['complete', 'pruned', 'failed', 'running'].filter((state) => count(state) > 0);
  const source = { labels, results: results as unknown as ReportedResults<never> };
  const bests = results.directions.map((_, objective): [string, string] => {
    const last = results.history(objective).best.at(-1);
    const extreme = isMaximized(source, objective) ? 'Largest' : 'Smallest';
    return [`${extreme} ${valueLabel(source, objective)}`, last === undefined ? 'none' : numberText(last)];
  });
  const front = await results.paretoFront();
  const ended = trials.map(({ ended: at }) => at ?? Number.NEGATIVE_INFINITY);
  const began = Math.min(...trials.map(({ started }) => started));
  const spent = results.table.column('seconds') as { values: Float64Array };
  const busy = spent.values.reduce((sum, seconds) => sum + (Number.isNaN(seconds) ? 0 : seconds), 0);
  return {
    ...Object.fromEntries(bests),
    ...(results.directions.length > 1 ? { 'On the Pareto front': String(front.length) } : {}),
    Trials: trials.length.toLocaleString('en'),
    ...Object.fromEntries(
      states.map((state) => [
        `${state[0]!.toUpperCase()}${state.slice(1)}`,
        count(state).toLocaleString('en'),
      ]),
    ),
    ...(trials.length > 0 && Math.max(...ended) > began
      ? {
          'From first to last': duration((Math.max(...ended) - began) / 1000),
          'Time of all trials': duration(busy),
        }
      : {}),
  };
}

/** `3 h 20 min` */
function duration(seconds: number): string {
  if (seconds < 60) return `${numberText(Number(seconds.toPrecision(3)))} s`;
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  let left = seconds;
  return units
    .slice(first, first + 2)
    .map(([unit, size]) => {
      const whole = Math.floor(left / size);
      left -= whole * size;
      return `${whole} ${unit}`;
    })
    .join(' ');
}

async function bestTable<P>(results: ReportedResults<P>, labels: StudyLabels): Promise<PageTable> {
  const source = { labels, results: results as unknown as ReportedResults<never> };
  const best = await results.best(maxListed);
  const rows = new Map(results.table.trials.map((trial, row) => [trial, row]));
  const columns = results.axes.map(
    ({ name }) => results.table.columns.find((column) => column.name === `parameters.${name}`)!,
  );
  const text = (value: number | boolean | string | undefined) =>
    value === undefined ? '–' : typeof value === 'number' ? numberText(value) : String(value);
  return {
    title: results.directions.length > 1 ? 'Trials of the Pareto front' : 'Best trials',
    caption:
      best.length === 0 ? 'No trial is complete.' : 'A dash is a parameter that the trial does not have.',
    headings: [
      'trial',
      ...results.directions.map((_, objective) => valueLabel(source, objective)),
      ...results.axes.map(({ name }) => parameterLabel(source, name)),
    ],
    rows: best.map((trial) => [
      String(trial.number),
      ...results.directions.map((_, objective) => text(trial.values?.[objective])),
      ...columns.map((column) => text(cell(column, rows.get(trial)!))),
    ]),
  };
}
