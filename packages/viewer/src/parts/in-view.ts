/** Draws only what is visible: invisible drawing takes time from a training on the same machine. */

/** Distance from the window at which drawing begins, so that scrolling finds it complete. */
const margin = '200px';

export interface LazyDrawing {
  /** Draws now if the element is near the window, for the first time, or else when the reader scrolls to it. */
  draw(): void;
  destroy(): void;
}

/** Calls `draw` for an element when it is visible, the first time, and before printing. */
export function lazyDrawing(element: Element, draw: () => void): LazyDrawing {
  let [isInView, isDrawn, isStale] = [false, false, false];
  const now = () => {
    [isDrawn, isStale] = [true, false];
    draw();
  };
  const catchUp = () => {
    if (isStale) now();
  };
  const observer = new IntersectionObserver(
    (entries) => {
      isInView = entries.at(-1)!.isIntersecting;
      if (isInView) catchUp();
    },
    { rootMargin: margin },
  );
  observer.observe(element);
  addEventListener('beforeprint', catchUp);
  return {
    draw() {
      if (isInView || !isDrawn) now();
      else isStale = true;
    },
    destroy() {
      observer.disconnect();
      removeEventListener('beforeprint', catchUp);
    },
  };
}
