/** Arrows, loops and vectors as paths. */
import { clippedSegment } from './clip.ts';
import type { Pen } from './pen.ts';
import type { ArrowMark, VectorsMark } from './spec.ts';
import { hundredth } from './text.ts';

/** Radius of a loop and size of a head, in pixels. */
const [loop, head] = [13, 6];

export function arrowPath(mark: ArrowMark, { x: sx, y: sy }: Pen): string {
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
  const line = `M${hundredth(bx)} ${hundredth(by)}${turn}${hundredth(ex)} ${hundredth(ey)}`;
  const size = head + width;
  const point = (along: number, across: number) =>
    `${hundredth(ex - along * dx - across * dy)} ${hundredth(ey - along * dy + across * dx)}`;
  const tip =
    kind === 'bar'
      ? `M${point(0, size)}L${point(0, -size)}`
      : `M${point(size, 0.6 * size)}L${point(0, 0)}L${point(size, -0.6 * size)}`;
  return line + tip;
}

/** Arrows of the same length, each with its middle at its point, as far as they are within the frame. */
export function vectorsPath({ x, y, u, v, length = 9 }: VectorsMark, { x: sx, y: sy, frame }: Pen): string {
  const parts = Array.from(x, (at, i) => {
    const [px, py] = [sx(at), sy(y[i]!)];
    const [ax, ay] = [sx(at + u[i]!) - px, sy(y[i]! + v[i]!) - py];
    const long = Math.sqrt(ax ** 2 + ay ** 2);
    if (!(long > 0) || !Number.isFinite(long)) return '';
    const [dx, dy] = [ax / long, ay / long];
    const point = (along: number, across: number) =>
      [px + along * dx - across * dy, py + along * dy + across * dx] as const;
    const half = length / 2;
    const [tip, left, right] = [point(half, 0), point(half - 2.8, 1.7), point(half - 2.8, -1.7)];
    return [[point(-half, 0), tip] as const, [left, tip] as const, [tip, right] as const]
      .flatMap(([from, to]) => {
        const inner = clippedSegment(from, to, frame);
        if (inner === undefined) return [];
        const [start, end] = inner.map(([ix, iy]) => `${hundredth(ix)} ${hundredth(iy)}`);
        return `M${start}L${end}`;
      })
      .join('');
  });
  return parts.join('');
}
