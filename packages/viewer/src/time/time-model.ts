/** The window of time that the plots of a view share. */
import type { TimeWindow } from '../../../../src-ts/view/plots/time-window.ts';
import { moved, within, zoomed } from '../plots/zooming.ts';

export class TimeModel {
  readonly #handlers = new Set<() => void>();
  readonly #shortest: number;
  #extent: TimeWindow;
  #window: TimeWindow;

  /** @param shortest - the shortest window, in the unit of time */
  constructor(extent: TimeWindow, shortest: number, window: TimeWindow = extent) {
    this.#extent = extent;
    this.#shortest = shortest;
    this.#window = within(window, extent, shortest);
  }

  get extent(): TimeWindow {
    return this.#extent;
  }

  get window(): TimeWindow {
    return this.#window;
  }

  get length(): number {
    return this.#window.to - this.#window.from;
  }

  get isWhole(): boolean {
    return this.length >= this.#extent.to - this.#extent.from;
  }

  set(window: TimeWindow): void {
    const next = within(window, this.#extent, this.#shortest);
    if (next.from === this.#window.from && next.to === this.#window.to) return;
    this.#window = next;
    for (const handler of this.#handlers) handler();
  }

  /** @param around - a time that keeps its place; default the middle */
  zoom(factor: number, around = (this.#window.from + this.#window.to) / 2): void {
    this.set(zoomed(this.#window, factor, around, this.#extent, this.#shortest));
  }

  move(by: number): void {
    this.set(moved(this.#window, by, this.#extent));
  }

  showAll(): void {
    this.set(this.#extent);
  }

  /** The recording has grown. A window that showed all of it, or its end, stays there. */
  grow(extent: TimeWindow): void {
    const [before, wasWhole] = [this.#extent, this.isWhole];
    this.#extent = extent;
    if (wasWhole) this.set(extent);
    else if (this.#window.to >= before.to) this.set({ from: extent.to - this.length, to: extent.to });
    else this.set(this.#window);
  }

  /** @returns a function that stops it */
  onChange(handler: () => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }
}
