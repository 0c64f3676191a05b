/** Lines along which a function on a grid is zero. */

/** Many lines as one: pieces are divided by NaN. */
export interface Lines {
  readonly x: number[];
  readonly y: number[];
}

/**
 * The zeros of a function between the points of a grid, by linear interpolation along the edges of each cell (marching squares: W. E. Lorensen, H. E. Cline,
 * Computer Graphics 21, 1987, in two dimensions). A cell with a value that is not finite has none.
 *
 * @param values - `[ys, xs]`
 */
export function zeroLines(values: ArrayLike<number>, xs: ArrayLike<number>, ys: ArrayLike<number>): Lines {
  const ends = new Map<string, { readonly at: readonly [number, number]; readonly next: string[] }>();
  const width = xs.length;
  const valueAt = (i: number, j: number) => values[j * width + i]!;
  /** The zero on the edge from a point to the right (0) or up (1), by its name. */
  const zeroOn = (i: number, j: number, up: 0 | 1): string | undefined => {
    const [a, b] = [valueAt(i, j), valueAt(i + 1 - up, j + up)];
    if (a >= 0 === b >= 0) return undefined;
    const name = `${i} ${j} ${up}`;
    if (!ends.has(name)) {
      const share = a / (a - b);
      const at =
        up === 0
          ? ([xs[i]! + share * (xs[i + 1]! - xs[i]!), ys[j]!] as const)
          : ([xs[i]!, ys[j]! + share * (ys[j + 1]! - ys[j]!)] as const);
      ends.set(name, { at, next: [] });
    }
    return name;
  };
  const join = (a: string, b: string) => {
    ends.get(a)!.next.push(b);
    ends.get(b)!.next.push(a);
  };
  for (let j = 0; j + 1 < ys.length; j++)
    for (let i = 0; i + 1 < width; i++) {
      const corners = [valueAt(i, j), valueAt(i + 1, j), valueAt(i, j + 1), valueAt(i + 1, j + 1)];
      if (!corners.every(Number.isFinite)) continue;
      const [below, right, above, left] = [
        zeroOn(i, j, 0),
        zeroOn(i + 1, j, 1),
        zeroOn(i, j + 1, 0),
        zeroOn(i, j, 1),
      ];
      const crossed = [below, right, above, left].filter((name) => name !== undefined);
      if (crossed.length === 2) join(crossed[0]!, crossed[1]!);
      if (crossed.length < 4) continue;
      // A saddle: the sign of the mean decides which corners belong together.
      const isLikeFirst = corners.reduce((sum, value) => sum + value, 0) >= 0 === corners[0]! >= 0;
      join(below!, isLikeFirst ? right! : left!);
      join(above!, isLikeFirst ? left! : right!);
    }
  return chained(ends);
}

/** Joins segments to lines: those with ends first, then the closed ones. */
function chained(
  ends: ReadonlyMap<string, { readonly at: readonly [number, number]; readonly next: string[] }>,
): Lines {
  const [x, y]: [number[], number[]] = [[], []];
  const add = ([px, py]: readonly [number, number]) => {
    x.push(px);
    y.push(py);
  };
  const follow = (start: string) => {
    let name: string | undefined = start;
    if (x.length > 0) add([Number.NaN, Number.NaN]);
    add(ends.get(start)!.at);
    for (;;) {
      const { next }: { next: string[] } = ends.get(name)!;
      const to = next.pop();
      if (to === undefined) return;
      const back = ends.get(to)!.next;
      back.splice(back.indexOf(name), 1);
      add(ends.get(to)!.at);
      name = to;
    }
  };
  for (const [name, { next }] of ends) if (next.length === 1) follow(name);
  for (const [name, { next }] of ends) if (next.length > 0) follow(name);
  return { x, y };
}
