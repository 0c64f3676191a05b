/** Points, some of them chosen, with a line over them. Dragging chooses the points of a rectangle, a click one point. */

import { paintCounts, pointCounts } from '../plots/dense-points.ts';
import { drawAcross, drawUp, type Mark, marksOf } from './axes.ts';
import { canvas } from './canvas.ts';
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
/** Margin of the frame beyond the values, as a share of their range. */
const padding = 0.03;
/** More points than that are drawn as counts by pixel: they cover each other, and drawing them one by one takes long. */
export const maxSinglePoints = 20_000;
/** Maximum distance in pixels of a click from the point that it selects. */
const clickRadius = 12;
/** A press that moves fewer pixels is a click. */
const dragThreshold = 5;

/** The axes of a plot. */
interface Axes {
  readonly x: ScatterAxis;
  readonly y: ScatterAxis;
}

export function scatter({ label, height = 220, area, pick, point }: ScatterOptions) {
  let axes: Axes | undefined;
  let points: Points = { x: new Float64Array(), y: new Float64Array(), length: 0 };
  let selection: Area | undefined;

  const plot = canvas(label, height, (context, width, full) => {
    if (axes === undefined) return;
    const scales = scalesOf(axes, plot.size);
    drawAxes(context, axes, scales, width, full);
    context.save();
    context.beginPath();
    context.rect(
      margin.left,
      margin.top,
      width - margin.left - margin.right,
      full - margin.top - margin.bottom,
    );
    context.clip();
    drawPoints(context, points, scales, width, full);
    if (points.line !== undefined) drawSteps(context, points.line, scales);
    const rectangle = drag() ?? (selection && cornersOf(selection, scales));
    if (rectangle !== undefined) drawRectangle(context, rectangle);
    context.restore();
  });

  const nearest = (at: Pixel): number | undefined =>
    axes && nearestPoint(points, scalesOf(axes, plot.size), at);
  const { element } = plot;
  element.classList.add('scatter');
  const drag = dragOver(element, {
    hover: (at) => point(at && nearest(at)),
    draw: plot.draw,
    click(at) {
      const row = nearest(at);
      if (row === undefined) area(undefined);
      else pick(row);
    },
    release(corners) {
      if (axes !== undefined) area(areaOf(corners, scalesOf(axes, plot.size)));
    },
  });
  return {
    element,
    set(next: Points, nextAxes: Axes, rectangle: Area | undefined): void {
      [points, axes, selection] = [next, nextAxes, rectangle];
      plot.draw();
    },
    destroy: plot.destroy,
  };
}

/** A position on the canvas, in CSS pixels. */
type Pixel = readonly [left: number, top: number];

/** Two opposite corners of a rectangle. */
interface Corners {
  readonly from: Pixel;
  readonly to: Pixel;
}

/**
 * Dragging a rectangle over an element.
 *
 * @param hover - called with the pointer's position while nothing is dragged, and with `undefined` when it leaves
 * @param draw - called when the rectangle has changed
 * @returns the rectangle that is being dragged, if there is one
 */
function dragOver(
  element: HTMLElement,
  on: {
    hover(at: Pixel | undefined): void;
    draw(): void;
    click(at: Pixel): void;
    release(corners: Corners): void;
  },
): () => Corners | undefined {
  let drag: Corners | undefined;
  const pixelOf = ({ offsetX, offsetY }: PointerEvent): Pixel => [offsetX, offsetY];
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    drag = { from: pixelOf(event), to: pixelOf(event) };
  });
  element.addEventListener('pointermove', (event) => {
    if (drag === undefined) return on.hover(pixelOf(event));
    drag = { from: drag.from, to: pixelOf(event) };
    on.draw();
  });
  element.addEventListener('pointerleave', () => on.hover(undefined));
  element.addEventListener('pointercancel', () => {
    drag = undefined;
    on.draw();
  });
  element.addEventListener('pointerup', (event) => {
    if (drag === undefined) return;
    const { from, to } = drag;
    drag = undefined;
    if (Math.hypot(to[0] - from[0], to[1] - from[1]) < dragThreshold) on.click(pixelOf(event));
    else on.release({ from, to });
    on.draw();
  });
  return () => drag;
}

/** From the values of an axis to CSS pixels, and back. */
interface Scale {
  at(value: number): number;
  value(at: number): number;
}

interface Scales {
  readonly x: Scale;
  readonly y: Scale;
}

function scalesOf({ x, y }: Axes, { width, height }: { width: number; height: number }): Scales {
  return {
    x: scaleOf(x, margin.left, width - margin.right),
    y: scaleOf(y, height - margin.bottom, margin.top),
  };
}

function scaleOf(axis: ScatterAxis, from: number, to: number): Scale {
  const f = axis.log ? Math.log10 : (value: number) => value;
  const [low, high] = [f(axis.low), f(axis.high)];
  const pad = axis.categories === undefined ? (high - low) * padding || 0.5 : 0.5;
  const scale = (to - from) / (high - low + 2 * pad);
  const back = axis.log ? (value: number) => 10 ** value : (value: number) => value;
  return {
    at: (value) => from + (f(value) - low + pad) * scale,
    value: (at) => back((at - from) / scale + low - pad),
  };
}

function cornersOf({ x, y }: Area, scales: Scales): Corners {
  return { from: [scales.x.at(x[0]), scales.y.at(y[0])], to: [scales.x.at(x[1]), scales.y.at(y[1])] };
}

function areaOf({ from, to }: Corners, scales: Scales): Area {
  const ends = (scale: Scale, a: number, b: number) =>
    [scale.value(a), scale.value(b)].sort((p, q) => p - q) as [number, number];
  return { x: ends(scales.x, from[0], to[0]), y: ends(scales.y, from[1], to[1]) };
}

/** The row of the point that is nearest to a position, if one is near. */
function nearestPoint({ x, y, length }: Points, scales: Scales, [left, top]: Pixel): number | undefined {
  let [best, row] = [clickRadius * clickRadius, undefined as number | undefined];
  for (let i = 0; i < length; i++) {
    const distance = (scales.x.at(x[i]!) - left) ** 2 + (scales.y.at(y[i]!) - top) ** 2;
    if (distance < best) [best, row] = [distance, i];
  }
  return row;
}

function drawPoints(
  context: CanvasRenderingContext2D,
  points: Points,
  scales: Scales,
  width: number,
  height: number,
): void {
  const colors = palette();
  const { chosen, length } = points;
  const some = chosen?.includes(1) ?? false;
  const size = length > 2000 ? 3 : 5;
  // Chosen points are drawn last, so that they are on top.
  for (const isChosen of some ? [0, 1] : [0]) {
    const color = colors.color(isChosen === 1 ? 1 : some ? 'muted' : 0);
    const placed = placedPoints(points, isChosen, scales);
    if (length > maxSinglePoints) {
      const alpha = isChosen === 0 && some ? 0.4 : 1;
      drawCounts(context, placed, width, height, { paper: colors.paper, color, alpha });
      continue;
    }
    // Points that fall on the same pixel are drawn once.
    const taken = new Uint8Array(Math.ceil(width) * Math.ceil(height));
    context.fillStyle = color;
    context.globalAlpha = isChosen === 1 ? 1 : some ? 0.25 : 0.6;
    for (let i = 0; i < placed.x.length; i++) {
      const [left, top] = [placed.x[i]!, placed.y[i]!];
      const pixel = Math.round(top) * Math.ceil(width) + Math.round(left);
      if (!(pixel >= 0) || taken[pixel] === 1) continue;
      taken[pixel] = 1;
      context.fillRect(left - size / 2, top - size / 2, size, size);
    }
  }
  context.globalAlpha = 1;
}

/** Draws a line in steps: from each point it keeps its height up to the next one. */
function drawSteps(
  context: CanvasRenderingContext2D,
  { x, y }: NonNullable<Points['line']>,
  scales: Scales,
): void {
  context.strokeStyle = palette().color('ink');
  context.lineWidth = 1.5;
  context.beginPath();
  x.forEach((value, i) => {
    const left = scales.x.at(value);
    if (i > 0) context.lineTo(left, scales.y.at(y[i - 1]!));
    context.lineTo(left, scales.y.at(y[i]!));
  });
  context.stroke();
}

function drawRectangle(context: CanvasRenderingContext2D, { from, to }: Corners): void {
  const color = palette().color(1);
  const rectangle = [...from, to[0] - from[0], to[1] - from[1]] as const;
  context.fillStyle = color;
  context.globalAlpha = 0.12;
  context.fillRect(...rectangle);
  context.globalAlpha = 1;
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.strokeRect(...rectangle);
}

/** The points that are chosen, or those that are not, in CSS pixels. */
function placedPoints({ x, y, chosen, length }: Points, isChosen: number, scales: Scales) {
  const placed = { x: new Float32Array(length), y: new Float32Array(length) };
  let count = 0;
  for (let i = 0; i < length; i++) {
    if ((chosen?.[i] ?? 0) !== isChosen) continue;
    placed.x[count] = scales.x.at(x[i]!);
    placed.y[count] = scales.y.at(y[i]!);
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
  { x, y }: Axes,
  scales: Scales,
  width: number,
  height: number,
): void {
  const { left, top } = margin;
  const frame = { left, top, right: width - margin.right, bottom: height - margin.bottom };
  const up = marks(y, { length: frame.bottom - top, space: 36 });
  drawUp(context, frame, { marks: up, title: y.title, at: scales.y.at });
  const across = marks(x, { length: frame.right - left, space: 90 });
  drawAcross(context, frame, { marks: across, title: x.title, at: scales.x.at });
}

/** The marks of an axis with their texts. */
function marks({ low, high, log, categories }: ScatterAxis, room: { length: number; space: number }): Mark[] {
  if (categories !== undefined) return categories.map((name, i) => [i, name]);
  // The frame goes a little beyond the values.
  const pad = log ? 0 : (high - low) * padding;
  return marksOf([low - pad, high + pad], { ...room, scale: log ? 'log' : 'linear' });
}
