/** Figures of cells with dendrites: their shape, and values of their compartments. */
import { options as checkOptions, finite, invalid, oneOf } from '../checks/check.ts';
import type { Cell } from '../morphology/cell.ts';
import { Figure } from './draw/figure.ts';
import { type FigureOptions, figureOptions } from './draw/options.ts';
import type { MarkSpec, PanelSpec } from './draw/spec.ts';

/** Options of `figure.morphology`. */
export interface MorphologyFigureOptions extends FigureOptions {
  /**
   * One value for each node of the cell's `compartments`, which darkness shows; or several such lists by title, side by side as a film strip.
   * Default: the shape alone.
   */
  values?: ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;
  /** The quantity with its unit; default `voltage (mV)`. */
  label?: string;
  /** The values of the lightest and of the darkest compartment; default the lowest and the highest of all. */
  range?: readonly [number, number];
  /** The plane onto which the cell is projected; default `'xy'`. */
  plane?: 'xy' | 'xz' | 'yz';
}

/** Degrees of darkness. */
const shades = 16;
/** Pixels of the longer side of a panel, roughly: for the width of branches. */
const side = 400;
/** Panels of a film strip at most. */
const maxPanels = 12;

export async function morphology(cell: Cell, options: MorphologyFigureOptions = {}): Promise<Figure> {
  const {
    values,
    label = 'voltage (mV)',
    range: given,
    plane = 'xy',
    ...appearance
  } = checkOptions('figure.morphology', options, ['values', 'label', 'range', 'plane', ...figureOptions]);
  if (!(cell?.compartments?.at instanceof Float64Array))
    invalid('cell', cell, 'a result of morphology.cell(…)');
  oneOf('plane', plane, ['xy', 'xz', 'yz']);
  if (typeof label !== 'string') invalid('label', label, 'a text');
  const frames = framesOf(values, cell.compartments.count);
  const range = rangeOf(given, frames);
  const drawn = projected(cell, plane, Math.max(frames.length, 1));
  const panels = (frames.length === 0 ? [{ title: '', list: undefined }] : frames).map(
    ({ title, list }, i): PanelSpec => ({
      ...(title === '' ? {} : { title }),
      x: { label: '', domain: drawn.x },
      y: { label: '', domain: drawn.y },
      marks: [...linesOf(drawn.segments, list, range), ...(i === 0 ? scaleBar(drawn.x, drawn.y) : [])],
      ...(list === undefined ? {} : { shades: { label, range } }),
      aspect: (drawn.y[1] - drawn.y[0]) / (drawn.x[1] - drawn.x[0]),
      bare: true,
    }),
  );
  const { branches } = cell.morphology;
  const caption = `${branches.length} branches in ${cell.compartments.count} nodes, projected onto the ${plane} plane.${
    frames.length === 0
      ? ''
      : ` Darkness: ${label}, from ${range[0].toPrecision(3)} to ${range[1].toPrecision(3)}.`
  }`;
  return new Figure(
    {
      name: 'morphology',
      title: 'Morphology',
      caption,
      columns: panels.map((panel) => [panel]),
      leastWidth: 6,
    },
    appearance,
  );
}

interface Frame {
  readonly title: string;
  readonly list: ArrayLike<number>;
}

function framesOf(values: MorphologyFigureOptions['values'], count: number): readonly Frame[] {
  if (values === undefined) return [];
  if (typeof values !== 'object' || values === null)
    invalid('values', values, 'a list of numbers, or lists by title');
  const one = 'length' in values && typeof values.length === 'number';
  const frames = one
    ? [{ title: '', list: values as ArrayLike<number> }]
    : Object.entries(values as Readonly<Record<string, ArrayLike<number>>>).map(([title, list]) => ({
        title,
        list,
      }));
  if (frames.length === 0 || frames.length > maxPanels)
    invalid('values', `${frames.length} lists`, `1 to ${maxPanels} lists`);
  for (const { title, list } of frames) {
    const name = title === '' ? 'values' : `values.${title}`;
    if (typeof list !== 'object' || list === null || list.length !== count)
      invalid(name, `${list?.length} values`, `${count} numbers, one for each node of the cell`);
    for (let i = 0; i < count; i++) finite(`${name}[${i}]`, list[i]);
  }
  return frames;
}

function rangeOf(
  given: readonly [number, number] | undefined,
  frames: readonly Frame[],
): readonly [number, number] {
  if (given !== undefined) {
    if (!Array.isArray(given) || given.length !== 2) invalid('range', given, '[lightest, darkest]');
    given.forEach((end, i) => {
      finite(`range[${i}]`, end);
    });
    if (given[0] === given[1]) invalid('range', given, 'two different numbers');
    return given;
  }
  let [low, high] = [Infinity, -Infinity];
  for (const { list } of frames)
    for (let i = 0; i < list.length; i++) {
      low = Math.min(low, list[i]!);
      high = Math.max(high, list[i]!);
    }
  return low < high ? [low, high] : [low, low + 1];
}

/** From the center of a compartment's parent to its own. */
interface Segment {
  readonly node: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** In pixels. */
  readonly width: number;
}

function projected(cell: Cell, plane: 'xy' | 'xz' | 'yz', panels: number) {
  const { count, parent, at } = cell.compartments;
  const [a, b] = [...plane].map((axis) => 'xyz'.indexOf(axis)) as [number, number];
  const [x, y] = [a, b].map((axis) => Float64Array.from({ length: count }, (_, i) => at[4 * i + axis]!)) as [
    Float64Array,
    Float64Array,
  ];
  const extent = (of: Float64Array) =>
    [
      of.reduce((low, v, i) => Math.min(low, v - at[4 * i + 3]!), Infinity),
      of.reduce((high, v, i) => Math.max(high, v + at[4 * i + 3]!), -Infinity),
    ] as const;
  const [[left, right], [low, high]] = [extent(x), extent(y)];
  // A straight cable needs some height, a straight column some width.
  const long = Math.max(right - left, high - low);
  const padded = (from: number, to: number): readonly [number, number] => {
    const missing = Math.max(0, 0.25 * long - (to - from)) / 2 + 0.06 * long;
    return [from - missing, to + missing];
  };
  const pixels = side / panels / long;
  const segments: Segment[] = [];
  for (let node = 1; node < count; node++) {
    const from = parent[node]!;
    const width = Math.min(Math.max(2 * at[4 * node + 3]! * pixels, 0.8), 24);
    segments.push({
      node,
      x: [x[from]!, x[node]!],
      y: [y[from]!, y[node]!],
      width: Math.round(2 * width) / 2,
    });
  }
  return { segments, x: padded(left, right), y: padded(low, high) };
}

/** The shape in a faint color, and over it the values. Segments of one width and darkness are one mark. */
function linesOf(
  segments: readonly Segment[],
  values: ArrayLike<number> | undefined,
  [low, high]: readonly [number, number],
): MarkSpec[] {
  const groups = new Map<string, { width: number; shade: number; x: number[]; y: number[] }>();
  const add = ({ x, y, width }: Segment, shade: number) => {
    const key = `${shade} ${width}`;
    const group = groups.get(key) ?? { width, shade, x: [], y: [] };
    groups.set(key, group);
    group.x.push(...x, Number.NaN);
    group.y.push(...y, Number.NaN);
  };
  for (const segment of segments) add(segment, -1);
  if (values !== undefined)
    for (const segment of segments) {
      const share = (values[segment.node]! - low) / (high - low);
      add(segment, Math.min(Math.max(Math.floor(share * shades), 0), shades - 1));
    }
  const shape = values === undefined ? 'muted' : 'grid';
  return [...groups.values()].map(({ width, shade, x, y }) => ({
    type: 'line',
    x,
    y,
    width,
    ...(shade < 0 ? { color: shape } : { color: 0, opacity: (shade + 1) / shades }),
  }));
}

/** A line of a round length below the cell, with its length. */
function scaleBar(x: readonly [number, number], y: readonly [number, number]): MarkSpec[] {
  const most = 0.4 * (x[1] - x[0]);
  const power = 10 ** Math.floor(Math.log10(most));
  const length = [5, 2, 1].map((factor) => factor * power).find((candidate) => candidate <= most)!;
  const [left, low] = [x[0] + 0.03 * (x[1] - x[0]), y[0] + 0.02 * (y[1] - y[0])];
  return [
    { type: 'line', x: [left, left + length], y: [low, low], color: 'ink', width: 2 },
    {
      type: 'text',
      x: [left + length],
      y: [low],
      texts: [`${length} µm`],
      anchor: 'start',
      dx: 5,
      color: 'muted',
    },
  ];
}
