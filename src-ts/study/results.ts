/** The results of a study: its table, best trials, effects of parameters, and report. */
import { integer, invalid, unknownName } from '../checks/check.ts';
import type { FileTarget } from '../files/file-source.ts';
import { importances, ranksOf } from './ranking.ts';
import type { StudyReportOptions } from './report/write.ts';
import type { Space } from './search/space.ts';
import type { Direction, TrialRecord } from './search/trials.ts';
import { axesOfSpace, axesOfTable, type ParameterAxis, positions } from './table/axes.ts';
import { type MarginalBin, marginalEffect, type PairwiseEffect, pairwiseEffect } from './table/effects.ts';
import { type WriteTrialsOptions, writeTrials } from './table/export.ts';
import type { Importance, StudyHistory } from './table/results-data.ts';
import { type TrialTable, tableOf } from './table/table.ts';

/** The source of results: a study, an opened store, or an object with these fields. */
export interface ResultsSource {
  readonly name: string;
  /** One direction for each objective. */
  readonly directions: readonly Direction[];
  /** The study's definition; its space describes the parameters. */
  readonly definition?: { readonly space?: unknown };
  trials(): Promise<readonly TrialRecord[]> | readonly TrialRecord[];
}

/**
 * The current results of a study.
 *
 * @throws any error of reading the trials
 */
export async function resultsOf<P = Readonly<Record<string, unknown>>>(
  study: ResultsSource,
): Promise<StudyResults<P>> {
  if (typeof (study as Partial<ResultsSource> | undefined | null)?.trials !== 'function')
    invalid('study', study, 'a study, an opened store, or an object with name, directions and trials');
  return new StudyResults(study, await study.trials());
}

/**
 * The results of a study at one moment. Estimates use complete trials with a finite value; pruned and failed trials
 * have none.
 *
 * @typeParam P - the parameters as the objective receives them
 * @example
 * ```ts
 * const results = await study.results();
 * console.table(results.best(5).map(({ number, values, parameters }) => ({ number, value: values[0], ...parameters })));
 * console.log(await results.importance());
 * await results.write('trials.parquet');
 * await results.report('report');
 * ```
 */
export class StudyResults<P = Readonly<Record<string, unknown>>> {
  readonly name: string;
  readonly directions: readonly Direction[];
  /** All trials. */
  readonly table: TrialTable<P>;
  /** The parameters that vary, in the order of the space. */
  readonly axes: readonly ParameterAxis[];
  /** The space; undefined if the study has none. */
  readonly space: Space | undefined;
  readonly #complete: TrialTable<P>;

  /** @internal */
  constructor(
    { name, directions, definition }: Omit<ResultsSource, 'trials'>,
    trials: readonly TrialRecord[],
  ) {
    const space = definition?.space as Space | undefined;
    const known = space === undefined ? undefined : axesOfSpace(space);
    this.space = space;
    this.name = name;
    this.directions = [...directions];
    this.table = tableOf(trials, known?.columns);
    this.#complete = this.table.filter(({ state, values }) => state === 'complete' && values !== undefined);
    this.axes = known?.axes ?? axesOfTable(this.table);
  }

  /** The complete trials. */
  get complete(): TrialTable<P> {
    return this.#complete;
  }

  /**
   * The best trials in order; of equal ones, the earlier first. With several objectives, those of the Pareto front come
   * first, then those of the front of the remaining trials, and so on; within a front by number.
   *
   * @param count - maximum number of trials; default 1
   */
  async best(count = 1): Promise<readonly TrialRecord[]> {
    integer('count', count, { min: 1 });
    const rank = this.directions.length === 1 ? this.#signed(0) : this.#ranks();
    const rows = Array.from(rank.keys()).filter((row) => !Number.isNaN(rank[row]));
    return rows
      .sort((a, b) => rank[a]! - rank[b]!)
      .slice(0, count)
      .map((row) => this.#complete.trials[row]!);
  }

  /**
   * The Pareto front by number: trials for which no other trial is better in one objective without being worse in
   * another. With one objective, the best ones.
   */
  async paretoFront(): Promise<readonly TrialRecord[]> {
    const ranks = this.#ranks();
    return this.#complete.trials.filter((_, row) => ranks[row] === 0);
  }

  /** The values by number, and the best value so far. @param objective - from 0; default 0 */
  history(objective = 0): StudyHistory {
    const signed = this.#signed(objective);
    const rows = Array.from(signed.keys()).filter((row) => !Number.isNaN(signed[row]));
    const sign = this.directions[objective] === 'maximize' ? -1 : 1;
    let best = Number.POSITIVE_INFINITY;
    return {
      number: Float64Array.from(rows, (row) => this.#complete.trials[row]!.number),
      value: Float64Array.from(rows, (row) => sign * signed[row]!),
      best: Float64Array.from(rows, (row) => {
        best = Math.min(best, signed[row]!);
        return sign * best;
      }),
    };
  }

  /**
   * How much each parameter matters for being among the best tenth of the complete trials: PED-ANOVA (S. Watanabe, A.
   * Bansal, F. Hutter, IJCAI 2023), in descending order. The shares sum to 1, or are all 0 if nothing can be estimated.
   *
   * @param objective - from 0; default 0
   * @throws LapicqueError `invalid-parameter`, also for results without a space
   */
  async importance(objective = 0): Promise<readonly Importance[]> {
    this.#values(objective);
    const space = this.space ?? invalid('definition.space', undefined, 'the space of the study');
    const shares = importances(space, this.directions, this.#complete.trials, objective);
    return this.axes
      .map(({ name }) => ({ parameter: name, importance: shares[name] ?? 0 }))
      .sort((a, b) => b.importance - a.importance);
  }

  /**
   * The objective as a function of one parameter: {@link marginalEffect}.
   *
   * A learning search puts most trials into good regions. So this describes the trials of the study, not the effect of
   * the parameter with all others fixed.
   *
   * @param parameter - its path: `lr`, `layers[0].width`
   * @param objective - from 0; default 0
   * @throws LapicqueError `unknown-name` for a name that is not a varied parameter
   */
  marginal(parameter: string, objective = 0): readonly MarginalBin[] {
    const axis = this.#axis(parameter);
    return marginalEffect(axis, positions(this.#complete, axis), this.#values(objective));
  }

  /**
   * The objective as a function of two parameters: {@link pairwiseEffect}.
   *
   * @param objective - from 0; default 0
   * @throws LapicqueError `unknown-name` for a name that is not a varied parameter
   */
  pairwise(first: string, second: string, objective = 0): PairwiseEffect {
    const axes = [this.#axis(first), this.#axis(second)] as const;
    const at = [positions(this.#complete, axes[0]), positions(this.#complete, axes[1])] as const;
    return pairwiseEffect(axes, at, this.#values(objective));
  }

  /**
   * Writes the table.
   *
   * - `csv` (RFC 4180, UTF-8): a header and one line per row. An absent value is an empty field, an empty string is `""`;
   *   numbers have all their digits, times are ISO 8601 in UTC. A text that a spreadsheet would interpret as a formula (it begins
   *   with `= + - @`, a tab or a line break) begins with an apostrophe.
   * - `jsonl`: the record of each trial as JSON, one per line, with all its reports; numbers that are not finite are the
   *   strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
   * - `parquet`: columns with the table's types; absent values are null, integers are INT64, times are TIMESTAMP.
   *
   * @param target - a path, whose file is replaced atomically, or a `WritableStream`
   * @throws LapicqueError `invalid-parameter`, `unknown-name` for a format that does not exist, `io`, `aborted`
   */
  write(target: FileTarget, options?: WriteTrialsOptions): Promise<void> {
    return writeTrials(target, this.table, options);
  }

  /**
   * Writes a page, `report.html`, with the best trials and all figures for which there are data: history, reports,
   * Pareto front, importance, slices, pairs and parallel coordinates; and the figures as image files beside it.
   *
   * @param folder - created if it does not exist; files of the same names are replaced
   * @returns the paths written, the page first
   * @throws LapicqueError `invalid-parameter`, `unknown-name`; `unsupported` without the package `@lapicque/report`; `io`, `aborted`
   */
  async report(folder: string | URL, options?: StudyReportOptions): Promise<string[]> {
    // Loaded here, because most programs do not write a report.
    const { writeStudyReport } = await import('./report/write.ts');
    return writeStudyReport(folder, this, options);
  }

  #ranks(): Float64Array {
    return ranksOf(this.directions.map((_, objective) => this.#signed(objective)));
  }

  #axis(parameter: string): ParameterAxis {
    const axis = this.axes.find(({ name }) => name === parameter);
    if (axis !== undefined) return axis;
    const names = this.axes.map(({ name }) => name);
    throw unknownName('parameter', String(parameter), names);
  }

  /** One objective of the complete trials; NaN where it is missing. */
  #values(objective: number): Float64Array {
    integer('objective', objective, { min: 0, max: this.directions.length - 1 });
    return Float64Array.from(this.#complete.trials, ({ values }) => values?.[objective] ?? Number.NaN);
  }

  /** The same, with the sign changed if necessary so that smaller is better. */
  #signed(objective: number): Float64Array {
    const sign = this.directions[objective] === 'maximize' ? -1 : 1;
    return this.#values(objective).map((value) => sign * value);
  }
}
