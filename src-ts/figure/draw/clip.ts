/**
 * Lines and areas cut at the frame of a panel. Not by clip paths: these need names that are unique within a page, and the renderer of PNG aborts the process if
 * one leaves nothing to draw.
 */

/** A rectangle in pixels. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

type Point = readonly [x: number, y: number];

/** The part of a segment within a frame (Y.-D. Liang, B. A. Barsky, ACM Transactions on Graphics 3, 1984); undefined if there is none. */
export function clippedSegment([x1, y1]: Point, [x2, y2]: Point, frame: Frame): [Point, Point] | undefined {
  const [dx, dy] = [x2 - x1, y2 - y1];
  let [from, to] = [0, 1];
  for (const [step, margin] of [
    [-dx, x1 - frame.left],
    [dx, frame.right - x1],
    [-dy, y1 - frame.top],
    [dy, frame.bottom - y1],
  ] as const) {
    if (step === 0) {
      if (margin < 0) return undefined;
      continue;
    }
    const at = margin / step;
    if (step < 0) from = Math.max(from, at);
    else to = Math.min(to, at);
  }
  if (from > to) return undefined;
  return [
    [x1 + from * dx, y1 + from * dy],
    [x1 + to * dx, y1 + to * dy],
  ];
}

/** The part of a polygon within a frame (I. E. Sutherland, G. W. Hodgman, Communications of the ACM 17, 1974). */
export function clippedPolygon(polygon: readonly Point[], frame: Frame): readonly Point[] {
  const sides: [axis: 0 | 1, at: number, sign: number][] = [
    [0, frame.left, 1],
    [0, frame.right, -1],
    [1, frame.top, 1],
    [1, frame.bottom, -1],
  ];
  return sides.reduce((points: readonly Point[], [axis, at, sign]) => {
    const inside = (point: Point) => sign * (point[axis] - at) >= 0;
    return points.flatMap((point, i): Point[] => {
      const before = points.at(i - 1)!;
      const cut = (): Point => {
        const share = (at - before[axis]) / (point[axis] - before[axis]);
        return [before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1])];
      };
      if (inside(point)) return inside(before) ? [point] : [cut(), point];
      return inside(before) ? [cut()] : [];
    });
  }, polygon);
}
