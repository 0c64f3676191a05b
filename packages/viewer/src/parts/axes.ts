/** Axes of all plots on canvases: round ticks, their texts, titles. */
import { roundTicks, tickTexts } from '../../../../src-ts/figure/draw/ticks.ts';
import { palette } from './theme.ts';

export const font = '12px system-ui, sans-serif';

/** The frame of a plot within its canvas, in CSS pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** A place on an axis with its text. */
export type Mark = readonly [value: number, text: string];

export interface DrawnAxis {
  readonly marks: readonly Mark[];
  readonly title?: string;
  /** From a value to CSS pixels. */
  at(value: number): number;
}

/** The marks of a domain, one for each `space` CSS pixels at most, and at least two. */
export function marksOf(
  domain: readonly [number, number],
  { length, space, scale = 'linear' }: { length: number; space: number; scale?: 'linear' | 'log' },
): Mark[] {
  const ticks = roundTicks(domain, scale, Math.max(2, Math.floor(length / space)));
  const texts = tickTexts(ticks, scale);
  return ticks.map((tick, i) => [tick, texts[i]!]);
}

function prepare(context: CanvasRenderingContext2D): void {
  const colors = palette();
  context.font = font;
  context.lineWidth = 1;
  context.strokeStyle = colors.color('grid');
  context.fillStyle = colors.color('muted');
  context.beginPath();
}

/** Ticks, texts and title below a plot. */
export function drawAcross(
  context: CanvasRenderingContext2D,
  { left, right, bottom }: Frame,
  { marks, title, at }: DrawnAxis,
): void {
  prepare(context);
  context.textAlign = 'center';
  context.textBaseline = 'top';
  for (const [value, text] of marks) {
    const x = Math.round(at(value)) + 0.5;
    context.moveTo(x, bottom);
    context.lineTo(x, bottom + 5);
    const half = context.measureText(text).width / 2;
    // Texts at the ends stay on the canvas.
    context.fillText(
      text,
      Math.min(Math.max(at(value), half), right + 8 - half),
      bottom + 7,
      Math.max(1, (right - left) / marks.length - 4),
    );
  }
  context.stroke();
  if (title !== undefined) context.fillText(title, (left + right) / 2, bottom + 21, right - left);
}

/** Lines, texts and title beside a plot. */
export function drawUp(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Frame,
  { marks, title, at }: DrawnAxis,
): void {
  prepare(context);
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  for (const [value, text] of marks) {
    const y = Math.round(at(value)) + 0.5;
    if (y < top || y > bottom + 1) continue;
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.fillText(text, left - 6, y, left - (title === undefined ? 6 : 22));
  }
  context.stroke();
  if (title === undefined) return;
  context.save();
  context.translate(9, (top + bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = 'center';
  context.fillText(title, 0, 0, bottom - top);
  context.restore();
}

/** Lines, texts and title of values beside a plot. @param title - quantity and unit @returns the function from a value to its y in CSS pixels */
export function drawValueAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  domain: readonly [number, number],
  title?: string,
): (value: number) => number {
  const { top, bottom } = frame;
  const [low, high] = domain;
  const at = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - top);
  const marks = marksOf(domain, { length: bottom - top, space: 36 });
  drawUp(context, frame, { marks, at, ...(title === undefined ? {} : { title }) });
  return at;
}
