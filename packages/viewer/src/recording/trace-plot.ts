/** States of chosen neurons, means and fields over time, below the raster and with its time. */
import { lowerBound } from '../../../../src-ts/view/plots/bisection.ts';
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { drawValueAxis, type Frame } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { unpack } from '../parts/packed.ts';
import { palette } from '../parts/theme.ts';
import { drawTimeAxis, frameOf } from '../time/axis.ts';
import type { TimeModel } from '../time/time-model.ts';
import type { ViewSource } from '../view.ts';
import { LatestAnswer } from './raster-data.ts';
import type { TraceLine } from './trace-choice.ts';

interface TraceSamples {
  readonly window: TimeWindow;
  readonly columns: number;
  readonly isExact: boolean;
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** Margin requested on each side of the window, as a multiple of its length, so that scrubbing has values at once. */
const margin = 1;

export interface TracePlot {
  readonly canvas: CanvasPlot;
  frame(): Frame;
  /** Shows these lines. @param title - of the axis of values, with the unit */
  set(lines: readonly TraceLine[], title: string): void;
  /** The recording has grown. */
  grown(): void;
}

/** @param onFrame - called after each frame with the smallest and the largest value that is seen */
export function tracePlot(
  source: ViewSource,
  time: TimeModel,
  onFrame: (range: readonly [number, number] | undefined) => void,
): TracePlot {
  let frame = frameOf(0, 0);
  let lines: readonly { line: TraceLine; answer: LatestAnswer<TraceSamples>; samples?: TraceSamples }[] = [];
  let version = 0;
  let title = '';

  const ask = (line: TraceLine, window: TimeWindow, columns: number) => async (): Promise<TraceSamples> => {
    const query = new URLSearchParams({
      ...{ name: line.name, kind: line.kind, column: String(line.column) },
      ...{ from: String(window.from), to: String(window.to), columns: String(columns) },
    });
    const { arrays, meta } = unpack<{ isExact: boolean }>(await source.bytes(`trace?${query}`));
    const [times, values] = [arrays.times as Float64Array, arrays.values as Float64Array];
    return { window, columns, isExact: meta.isExact, times, values };
  };

  /** Values of a line: the window with a margin, so that the answer serves for the next windows, too. */
  const samplesOf = (one: (typeof lines)[number], pixels: number): TraceSamples | undefined => {
    const { window } = time;
    const long = time.length;
    // The question stays the same while the window is within a raster of windows and the resolution is enough.
    const step = 2 ** Math.ceil(Math.log2(long));
    const from = Math.max(time.extent.from, Math.floor((window.from - margin * step) / step) * step);
    const to = Math.min(time.extent.to, Math.ceil((window.to + margin * step) / step) * step);
    const columns = Math.min(8192, Math.ceil((pixels * (to - from)) / (step / 2)));
    return one.answer.latest(`${from} ${to} ${columns} ${version}`, ask(one.line, { from, to }, columns));
  };

  const draw = (context: CanvasRenderingContext2D, width: number, height: number) => {
    frame = frameOf(width, height);
    const { window } = time;
    const pixels = Math.max(1, Math.round(frame.right - frame.left));
    const sampledLines = lines.map((one) => ({ one, samples: samplesOf(one, pixels) }));
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const { samples } of sampledLines) {
      if (samples === undefined) continue;
      const { times, values } = samples;
      const end = lowerBound(times, window.to);
      for (let i = lowerBound(times, window.from); i < end; i++) {
        const value = values[i]!;
        if (value < low) low = value;
        if (value > high) high = value;
      }
    }
    const isEmpty = !(low <= high);
    if (isEmpty) [low, high] = [0, 1];
    const free = high > low ? 0.06 * (high - low) : Math.max(0.5, Math.abs(high) / 10);
    const yOf = drawValueAxis(context, frame, [low - free, high + free], title);
    const colors = palette();
    context.save();
    context.beginPath();
    context.rect(frame.left, frame.top - 1, frame.right - frame.left, frame.bottom - frame.top + 2);
    context.clip();
    context.lineWidth = 1.3;
    context.lineJoin = 'round';
    const scale = (frame.right - frame.left) / time.length;
    for (const [i, { samples }] of sampledLines.entries()) {
      if (samples === undefined) continue;
      const { times, values } = samples;
      context.strokeStyle = colors.color(i);
      context.beginPath();
      const begin = Math.max(0, lowerBound(times, window.from) - 1);
      const end = Math.min(times.length, lowerBound(times, window.to) + 1);
      for (let k = begin; k < end; k++)
        context.lineTo(frame.left + (times[k]! - window.from) * scale, yOf(values[k]!));
      context.stroke();
    }
    context.restore();
    drawTimeAxis(context, frame, window, 'ms');
    onFrame(isEmpty ? undefined : [low, high]);
  };

  const plotCanvas = canvas('', 190, draw);
  return {
    canvas: plotCanvas,
    frame: () => frame,
    set(next, nextTitle) {
      title = nextTitle;
      lines = next.map((line) => {
        const known = lines.find(
          ({ line: { kind, name, column } }) =>
            kind === line.kind && name === line.name && column === line.column,
        );
        return { line, answer: known?.answer ?? new LatestAnswer<TraceSamples>(() => plotCanvas.draw()) };
      });
      plotCanvas.draw();
    },
    grown() {
      version += 1;
      plotCanvas.draw();
    },
  };
}
