/** Firing rates of the visible populations, below the raster and with its time. */

import { drawValueAxis, type Frame } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { palette } from '../parts/theme.ts';
import { drawTimeAxis, frameOf } from '../time/axis.ts';
import type { TimeModel } from '../time/time-model.ts';
import type { RasterData } from './raster-data.ts';
import type { RasterPopulations } from './shown-populations.ts';

/** Pixels of a bin, at least. */
const minBinPixels = 3;

export interface RatePlot {
  readonly canvas: CanvasPlot;
  frame(): Frame;
}

/** @param onFrame - called after each frame with the length of a bin in ms and the rates over the whole window in Hz by number of the population */
export function ratePlot(
  time: TimeModel,
  populations: RasterPopulations,
  data: () => RasterData,
  onFrame: (bin: number, rates: ReadonlyMap<number, number>) => void,
): RatePlot {
  let frame = frameOf(0, 0);
  const draw = (context: CanvasRenderingContext2D, width: number, height: number) => {
    frame = frameOf(width, height);
    const { window } = time;
    const perPixel = time.length / Math.max(1, frame.right - frame.left);
    const { resolution } = data();
    const bin = roundBin(Math.max(minBinPixels * perPixel, resolution));
    // Bins at multiples of their length do not change their content while the window moves. Spikes lie at steps: the ends of bins lie between two.
    const shift = resolution / 2;
    const first = Math.floor((window.from + shift) / bin);
    const bins = Math.max(1, Math.ceil((window.to + shift) / bin) - first);
    const counted = data().rates(
      'plot',
      { from: first * bin - shift, to: (first + bins) * bin - shift },
      bins,
    );
    const colors = palette();
    const lines = populations.visible.map(({ index, recorded: size, color }) => {
      const own = counted?.counts.subarray(index * counted.bins, (index + 1) * counted.bins);
      return { index, color, size, counts: own ?? new Uint32Array(0) };
    });
    const length = counted === undefined ? bin : (counted.window.to - counted.window.from) / counted.bins;
    const hz = (count: number, size: number) => (1000 * count) / (length * size);
    let max = 0;
    for (const { counts, size } of lines) for (const count of counts) max = Math.max(max, hz(count, size));
    const yOf = drawValueAxis(context, frame, [0, roundTop(max)], 'rate (Hz)');
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top - 1, frame.right - frame.left, frame.bottom - frame.top + 2);
    context.clip();
    context.lineWidth = 1.5;
    for (const { counts, size, color } of lines) {
      context.strokeStyle = colors.color(color);
      context.beginPath();
      for (let k = 0; k < counts.length; k++) {
        const y = yOf(hz(counts[k]!, size));
        const at = (step: number) => {
          const begin = counted!.window.from + (k + step) * length;
          return frame.left + (begin - window.from) / perPixel;
        };
        context.lineTo(at(0), y);
        context.lineTo(at(1), y);
      }
      context.stroke();
    }
    context.restore();
    drawTimeAxis(context, frame, window, 'ms');
    const total = data().rates('window', window, 1);
    const isNow = total?.window.from === window.from && total.window.to === window.to;
    onFrame(
      bin,
      new Map(
        populations.all.map(({ index, recorded: size }) => [
          index,
          isNow ? (1000 * total.counts[index]!) / ((window.to - window.from) * size) : Number.NaN,
        ]),
      ),
    );
  };
  return { canvas: canvas('', 150, draw), frame: () => frame };
}

/** 1, 2 or 5 times a power of ten, at least this long. */
function roundBin(min: number): number {
  const power = 10 ** Math.floor(Math.log10(min));
  return ([1, 2, 5].find((factor) => factor * power >= min) ?? 10) * power;
}

/** The upper end of an axis from 0. */
function roundTop(max: number): number {
  return max > 0 ? 1.05 * max : 1;
}
