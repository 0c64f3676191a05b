/**
 * Observable Plot without a browser: panels are drawn into a small DOM and written as SVG text; panels are combined
 * into figures. Plot and the DOM are loaded at the first use, which takes a quarter of a second.
 */
import type { PlotOptions } from '@observablehq/plot';
import { missingPackage } from '../checks/optional-package.ts';
import { colour } from './theme.ts';

export type Plot = typeof import('@observablehq/plot');

/** Draws one panel of `width` × `height` pixels. */
export type Draw = (options: PlotOptions & { width: number; height: number }) => Panel;

/** A rectangle with SVG content. */
export interface Panel {
  svg: string;
  width: number;
  height: number;
}

/** A figure with its title and caption. */
export interface Figure extends Panel {
  /** File name without the extension. */
  name: string;
  title: string;
  /** Describes the figure, with units. */
  caption: string;
}

const fonts = 'Inter, system-ui, sans-serif';

/**
 * The drawing libraries: Plot, a DOM, a renderer and a font. The import is within `try`, so that bundlers treat the
 * package as optional.
 */
export async function drawing(): Promise<typeof import('@lapicque/report')> {
  try {
    return await import('@lapicque/report');
  } catch (error) {
    throw missingPackage('@lapicque/report', 'drawing a report', error);
  }
}

/**
 * Loads Plot and returns it with the drawing function. `family` is a font family, `size` its size in pixels.
 *
 * @throws LapicqueError `unsupported` if `@lapicque/report` is not installed
 */
export async function openCanvas(
  { family, size }: { family: string; size: number } = { family: fonts, size: 11.5 },
): Promise<{ plot: Plot; draw: Draw }> {
  const { plot, parseHTML } = await drawing();
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const draw: Draw = (options) => {
    const drawn = plot.plot({ ...options, document: document as never });
    const svg = String(drawn)
      // Plot's own style sheet repeats the attributes below, in selectors that SVG renderers do not support.
      .replace(/<style>[\s\S]*?<\/style>/g, '')
      .replace(/ class="plot[^"]*"/g, '')
      .replace(/font-family="[^"]*"/g, `font-family="${family}"`)
      .replace(/font-size="10"/g, `font-size="${size}"`)
      // Positions to a hundredth of a pixel: more digits are invisible and would make up most of the file.
      .replace(/<[^>]*>/g, (tag) =>
        tag.replace(/\d+\.\d{3,}/g, (number) => String(Math.round(Number(number) * 100) / 100)),
      );
    return { svg, width: options.width, height: options.height };
  };
  return { plot, draw };
}

/** A line of text above a panel. */
export function titled(title: string, panel: Panel): Panel {
  const rise = 22;
  const text = `<text x="0" y="14" font-size="12.5" font-weight="600" fill="${colour('ink')}">${escaped(title)}</text>`;
  return group([{ panel, x: 0, y: rise }], panel.width, panel.height + rise, text);
}

/** Panels in a row, aligned at the top. */
export function beside(panels: readonly Panel[], gap = 28): Panel {
  let x = 0;
  const placed = panels.map((panel) => {
    const at = { panel, x, y: 0 };
    x += panel.width + gap;
    return at;
  });
  return group(placed, x - gap, Math.max(...panels.map((panel) => panel.height)));
}

/** Panels in a column, aligned at the left. */
export function below(panels: readonly Panel[], gap = 14): Panel {
  let y = 0;
  const placed = panels.map((panel) => {
    const at = { panel, x: 0, y };
    y += panel.height + gap;
    return at;
  });
  return group(placed, Math.max(...panels.map((panel) => panel.width)), y - gap);
}

/** Approximate width in pixels of a text in figures. */
export function widthOf(words: string): number {
  return [...words].length * 6.6;
}

/** A text cut to a number of characters. */
export function shortened(words: string, most: number): string {
  const letters = [...words];
  return letters.length <= most ? words : `${letters.slice(0, most - 1).join('')}…`;
}

/** Lines of whole words with at most so many characters. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** Escapes a text for SVG or HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}

function group(
  placed: { panel: Panel; x: number; y: number }[],
  width: number,
  height: number,
  extra = '',
): Panel {
  const inner = placed.map(({ panel, x, y }) => panel.svg.replace('<svg', `<svg x="${x}" y="${y}"`)).join('');
  const attributes = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${fonts}"`;
  return { svg: `<svg ${attributes}>${extra}${inner}</svg>`, width, height };
}
