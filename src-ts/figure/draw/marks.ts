/** Marks of a panel as SVG. Thousands of strokes or points are one path, because an element for each would make a file large and slow. */
import { invalid } from '../../checks/check.ts';
import { arrowPath, vectorsPath } from './arrows.ts';
import { cellsOf } from './cells.ts';

import { clippedPolygon, clippedSegment, type Frame } from './clip.ts';
import type { Pen } from './pen.ts';
import type { BandMark, LineMark, MarkSpec, PointsMark, TextMark, TicksMark } from './spec.ts';
import { escaped, hundredth } from './text.ts';
import { thinned } from './thinned.ts';

/** @throws LapicqueError `invalid-parameter` for arrays of different lengths */
export function markSvg(mark: MarkSpec, name: string, pen: Pen): string {
  const { x, y, palette, frame, base } = pen;
  const defaultColor = mark.type === 'rule' ? 'muted' : mark.type === 'text' ? 'ink' : 0;
  const color = escaped(palette.color(mark.color ?? defaultColor));
  switch (mark.type) {
    case 'ticks':
      sameLength(name, mark.x, mark.y);
      return path(
        strokes(mark, pen),
        `stroke="${color}" fill="none"${mark.width === undefined ? '' : ` stroke-width="${hundredth(mark.width)}"`}`,
      );
    case 'points':
      sameLength(name, mark.x, mark.y);
      return mark.hollow === true
        ? path(circles(mark, pen), `fill="none" stroke="${color}" stroke-width="1.8"`)
        : path(dots(mark, pen), `fill="none" ${dotLook(color, mark)}`);
    case 'line': {
      sameLength(name, mark.x, mark.y);
      const dash = palette.dash(mark.color, mark.dashed);
      const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
      const width = hundredth(mark.width ?? 1.5);
      return path(
        polyline(mark, pen),
        `fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${dashes}${opacityOf(mark.opacity, 'stroke')}`,
      );
    }
    case 'band':
      sameLength(name, mark.x, mark.low, mark.high);
      return path(area(mark, pen), `fill="${color}" fill-opacity="${mark.opacity ?? 0.2}"`);
    case 'bars': {
      const { from, to, height } = mark;
      sameLength(name, from, to, height);
      const low = Array.from(height, () => base);
      return path(rectangles({ left: from, right: to, low, high: height }, pen), `fill="${color}"`);
    }
    case 'boxes':
      sameLength(name, mark.left, mark.right, mark.low, mark.high);
      return path(rectangles(mark, pen), `fill="${color}"${opacityOf(mark.opacity, 'fill')}`);
    case 'rule': {
      const dash = mark.dashed === true ? ' stroke-dasharray="4 3"' : '';
      const [px, py] = [mark.x === undefined ? undefined : x(mark.x), y(mark.y ?? 0)];
      const isWithin =
        px === undefined ? py >= frame.top && py <= frame.bottom : px >= frame.left && px <= frame.right;
      if (!isWithin) return '';
      const d =
        px === undefined
          ? `M${hundredth(frame.left)} ${hundredth(py)}H${hundredth(frame.right)}`
          : `M${hundredth(px)} ${hundredth(frame.top)}V${hundredth(frame.bottom)}`;
      return path(d, `fill="none" stroke="${color}"${dash}`);
    }
    case 'cells':
      return cellsOf(mark, name, color, pen);
    case 'arrow':
      return path(arrowPath(mark, pen), arrowLook(color, mark.width ?? 1.5));
    case 'vectors':
      sameLength(name, mark.x, mark.y, mark.u, mark.v);
      return path(vectorsPath(mark, pen), arrowLook(color, 0.9));
    default:
      sameLength(name, mark.x, mark.y, mark.texts);
      return texts(mark, color, pen);
  }
}

function arrowLook(color: string, width: number): string {
  return `fill="none" stroke="${color}" stroke-width="${hundredth(width)}" stroke-linejoin="round"`;
}

function opacityOf(opacity: number | undefined, of: 'fill' | 'stroke'): string {
  return opacity === undefined ? '' : ` ${of}-opacity="${hundredth(opacity)}"`;
}

function path(d: string, attributes: string): string {
  return d === '' ? '' : `<path d="${d}" ${attributes}/>`;
}

function isInside({ left, right, top, bottom }: Frame, px: number, py: number): boolean {
  // A point at the end of an axis is inside, however it is rounded.
  return px >= left - 0.01 && px <= right + 0.01 && py >= top - 0.01 && py <= bottom + 0.01;
}

function strokes({ x, y, length = 0.8 }: TicksMark, pen: Pen): string {
  const rise = Math.max(1, Math.abs(pen.y(length) - pen.y(0)));
  const half = rise / 2;
  const d: string[] = [];
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [pen.x(x[i]!), pen.y(y[i]!)];
    if (isInside(pen.frame, px, py)) d.push(`M${hundredth(px)} ${hundredth(py - half)}v${hundredth(rise)}`);
  }
  return d.join('');
}

/** A point is a stroke of almost no length with round ends, which takes a sixth of the text of a circle. */
function dots({ x, y }: PointsMark, pen: Pen): string {
  const d: string[] = [];
  const taken = new Set<number>();
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [pen.x(x[i]!), pen.y(y[i]!)];
    if (!isInside(pen.frame, px, py)) continue;
    // A point within a quarter of a pixel of another cannot be seen.
    const cell = Math.round(4 * px) * 1e6 + Math.round(4 * py);
    if (taken.has(cell)) continue;
    taken.add(cell);
    d.push(`M${hundredth(px)} ${hundredth(py)}h.01`);
  }
  return d.join('');
}

function dotLook(color: string, { radius = 2.5, opacity }: PointsMark): string {
  return `stroke="${color}" stroke-width="${hundredth(2 * radius)}" stroke-linecap="round"${opacityOf(opacity, 'stroke')}`;
}

function circles({ x, y, radius = 2.5 }: PointsMark, pen: Pen): string {
  const d: string[] = [];
  const arc = `a${radius} ${radius} 0 1 0`;
  const ring = `${arc} ${2 * radius} 0${arc} ${-2 * radius} 0`;
  for (let i = 0; i < x.length; i++) {
    const [px, py] = [pen.x(x[i]!), pen.y(y[i]!)];
    if (isInside(pen.frame, px, py)) d.push(`M${hundredth(px - radius)} ${hundredth(py)}${ring}`);
  }
  return d.join('');
}

/** The points of an ordered line that the frame shows, and the next one on each side. */
function withinFrame<P extends { readonly x: number }>(
  points: readonly P[],
  sx: Pen['x'],
  { left, right }: Pen['frame'],
): readonly P[] {
  const isShown = ({ x }: P) => sx(x) >= left && sx(x) <= right;
  const first = points.findIndex(isShown);
  return first < 0 ? points : points.slice(Math.max(0, first - 1), points.findLastIndex(isShown) + 2);
}

/** The pieces of a line between its gaps. */
function polyline({ x, y, steps }: LineMark, { x: sx, y: sy, frame }: Pen): string {
  let points: readonly { x: number; y: number }[] = Array.from(x, (at, i) => ({
    x: at,
    y: Number.isFinite(y[i]) ? y[i]! : Number.NaN,
  }));
  if (points.every(({ x: at }, i) => i === 0 || at >= points[i - 1]!.x))
    points = thinned(withinFrame(points, sx, frame), Math.max(400, 2 * Math.round(frame.right - frame.left)));
  const d: string[] = [];
  let end: readonly [number, number] | undefined;
  const segment = (from: readonly [number, number], to: readonly [number, number]) => {
    const inner = clippedSegment(from, to, frame);
    if (inner === undefined) return;
    const [first, last] = inner.map(([px, py]) => `${hundredth(px)} ${hundredth(py)}`) as [string, string];
    const continues = end !== undefined && `${hundredth(end[0])} ${hundredth(end[1])}` === first;
    d.push(continues ? `L${last}` : `M${first}L${last}`);
    end = inner[1];
  };
  for (let i = 1; i < points.length; i++) {
    const [from, to] = [points[i - 1]!, points[i]!].map((p) => [sx(p.x), sy(p.y)] as const) as [
      readonly [number, number],
      readonly [number, number],
    ];
    if (!Number.isFinite(from[0] + from[1] + to[0] + to[1])) {
      end = undefined;
      continue;
    }
    if (steps !== true) segment(from, to);
    else {
      segment(from, [to[0], from[1]]);
      segment([to[0], from[1]], to);
    }
  }
  return d.join('');
}

/** One polygon for each part of a band between gaps. */
function area({ x, low, high }: BandMark, { x: sx, y: sy, frame }: Pen): string {
  const parts: number[][] = [[]];
  for (let i = 0; i < x.length; i++) {
    if (Number.isFinite(sx(x[i]!) + sy(low[i]!) + sy(high[i]!))) parts.at(-1)!.push(i);
    else parts.push([]);
  }
  return parts
    .filter((part) => part.length > 1)
    .map((part) => {
      const upper = part.map((i) => [sx(x[i]!), sy(high[i]!)] as const);
      const lower = part.map((i) => [sx(x[i]!), sy(low[i]!)] as const).reverse();
      const points = clippedPolygon([...upper, ...lower], frame);
      return points.length < 3
        ? ''
        : `M${points.map(([px, py]) => `${hundredth(px)} ${hundredth(py)}`).join('L')}z`;
    })
    .join('');
}

function rectangles(
  { left, right, low, high }: Record<'left' | 'right' | 'low' | 'high', ArrayLike<number>>,
  { x, y, frame }: Pen,
): string {
  const d: string[] = [];
  const within = (value: number, from: number, to: number) => Math.min(to, Math.max(from, value));
  for (let i = 0; i < left.length; i++) {
    const across = [x(left[i]!), x(right[i]!)].map((at) => within(at, frame.left, frame.right));
    const up = [y(low[i]!), y(high[i]!)].map((at) => within(at, frame.top, frame.bottom));
    const [x1, x2, y1, y2] = [Math.min(...across), Math.max(...across), Math.min(...up), Math.max(...up)];
    if (x2 > x1 && y2 > y1)
      d.push(`M${hundredth(x1)} ${hundredth(y1)}H${hundredth(x2)}V${hundredth(y2)}H${hundredth(x1)}z`);
  }
  return d.join('');
}

function texts(
  { x, y, texts: words, anchor = 'middle', dx = 0, halo = false }: TextMark,
  color: string,
  pen: Pen,
): string {
  const paper = escaped(pen.palette.color('paper'));
  const parts = Array.from(words, (text, i) => {
    const [px, py] = [pen.x(x[i]!), pen.y(y[i]!)];
    if (text === '' || !Number.isFinite(px + py)) return '';
    const at = `x="${hundredth(px + dx)}" y="${hundredth(py)}" dy="0.35em" text-anchor="${anchor}"`;
    // A text of its own, because the writer of PDF does not know `paint-order`.
    const behind = !halo
      ? ''
      : `<text ${at} fill="${paper}" stroke="${paper}" stroke-width="3" stroke-linejoin="round" aria-hidden="true">${escaped(text)}</text>`;
    return `${behind}<text ${at} fill="${color}">${escaped(text)}</text>`;
  });
  return parts.join('');
}

function sameLength(name: string, first: ArrayLike<unknown>, ...others: ArrayLike<unknown>[]): void {
  for (const other of others)
    if (other?.length !== first?.length)
      invalid(name, `arrays of ${first?.length} and ${other?.length} values`, 'arrays of the same length');
}
