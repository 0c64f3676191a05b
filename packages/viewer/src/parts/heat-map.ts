/** Distributions over time: a column per time, darker where there are more values. */
import { canvas } from './canvas.ts';
import { lazyDrawing } from './in-view.ts';
import { short } from './lines.ts';
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
    context.fillStyle = colors.color('muted');
    context.font = '12px system-ui, sans-serif';
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    for (const value of ticks(low, high, 5)) context.fillText(short(value), margin.left - 6, toY(value));
    context.textAlign = 'center';
    context.textBaseline = 'top';
    for (const value of ticks(first, last, Math.max(2, Math.floor(w / 80))))
      context.fillText(short(value), toX(value), margin.top + h + 6);
    context.fillText(x, margin.left + w / 2, margin.top + h + 27);
    context.translate(10, margin.top + h / 2);
    context.rotate(-Math.PI / 2);
    context.textBaseline = 'middle';
    context.fillText(y, 0, 0);
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

/** Round numbers of a range. */
export function ticks(low: number, high: number, about: number): number[] {
  const rough = (high - low) / about;
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => (first + i) * step);
}
