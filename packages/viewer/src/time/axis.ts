/** Axes of plots that share their time. */
import { roundTicks, tickTexts } from '../../../../src-ts/figure/draw/ticks.ts';
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { palette } from '../parts/theme.ts';

export const font = '12px system-ui, sans-serif';

/** The frame of a plot within its canvas, in CSS pixels. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Space for the ticks and the label of a time axis. */
const axisHeight = 36;

/** The left and right ends of all plots of a view, so that their times are below each other. */
export function frameOf(width: number, height: number, { top = 6, below = axisHeight } = {}): Frame {
  return { left: width < 520 ? 50 : 76, right: width - 8, top, bottom: height - below };
}

/** Ticks and label of time below a plot. */
export function drawTimeAxis(
  context: CanvasRenderingContext2D,
  { left, right, bottom }: Frame,
  window: TimeWindow,
  unit: string,
): void {
  const colors = palette();
  const ticks = roundTicks([window.from, window.to], 'linear', Math.max(2, (right - left) / 90));
  const texts = tickTexts(ticks, 'linear');
  context.font = font;
  context.textBaseline = 'top';
  context.textAlign = 'center';
  context.strokeStyle = colors.color('grid');
  context.fillStyle = colors.color('muted');
  context.lineWidth = 1;
  context.beginPath();
  for (const [i, tick] of ticks.entries()) {
    const x = left + ((tick - window.from) / (window.to - window.from)) * (right - left);
    context.moveTo(Math.round(x) + 0.5, bottom);
    context.lineTo(Math.round(x) + 0.5, bottom + 5);
    const text = texts[i]!;
    const half = context.measureText(text).width / 2;
    // Texts at the ends stay on the canvas.
    context.fillText(text, Math.min(Math.max(x, half), right + 8 - half), bottom + 7);
  }
  context.stroke();
  context.textAlign = 'center';
  context.fillText(`time (${unit})`, (left + right) / 2, bottom + 21);
}

/** Ticks, texts and lines of values beside a plot. @returns the function from a value to its y in CSS pixels */
export function drawValueAxis(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Frame,
  [low, high]: readonly [number, number],
): (value: number) => number {
  const colors = palette();
  const yOf = (value: number) => bottom - ((value - low) / (high - low)) * (bottom - top);
  const ticks = roundTicks([low, high], 'linear', Math.max(2, (bottom - top) / 36));
  const texts = tickTexts(ticks, 'linear');
  context.font = font;
  context.textBaseline = 'middle';
  context.textAlign = 'right';
  context.strokeStyle = colors.color('grid');
  context.fillStyle = colors.color('muted');
  context.lineWidth = 1;
  context.beginPath();
  for (const [i, tick] of ticks.entries()) {
    const y = Math.round(yOf(tick)) + 0.5;
    context.moveTo(left, y);
    context.lineTo(right, y);
    context.fillText(texts[i]!, left - 6, y);
  }
  context.stroke();
  return yOf;
}

/** Text that fits a width, its end cut. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}
