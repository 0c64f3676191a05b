/** Zooming and panning of a window within the extent of a recording. Each function returns a new window. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';

/** The window within the extent, as long as it was where the extent is long enough, and at least `shortest` long. */
export function within({ from, to }: TimeWindow, extent: TimeWindow, shortest: number): TimeWindow {
  const all = extent.to - extent.from;
  const long = Math.min(all, Math.max(to - from, Math.min(shortest, all)));
  const start = Math.min(Math.max(from, extent.from), extent.to - long);
  return { from: start, to: start + long };
}

/** The window made shorter (`factor` below 1) or longer around a time, which keeps its place on the screen. */
export function zoomed(
  { from, to }: TimeWindow,
  factor: number,
  around: number,
  extent: TimeWindow,
  shortest: number,
): TimeWindow {
  // The factor that is possible, so that the time keeps its place at the limits, too.
  const possible = Math.min(
    (extent.to - extent.from) / (to - from),
    Math.max(factor, shortest / (to - from)),
  );
  const start = around - (around - from) * possible;
  return within({ from: start, to: start + (to - from) * possible }, extent, shortest);
}

/** The window moved by a time. */
export function moved({ from, to }: TimeWindow, by: number, extent: TimeWindow): TimeWindow {
  return within({ from: from + by, to: to + by }, extent, to - from);
}
