/** A canvas that has as many pixels as the screen, and is drawn again when its size or the theme changes. */
import { dom } from './dom.ts';
import { onThemeChange } from './theme.ts';

export interface CanvasPlot {
  readonly element: HTMLCanvasElement;
  /** Width and height in CSS pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** Draws at the next frame; several calls draw once. */
  draw(): void;
  destroy(): void;
}

/**
 * @param label - what the canvas shows, for screen readers
 * @param draw - the context is scaled so that its unit is a CSS pixel, and cleared
 */
export function canvas(
  label: string,
  height: number,
  draw: (context: CanvasRenderingContext2D, width: number, height: number) => void,
): CanvasPlot {
  const element = dom('canvas', { role: 'img', 'aria-label': label });
  element.style.height = `${height}px`;
  const context = element.getContext('2d')!;
  const size = { width: 0, height };
  let frame = 0;
  const paint = () => {
    frame = 0;
    if (size.width === 0) return;
    const ratio = Math.max(1, window.devicePixelRatio);
    const [width, pixels] = [Math.round(size.width * ratio), Math.round(size.height * ratio)];
    if (element.width !== width || element.height !== pixels)
      [element.width, element.height] = [width, pixels];
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, size.width, size.height);
    draw(context, size.width, size.height);
  };
  const ask = () => {
    if (frame === 0) frame = requestAnimationFrame(paint);
  };
  const observer = new ResizeObserver(([entry]) => {
    size.width = entry!.contentRect.width;
    size.height = entry!.contentRect.height;
    ask();
  });
  observer.observe(element);
  const stop = onThemeChange(ask);
  return {
    element,
    size,
    draw: ask,
    destroy() {
      observer.disconnect();
      stop();
      cancelAnimationFrame(frame);
    },
  };
}
