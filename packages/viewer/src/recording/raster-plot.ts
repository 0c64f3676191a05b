/** The raster: populations as bands, spikes as marks, or as densities where marks would overlap. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { font } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { palette } from '../parts/theme.ts';
import { type Band, bandsOf } from '../plots/bands.ts';
import { densityColors, pixelOf, rgbOf } from '../plots/density.ts';
import type { ChosenNeuron } from '../plots/neuron-choice.ts';
import { type CountedBand, paintBand } from '../plots/paint-band.ts';
import { unrecordedIn } from '../plots/recorded-neurons.ts';
import { drawTimeAxis, fitted, frameOf } from '../time/axis.ts';
import type { TimeModel } from '../time/time-model.ts';
import type { RasterData } from './raster-data.ts';
import type { RasterPopulation, RasterPopulations } from './shown-populations.ts';

/** Between two bands, and the least height of one, in CSS pixels. */
const [bandGap, minHeight] = [5, 18];

/** What a frame has shown. */
export interface RasterFrame {
  /** By number of the population. */
  readonly spikes: ReadonlyMap<number, number>;
  /** The largest number of spikes in a pixel. */
  readonly most: number;
}

export interface RasterPlot {
  readonly canvas: CanvasPlot;
  /** Where time runs, in CSS pixels. */
  frame(): { left: number; right: number };
  /** The population and the neuron at a position in CSS pixels. */
  at(x: number, y: number): { population: RasterPopulation; neuron: number } | undefined;
}

/** @param onFrame - called after each frame */
export function rasterPlot(
  time: TimeModel,
  populations: RasterPopulations,
  data: () => RasterData,
  chosen: () => readonly ChosenNeuron[],
  onFrame: (frame: RasterFrame) => void,
): RasterPlot {
  let image: ImageData | undefined;
  let placedBands: { population: RasterPopulation; band: Band }[] = [];
  let frame = frameOf(0, 0);

  const draw = (context: CanvasRenderingContext2D, width: number, height: number) => {
    const ratio = context.canvas.width / width;
    frame = frameOf(width, height);
    const [plotWidth, plotHeight] = [
      Math.max(1, Math.round((frame.right - frame.left) * ratio)),
      Math.max(1, Math.round((frame.bottom - frame.top) * ratio)),
    ];
    const visible = populations.visible;
    const bands = bandsOf(
      visible.map(({ range }) => range.last - range.first),
      frame.bottom - frame.top,
      bandGap,
      minHeight,
    );
    placedBands = visible.map((population, i) => ({ population, band: bands[i]! }));
    if (image?.width !== plotWidth || image.height !== plotHeight)
      image = context.createImageData(plotWidth, plotHeight);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = palette();
    pixels.fill(pixelOf(rgbOf(colors.paper)));

    const { window } = time;
    const rows = placedBands.map(({ population, band }) => {
      const top = Math.round(band.top * ratio);
      const pixelRows = Math.max(1, Math.min(plotHeight, Math.round((band.top + band.height) * ratio)) - top);
      const neurons = population.range.last - population.range.first;
      const counted = data().counts(
        population.index,
        window,
        population.range,
        plotWidth,
        Math.min(pixelRows, neurons),
      );
      return { population, top, height: pixelRows, neurons, counted };
    });
    const max = Math.max(1, ...rows.map(({ counted }) => counted?.most ?? 0));
    for (const { population, top, height: pixelRows, neurons, counted } of rows) {
      if (counted === undefined) continue;
      const rowHeight = pixelRows / neurons;
      paintBand(
        { pixels, stride: plotWidth, left: 0, top, width: plotWidth, height: pixelRows },
        counted,
        { window, range: population.range },
        densityColors(colors.paper, colors.color(population.color), max),
        {
          thick: Math.max(1, Math.min(Math.round(3 * ratio), Math.round(rowHeight / 3))),
          gap: rowHeight >= 4 ? Math.max(1, Math.round(rowHeight / 5)) : 0,
        },
      );
    }
    context.putImageData(image, Math.round(frame.left * ratio), Math.round(frame.top * ratio));
    drawBands(context, placedBands, frame, chosen());
    drawTimeAxis(context, frame, window, 'ms');
    onFrame({
      spikes: new Map(rows.map(({ population, counted }) => [population.index, spikesIn(counted, window)])),
      most: max,
    });
  };

  const plotCanvas = canvas('', 480, draw);
  return {
    canvas: plotCanvas,
    frame: () => frame,
    at(_x, y) {
      for (const { population, band } of placedBands) {
        const inside = y - frame.top - band.top;
        if (inside < 0 || inside >= band.height) continue;
        const { first, last } = population.range;
        const neuron = Math.min(last - 1, first + Math.floor((inside / band.height) * (last - first)));
        return { population, neuron };
      }
      return undefined;
    },
  };
}

/** Spikes of a band, if they are those of the window. */
function spikesIn(counted: CountedBand | undefined, window: TimeWindow): number {
  const isNow = counted?.window.from === window.from && counted.window.to === window.to;
  return isNow ? counted.spikes : Number.NaN;
}

/** Names and first and last neurons on the left, lines between, marks at chosen neurons. */
function drawBands(
  context: CanvasRenderingContext2D,
  placedBands: readonly { readonly population: RasterPopulation; readonly band: Band }[],
  { left, right, top }: { left: number; right: number; top: number },
  chosen: readonly ChosenNeuron[],
): void {
  const colors = palette();
  context.font = font;
  context.textAlign = 'right';
  for (const { population, band } of placedBands) {
    const { name, range, index } = population;
    const [from, to] = [top + band.top, top + band.top + band.height];
    context.fillStyle = colors.color(population.color);
    context.fillRect(left - 4, from, 3, band.height);
    context.fillStyle = colors.color('ink');
    context.textBaseline = 'middle';
    const isTall = band.height >= 52;
    context.fillText(fitted(context, name, left - 10), left - 8, (from + to) / 2);
    if (isTall) {
      context.fillStyle = colors.color('muted');
      context.textBaseline = 'top';
      context.fillText(String(range.first), left - 8, from);
      context.textBaseline = 'bottom';
      context.fillText(String(range.last - 1), left - 8, to);
    }
    // Neurons whose spikes are not recorded are no silent ones.
    context.fillStyle = colors.color('grid');
    for (const { first, last } of unrecordedIn(population.recordedRanges, range)) {
      const at = (neuron: number) =>
        from + ((neuron - range.first) / (range.last - range.first)) * band.height;
      context.fillRect(left, at(first), right - left, at(last) - at(first));
    }
    for (const one of chosen) {
      if (one.population !== index || one.neuron < range.first || one.neuron >= range.last) continue;
      const y = from + ((one.neuron + 0.5 - range.first) / (range.last - range.first)) * band.height;
      context.fillStyle = colors.color('ink');
      for (const [x, direction] of [
        [left, 1],
        [right, -1],
      ] as const) {
        context.beginPath();
        context.moveTo(x - direction, y);
        context.lineTo(x - direction * 7, y - 4);
        context.lineTo(x - direction * 7, y + 4);
        context.fill();
      }
    }
  }
}
