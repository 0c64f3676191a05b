/** Axes of plots that share their time. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { drawAcross, type Frame, marksOf } from '../parts/axes.ts';

/** Space for the ticks and the label of a time axis. */
const axisHeight = 36;

/** The left and right ends of all plots of a view, so that their times are below each other. */
export function frameOf(width: number, height: number, { top = 6, below = axisHeight } = {}): Frame {
  return { left: width < 520 ? 50 : 76, right: width - 8, top, bottom: height - below };
}

/** Ticks and label of time below a plot. */
export function drawTimeAxis(
  context: CanvasRenderingContext2D,
  frame: Frame,
  { from, to }: TimeWindow,
  unit: string,
): void {
  const { left, right } = frame;
  drawAcross(context, frame, {
    marks: marksOf([from, to], { length: right - left, space: 90 }),
    title: `time (${unit})`,
    at: (time) => left + ((time - from) / (to - from)) * (right - left),
  });
}

/** Text that fits a width, its end cut. */
export function fitted(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  // A letter takes a pixel at least, so the end of a long text need not be measured letter by letter.
  let end = Math.min(text.length, Math.max(1, Math.ceil(width)));
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}
