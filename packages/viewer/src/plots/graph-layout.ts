/** Places of the nodes and edges of a network, in pixels. */
import { besideWay, placeOnCircle } from '../../../../src-ts/figure/circle.ts';
import { rankedNodes } from './ranks.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  /** The middle of each node. */
  readonly places: ReadonlyMap<string, Place>;
}

/** Columns of layers: the distance of two columns and of two rows. */
export const [columnStep, rowStep] = [172, 84] as const;

/** Populations on a circle, as in `figure.topology`. */
export function circleLayout(names: readonly string[]): GraphLayout {
  // Neighbors on the circle have room for their texts.
  const radius = Math.max(120, (names.length * 92) / (2 * Math.PI));
  const [width, height] = [2 * radius + 260, 2 * radius + 150];
  const places = names.map((name, i): [string, Place] => {
    const [x, y] = placeOnCircle(i, names.length);
    return [name, { x: width / 2 + radius * x, y: height / 2 - radius * y }];
  });
  return { width, height, places: new Map(places) };
}

/** Layers in columns from left to right, each behind its sources. */
export function columnLayout(
  names: readonly string[],
  edges: readonly (readonly [from: string, to: string])[],
): GraphLayout {
  const ranked = rankedNodes(names, edges);
  const columns = new Map<number, number>();
  for (const { rank } of ranked) columns.set(rank, (columns.get(rank) ?? 0) + 1);
  const most = Math.max(1, ...columns.values());
  const places = ranked.map(({ name, rank, row }): [string, Place] => [
    name,
    {
      x: columnStep * (rank + 0.5),
      // The nodes of a column stand around the middle.
      y: 40 + rowStep * (row + 0.5 + (most - columns.get(rank)!) / 2),
    },
  ]);
  return { width: columnStep * columns.size, height: 80 + rowStep * most, places: new Map(places) };
}

/** The path of an edge as in `d` of SVG, from the rim of one node to that of the other, and the place of its middle. */
export function edgePath(
  from: Place,
  to: Place,
  radius: number,
  layout: { readonly width: number; readonly height: number },
  { bend = 0 }: { bend?: number } = {},
): { readonly d: string; readonly middle: Place } {
  const at = ({ x, y }: Place) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  if (from === to) {
    // A loop on the side away from the middle of the picture.
    const [dx, dy] = [from.x - layout.width / 2, from.y - layout.height / 2];
    const long = Math.hypot(dx, dy);
    const angle = long < 1 ? -Math.PI / 2 : Math.atan2(dy, dx);
    const [begin, end] = [angle - 0.5, angle + 0.5].map((a) => ({
      x: from.x + radius * Math.cos(a),
      y: from.y + radius * Math.sin(a),
    })) as [Place, Place];
    const far = radius + 30;
    const [one, other] = [angle - 0.55, angle + 0.55].map((a) => ({
      x: from.x + far * Math.cos(a),
      y: from.y + far * Math.sin(a),
    })) as [Place, Place];
    const middle = { x: from.x + (far - 4) * Math.cos(angle), y: from.y + (far - 4) * Math.sin(angle) };
    return { d: `M${at(begin)} C${at(one)} ${at(other)} ${at(end)}`, middle };
  }
  const [sx, sy] = besideWay([from.x, from.y], [to.x, to.y]).map((shift) => 110 * shift) as [number, number];
  const [a, b] = [
    { x: from.x + sx, y: from.y + sy },
    { x: to.x + sx, y: to.y + sy },
  ];
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const long = Math.hypot(dx, dy) || 1;
  const inset = Math.min(radius + 3, long / 3);
  const begin = { x: a.x + (dx / long) * inset, y: a.y + (dy / long) * inset };
  const end = { x: b.x - (dx / long) * (inset + 4), y: b.y - (dy / long) * (inset + 4) };
  const middle = { x: (begin.x + end.x) / 2, y: (begin.y + end.y) / 2 - bend };
  if (bend === 0) return { d: `M${at(begin)} L${at(end)}`, middle };
  const control = { x: middle.x, y: (begin.y + end.y) / 2 - 2 * bend };
  return { d: `M${at(begin)} Q${at(control)} ${at(end)}`, middle };
}
