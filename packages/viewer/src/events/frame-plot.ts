/** Events of a window by pixel, in the shape of the sensor. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { unpack } from '../parts/packed.ts';
import { palette } from '../parts/theme.ts';
import { densityColors } from '../plots/density.ts';
import { LatestAnswer } from '../recording/raster-data.ts';
import type { TimeModel } from '../time/time-model.ts';
import type { ViewSource } from '../view.ts';

/** A frame as the server counted it. */
export interface EventFrame {
  readonly width: number;
  readonly height: number;
  readonly on: Uint8Array;
  readonly off: Uint8Array;
  readonly totals: { readonly on: number; readonly off: number; readonly outside: number };
  readonly window: TimeWindow;
}

/** Polarities have the colors of the figures: ON the first of the palette, OFF the second. */
export const polarityColors = { on: 0, off: 1 } as const;

export interface FramePlot {
  readonly canvas: CanvasPlot;
}

/** @param onFrame - called after each frame with what it shows */
export function framePlot(
  source: ViewSource,
  time: TimeModel,
  version: () => number,
  onFrame: (frame: EventFrame) => void,
): FramePlot {
  // Browsers scale an image of the sensor's pixels faster than a loop does.
  const sensor = document.createElement('canvas');
  let image: ImageData | undefined;
  const answer = new LatestAnswer<EventFrame>(() => plotCanvas.draw());
  const plotCanvas = canvas('', 360, (context, width, height) => {
    const { window } = time;
    const query = `from=${window.from}&to=${window.to}`;
    const frame = answer.latest(`${query} ${version()}`, async () => {
      const { arrays, meta } = unpack<{
        width: number;
        height: number;
        on: number;
        off: number;
        outside: number;
      }>(await source.bytes(`frame?${query}`));
      const { on, off, outside } = meta;
      return {
        ...{ width: meta.width, height: meta.height, window, totals: { on, off, outside } },
        on: arrays.on as Uint8Array,
        off: arrays.off as Uint8Array,
      };
    });
    if (frame === undefined) return;
    const colors = palette();
    [sensor.width, sensor.height] = [frame.width, frame.height];
    const own = sensor.getContext('2d')!;
    if (image?.width !== frame.width || image.height !== frame.height)
      image = own.createImageData(frame.width, frame.height);
    paintFrame(new Uint32Array(image.data.buffer), frame, [
      colors.paper,
      colors.color(polarityColors.on),
      colors.color(polarityColors.off),
    ]);
    own.putImageData(image, 0, 0);
    const scale = Math.min(width / frame.width, (height - 2) / frame.height);
    const [wide, tall] = [frame.width * scale, frame.height * scale];
    const [x, y] = [(width - wide) / 2, (height - tall) / 2];
    // Pixels of the sensor stay squares where there is room for them.
    context.imageSmoothingEnabled = scale < 1;
    context.drawImage(sensor, x, y, wide, tall);
    context.strokeStyle = colors.color('grid');
    context.strokeRect(x - 0.5, y - 0.5, wide + 1, tall + 1);
    plotCanvas.element.style.aspectRatio = `${frame.width} / ${frame.height}`;
    onFrame(frame);
  });
  plotCanvas.element.classList.add('shaped');
  plotCanvas.element.style.height = 'auto';
  return { canvas: plotCanvas };
}

/** The color of a pixel is that of the polarity with more events, the stronger the more events. */
function paintFrame(
  pixels: Uint32Array,
  { on, off }: Pick<EventFrame, 'on' | 'off'>,
  [paper, onColor, offColor]: readonly [string, string, string],
): void {
  let max = 1;
  for (let i = 0; i < on.length; i++) max = Math.max(max, on[i]! + off[i]!);
  const [forOn, forOff] = [densityColors(paper, onColor, max), densityColors(paper, offColor, max)];
  for (let i = 0; i < on.length; i++) {
    const count = on[i]! + off[i]!;
    pixels[i] = (on[i]! >= off[i]! ? forOn : forOff).pixels[count]!;
  }
}
