/** Figures of trainings and evaluations. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { EpochRecord, FitResult } from '../train/training-state.ts';
import { Figure } from './figure.ts';
import { type FigureOptions, figureOptions } from './options.ts';
import type { MarkSpec, PanelSpec } from './spec.ts';

/** A training: what `fit` returns, or its `history`. */
export type FigureRun = FitResult | readonly EpochRecord[];

/** The curves of a history. */
const curves = [
  { panel: 'loss', of: ['loss', 'validationLoss'] },
  { panel: 'accuracy', of: ['accuracy', 'validationAccuracy'] },
] as const;
const names = {
  loss: 'training',
  validationLoss: 'validation',
  accuracy: 'training',
  validationAccuracy: 'validation',
} as const;

/**
 * Loss and accuracy over epochs. Of several runs, the line is their mean and the band reaches from the lowest to the highest.
 *
 * @param runs - one training, or a list of trainings of the same setting with other seeds
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function history(
  runs: FigureRun | readonly FigureRun[],
  options: FigureOptions = {},
): Promise<Figure> {
  const appearance = checkOptions('figure.history', options, figureOptions);
  const all = (isRun(runs) ? [runs] : [...(runs as readonly FigureRun[])]).map(recordsOf);
  if (all.length === 0) invalid('runs', runs, 'at least one training');
  const columns = curves.flatMap(({ panel, of }): PanelSpec[][] => {
    const drawn = of.filter((name) => all.some((run) => run.some((record) => Number.isFinite(record[name]))));
    if (drawn.length === 0) return [];
    const spec: PanelSpec = {
      x: { label: 'epoch' },
      y: { label: panel === 'loss' ? 'loss' : 'accuracy' },
      marks: drawn.flatMap((name) => curveOf(all, name, of.indexOf(name as never))),
      ...(drawn.length < 2
        ? {}
        : { legend: drawn.map((name) => ({ name: names[name], color: of.indexOf(name as never) })) }),
    };
    return [[spec]];
  });
  if (columns.length === 0) invalid('runs', 'no finite loss or accuracy', 'at least one epoch');
  const many =
    all.length === 1 ? '' : ` Means of ${all.length} runs; bands reach from the lowest to the highest.`;
  const caption = `Loss and accuracy (0 to 1) after each epoch.${many}`;
  return new Figure({ name: 'history', title: 'Training', caption, columns }, appearance);
}

/** Options of {@link confusion}. */
export interface ConfusionOptions extends FigureOptions {
  /** Names of the classes; default their numbers. */
  classes?: readonly string[];
}

/**
 * Confusion matrix: how often each class was answered for each true class.
 *
 * @param result - what `evaluate` returns, or counts `[true class][answered class]`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function confusion(
  result: Pick<Evaluation, 'confusion'> | readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Promise<Figure> {
  const { classes: named, ...appearance } = checkOptions('figure.confusion', options, [
    ...figureOptions,
    'classes',
  ]);
  const counts = 'confusion' in result ? result.confusion : result;
  const size = counts.length;
  if (size === 0 || counts.some((row) => row.length !== size))
    invalid('result', `rows of ${counts.map((row) => row.length)}`, 'a square matrix of counts');
  const classes = named ?? Array.from({ length: size }, (_, i) => `${i}`);
  if (classes.length !== size) invalid('classes', classes, `${size} names`);
  const places = Array.from({ length: size }, (_, i) => i);
  const every = places.flatMap((row) =>
    places.map((column) => ({ row, column, count: counts[row]![column]! })),
  );
  const shown = size > 20 ? [] : every.filter(({ count }) => count > 0);
  // The largest count of a row decides whether its text is light or dark.
  const totals = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const shares = every.map(({ row, count }) => (totals[row] === 0 ? 0 : count / totals[row]!));
  const dark = (place: { row: number; column: number }) => shares[place.row * size + place.column]! > 0.55;
  const textsOf = (those: typeof shown, color: string): MarkSpec => ({
    type: 'text',
    x: those.map(({ column }) => column),
    y: those.map(({ row }) => row),
    texts: those.map(({ count }) => `${count}`),
    color,
  });
  const axis = { domain: [-0.5, size - 0.5], ticks: places, tickLabels: classes } as const;
  const panel: PanelSpec = {
    x: { label: 'answered class', ...axis },
    y: { label: 'true class', ...axis, domain: [size - 0.5, -0.5] },
    marks: [
      {
        type: 'cells',
        values: shares,
        columns: size,
        rows: size,
        x: [-0.5, size - 0.5],
        y: [-0.5, size - 0.5],
      },
      textsOf(
        shown.filter((place) => !dark(place)),
        'ink',
      ),
      textsOf(shown.filter(dark), '#ffffff'),
    ],
    weight: 2,
  };
  const caption =
    'Numbers of samples by true and answered class. The darkness is the share of the true class.';
  return new Figure(
    { name: 'confusion', title: 'Confusion matrix', caption, columns: [[panel]] },
    appearance,
  );
}

function isRun(value: unknown): value is FigureRun {
  if (typeof value !== 'object' || value === null) invalid('runs', value, 'what fit returns');
  return 'history' in value || (Array.isArray(value) && value.length > 0 && 'epoch' in Object(value[0]));
}

function recordsOf(run: FigureRun, i: number): readonly EpochRecord[] {
  const records = typeof run === 'object' && run !== null && 'history' in run ? run.history : run;
  if (!Array.isArray(records)) invalid(`runs[${i}]`, run, 'what fit returns, or its history');
  return records as readonly EpochRecord[];
}

/** The mean of the runs that have an epoch, and the band around it. */
function curveOf(
  runs: readonly (readonly EpochRecord[])[],
  name: keyof typeof names,
  color: number,
): MarkSpec[] {
  const epochs = [...new Set(runs.flatMap((run) => run.map(({ epoch }) => epoch)))].sort((a, b) => a - b);
  const values = epochs.map((epoch) =>
    runs.flatMap((run) => {
      const value = run.find((record) => record.epoch === epoch)?.[name];
      return value === undefined || !Number.isFinite(value) ? [] : [value];
    }),
  );
  const mean = values.map((list) => list.reduce((sum, value) => sum + value, 0) / list.length);
  const line: MarkSpec = { type: 'line', x: epochs, y: mean, color };
  if (runs.length === 1)
    return epochs.length === 1 ? [{ type: 'points', x: epochs, y: mean, color }] : [line];
  const low = values.map((list) => Math.min(...list));
  const high = values.map((list) => Math.max(...list));
  return [{ type: 'band', x: epochs, low, high, color }, line];
}
