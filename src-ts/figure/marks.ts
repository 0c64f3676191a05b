/** Marks of a panel as marks of Observable Plot. Thousands of strokes or points are one path, because an element for each would make the file slow. */
import type { Markish } from '@observablehq/plot';
import { invalid } from '../checks/check.ts';
import type { Plot } from '../report/canvas.ts';
import { thinned } from '../report/thinned.ts';
import type { ArrowMark, CellsMark, MarkSpec, PointsMark, TicksMark } from './spec.ts';
import type { Palette } from './theme.ts';

/** Levels of darkness of cells. */
const levels = 10;

type Scale = (value: number) => number;
/** What is used of the DOM. */
type SvgElement = {
  setAttribute(name: string, value: string): void;
  appendChild(child: SvgElement): unknown;
};
type SvgDocument = { createElementNS(namespace: string, name: string): SvgElement };

/** What a panel draws with. */
export interface Pen {
  readonly plot: Plot;
  readonly palette: Palette;
  /** The lower end of the y axis, on which bars stand if it is a log axis. */
  readonly base: number;
}

/** @throws LapicqueError `invalid-parameter` for arrays of different lengths */
export function plotMark(mark: MarkSpec, name: string, pen: Pen): Markish {
  const { plot, palette, base } = pen;
  const color = palette.color(
    mark.color ?? (mark.type === 'rule' ? 'muted' : mark.type === 'text' ? 'ink' : 0),
  );
  if (mark.type === 'ticks')
    return drawn(plot, (x, y, document) => strokes(mark, name, color, x, y, document));
  if (mark.type === 'points')
    return drawn(plot, (x, y, document) => circles(mark, name, color, x, y, document));
  if (mark.type === 'cells') return drawn(plot, (x, y, document) => cells(mark, name, color, x, y, document));
  if (mark.type === 'arrow') return drawn(plot, (x, y, document) => arrow(mark, color, x, y, document));
  if (mark.type === 'rule') {
    const dash = mark.dashed === true ? '4 3' : undefined;
    const options = { stroke: color, clip: true, ...(dash === undefined ? {} : { strokeDasharray: dash }) };
    return mark.x === undefined ? plot.ruleY([mark.y ?? 0], options) : plot.ruleX([mark.x], options);
  }
  if (mark.type === 'line') {
    const { x, y, width = 1.5, dashed } = mark;
    sameLength(name, x, y);
    const points = thinned(
      Array.from(x, (at, i) => ({ x: at, y: Number.isFinite(y[i]) ? y[i]! : Number.NaN })),
    );
    const dash = palette.dash(mark.color, dashed);
    const dashes = dash === '' ? {} : { strokeDasharray: dash };
    return plot.line(points as { x: number; y: number }[], {
      x: 'x',
      y: 'y',
      stroke: color,
      strokeWidth: width,
      clip: true,
      ...dashes,
    });
  }
  if (mark.type === 'band') {
    const { x, low, high, opacity = 0.2 } = mark;
    sameLength(name, x, low, high);
    const at = Array.from(x, (_, i) => i);
    return plot.areaY(at, {
      x: (i) => x[i],
      y1: (i) => low[i],
      y2: (i) => high[i],
      fill: color,
      fillOpacity: opacity,
      clip: true,
    });
  }
  if (mark.type === 'bars') {
    const { from, to, height } = mark;
    sameLength(name, from, to, height);
    const at = Array.from(height, (_, i) => i).filter((i) => height[i] !== 0);
    return plot.rectY(at, {
      x1: (i) => from[i],
      x2: (i) => to[i],
      y1: () => base,
      y2: (i) => height[i],
      fill: color,
      clip: true,
    });
  }
  const { x, y, texts } = mark;
  sameLength(name, x, y, texts);
  return plot.text(
    Array.from(texts, (_, i) => i),
    { x: (i) => x[i], y: (i) => y[i], text: (i) => texts[i], fill: color },
  );
}

/** A mark that draws itself with the scales of the panel. */
function drawn(plot: Plot, draw: (x: Scale, y: Scale, document: SvgDocument) => SvgElement | null): Markish {
  return plot.dot([0], {
    clip: true,
    frameAnchor: 'middle',
    render: (_index, scales, _values, _dimensions, context) => {
      const { x, y } = scales as unknown as { x: Scale; y: Scale };
      return draw(x, y, context.ownerSVGElement.ownerDocument as unknown as SvgDocument) as never;
    },
  });
}

function path(document: SvgDocument, d: string[], attributes: Record<string, string>): SvgElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  element.setAttribute('d', d.join(''));
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function strokes(
  { x, y, length = 0.8 }: TicksMark,
  name: string,
  color: string,
  sx: Scale,
  sy: Scale,
  document: SvgDocument,
) {
  sameLength(name, x, y);
  const d: string[] = [];
  const rise = Math.max(1, Math.abs(sy(length) - sy(0)));
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [sx(x[i]!), sy(y[i]!)];
    if (Number.isFinite(px + py))
      d.push(`M${hundredths(px)} ${hundredths(py - rise / 2)}v${hundredths(rise)}`);
  }
  return path(document, d, { stroke: color, 'stroke-width': '1', fill: 'none' });
}

function circles(
  { x, y, radius = 2.5 }: PointsMark,
  name: string,
  color: string,
  sx: Scale,
  sy: Scale,
  document: SvgDocument,
) {
  sameLength(name, x, y);
  const d: string[] = [];
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [sx(x[i]!), sy(y[i]!)];
    if (!Number.isFinite(px + py)) continue;
    d.push(
      `M${hundredths(px - radius)} ${hundredths(py)}a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0 ${-2 * radius} 0`,
    );
  }
  return path(document, d, { fill: color, stroke: 'none' });
}

/** Radius of a loop and size of a head, in pixels. */
const [loop, head] = [13, 6];

function arrow(mark: ArrowMark, color: string, sx: Scale, sy: Scale, document: SvgDocument): SvgElement {
  const { from, to, width = 1.5, inset = 0, head: kind = 'arrow', angle = Math.PI / 2 } = mark;
  const [x1, y1, x2, y2] = [sx(from[0]), sy(from[1]), sx(to[0]), sy(to[1])];
  const long = Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2);
  // A loop begins and ends at 25 degrees beside its direction, and its end points to the center.
  const away =
    long < 1e-9 ? [angle + 0.44, angle - 0.44] : [Math.atan2(y1 - y2, x2 - x1), Math.atan2(y2 - y1, x1 - x2)];
  const [out, back] = away as [number, number];
  const [bx, by] = [x1 + inset * Math.cos(out), y1 - inset * Math.sin(out)];
  const [ex, ey] = [x2 + inset * Math.cos(back), y2 - inset * Math.sin(back)];
  const [dx, dy] = [-Math.cos(back), Math.sin(back)];
  const turn = long < 1e-9 ? `A${loop} ${loop} 0 1 1 ` : 'L';
  const line = `M${hundredths(bx)} ${hundredths(by)}${turn}${hundredths(ex)} ${hundredths(ey)}`;
  const [nx, ny] = [-dy, dx];
  const size = head + width;
  const point = (along: number, across: number) =>
    `${hundredths(ex - along * dx + across * nx)} ${hundredths(ey - along * dy + across * ny)}`;
  const tip =
    kind === 'bar'
      ? `M${point(0, size)}L${point(0, -size)}`
      : `M${point(size, 0.6 * size)}L${point(0, 0)}L${point(size, -0.6 * size)}`;
  return path(document, [line, tip], {
    fill: 'none',
    stroke: color,
    'stroke-width': hundredths(width),
    'stroke-linejoin': 'round',
  });
}

/** Neighboring cells of the same level are one rectangle. */
function cells(
  { values, columns, rows, x, y, color: _, ...rest }: CellsMark,
  name: string,
  color: string,
  sx: Scale,
  sy: Scale,
  document: SvgDocument,
) {
  if (values.length !== columns * rows)
    invalid(`${name}.values`, `${values.length} values`, `rows × columns = ${rows * columns} values`);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  group.setAttribute('data-mark', rest.type);
  if (!(largest > 0)) return group;
  const paths = Array.from({ length: levels + 1 }, (): string[] => []);
  const edge = (i: number, count: number, [from, to]: readonly [number, number]) =>
    from + (i / count) * (to - from);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [sy(edge(row, rows, y)), sy(edge(row + 1, rows, y))];
    for (let column = 0, end = 0; column < columns; column = end) {
      const level = levelOf(values[row * columns + column]!, largest);
      end = column + 1;
      while (end < columns && levelOf(values[row * columns + end]!, largest) === level) end++;
      if (level === 0) continue;
      const [left, right] = [sx(edge(column, columns, x)), sx(edge(end, columns, x))];
      paths[level]!.push(
        `M${hundredths(left)} ${hundredths(top)}H${hundredths(right)}V${hundredths(bottom)}H${hundredths(left)}z`,
      );
    }
  }
  for (const [level, d] of paths.entries())
    if (d.length > 0)
      group.appendChild(
        path(document, d, { fill: color, 'fill-opacity': (level / levels).toFixed(2), stroke: 'none' }),
      );
  return group;
}

function levelOf(value: number, largest: number): number {
  return value > 0 ? Math.max(1, Math.round((levels * value) / largest)) : 0;
}

function hundredths(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function sameLength(name: string, first: ArrayLike<unknown>, ...others: ArrayLike<unknown>[]): void {
  for (const other of others)
    if (other.length !== first.length)
      invalid(name, `arrays of ${first.length} and ${other.length} values`, 'arrays of the same length');
}
