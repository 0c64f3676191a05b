/** Points, some of them chosen, with a line over them. Dragging chooses the points of a rectangle, a click one point. */

import { paintCounts, pointCounts } from '../plots/dense-points.ts';
import { canvas } from './canvas.ts';
import { ticks } from './heat-map.ts';
import { short } from './lines.ts';
import { palette } from './theme.ts';

export interface ScatterAxis {
  readonly title: string;
  readonly log?: boolean;
  readonly low: number;
  readonly high: number;
  /** The names of 0, 1, 2 …, if it has no numbers. */
  readonly categories?: readonly string[] | undefined;
}

export interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** 1 for a chosen point; without it no choice is made. */
  readonly chosen?: Uint8Array | undefined;
  readonly length: number;
  /** A line in steps, with a value for each point that it goes through. */
  readonly line?: { readonly x: readonly number[]; readonly y: readonly number[] };
}

/** A rectangle in units of the axes. */
export interface Area {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

export interface ScatterOptions {
  readonly label: string;
  readonly height?: number;
  /** Called with the rectangle that the reader draws; undefined after a click beside the points. */
  area(area: Area | undefined): void;
  /** Called with the row of the point that the reader clicks. */
  pick(row: number): void;
  /** Called with the row under the pointer. */
  point(row: number | undefined): void;
}

const margin = { left: 58, right: 12, top: 8, bottom: 46 };
/** The frame goes so far beyond the values, as a share of their range. */
const padding = 0.03;
/** More points than that are drawn as counts by pixel: they cover each other, and drawing them one by one takes long. */
export const mostSinglePoints = 20_000;
/** A click counts for a point that is at most so many pixels away. */
const near = 12;

export function scatter({ label, height = 220, area, pick, point }: ScatterOptions) {
  let axes: { x: ScatterAxis; y: ScatterAxis } | undefined;
  let points: Points = { x: new Float64Array(), y: new Float64Array(), length: 0 };
  let shown: Area | undefined;
  let drag: { from: [number, number]; to: [number, number] } | undefined;

  const place = (axis: ScatterAxis, from: number, to: number) => {
    const f = axis.log ? Math.log10 : (value: number) => value;
    const [low, high] = [f(axis.low), f(axis.high)];
    const pad = axis.categories === undefined ? (high - low) * padding || 0.5 : 0.5;
    const scale = (to - from) / (high - low + 2 * pad);
    const back = axis.log ? (value: number) => 10 ** value : (value: number) => value;
    return {
      at: (value: number) => from + (f(value) - low + pad) * scale,
      value: (at: number) => back((at - from) / scale + low - pad),
    };
  };
  const frame = () => {
    const { width, height: full } = drawn.size;
    return {
      x: place(axes!.x, margin.left, width - margin.right),
      y: place(axes!.y, full - margin.bottom, margin.top),
    };
  };

  const drawn = canvas(label, height, (context, width, full) => {
    if (axes === undefined) return;
    const colors = palette();
    const { x: toX, y: toY } = frame();
    drawAxes(context, axes, toX.at, toY.at, width, full);
    const { chosen, length, line } = points;
    context.save();
    context.beginPath();
    context.rect(
      margin.left,
      margin.top,
      width - margin.left - margin.right,
      full - margin.top - margin.bottom,
    );
    context.clip();
    const some = chosen?.includes(1) ?? false;
    const size = length > 2000 ? 3 : 5;
    // Chosen points are drawn last, so that they are on top.
    for (const wanted of some ? [0, 1] : [0]) {
      const color = colors.color(wanted === 1 ? 1 : some ? 'muted' : 0);
      const placed = placedPoints(points, wanted, toX.at, toY.at);
      if (length > mostSinglePoints) {
        const alpha = wanted === 0 && some ? 0.4 : 1;
        drawCounts(context, placed, width, full, { paper: colors.paper, color, alpha });
        continue;
      }
      // Points that fall on the same pixel are drawn once.
      const taken = new Uint8Array(Math.ceil(width) * Math.ceil(full));
      context.fillStyle = color;
      context.globalAlpha = wanted === 1 ? 1 : some ? 0.25 : 0.6;
      for (let i = 0; i < placed.x.length; i++) {
        const [left, top] = [placed.x[i]!, placed.y[i]!];
        const pixel = Math.round(top) * Math.ceil(width) + Math.round(left);
        if (!(pixel >= 0) || taken[pixel] === 1) continue;
        taken[pixel] = 1;
        context.fillRect(left - size / 2, top - size / 2, size, size);
      }
    }
    context.globalAlpha = 1;
    if (line !== undefined) {
      context.strokeStyle = colors.color('ink');
      context.lineWidth = 1.5;
      context.beginPath();
      line.x.forEach((value, i) => {
        const left = toX.at(value);
        if (i > 0) context.lineTo(left, toY.at(line.y[i - 1]!));
        context.lineTo(left, toY.at(line.y[i]!));
      });
      context.stroke();
    }
    const rectangle =
      drag === undefined
        ? shown && [toX.at(shown.x[0]), toY.at(shown.y[0]), toX.at(shown.x[1]), toY.at(shown.y[1])]
        : [...drag.from, ...drag.to];
    if (rectangle !== undefined) {
      const [a, b, c, d] = rectangle as [number, number, number, number];
      context.fillStyle = colors.color(1);
      context.globalAlpha = 0.12;
      context.fillRect(a, b, c - a, d - b);
      context.globalAlpha = 1;
      context.strokeStyle = colors.color(1);
      context.lineWidth = 1;
      context.strokeRect(a, b, c - a, d - b);
    }
    context.restore();
  });

  const nearest = (event: PointerEvent): number | undefined => {
    if (axes === undefined) return undefined;
    const { x: toX, y: toY } = frame();
    let [best, row] = [near * near, undefined as number | undefined];
    for (let i = 0; i < points.length; i++) {
      const distance =
        (toX.at(points.x[i]!) - event.offsetX) ** 2 + (toY.at(points.y[i]!) - event.offsetY) ** 2;
      if (distance < best) [best, row] = [distance, i];
    }
    return row;
  };
  const { element } = drawn;
  element.classList.add('scatter');
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    drag = { from: [event.offsetX, event.offsetY], to: [event.offsetX, event.offsetY] };
  });
  element.addEventListener('pointermove', (event) => {
    if (drag === undefined) return point(nearest(event));
    drag.to = [event.offsetX, event.offsetY];
    drawn.draw();
  });
  element.addEventListener('pointerleave', () => point(undefined));
  element.addEventListener('pointercancel', () => {
    drag = undefined;
    drawn.draw();
  });
  element.addEventListener('pointerup', (event) => {
    if (drag === undefined || axes === undefined) return;
    const { from, to } = drag;
    drag = undefined;
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) < 5) {
      const row = nearest(event);
      if (row === undefined) area(undefined);
      else pick(row);
    } else {
      const { x: toX, y: toY } = frame();
      const ends = (one: { value(at: number): number }, a: number, b: number) =>
        [one.value(a), one.value(b)].sort((p, q) => p - q) as [number, number];
      area({ x: ends(toX, from[0], to[0]), y: ends(toY, from[1], to[1]) });
    }
    drawn.draw();
  });
  return {
    element,
    set(next: Points, given: { x: ScatterAxis; y: ScatterAxis }, rectangle: Area | undefined): void {
      [points, axes, shown] = [next, given, rectangle];
      drawn.draw();
    },
    destroy: drawn.destroy,
  };
}

/** The points that are chosen, or those that are not, in CSS pixels. */
function placedPoints(
  { x, y, chosen, length }: Points,
  wanted: number,
  toX: (value: number) => number,
  toY: (value: number) => number,
) {
  const placed = { x: new Float32Array(length), y: new Float32Array(length) };
  let count = 0;
  for (let i = 0; i < length; i++) {
    if ((chosen?.[i] ?? 0) !== wanted) continue;
    placed.x[count] = toX(x[i]!);
    placed.y[count] = toY(y[i]!);
    count += 1;
  }
  return { x: placed.x.subarray(0, count), y: placed.y.subarray(0, count) };
}

/** Draws points as counts by pixel of the screen. */
function drawCounts(
  context: CanvasRenderingContext2D,
  placed: { readonly x: Float32Array; readonly y: Float32Array },
  width: number,
  height: number,
  colors: Parameters<typeof paintCounts>[2],
): void {
  const ratio = context.getTransform().a;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  const scaled = { x: placed.x.map((at) => at * ratio), y: placed.y.map((at) => at * ratio) };
  const image = new ImageData(columns, rows);
  paintCounts(image, pointCounts(scaled, columns, rows, Math.round(2 * ratio)), colors);
  // An image that is put replaces what is below it, the grid; one that is drawn does not.
  const sheet = document.createElement('canvas');
  [sheet.width, sheet.height] = [columns, rows];
  sheet.getContext('2d')!.putImageData(image, 0, 0);
  context.globalAlpha = 1;
  context.drawImage(sheet, 0, 0, width, height);
}

function drawAxes(
  context: CanvasRenderingContext2D,
  { x, y }: { x: ScatterAxis; y: ScatterAxis },
  toX: (value: number) => number,
  toY: (value: number) => number,
  width: number,
  height: number,
): void {
  const colors = palette();
  const bottom = height - margin.bottom;
  context.font = '12px system-ui, sans-serif';
  context.lineWidth = 1;
  context.strokeStyle = colors.color('grid');
  context.fillStyle = colors.color('muted');
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const [value, text] of marks(y, 5)) {
    const at = Math.round(toY(value)) + 0.5;
    if (at < margin.top || at > bottom) continue;
    context.beginPath();
    context.moveTo(margin.left, at);
    context.lineTo(width - margin.right, at);
    context.stroke();
    context.fillText(text, margin.left - 6, at, margin.left - 22);
  }
  context.textAlign = 'center';
  context.textBaseline = 'top';
  const across = width - margin.left - margin.right;
  const shown = marks(x, Math.max(2, Math.floor(across / 90)));
  for (const [value, text] of shown)
    context.fillText(text, toX(value), bottom + 7, across / shown.length - 4);
  context.fillText(x.title, margin.left + across / 2, bottom + 27, across);
  context.save();
  context.translate(9, margin.top + (bottom - margin.top) / 2);
  context.rotate(-Math.PI / 2);
  context.textBaseline = 'middle';
  context.fillText(y.title, 0, 0, bottom - margin.top);
  context.restore();
}

/** The marks of an axis with their texts. */
function marks({ low, high, log, categories }: ScatterAxis, about: number): [number, string][] {
  if (categories !== undefined) return categories.map((name, i) => [i, name]);
  // The frame goes a little beyond the values.
  const pad = (high - low) * padding;
  if (!log) return ticks(low - pad, high + pad, about).map((value) => [value, short(value)]);
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const powers = ticks(from, to, about).filter(Number.isInteger);
  if (powers.length >= 2) return powers.map((power) => [10 ** power, short(10 ** power)]);
  return ticks(low, high, about)
    .filter((value) => value > 0)
    .map((value) => [value, short(value)]);
}
