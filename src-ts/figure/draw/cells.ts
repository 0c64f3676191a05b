/** Population as SVG. */
import { invalid } from '../../checks/check.ts';
import type { Pen } from './pen.ts';
import type { CellsMark } from './spec.ts';
import { hundredth } from './text.ts';

/** Levels of darkness, and the least level of a cell within a range, which is still distinct from a blank one. */
const [levels, minLevel] = [20, 2];

/** Neighboring cells of the same level are one rectangle. */
export function cellsOf(mark: CellsMark, name: string, color: string, { x: sx, y: sy, frame }: Pen): string {
  const { values, columns, rows, x, y, range } = mark;
  if (values?.length !== columns * rows)
    invalid(`${name}.values`, `${values?.length} values`, `rows × columns = ${rows * columns} values`);
  const level = levelsOf(values, range);
  const paths = Array.from({ length: levels + 1 }, (): string[] => []);
  const edge = (i: number, count: number, [from, to]: readonly [number, number]) =>
    from + (i / count) * (to - from);
  const across = (i: number) => Math.min(frame.right, Math.max(frame.left, sx(edge(i, columns, x))));
  const up = (i: number) => Math.min(frame.bottom, Math.max(frame.top, sy(edge(i, rows, y))));
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [hundredth(up(row)), hundredth(up(row + 1))];
    if (top === bottom) continue;
    for (let column = 0, end = 0; column < columns; column = end) {
      const own = level(row * columns + column);
      end = column + 1;
      while (end < columns && level(row * columns + end) === own) end++;
      if (own === 0) continue;
      const [left, right] = [hundredth(across(column)), hundredth(across(end))];
      if (left !== right) paths[own]!.push(`M${left} ${top}H${right}V${bottom}H${left}z`);
    }
  }
  // Without antialiasing, which would show seams between cells.
  const parts = paths.map((d, i) =>
    d.length === 0 ? '' : `<path d="${d.join('')}" fill-opacity="${hundredth(i / levels)}"/>`,
  );
  return `<g data-mark="cells" fill="${color}" shape-rendering="crispEdges">${parts.join('')}</g>`;
}

/** The level of a cell by its index: 0 is blank. */
function levelsOf(values: ArrayLike<number>, range: CellsMark['range']): (i: number) => number {
  if (range === undefined) {
    let largest = 0;
    for (let i = 0; i < values.length; i++) if (values[i]! > largest) largest = values[i]!;
    return (i) => (values[i]! > 0 ? Math.max(1, Math.round((levels * values[i]!) / largest)) : 0);
  }
  const [light, dark] = range;
  return (i) => {
    const value = values[i]!;
    if (!Number.isFinite(value)) return 0;
    const share = dark === light ? 1 : Math.min(1, Math.max(0, (value - light) / (dark - light)));
    return Math.round(minLevel + (levels - minLevel) * share);
  };
}
