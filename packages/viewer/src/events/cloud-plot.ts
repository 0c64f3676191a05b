/** Events as points in space and time, which the reader turns. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { font } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { unpack } from '../parts/packed.ts';
import { numberText } from '../parts/text.ts';
import { palette } from '../parts/theme.ts';
import { type CloudAngles, type CloudProjection, cloudProjection, projectPoint } from '../plots/cloud.ts';
import { pixelOf, rgbOf } from '../plots/density.ts';
import { LatestAnswer } from '../recording/raster-data.ts';
import type { TimeModel } from '../time/time-model.ts';
import type { ViewSource } from '../view.ts';
import { polarityColors } from './frame-plot.ts';

/** Points that are drawn at most. */
const maxPoints = 60_000;

export interface EventCloud {
  /** µs from the start of the window. */
  readonly t: Float32Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly polarity: Uint8Array;
  /** Events of the window; one of `every` is here. */
  readonly events: number;
  readonly every: number;
  readonly width: number;
  readonly height: number;
  readonly window: TimeWindow;
}

export interface CloudPlot {
  readonly canvas: CanvasPlot;
  readonly angles: CloudAngles;
  turn(by: Partial<CloudAngles>): void;
  destroy(): void;
}

/** Angles at which time runs to the right and into the page, seen a little from above. */
const defaultAngles: CloudAngles = { yaw: 0.55, pitch: 0.35 };

/** Radians of a key and of a pixel. */
const [keyTurn, pixelTurn] = [0.08, 0.008];

/** @param onFrame - called after each frame. @param onTurn - called when the reader has rotated the cloud */
export function cloudPlot(
  source: ViewSource,
  time: TimeModel,
  version: () => number,
  initialAngles: Partial<CloudAngles>,
  onFrame: (cloud: EventCloud) => void,
  onTurn: (angles: CloudAngles) => void,
): CloudPlot {
  let angles: CloudAngles = { ...defaultAngles, ...initialAngles };
  let image: ImageData | undefined;
  const answer = new LatestAnswer<EventCloud>(() => plotCanvas.draw());

  const plotCanvas = canvas('', 360, (context, width, height) => {
    const { window } = time;
    const query = `from=${window.from}&to=${window.to}&most=${maxPoints}`;
    const cloud = answer.latest(`${query} ${version()}`, async () => {
      const { arrays, meta } = unpack<Omit<EventCloud, 't' | 'x' | 'y' | 'polarity' | 'window'>>(
        await source.bytes(`cloud?${query}`),
      );
      return {
        ...{ events: meta.events, every: meta.every, width: meta.width, height: meta.height, window },
        t: arrays.t as Float32Array,
        x: arrays.x as Uint16Array,
        y: arrays.y as Uint16Array,
        polarity: arrays.polarity as Uint8Array,
      };
    });
    if (cloud === undefined) return;
    const ratio = context.canvas.width / width;
    const max = Math.max(cloud.width, cloud.height);
    const projection = cloudProjection(angles, [1.6, cloud.width / max, cloud.height / max], {
      width,
      height,
      margin: 26,
    });
    const [pixelWidth, pixelHeight] = [context.canvas.width, context.canvas.height];
    if (image?.width !== pixelWidth || image.height !== pixelHeight)
      image = context.createImageData(pixelWidth, pixelHeight);
    const pixels = new Uint32Array(image.data.buffer);
    const colors = palette();
    pixels.fill(pixelOf(rgbOf(colors.paper)));
    paintCloud(pixels, pixelWidth, pixelHeight, cloud, projection, ratio, [
      pixelOf(rgbOf(colors.color(polarityColors.off))),
      pixelOf(rgbOf(colors.color(polarityColors.on))),
    ]);
    context.putImageData(image, 0, 0);
    drawBox(context, projection, cloud);
    onFrame(cloud);
  });

  plotCanvas.element.classList.add('shaped');
  plotCanvas.element.style.height = 'auto';
  plotCanvas.element.style.aspectRatio = '4 / 3';
  const turn = ({ yaw = 0, pitch = 0 }: Partial<CloudAngles>) => {
    const limit = Math.PI / 2;
    angles = {
      yaw: ((angles.yaw + yaw + 3 * Math.PI) % (2 * Math.PI)) - Math.PI,
      pitch: Math.max(-limit, Math.min(limit, angles.pitch + pitch)),
    };
    onTurn(angles);
    plotCanvas.draw();
  };
  const abort = new AbortController();
  addTurnControls(plotCanvas.element, turn, abort.signal);
  return {
    canvas: plotCanvas,
    get angles() {
      return angles;
    },
    turn,
    destroy() {
      abort.abort();
      plotCanvas.destroy();
    },
  };
}

/** Dragging and arrow keys turn. */
function addTurnControls(
  element: HTMLElement,
  turn: (by: Partial<CloudAngles>) => void,
  signal: AbortSignal,
): void {
  element.classList.add('turned');
  element.tabIndex = 0;
  element.setAttribute('role', 'application');
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button === 0) element.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      if (!element.hasPointerCapture(event.pointerId)) return;
      turn({ yaw: event.movementX * pixelTurn, pitch: event.movementY * pixelTurn });
    },
    { signal },
  );
  element.addEventListener(
    'keydown',
    (event) => {
      const keys: Record<string, Partial<CloudAngles>> = {
        ArrowLeft: { yaw: -keyTurn },
        ArrowRight: { yaw: keyTurn },
        ArrowUp: { pitch: -keyTurn },
        ArrowDown: { pitch: keyTurn },
      };
      const by = keys[event.key];
      if (by === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      turn(by);
    },
    { signal },
  );
}

/** Paints the points, those behind first by halves, so that near ones lie on far ones mostly. */
function paintCloud(
  pixels: Uint32Array,
  width: number,
  height: number,
  cloud: EventCloud,
  { x: px, y: py, depth }: CloudProjection,
  ratio: number,
  colors: readonly [off: number, on: number],
): void {
  const { t, x, y, polarity } = cloud;
  const perTime = 1 / Math.max(1, cloud.window.to - cloud.window.from);
  const [perColumn, perRow] = [1 / Math.max(1, cloud.width - 1), 1 / Math.max(1, cloud.height - 1)];
  const size = Math.max(1, Math.round((t.length > 20_000 ? 1 : 2) * ratio));
  // Events come in the order of time; the far end of time is painted first.
  const isForward = depth[1] >= 0;
  for (let k = 0; k < t.length; k++) {
    const i = isForward ? k : t.length - 1 - k;
    const [a, b, c] = [t[i]! * perTime, x[i]! * perColumn, y[i]! * perRow];
    const left = Math.round((px[0] + px[1] * a + px[2] * b + px[3] * c) * ratio);
    const top = Math.round((py[0] + py[1] * a + py[2] * b + py[3] * c) * ratio);
    const color = colors[polarity[i] === 1 ? 1 : 0];
    for (let dy = 0; dy < size; dy++)
      for (let dx = 0; dx < size; dx++) {
        const [u, v] = [left + dx, top + dy];
        if (u >= 0 && u < width && v >= 0 && v < height) pixels[v * width + u] = color;
      }
  }
}

const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n & 1, (n >> 1) & 1, n >> 2] as const);

/** The edges of the box and the names of its axes. */
function drawBox(context: CanvasRenderingContext2D, projection: CloudProjection, cloud: EventCloud): void {
  const colors = palette();
  const projected = corners.map((corner) => projectPoint(projection, corner));
  context.strokeStyle = colors.color('muted');
  context.globalAlpha = 0.6;
  context.lineWidth = 1;
  context.beginPath();
  for (const [a, one] of corners.entries())
    for (const [b, other] of corners.entries()) {
      if (b <= a || one.filter((value, axis) => value !== other[axis]).length !== 1) continue;
      context.moveTo(projected[a]!.x, projected[a]!.y);
      context.lineTo(projected[b]!.x, projected[b]!.y);
    }
  context.stroke();
  context.globalAlpha = 1;
  context.font = font;
  context.fillStyle = colors.color('muted');
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  // A name stands beside the middle of the edge of its axis that is furthest from the middle of the picture.
  const middle = projectPoint(projection, [0.5, 0.5, 0.5]);
  const names = [`time, ${numberText((cloud.window.to - cloud.window.from) / 1000)} ms`, 'column', 'row'];
  for (const [axis, name] of names.entries()) {
    const edges = corners
      .filter((corner) => corner[axis] === 0)
      .map((corner) => projectPoint(projection, corner.map((v, k) => (k === axis ? 0.5 : v)) as never));
    const far = (point: { x: number; y: number }) => Math.hypot(point.x - middle.x, point.y - middle.y);
    const at = edges.reduce((best, point) => (far(point) > far(best) + 1e-6 ? point : best));
    const away = Math.max(1, far(at));
    const shift = 12 + context.measureText(name).width * 0.3 * (Math.abs(at.x - middle.x) / away);
    const [x, y] = [at.x + ((at.x - middle.x) / away) * shift, at.y + ((at.y - middle.y) / away) * shift];
    const half = context.measureText(name).width / 2;
    const width = context.canvas.clientWidth;
    context.fillText(name, Math.max(half, Math.min(width - half, x)), y);
  }
}
