/** Axes: their domains, ticks and texts, and the space that these need. */
import { invalid } from '../../checks/check.ts';
import type { FigureOptions } from './options.ts';
import { domainOf } from './ranges.ts';
import type { AxisSpec, PanelSpec } from './spec.ts';
import { fitted, widthOf } from './text.ts';
import { roundTicks, tickTexts } from './ticks.ts';

/** An axis with all that its drawing needs. */
export interface Axis {
  readonly spec: AxisSpec;
  readonly domain: readonly [number, number];
  readonly scale: 'linear' | 'log';
  readonly ticks: readonly number[];
  readonly texts: readonly string[];
  /** Whether texts stand upright, because they are wider than their distance. */
  readonly upright: boolean;
}

/** Longest text of a tick of an x and a y axis, in font sizes. */
const [maxUpright, maxTickText] = [13, 19];

/** The largest number on an axis. */
const largest = Number.MAX_VALUE / 4;

/**
 * @param name - the path of the panel in the description
 * @throws LapicqueError `invalid-parameter` for a domain that is not two numbers
 */
export function axisOf(
  panel: PanelSpec,
  which: 'x' | 'y',
  { options, most, name }: { options: FigureOptions; most: number; name: string },
): Axis {
  const spec = { ...panel[which], ...options[which] };
  for (const end of spec.domain ?? [])
    if (Number.isNaN(end) || (spec.scale === 'log' && !(end > 0)))
      invalid(
        `${name}.${which}.domain`,
        spec.domain,
        spec.scale === 'log' ? 'two positive numbers' : 'two numbers',
      );
  const scale = spec.scale ?? 'linear';
  // The length of an axis has to be a number, too.
  const within = (end: number) => Math.min(largest, Math.max(-largest, end));
  const [start, end] = domainOf({ ...panel, x: { ...panel.x, ...options.x }, [which]: spec }, which).map(
    within,
  ) as [number, number];
  const domain = start === end ? ([start - 0.5, end + 0.5] as const) : ([start, end] as const);
  // Ticks outside a domain that an option has set would stand beside the frame.
  const [low, high] = [Math.min(...domain), Math.max(...domain)];
  const given = spec.ticks ?? roundTicks(domain, scale, most);
  const kept = given.map((tick) => tick >= low && tick <= high);
  const ticks = given.filter((_, i) => kept[i]);
  const texts = spec.tickLabels?.filter((_, i) => kept[i]) ?? tickTexts(ticks, scale);
  return { spec, domain, scale, ticks, texts, upright: false };
}

/** The same x axis with texts that do not overlap: upright if they are names, or fewer. */
export function fittingAcross(axis: Axis, { width, font }: { width: number; font: number }): Axis {
  const { texts, spec } = axis;
  if (spec.hidden === true) return axis;
  const level = (i: number) => (widthOf(texts[i] ?? '') + 0.7) * font;
  const areNames = spec.tickLabels !== undefined && texts.some((text) => /\p{L}/u.test(text));
  const upright = areNames && min(axis, width, level) > 1;
  const kept = keptEvery(axis, min(axis, width, upright ? () => 1.25 * font : level));
  return upright ? { ...kept, texts: kept.texts.map((text) => fitted(text, maxUpright)), upright } : kept;
}

/** The same y axis with texts that do not overlap. */
export function fittingUp(axis: Axis, { height, font }: { height: number; font: number }): Axis {
  return keptEvery(
    axis,
    min(axis, height, () => 1.15 * font),
  );
}

/** The least n for which every n-th text has the space that it needs. */
function min({ ticks, domain, scale }: Axis, length: number, need: (i: number) => number): number {
  const at = (value: number) => (scale === 'log' ? Math.log10(value) : value);
  const [low, high] = [at(domain[0]), at(domain[1])];
  const positions = ticks.map((tick) => (length * (at(tick) - low)) / (high - low));
  const fits = (every: number) =>
    positions.every((position, i) => {
      if (i % every !== 0 || i === 0) return true;
      const before = i - every;
      return Math.abs(position - positions[before]!) >= (need(i) + need(before)) / 2;
    });
  let every = 1;
  while (every < ticks.length && !fits(every)) every += 1;
  return every;
}

function keptEvery(axis: Axis, every: number): Axis {
  const kept = <T>(list: readonly T[]) => list.filter((_, i) => i % every === 0);
  return every === 1 ? axis : { ...axis, ticks: kept(axis.ticks), texts: kept(axis.texts) };
}

/** The space left of the frame: label, texts, tick. Long texts are cut. */
export function leftOf({ texts, spec }: Axis, { width, font }: { width: number; font: number }): number {
  const max = Math.min(maxTickText * font, 0.5 * width);
  const widest = Math.min(max, Math.max(0, ...texts.map(widthOf)) * font);
  return widest + 10 + (spec.label === '' ? 0 : 1.6 * font);
}

/** The space right of the frame: half of the last text of the x axis. */
export function rightOf({ texts, spec }: Axis, font: number): number {
  return spec.hidden === true ? 4 : 4 + (widthOf(texts.at(-1) ?? '') * font) / 2;
}

/** The space below the frame: ticks, texts, label. */
export function belowOf(x: Axis, panel: PanelSpec, font: number): number {
  if (panel.bare === true) return 0.5 * font;
  // The ticks, and some room above the title or legend of the panel below.
  if (x.spec.hidden === true) return 4 + 0.6 * font;
  const texts = x.texts.length === 0 ? 0 : x.upright ? Math.max(...x.texts.map(widthOf)) + 0.4 : 1.2;
  return 7 + (texts + (x.spec.label === '' ? 0.3 : 1.8)) * font;
}
