/** Zooming and panning of a plot by wheel, pointers, fingers and keys. */
import type { TimeModel } from './time-model.ts';

export interface TimeInputOptions {
  /** The part of the element in which time runs from left to right, in CSS pixels. */
  readonly frame: () => { readonly left: number; readonly right: number };
  /** A click or tap, in CSS pixels of the element. */
  readonly pick?: (x: number, y: number) => void;
  /** The wheel with the shift key, or up and down keys: zoom of the other axis. */
  readonly across?: (change: 'zoom-in' | 'zoom-out' | 'up' | 'down', y: number | undefined) => void;
  /** The space bar. */
  readonly play?: () => void;
}

/** Pixels that a pointer moves before a press is a drag. */
const dragThreshold = 4;

/** @returns a function that ends it */
export function timeInput(
  element: HTMLElement,
  time: TimeModel,
  { frame, pick, across, play }: TimeInputOptions,
): () => void {
  const abort = new AbortController();
  const { signal } = abort;
  const pointers = new Map<number, { x: number; y: number }>();
  let isDragged = false;
  const timeAt = (x: number) => {
    const { left, right } = frame();
    const { from } = time.window;
    return from + ((x - left) / Math.max(1, right - left)) * time.length;
  };
  const perPixel = () => time.length / Math.max(1, frame().right - frame().left);

  element.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      const scrolled = (event.shiftKey && event.deltaY === 0 ? event.deltaX : event.deltaY) * unit;
      if (event.shiftKey && across !== undefined)
        across(scrolled < 0 ? 'zoom-in' : 'zoom-out', event.offsetY);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) time.move(event.deltaX * unit * perPixel());
      else time.zoom(1.0015 ** Math.max(-600, Math.min(600, scrolled)), timeAt(event.offsetX));
    },
    { signal, passive: false },
  );
  element.addEventListener(
    'pointerdown',
    (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      if (pointers.size === 0) isDragged = false;
      pointers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    },
    { signal },
  );
  element.addEventListener(
    'pointermove',
    (event) => {
      const before = pointers.get(event.pointerId);
      if (before === undefined) return;
      const now = { x: event.offsetX, y: event.offsetY };
      if (!isDragged && pointers.size === 1 && Math.abs(now.x - before.x) < dragThreshold) return;
      isDragged = true;
      const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, position]) => position);
      const [other] = others;
      if (other === undefined) time.move((before.x - now.x) * perPixel());
      else {
        // Two fingers: their distance is the zoom, the other finger keeps its time.
        const distance = (position: { x: number }) => Math.max(10, Math.abs(position.x - other.x));
        time.zoom(distance(before) / distance(now), timeAt(other.x));
      }
      pointers.set(event.pointerId, now);
    },
    { signal },
  );
  const release = (event: PointerEvent) => {
    const start = pointers.get(event.pointerId);
    pointers.delete(event.pointerId);
    if (event.type === 'pointerup' && start !== undefined && !isDragged && pointers.size === 0)
      pick?.(event.offsetX, event.offsetY);
  };
  element.addEventListener('pointerup', release, { signal });
  element.addEventListener('pointercancel', release, { signal });
  element.addEventListener('dblclick', () => time.showAll(), { signal });
  const keys = ({ shiftKey }: KeyboardEvent): Keys => {
    const by = (shiftKey ? 0.5 : 0.1) * time.length;
    return {
      ...timeKeys(time, play),
      ArrowLeft: () => time.move(-by),
      ArrowRight: () => time.move(by),
      ArrowUp: across && (() => across('up', undefined)),
      ArrowDown: across && (() => across('down', undefined)),
      '[': across && (() => across('zoom-out', undefined)),
      ']': across && (() => across('zoom-in', undefined)),
    };
  };
  onKeys(element, keys, signal);
  element.classList.add('time-plot');
  return () => abort.abort();
}

/** What keys do. */
type Keys = Readonly<Record<string, (() => void) | undefined>>;

/** The keys that move and zoom the window in every plot. */
export function timeKeys(time: TimeModel, play: (() => void) | undefined): Keys {
  const { extent } = time;
  return {
    Home: () => time.move(extent.from - extent.to),
    End: () => time.move(extent.to - extent.from),
    '+': () => time.zoom(0.8),
    '=': () => time.zoom(0.8),
    '-': () => time.zoom(1.25),
    '0': () => time.showAll(),
    ' ': play,
  };
}

/** Calls what the keys do while an element has the focus. */
export function onKeys(
  element: HTMLElement,
  keys: (event: KeyboardEvent) => Keys,
  signal: AbortSignal,
): void {
  element.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const act = keys(event)[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    },
    { signal },
  );
}
