/** Figures of trainings and evaluations. */
import { options as checkOptions, eachFinite, invalid } from '../checks/check.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { EpochRecord, FitResult } from '../train/training-state.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { BandMark, LegendEntrySpec, MarkSpec, PanelSpec } from './draw/spec.ts';

/** Learning curves. Per-epoch lists have one entry per epoch; accuracies are fractions from 0 to 1. */
export interface History {
  /** Loss of every batch, over all epochs. */
  batchLoss?: ArrayLike<number>;
  /** Mean training loss of each epoch. */
  loss?: ArrayLike<number>;
  /** Loss on the validation data after each epoch. */
  validationLoss?: ArrayLike<number>;
  /** Loss on the test data after each epoch. */
  testLoss?: ArrayLike<number>;
  /** Accuracy on the training data in each epoch. */
  accuracy?: ArrayLike<number>;
  /** Accuracy on the validation data after each epoch. */
  validationAccuracy?: ArrayLike<number>;
  /** Accuracy on the test data after each epoch. */
  testAccuracy?: ArrayLike<number>;
}

/** A training: the result of `fit`, its `history`, or learning curves. */
export type FigureRun = FitResult | readonly EpochRecord[] | History;

/** The curves of a history by their panel. */
const curves = [
  { panel: 'loss', of: ['loss', 'validationLoss', 'testLoss'] },
  { panel: 'accuracy', of: ['accuracy', 'validationAccuracy', 'testAccuracy'] },
] as const;
const names = ['training', 'validation', 'test'] as const;

interface Points {
  readonly x: number[];
  readonly y: number[];
}

export async function history(
  runs: FigureRun | readonly FigureRun[],
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.history', options, figureOptions);
  const all = (isRun(runs) ? [runs] : [...(runs as readonly FigureRun[])]).map(curvesOf);
  if (all.length === 0) invalid('runs', runs, 'at least one training');
  const epochs = Math.max(
    ...all.flatMap((run) => curves.flatMap(({ of }) => of.map((name) => run[name]?.length ?? 0))),
  );
  const batch = all.length === 1 ? (all[0]!.batchLoss ?? []) : [];
  const perBatch = pointsOf(batch, epochs > 0 ? epochs / batch.length : 1);
  const hasBatches = perBatch.y.some(Number.isFinite);
  const unit = epochs > 0 ? 'epoch' : 'batch';
  let broken = false;
  const columns = curves.flatMap(({ panel, of }): PanelSpec[][] => {
    const marks: MarkSpec[] = [];
    const legend: LegendEntrySpec[] = [];
    for (const [color, name] of of.entries()) {
      const isBatches = name === 'loss' && hasBatches;
      const own = isBatches ? [runningMean(perBatch)] : all.map((run) => pointsOf(run[name] ?? [], 1));
      if (!own.some(({ y }) => y.some(Number.isFinite))) continue;
      broken ||= own.some(({ y }) => !y.every(Number.isFinite));
      if (isBatches) marks.push({ type: 'line', ...perBatch, color, width: 1, opacity: 0.25 });
      marks.push(...curveOf(own, color));
      legend.push({ name: names[color]!, color });
    }
    if (legend.length === 0) return [];
    const ticks = epochs > 0 && epochs <= 12 ? Array.from({ length: epochs }, (_, i) => i + 1) : undefined;
    return [
      [
        {
          x: { label: unit, ...(ticks === undefined ? {} : { ticks }) },
          y: { label: panel, ...(panel === 'loss' && hasBatches ? { domain: lossRange(marks) } : {}) },
          marks,
          ...(legend.length < 2 ? {} : { legend }),
        },
      ],
    ];
  });
  if (columns.length === 0) invalid('runs', 'no finite loss or accuracy', 'at least one epoch');
  const what = columns.map(([panel]) => panel!.y.label).join(' and ');
  const sentences = [
    `${what[0]!.toUpperCase()}${what.slice(1)} against the ${unit}${/accuracy/.test(what) ? '; accuracy from 0 to 1' : ''}.`,
    hasBatches ? ' The faint line is the loss of single batches, the strong one its running mean.' : '',
    all.length === 1 ? '' : ` Means of ${all.length} runs; bands reach from the lowest to the highest.`,
    broken ? ' Gaps are values that are not finite numbers.' : '',
  ];
  return new Figure(
    { name: 'history', title: 'Learning curves', caption: sentences.join(''), columns },
    appearance,
  );
}

function isRun(value: unknown): value is FigureRun {
  if (typeof value !== 'object' || value === null) invalid('runs', value, 'what fit returns');
  return !Array.isArray(value) || (value.length > 0 && 'epoch' in Object(value[0]));
}

/** @internal */
export function curvesOf(run: FigureRun, i = 0): History {
  if (typeof run !== 'object' || run === null) invalid(`runs[${i}]`, run, 'what fit returns, or its history');
  const records: unknown = Array.isArray(run) ? run : 'history' in run ? run.history : undefined;
  if (records === undefined) return run as History;
  if (!Array.isArray(records) || records.some((record) => typeof record !== 'object' || record === null))
    invalid('history', records, 'the records of epochs, as fit returns them');
  const epochs = records as readonly EpochRecord[];
  const list = (of: (record: EpochRecord) => number | undefined) =>
    epochs.map((record) => of(record) ?? Number.NaN);
  const isValidated = epochs.some(({ validationLoss }) => validationLoss !== undefined);
  return {
    loss: list(({ loss }) => loss),
    accuracy: list(({ accuracy }) => accuracy),
    ...(isValidated
      ? {
          validationLoss: list(({ validationLoss }) => validationLoss),
          validationAccuracy: list(({ validationAccuracy }) => validationAccuracy),
        }
      : {}),
  };
}

/** Value i is at the end of its interval, at i + 1 intervals; infinities are gaps, as NaN is. */
function pointsOf(values: ArrayLike<number>, interval: number): Points {
  const y = Array.from(values, (value) => (Number.isFinite(value) ? value : Number.NaN));
  return { x: y.map((_, i) => (i + 1) * interval), y };
}

/** The mean of the runs that have an epoch, and the band around it. */
function curveOf(runs: readonly Points[], color: number): MarkSpec[] {
  const longest = runs.reduce((max, run) => (run.x.length > max.x.length ? run : max));
  const { x } = longest;
  if (runs.length === 1) return lineOf(x, longest.y, color);
  const at = x.map((_, i) => runs.flatMap(({ y }) => (i < y.length && Number.isFinite(y[i]) ? [y[i]!] : [])));
  const mean = at.map((list) => list.reduce((sum, value) => sum + value, 0) / list.length);
  const end = (list: readonly number[], extreme: (...values: number[]) => number) =>
    list.length === 0 ? Number.NaN : extreme(...list);
  const band: BandMark = {
    type: 'band',
    x,
    low: at.map((list) => end(list, Math.min)),
    high: at.map((list) => end(list, Math.max)),
    color,
  };
  return [band, ...lineOf(x, mean, color)];
}

/** A line, with points if they are few: a value between two gaps has no line. */
function lineOf(x: readonly number[], y: readonly number[], color: number): MarkSpec[] {
  const points: MarkSpec = { type: 'points', x, y, color, radius: 2.2 };
  return [{ type: 'line', x, y, color, width: 1.8 }, ...(x.length <= 40 ? [points] : [])];
}

/** Single batches may be outliers: the axis follows the other curves, and the faint line is cut at its top. */
function lossRange(marks: readonly MarkSpec[]): [number, number] {
  let [low, high] = [0, Number.NEGATIVE_INFINITY];
  for (const mark of marks) {
    if (mark.type !== 'line' || mark.opacity !== undefined) continue;
    for (let i = 0; i < mark.y.length; i++) {
      const value = mark.y[i]!;
      if (!Number.isFinite(value)) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return high > low ? [low, high + 0.08 * (high - low)] : [low - 0.5, low + 0.5];
}

/**
 * The running mean over a window of a fortieth of the curve; values that are not finite are skipped, and gaps remain
 * gaps.
 */
function runningMean({ x, y }: Points): Points {
  const reach = Math.floor(y.length / 80);
  const [sums, counts] = [new Float64Array(y.length + 1), new Uint32Array(y.length + 1)];
  y.forEach((value, i) => {
    const isThere = Number.isFinite(value);
    sums[i + 1] = sums[i]! + (isThere ? value : 0);
    counts[i + 1] = counts[i]! + Number(isThere);
  });
  const mean = y.map((value, i) => {
    if (!Number.isFinite(value)) return Number.NaN;
    const [from, to] = [Math.max(0, i - reach), Math.min(y.length, i + reach + 1)];
    return (sums[to]! - sums[from]!) / (counts[to]! - counts[from]!);
  });
  return { x, y: mean };
}

/** Options of {@link confusion}. */
export interface ConfusionOptions extends FigureOptions {
  /** Names of the classes; default their numbers. */
  classes?: readonly string[];
}

/** Classes above which cells have no numbers. */
const maxNumbers = 20;

export async function confusion(
  result: Pick<Evaluation, 'confusion'> | readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Promise<Figure> {
  const { classes: named, ...appearance } = checkOptions('figure.confusion', options, [
    ...figureOptions,
    'classes',
  ]);
  if (typeof result !== 'object' || result === null) invalid('result', result, 'what evaluate returns');
  const counts = 'confusion' in result ? result.confusion : result;
  if (!Array.isArray(counts) || !counts.every((row) => Array.isArray(row)))
    return invalid('result', counts, 'a square matrix of counts, as a list of rows');
  for (const [i, row] of counts.entries()) eachFinite(`result[${i}]`, row, { min: 0 });
  const size = counts.length;
  if (size === 0 || counts.some((row) => row.length !== size))
    invalid('result', `rows of ${counts.map((row) => row.length)}`, 'a square matrix of counts');
  const classes = named ?? Array.from({ length: size }, (_, i) => `${i}`);
  if (classes.length !== size) invalid('classes', classes, `${size} names`);
  const indices = Array.from({ length: size }, (_, i) => i);
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const cells = indices.flatMap((row) =>
    indices.map((column) => {
      const count = counts[row]![column]!;
      return { row, column, count, share: totals[row] === 0 ? 0 : count / totals[row]! };
    }),
  );
  const right = indices.reduce((sum, i) => sum + counts[i]![i]!, 0);
  const all = totals.reduce((sum, count) => sum + count, 0);
  const isRight = ({ row, column }: { row: number; column: number }) => row === column;
  const grid = {
    type: 'cells',
    columns: size,
    rows: size,
    x: [-0.5, size - 0.5],
    y: [-0.5, size - 0.5],
  } as const;
  const numbers = size > maxNumbers ? [] : cells.filter(({ count }) => count > 0);
  const isDark = (cell: (typeof cells)[number]) =>
    (isRight(cell) ? cell.share : Math.sqrt(cell.share)) > 0.55;
  const textsOf = (those: typeof cells, color: string): MarkSpec => ({
    type: 'text',
    x: those.map(({ column }) => column),
    y: those.map(({ row }) => row),
    texts: those.map(({ count }) => `${count}`),
    color,
  });
  const axis = { domain: [-0.5, size - 0.5], ticks: indices, tickLabels: classes } as const;
  const panel: PanelSpec = {
    x: { label: 'predicted class', ...axis },
    y: { label: 'true class', ...axis, domain: [size - 0.5, -0.5] },
    marks: [
      {
        ...grid,
        values: cells.map((cell) => (isRight(cell) && cell.count > 0 ? cell.share : Number.NaN)),
        range: [0, 1],
      },
      // Mistakes are rare, so their darkness grows with the square root of their share; otherwise none would be visible.
      {
        ...grid,
        values: cells.map((cell) =>
          isRight(cell) || cell.count === 0 ? Number.NaN : Math.min(1, 0.12 + Math.sqrt(cell.share)),
        ),
        color: 'wrong',
        range: [0, 1],
      },
      textsOf(
        numbers.filter((cell) => !isDark(cell)),
        'ink',
      ),
      textsOf(numbers.filter(isDark), 'paper'),
    ],
    legend: [
      { name: 'right', color: 0, mark: 'box' },
      { name: 'mistakes', color: 'wrong', mark: 'box' },
    ],
    aspect: 1,
  };
  const caption = `Samples by true class (row) and predicted class (column): ${right.toLocaleString('en')} of ${all.toLocaleString('en')} are correct. The darkness is the share of the true class.`;
  return new Figure(
    { name: 'confusion', title: 'Confusion matrix', caption, columns: [[panel]] },
    appearance,
  );
}
