/** The layout of a figure: the axes of its panels, and the space around their frames. */
import { type FigureOptions, pixels } from './options.ts';
import { domainOf } from './ranges.ts';
import type { AxisSpec, FigureSpec, PanelSpec } from './spec.ts';
import { roundTicks, tickTexts } from './ticks.ts';

/** The width of a character relative to the font size, on the average of Inter. */
export const characterWidth = 0.58;

/** The height of a panel's frame in pixels, of weight 1 and a font of 12 pixels. */
const frameHeight = 190;

/** An axis with all that its drawing needs. */
export interface Axis {
  readonly spec: AxisSpec;
  readonly domain: readonly [number, number];
  readonly scale: 'linear' | 'log';
  readonly ticks: readonly number[];
  readonly texts: readonly string[];
}

/** Entries of a legend with their places in it, in pixels. */
export interface LegendEntry {
  readonly entry: NonNullable<PanelSpec['legend']>[number];
  readonly x: number;
  readonly row: number;
}

/** A panel with its place in its column. */
export interface PlacedPanel {
  readonly panel: PanelSpec;
  /** Its path in the description, for errors. */
  readonly name: string;
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
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly panels: readonly PlacedPanel[];
}

/** @param top - the height of what stands above the panels */
export function layoutOf(
  { columns }: FigureSpec,
  options: FigureOptions,
  { width, font, top }: { width: number; font: number; top: number },
): { columns: PlacedColumn[]; height: number } {
  const gap = 2 * font;
  const columnWidth = (width - gap * (columns.length - 1)) / columns.length;
  const most = Math.max(2, Math.floor(columnWidth / (5 * font)));
  const measured = columns.map((panels, c) => {
    const axes = panels.map((panel) => ({
      panel,
      x: axisOf(panel, 'x', options, most),
      y: axisOf(panel, 'y', options, 5),
    }));
    const left = Math.max(...axes.map(({ panel, y }) => (panel.bare === true ? 0 : leftOf(y, font))));
    const right = Math.max(...axes.map(({ panel, x }) => (panel.bare === true ? 0 : rightOf(x, font))));
    const list = axes.map(({ panel, x, y }, r) => {
      const legend = legendOf(panel.legend ?? [], columnWidth - left, font);
      const rows = (panel.title === undefined ? 0 : 1.5) + 1.6 * rowsOf(legend);
      const below = x.spec.hidden === true || panel.bare === true ? 0.5 : x.spec.label === '' ? 2 : 3.4;
      return {
        panel,
        name: `columns[${c}][${r}]`,
        x,
        y,
        legend,
        above: (rows + 0.9) * font,
        below: below * font,
      };
    });
    return { left, right, list };
  });
  const around = (list: readonly { above: number; below: number }[]) =>
    list.reduce((sum, { above, below }) => sum + above + below, 0);
  const frames = measured.map(({ left, right, list }) =>
    list.map(({ panel: { aspect, weight = 1 } }) =>
      aspect === undefined
        ? (weight * frameHeight * font) / 12
        : aspect * Math.max(1, columnWidth - left - right),
    ),
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const natural = measured.map(({ list }, c) => around(list) + sum(frames[c]!));
  const height =
    options.height === undefined ? top + Math.max(...natural) : pixels('height', options.height, 40, 20_000);
  const placed = measured.map(({ left, right, list }, c): PlacedColumn => {
    const stretch = Math.max(12, height - top - around(list)) / sum(frames[c]!);
    let next = top;
    const panels = list.map((one, r): PlacedPanel => {
      const own = one.above + stretch * frames[c]![r]! + one.below;
      next += own;
      return { ...one, top: next - own, height: own };
    });
    return { x: c * (columnWidth + gap), width: columnWidth, left, right, panels };
  });
  return { columns: placed, height };
}

function axisOf(panel: PanelSpec, which: 'x' | 'y', options: FigureOptions, most: number): Axis {
  const spec = { ...panel[which], ...options[which] };
  const scale = spec.scale ?? 'linear';
  const domain = domainOf({ ...panel, [which]: spec }, which);
  const ticks = spec.ticks ?? roundTicks(domain, scale, most);
  return { spec, domain, scale, ticks, texts: spec.tickLabels ?? tickTexts(ticks, scale) };
}

/** The space left of the frame: tick, texts, label. */
function leftOf({ texts, spec }: Axis, font: number): number {
  const longest = Math.max(0, ...texts.map((words) => [...words].length));
  return longest * characterWidth * font + 10 + (spec.label === '' ? 0 : 1.7 * font);
}

/** The space right of the frame: half of the last text of the x axis. */
function rightOf({ texts, spec }: Axis, font: number): number {
  return spec.hidden === true ? 4 : 4 + ([...(texts.at(-1) ?? '')].length * characterWidth * font) / 2;
}

/** Entries one after another, on a new row where the width ends. */
function legendOf(entries: NonNullable<PanelSpec['legend']>, width: number, font: number): LegendEntry[] {
  let [x, row] = [0, 0];
  return entries.map((entry) => {
    const own = (2 + [...entry.name].length * characterWidth) * font;
    if (x > 0 && x + own > width) [x, row] = [0, row + 1];
    const placed = { entry, x, row };
    x += own + 1.6 * font;
    return placed;
  });
}

function rowsOf(legend: readonly LegendEntry[]): number {
  return legend.length === 0 ? 0 : legend.at(-1)!.row + 1;
}
