/** Positions of the nodes and edges of a network, in pixels. */
import { pointOnCircle, sidewaysShift } from '../../../../src-ts/figure/circle.ts';
import { rankedNodes } from './ranks.ts';

export interface NodePosition {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** The middle of each node. */
  readonly positions: ReadonlyMap<string, NodePosition>;
}

/** Columns of layers: the distance of two columns and of two rows. */
export const [columnStep, rowStep] = [164, 84] as const;

/** Populations on a circle, as in `figure.topology`. */
export function circleLayout(names: readonly string[]): GraphLayout {
  // Neighbors on the circle have room for their texts.
  const radius = names.length === 1 ? 0 : Math.max(110, (names.length * 100) / (2 * Math.PI));
  const [width, height] = [2 * radius + 300, 2 * radius + 150];
  const positions = names.map((name, i): [string, NodePosition] => {
    const [x, y] = pointOnCircle(i, names.length);
    return [name, { x: width / 2 + radius * x, y: height / 2 - radius * y }];
  });
  return { width, height, positions: new Map(positions) };
}

/** Layers in columns from left to right, each behind its sources. */
export function columnLayout(
  names: readonly string[],
  edges: readonly (readonly [from: string, to: string])[],
): GraphLayout {
  const ranked = rankedNodes(names, edges);
  const columns = new Map<number, number>();
  for (const { rank } of ranked) columns.set(rank, (columns.get(rank) ?? 0) + 1);
  const max = Math.max(1, ...columns.values());
  const positions = ranked.map(({ name, rank, row }): [string, NodePosition] => [
    name,
    {
      x: columnStep * (rank + 0.5),
      // The nodes of a column stand around the middle.
      y: 40 + rowStep * (row + 0.5 + (max - columns.get(rank)!) / 2),
    },
  ]);
  return { width: columnStep * columns.size, height: 80 + rowStep * max, positions: new Map(positions) };
}

/** A node with the distance of its rim from its middle. */
export interface Rim extends NodePosition {
  readonly radius: number;
}

const at = ({ x, y }: NodePosition) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** Free pixels between the end of an arrow and the rim, and the least length of an arrow. */
const [free, shortestArrow] = [4, 14];

/**
 * The path of an edge as in `d` of SVG, from the rim of one node to that of another.
 *
 * @param bend - how far the middle of the edge lies above the straight line
 */
export function edgePath(from: Rim, to: Rim, bend = 0): string {
  const [sx, sy] = sidewaysShift([from.x, from.y], [to.x, to.y]).map((shift) => 110 * shift) as [
    number,
    number,
  ];
  const [a, b] = [
    { x: from.x + sx, y: from.y + sy },
    { x: to.x + sx, y: to.y + sy },
  ];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const long = Math.hypot(dx, dy) || 1;
  const max = Math.max(0, (long - shortestArrow) / 2);
  const [first, last] = [Math.min(from.radius + free, max), Math.min(to.radius + free, max)];
  const begin = { x: a.x + (dx / long) * first, y: a.y + (dy / long) * first };
  const end = { x: b.x - (dx / long) * last, y: b.y - (dy / long) * last };
  if (bend === 0) return `M${at(begin)} L${at(end)}`;
  const control = { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 - 2 * bend };
  return `M${at(begin)} Q${at(control)} ${at(end)}`;
}

/** An edge from a node to itself: a loop on its rim, around an angle in radians (0 to the right, clockwise). */
export function loopPath({ x, y, radius }: Rim, angle: number): string {
  const on = (away: number, rotation: number) => ({
    x: x + away * Math.cos(angle + rotation),
    y: y + away * Math.sin(angle + rotation),
  });
  const far = radius + 32;
  return `M${at(on(radius + 1, -0.5))} C${at(on(far, -0.7))} ${at(on(far, 0.7))} ${at(on(radius + free, 0.5))}`;
}

/** The angle from the middle of a picture to a position; upward for the middle itself. */
export function outward(
  { x, y }: NodePosition,
  { width, height }: { width: number; height: number },
): number {
  const [dx, dy] = [x - width / 2, y - height / 2];
  return Math.hypot(dx, dy) < 1 ? -Math.PI / 2 : Math.atan2(dy, dx);
}
