/** Positions of the nodes of a network on a circle, and of the arrows between them. */

/** The position of one of `count` nodes on the circle of radius 1 around 0, the first at the top, clockwise; y points up. */
export function pointOnCircle(i: number, count: number): [number, number] {
  if (count === 1) return [0, 0];
  const angle = Math.PI / 2 - (2 * Math.PI * i) / count;
  return [Math.cos(angle), Math.sin(angle)];
}

/** A shift to the right of the way from a source to a target: of two arrows in opposite directions each runs on its own side. */
export function sidewaysShift(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
): [number, number] {
  const long = Math.sqrt((x2 - x1) ** 2 + (y2 - y1) ** 2);
  return long === 0 ? [0, 0] : [(0.05 * (y2 - y1)) / long, (-0.05 * (x2 - x1)) / long];
}
