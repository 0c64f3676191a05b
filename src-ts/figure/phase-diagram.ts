/** Measures over a grid of two parameters, such as those of a sweep. */
import { options as checkOptions, eachFinite, finite, invalid, text, unknownName } from '../checks/check.ts';
import { extent } from '../numbers/extent.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { AxisSpec, PanelSpec } from './draw/spec.ts';

/** Columns of numbers by name, one row for each point, or a result of `simulateMany` or `trainMany`, with its axes. */
export type FigureTable =
  | Readonly<Record<string, ArrayLike<number>>>
  | {
      readonly columns: Readonly<Record<string, ArrayLike<number>>>;
      readonly axes?: Readonly<Record<string, ArrayLike<number>>>;
    };

/** Options of {@link phaseDiagram}. */
export interface PhaseDiagramOptions extends FigureOptions {
  /** The columns of the parameters on the x and the y axis. */
  parameters: readonly [string, string];
  /** The columns that are shown, a panel for each. */
  measures: readonly string[];
  /** Labels with units by column: `{ rate: 'rate (Hz)' }`; default the names of the columns. */
  labels?: Readonly<Record<string, string>>;
  /** The values of the lightest and of the darkest cell by measure; default the smallest and the largest. */
  ranges?: Readonly<Record<string, readonly [number, number]>>;
}

const names = ['parameters', 'measures', 'labels', 'ranges'] as const;

export async function phaseDiagram(table: FigureTable, options: PhaseDiagramOptions): Promise<Figure> {
  const {
    parameters,
    measures,
    labels = {},
    ranges = {},
    ...appearance
  } = checkOptions('figure.phaseDiagram', options, [...figureOptions, ...names]);
  if (typeof table !== 'object' || table === null) invalid('table', table, 'columns of numbers by name');
  const columns = columnsOf(table);
  if (!Array.isArray(parameters) || parameters.length !== 2) invalid('parameters', parameters, 'two columns');
  if (!Array.isArray(measures) || measures.length === 0) invalid('measures', measures, 'at least one column');
  const column = (name: unknown) => {
    const found = columns[text('column', name)];
    if (found === undefined) throw unknownName('column', name as string, Object.keys(columns));
    return found;
  };
  const given = parameters.map(column) as [ArrayLike<number>, ArrayLike<number>];
  for (const [i, values] of given.entries()) eachFinite(`column ${parameters[i]}`, values);
  const labelOf = (name: string) =>
    labels[name] === undefined ? name : text(`labels.${name}`, labels[name]);
  const [across, up] = [gridOf(given[0]), gridOf(given[1])];
  const [x, y] = [axisOf(across, labelOf(parameters[0]!)), axisOf(up, labelOf(parameters[1]!))];
  const panels = (measures as readonly string[]).map((name, color): PanelSpec => {
    const values = column(name);
    if (values.length !== given[0].length)
      invalid(`column ${name}`, `${values.length} values`, `${given[0].length} values, one per point`);
    // Several rows of the same point, such as those of several seeds, are their mean.
    const [sums, counts] = [
      new Float64Array(across.length * up.length),
      new Uint32Array(across.length * up.length),
    ];
    for (let row = 0; row < values.length; row++) {
      if (!Number.isFinite(values[row])) continue;
      const cell = up.indexOf(given[1][row]!) * across.length + across.indexOf(given[0][row]!);
      sums[cell]! += values[row]!;
      counts[cell]! += 1;
    }
    const mean = sums.map((sum, cell) => (counts[cell] === 0 ? Number.NaN : sum / counts[cell]!));
    const range = rangeOf(name, ranges[name], mean);
    return {
      x: x.axis,
      y: y.axis,
      marks: [
        {
          type: 'cells',
          values: mean,
          columns: across.length,
          rows: up.length,
          x: x.ends,
          y: y.ends,
          color,
          range,
        },
      ],
      shades: { label: labelOf(name), range, color },
      aspect: 1,
    };
  });
  const points = `${across.length} × ${up.length} points of ${parameters[0]} and ${parameters[1]}`;
  const caption = `${measures.join(', ')} over ${points}. A blank cell has no value.`;
  return new Figure(
    { name: 'phase-diagram', title: 'Phase diagram', caption, columns: panels.map((panel) => [panel]) },
    appearance,
  );
}

function columnsOf(table: FigureTable): Readonly<Record<string, ArrayLike<number>>> {
  const { columns, axes } = table as { columns?: unknown; axes?: object };
  const isWrapped = typeof columns === 'object' && columns !== null && !('length' in columns);
  return (isWrapped ? { ...axes, ...columns } : table) as Readonly<Record<string, ArrayLike<number>>>;
}

/** The distinct values, ascending. */
function gridOf(values: ArrayLike<number>): number[] {
  return [...new Set(Array.from(values))].sort((a, b) => a - b);
}

/** An axis of the values themselves if they are evenly spaced; otherwise each value has the same width. */
function axisOf(grid: readonly number[], label: string): { axis: AxisSpec; ends: readonly [number, number] } {
  const [first, last] = [grid[0]!, grid.at(-1)!];
  const each = (last - first) / Math.max(1, grid.length - 1);
  const isEven =
    grid.length > 1 && grid.every((value, i) => Math.abs(value - first - i * each) < 1e-6 * each);
  if (isEven) {
    const ends = [first - each / 2, last + each / 2] as const;
    return { axis: { label, domain: ends }, ends };
  }
  const ends = [-0.5, grid.length - 0.5] as const;
  const tickLabels = grid.map((value) => `${Number(value.toPrecision(3))}`.replace('-', '−'));
  return { axis: { label, domain: ends, ticks: grid.map((_, i) => i), tickLabels }, ends };
}

function rangeOf(
  name: string,
  range: readonly [number, number] | undefined,
  values: ArrayLike<number>,
): readonly [number, number] {
  if (range !== undefined) {
    if (!Array.isArray(range) || range.length !== 2) invalid(`ranges.${name}`, range, '[lightest, darkest]');
    for (const [i, end] of range.entries()) finite(`ranges.${name}[${i}]`, end);
    return range;
  }
  const [low, high] = extent(Array.from(values).filter(Number.isFinite));
  if (!(low <= high)) invalid(`column ${name}`, 'no finite value', 'at least one');
  return low < high ? [low, high] : [low, low + 1];
}
