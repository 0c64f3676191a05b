/** Distributions over time: a column per time, darker where there are more values. */
import { drawAcross, drawUp, marksOf } from './axes.ts';
import { canvas } from './canvas.ts';
import { lazyDrawing } from './in-view.ts';
import { palette } from './theme.ts';

/** A histogram with bins of equal width. */
export interface Distribution {
  readonly epoch: number;
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

const margin = { left: 56, right: 10, top: 8, bottom: 48 };

/** A map of distributions; columns are as wide as the time to the next one. */
export function heatMap(label: string, x: string, y: string, height = 240) {
  let all: readonly Distribution[] = [];
  let range: readonly [number, number] | undefined;
  const plot = canvas(label, height, (context, width, full) => {
    const colors = palette();
    const [w, h] = [width - margin.left - margin.right, full - margin.top - margin.bottom];
    const [first, last] = range ?? [(all[0]?.epoch ?? 1) - 1, all.at(-1)?.epoch ?? 1];
    const low = Math.min(...all.map((one) => one.low));
    const high = Math.max(...all.map((one) => one.high));
    if (all.length === 0 || !(high > low)) return;
    const toX = (epoch: number) => margin.left + (w * (epoch - first)) / (last - first);
    const toY = (value: number) => margin.top + h * (1 - (value - low) / (high - low));
    const frame = {
      left: margin.left,
      right: margin.left + w,
      top: margin.top,
      bottom: margin.top + h,
    };
    drawUp(context, frame, { marks: marksOf([low, high], { length: h, space: 36 }), title: y, at: toY });
    drawAcross(context, frame, {
      marks: marksOf([first, last], { length: w, space: 80 }),
      title: x,
      at: toX,
    });
    context.save();
    context.beginPath();
    context.rect(margin.left, margin.top, w, h);
    context.clip();
    context.fillStyle = colors.color(0);
    all.forEach(({ epoch, low: from, high: to, counts }, i) => {
      // Whole pixels: between others the background would shine through.
      const [left, right] = [toX(all[i - 1]?.epoch ?? epoch - 1), toX(epoch)].map(Math.round) as [
        number,
        number,
      ];
      const max = Math.max(...counts);
      const bin = (to - from) / counts.length;
      counts.forEach((count, k) => {
        if (count === 0) return;
        // Rare values are seen, too: the square root of the share.
        context.globalAlpha = 0.06 + 0.94 * Math.sqrt(count / max);
        const [top, bottom] = [toY(from + (k + 1) * bin), toY(from + k * bin)].map(Math.round) as [
          number,
          number,
        ];
        context.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
      });
    });
    context.restore();
  });
  const inView = lazyDrawing(plot.element, plot.draw);
  return {
    element: plot.element,
    set(next: readonly Distribution[], valueRange: readonly [number, number] | undefined): void {
      [all, range] = [next, valueRange];
      inView.draw();
    },
    destroy(): void {
      inView.destroy();
      plot.destroy();
    },
  };
}
