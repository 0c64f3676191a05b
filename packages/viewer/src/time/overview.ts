/** The whole recording as a strip, with the window that the plots show: a slider over time. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import type { Frame } from '../parts/axes.ts';
import { type CanvasPlot, canvas } from '../parts/canvas.ts';
import { palette } from '../parts/theme.ts';
import { frameOf } from './axis.ts';
import type { TimeModel } from './time-model.ts';

export interface OverviewOptions {
  readonly label: string;
  /** The time as a text, for screen readers. */
  readonly text: (window: TimeWindow) => string;
  /** How much happens in equal parts of a window; the sums by row are drawn on each other. */
  readonly activity: (window: TimeWindow, parts: number) => readonly ArrayLike<number>[] | undefined;
  /** Colors of the rows, indices of the palette or names. */
  readonly colors: readonly (number | 'muted')[];
  readonly play: () => void;
}

export interface Overview {
  /** The window has changed. */
  readonly canvas: CanvasPlot;
  /** The activity has changed. */
  changed(): void;
  destroy(): void;
}

const height = 46;

/** A slider: arrow keys move the window, page keys by its length; the pointer moves it. */
export function overview(
  time: TimeModel,
  { label, text, activity, colors, play }: OverviewOptions,
): Overview {
  let frame = frameOf(0, 0);
  // The activity is painted once, not for each window.
  const behind = document.createElement('canvas');
  let [isStale, painted] = [true, ''];
  const plotCanvas = canvas(label, height, (context, width) => {
    frame = frameOf(width, height, { top: 2, below: 2 });
    const { extent, window } = time;
    const theme = palette();
    const look = `${context.canvas.width} ${theme.paper} ${extent.from} ${extent.to}`;
    if (isStale || look !== painted) {
      isStale = false;
      painted = look;
      [behind.width, behind.height] = [context.canvas.width, context.canvas.height];
      const own = behind.getContext('2d')!;
      own.scale(context.canvas.width / width, context.canvas.height / height);
      paintActivity(own, frame, activity, extent, colors);
    }
    if (behind.width > 0) context.drawImage(behind, 0, 0, width, height);
    const xOf = (at: number) =>
      frame.left +
      ((at - extent.from) / Math.max(Number.MIN_VALUE, extent.to - extent.from)) * (frame.right - frame.left);
    const [left, right] = [xOf(window.from), Math.max(xOf(window.from) + 3, xOf(window.to))];
    context.globalAlpha = 0.16;
    context.fillStyle = theme.color('ink');
    context.fillRect(left, frame.top, right - left, frame.bottom - frame.top);
    context.globalAlpha = 1;
    context.strokeStyle = theme.color('ink');
    context.lineWidth = 1.5;
    context.strokeRect(left + 0.75, frame.top + 0.75, right - left - 1.5, frame.bottom - frame.top - 1.5);
  });
  const { element } = plotCanvas;
  element.setAttribute('role', 'slider');
  element.tabIndex = 0;
  element.classList.add('overview');
  const say = () => {
    const { extent, window } = time;
    element.setAttribute('aria-valuemin', String(extent.from));
    element.setAttribute('aria-valuemax', String(extent.to));
    element.setAttribute('aria-valuenow', String((window.from + window.to) / 2));
    element.setAttribute('aria-valuetext', text(window));
    plotCanvas.draw();
  };
  const abort = new AbortController();
  const { signal } = abort;
  const center = (x: number) => {
    const { extent } = time;
    const at =
      extent.from + ((x - frame.left) / Math.max(1, frame.right - frame.left)) * (extent.to - extent.from);
    time.set({ from: at - time.length / 2, to: at + time.length / 2 });
  };
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      center(event.offsetX);
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      if (element.hasPointerCapture(event.pointerId)) center(event.offsetX);
    },
    { signal },
  );
  element.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const keys: Record<string, () => void> = {
        ArrowLeft: () => time.move(-0.1 * time.length),
        ArrowDown: () => time.move(-0.1 * time.length),
        ArrowRight: () => time.move(0.1 * time.length),
        ArrowUp: () => time.move(0.1 * time.length),
        PageDown: () => time.move(-time.length),
        PageUp: () => time.move(time.length),
        Home: () => time.move(time.extent.from - time.extent.to),
        End: () => time.move(time.extent.to - time.extent.from),
        '+': () => time.zoom(0.8),
        '=': () => time.zoom(0.8),
        '-': () => time.zoom(1.25),
        '0': () => time.showAll(),
        ' ': play,
      };
      const act = keys[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
  const stop = time.onChange(say);
  say();
  return {
    canvas: plotCanvas,
    changed() {
      isStale = true;
      plotCanvas.draw();
    },
    destroy() {
      abort.abort();
      stop();
      plotCanvas.destroy();
    },
  };
}

function paintActivity(
  context: CanvasRenderingContext2D,
  { left, right, top, bottom }: Frame,
  activity: OverviewOptions['activity'],
  extent: TimeWindow,
  colors: OverviewOptions['colors'],
): void {
  const theme = palette();
  const parts = Math.max(1, Math.round((right - left) / 2));
  const rows = activity(extent, parts) ?? [];
  const sums = new Float64Array(parts);
  for (const row of rows) for (let k = 0; k < row.length; k++) sums[k]! += row[k]!;
  const scale = (bottom - top - 4) / Math.max(1, ...sums);
  const before = new Float64Array(parts);
  for (const [i, row] of rows.entries()) {
    context.fillStyle = theme.color(colors[i] ?? i);
    for (let k = 0; k < row.length; k++) {
      const tall = row[k]! * scale;
      context.fillRect(
        left + ((right - left) * k) / row.length,
        bottom - before[k]! * scale - tall,
        (right - left) / row.length + 0.3,
        tall,
      );
      before[k]! += row[k]!;
    }
  }
}
