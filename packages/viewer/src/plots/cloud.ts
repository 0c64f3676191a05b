/** Points in space and time seen from an angle: a rotation and a parallel projection. */

/** The rotation of a cloud, in radians. */
export interface CloudAngles {
  /** About the vertical axis. 0 looks along the columns: time runs to the right. */
  readonly yaw: number;
  /** Upward tilt; positive looks from above. */
  readonly pitch: number;
}

/** The projection of a box of time, columns and rows, each from 0 to 1, onto a canvas. */
export interface CloudProjection {
  /** Coefficients of x on the canvas: offset, time, column, row. */
  readonly x: readonly [number, number, number, number];
  /** The same for y, downward. */
  readonly y: readonly [number, number, number, number];
  /** The same for depth; larger is nearer to the eye. */
  readonly depth: readonly [number, number, number, number];
}

/**
 * @param size - lengths of the box along time, columns and rows, in any unit
 * @param canvas - width and height in pixels; the box fits into it at any angle, with a margin
 */
export function cloudProjection(
  { yaw, pitch }: CloudAngles,
  size: readonly [number, number, number],
  canvas: { readonly width: number; readonly height: number; readonly margin: number },
): CloudProjection {
  const [cosYaw, sinYaw, cosPitch, sinPitch] = [
    Math.cos(yaw),
    Math.sin(yaw),
    Math.cos(pitch),
    Math.sin(pitch),
  ];
  // Directions of the three edges on the screen (right, down, toward the eye), for edges of length 1.
  const edges = [
    [cosYaw, sinYaw * sinPitch, sinYaw * cosPitch],
    [sinYaw, -cosYaw * sinPitch, -cosYaw * cosPitch],
    [0, cosPitch, -sinPitch],
  ].map((edge, axis) => edge.map((x) => x * size[axis]!));
  const extent = (k: number) => edges.reduce((sum, edge) => sum + Math.abs(edge[k]!), 0);
  const free = (length: number) => Math.max(1, length - 2 * canvas.margin);
  const scale = Math.min(free(canvas.width) / extent(0), free(canvas.height) / extent(1));
  // The middle of the box is the middle of the canvas.
  const row = (k: number, middle: number): [number, number, number, number] => {
    const [a, b, c] = edges.map((edge) => edge[k]! * scale) as [number, number, number];
    return [middle - (a + b + c) / 2, a, b, c];
  };
  return { x: row(0, canvas.width / 2), y: row(1, canvas.height / 2), depth: row(2, 0) };
}

/** The projection of a point of the box: each of time, column and row from 0 to 1. */
export function projectPoint(
  projection: CloudProjection,
  [time, column, row]: readonly [number, number, number],
): { readonly x: number; readonly y: number; readonly depth: number } {
  const at = ([offset, a, b, c]: readonly [number, number, number, number]) =>
    offset + a * time + b * column + c * row;
  return { x: at(projection.x), y: at(projection.y), depth: at(projection.depth) };
}
