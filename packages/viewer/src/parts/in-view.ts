/** Drawing only what the reader can see: what is drawn elsewhere takes time from a training on the same machine. */

/** Drawing begins so far outside of the window that scrolling meets what is drawn already. */
const margin = '200px';

export interface DrawnInView {
  /** Draws now if the element is near the window, for the first time, or else when the reader scrolls to it. */
  draw(): void;
  destroy(): void;
}

/** Calls `draw` for an element. The first time it is drawn wherever it is, and before printing all is drawn. */
export function drawnInView(element: Element, draw: () => void): DrawnInView {
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
