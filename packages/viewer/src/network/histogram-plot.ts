/** The distribution of a quantity. */

import { drawAcross, drawValueAxis, marksOf } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { palette } from '../parts/theme.ts';
import { frameOf } from '../time/axis.ts';

/** As the route `distribution` answers. */
export interface Distribution {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  readonly sd: number;
  readonly notFinite: number;
  readonly note: string;
}

/** A histogram; `set` draws another one. */
export function histogramPlot(): { canvas: CanvasPlot; set(of: Distribution, label: string): void } {
  let [visible, label]: [Distribution | undefined, string] = [undefined, ''];
  const plotCanvas = canvas('', 220, (context, width, height) => {
    if (visible === undefined || visible.count === 0) return;
    const frame = frameOf(width, height);
    const { edges, counts } = visible;
    const colors = palette();
    const yOf = drawValueAxis(context, frame, [0, 1.05 * Math.max(...counts)]);
    const [low, high] = [edges[0]!, edges.at(-1)!];
    const at = (value: number) => frame.left + ((value - low) / (high - low)) * (frame.right - frame.left);
    context.fillStyle = colors.color(0);
    for (const [i, count] of counts.entries()) {
      const [left, right] = [at(edges[i]!), at(edges[i + 1]!)];
      context.fillRect(left, yOf(count), Math.max(1, right - left - 1), yOf(0) - yOf(count));
    }
    const marks = marksOf([low, high], { length: frame.right - frame.left, space: 80 });
    drawAcross(context, frame, { marks, at, title: label });
  });
  return {
    canvas: plotCanvas,
    set(of, text) {
      [visible, label] = [of, text];
      plotCanvas.draw();
    },
  };
}
