/** The layout of a figure: the axes of its panels, the space around their frames, and the rows of its columns. */
import { type Axis, axisOf, belowOf, fittingAcross, fittingUp, leftOf, rightOf } from './axes.ts';
import { type FigureOptions, pixels } from './options.ts';
import type { FigureSpec, LegendEntrySpec, PanelSpec } from './spec.ts';
import { fitted, widthOf } from './text.ts';

/** The height of a panel's frame of weight 1, in font sizes, and at most relative to the width of its column. */
const [frameHeight, maxHeight] = [15.8, 0.72];

/** Entries of a legend with their positions in it, in pixels. */
interface LegendEntry {
  readonly entry: LegendEntrySpec;
  readonly x: number;
  readonly row: number;
}

/** A panel with its position in its column. */
export interface PlacedPanel {
  readonly panel: PanelSpec;
  /** Its path in the description, for errors. */
  readonly name: string;
  /** As much of its title as fits. */
  readonly title: string | undefined;
  readonly x: Axis;
  readonly y: Axis;
  readonly legend: readonly LegendEntry[];
  readonly top: number;
  readonly height: number;
  /** Heights above and below the frame. */
  readonly above: number;
  readonly below: number;
}

/** A column of panels, whose frames have the same left and right ends. */
export interface PlacedColumn {
  readonly x: number;
  /** Where its row begins. */
  readonly top: number;
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly panels: readonly PlacedPanel[];
}

interface Size {
  readonly width: number;
  readonly font: number;
}

/** A panel whose height is not decided yet. */
type Measured = Omit<PlacedPanel, 'top' | 'height'> & { readonly frame: number };

interface MeasuredColumn {
  readonly x: number;
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly list: readonly Measured[];
}

/** @param top - the height of the texts above the panels */
export function layoutOf(
  spec: FigureSpec,
  options: FigureOptions,
  { width, font, top }: Size & { top: number },
): { columns: PlacedColumn[]; height: number } {
  const heading = options.letters === true ? 1.6 * font : 0;
  const rowsAt = (stretch: number) =>
    rowsOfColumns(spec, { width, font }).map((row) =>
      aligned(
        row.map(({ c, x, width: own }) =>
          measured(spec.columns[c]!, c, options, { x, width: own, font, stretch }),
        ),
      ),
    );
  let rows = rowsAt(1);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const around = (row: readonly MeasuredColumn[]) =>
    Math.max(...row.map(({ list }) => sum(list.map(({ above, below }) => above + below))));
  const frames = (row: readonly MeasuredColumn[]) =>
    Math.max(...row.map(({ list }) => sum(list.map(({ frame }) => frame))));
  const gap = font * (rows.length > 1 ? 1 : 0);
  const fixed = top + sum(rows.map(around)) + rows.length * heading + gap * (rows.length - 1);
  const natural = sum(rows.map(frames));
  const height =
    options.height === undefined ? fixed + natural : pixels('height', options.height, 40, 20_000);
  // Each frame keeps some pixels, however low the figure is.
  const stretch = Math.max(12 * rows.length, height - fixed) / natural;
  // The number of ticks follows from the height, and the height of what is around the frames does not depend on it.
  if (stretch !== 1) rows = rowsAt(stretch);
  let next = top;
  const columns = rows.flatMap((row) => {
    next += heading;
    const start = next;
    const placed = row.map(({ list, ...column }): PlacedColumn => {
      const own = (stretch * frames(row)) / Math.max(1, sum(list.map(({ frame }) => frame)));
      let at = start;
      const panels = list.map((one): PlacedPanel => {
        // Images keep their aspect; other panels fill the height of the row.
        const tall = one.panel.aspect === undefined ? own * one.frame : stretch * one.frame;
        const y = fittingUp(one.y, { height: tall, font });
        const panel = { ...one, y, top: at, height: one.above + tall + one.below };
        at += panel.height;
        return panel;
      });
      next = Math.max(next, at);
      return { ...column, top: start, panels };
    });
    next += gap;
    return placed;
  });
  return { columns, height };
}

/** The columns in rows, with their positions. */
function rowsOfColumns({ columns, widths, perRow, leastWidth = 13 }: FigureSpec, { width, font }: Size) {
  const gap = 2 * font;
  const fitting = Math.max(1, Math.floor((width + gap) / (leastWidth * font + gap)));
  const max = Math.min(fitting, perRow ?? columns.length, columns.length);
  // As many in each row, so that four are two and two instead of three and one.
  const count = Math.ceil(columns.length / Math.ceil(columns.length / max));
  const all = columns.map((_, c) => c);
  return Array.from({ length: Math.ceil(columns.length / count) }, (_, r) => {
    const own = all.slice(r * count, (r + 1) * count);
    const weight = (c: number) => (count < columns.length ? 1 : (widths?.[c] ?? 1));
    const total = count < columns.length ? count : own.reduce((sum, c) => sum + weight(c), 0);
    const inner = width - gap * (count - 1);
    let x = 0;
    return own.map((c) => {
      const placed = { c, x, width: (inner * weight(c)) / total };
      x += placed.width + gap;
      return placed;
    });
  });
}

function measured(
  panels: readonly PanelSpec[],
  c: number,
  options: FigureOptions,
  { x: columnX, width, font, stretch }: Size & { x: number; stretch: number },
): MeasuredColumn {
  const max = Math.max(2, Math.floor(width / (5 * font)));
  const axes = panels.map((panel, r) => {
    const name = `columns[${c}][${r}]`;
    return {
      panel,
      name,
      x: axisOf(panel, 'x', { options, most: max, name }),
      y: axisOf(panel, 'y', { options, most: ticksUp(panel, { width, font, stretch }), name }),
    };
  });
  const framed = axes.filter(({ panel }) => panel.bare !== true);
  const left = Math.max(
    0,
    ...framed.map(({ x, y }) => Math.max(leftOf(y, { width, font }), (widthOf(x.texts[0] ?? '') * font) / 2)),
  );
  const notes = panels.flatMap((panel) => panel.notes ?? []).map(({ text }) => widthOf(text) * font + 8);
  const right = Math.max(0, ...framed.map(({ x }) => rightOf(x, font)), ...notes);
  const inner = Math.max(1, width - left - right);
  const list = axes.map(({ panel, name, x: across, y }): Measured => {
    const x = fittingAcross(across, { width: inner, font });
    const legend = legendOf(panel.legend ?? [], width - left, font);
    const lines = (panel.title === undefined ? 0 : 1.5) + 1.6 * rowsOf(legend) + (panel.shades ? 3 : 0);
    const { aspect, weight = 1 } = panel;
    return {
      panel,
      name,
      title: panel.title === undefined ? undefined : fitted(panel.title, (width - left) / font),
      x,
      y,
      legend,
      above: (lines + 0.9) * font,
      below: belowOf(x, panel, font),
      frame: aspect === undefined ? weight * tallest({ width, font }) : aspect * inner,
    };
  });
  return { x: columnX, width, left, right, list };
}

/** The height of a frame of weight 1. */
function tallest({ width, font }: Size): number {
  return Math.min(frameHeight * font, maxHeight * width);
}

/** The most ticks of a y axis: one for each three lines of text. */
function ticksUp(
  { weight = 1, aspect }: PanelSpec,
  { width, font, stretch }: Size & { stretch: number },
): number {
  const height = aspect === undefined ? weight * tallest({ width, font }) : aspect * width;
  return Math.max(3, Math.min(10, Math.floor((stretch * height) / (3 * font))));
}

/** Panels beside each other have their frames at the same heights. */
function aligned(row: readonly MeasuredColumn[]): MeasuredColumn[] {
  const maxOver = (r: number, of: (one: Measured) => number) =>
    Math.max(...row.flatMap(({ list }) => (list[r] === undefined ? [] : [of(list[r])])));
  if (row.some(({ list }) => list.length !== row[0]!.list.length)) return [...row];
  return row.map((column) => ({
    ...column,
    list: column.list.map((one, r) => ({
      ...one,
      above: maxOver(r, ({ above }) => above),
      below: maxOver(r, ({ below }) => below),
    })),
  }));
}

/** Entries one after another, on a new row where the width ends. */
function legendOf(entries: readonly LegendEntrySpec[], width: number, font: number): LegendEntry[] {
  let [x, row] = [0, 0];
  return entries.map((given) => {
    const entry = { ...given, name: fitted(given.name, width / font - 2) };
    const own = (2 + widthOf(entry.name)) * font;
    if (x > 0 && x + own > width) [x, row] = [0, row + 1];
    const placed = { entry, x, row };
    x += own + 1.2 * font;
    return placed;
  });
}

function rowsOf(legend: readonly LegendEntry[]): number {
  return legend.length === 0 ? 0 : legend.at(-1)!.row + 1;
}
