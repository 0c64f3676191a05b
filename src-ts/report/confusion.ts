/** The confusion matrix. */
import type { RenderFunction } from '@observablehq/plot';
import { type Draw, type Figure, type Plot, shortened, widthOf } from './canvas.ts';
import type { Confusion } from './data.ts';
import { colour } from './theme.ts';

/** A cell of the confusion matrix; `share` is the fraction within its row. */
interface Cell {
  truth: number;
  answer: number;
  count: number;
  share: number;
}

export function drawConfusion(plot: Plot, draw: Draw, { counts, labels }: Confusion): Figure {
  const classes = labels.length;
  const rows = Array.from({ length: classes }, (_, truth) =>
    Array.from({ length: classes }, (_, answer) => counts[truth * classes + answer]!),
  );
  const cells: Cell[] = rows.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, answer) => ({ truth, answer, count, share: total === 0 ? 0 : count / total }));
  });
  const right = cells.reduce((sum, { truth, answer, count }) => sum + (truth === answer ? count : 0), 0);
  const all = cells.reduce((sum, { count }) => sum + count, 0);
  const numbers = classes <= 26;
  const cell = numbers ? Math.max(22, Math.min(44, 520 / classes)) : Math.max(1, 760 / classes);
  const size = cell * classes;
  const filled = cells.filter(({ count }) => count > 0);
  const fill = (c: Cell) => (c.truth === c.answer ? colour('first') : colour('wrong'));
  // Mistakes are rare, so their color grows with the square root of their fraction; otherwise none would be visible.
  const opacity = (c: Cell) => (c.truth === c.answer ? c.share : Math.min(1, 0.12 + Math.sqrt(c.share)));
  // By the numbers of the classes, because two classes may have the same name.
  const place = { x: (c: Cell) => `${c.answer}`, y: (c: Cell) => `${c.truth}` };
  const domain = labels.map((_, i) => `${i}`);
  // A line of text needs 16 pixels. If names are wider than the available space, those at the top are vertical.
  const every = Math.ceil(16 / cell);
  const shown = labels.map((name, i) => [name, `${i}`] as const).filter((_, i) => i % every === 0);
  const ticks = shown.map(([, i]) => i);
  const name = (i: string) => shortened(labels[Number(i)]!, longest);
  const widest = Math.max(...shown.map(([, i]) => widthOf(name(i))));
  const upright = widest > every * cell - 2;
  const marginLeft = Math.max(58, widest + 34);
  const marginTop = upright ? widest + 34 : 44;
  const panel = draw({
    width: size + marginLeft + 20,
    height: size + marginTop + 18,
    marginLeft,
    marginRight: 20,
    marginTop,
    marginBottom: 18,
    padding: 0.06,
    x: {
      type: 'band',
      domain,
      ticks,
      tickFormat: name,
      tickRotate: upright ? -90 : 0,
      axis: 'top',
      label: 'answered',
      labelArrow: 'none',
      labelAnchor: 'center',
      tickSize: 0,
    },
    y: {
      type: 'band',
      domain,
      ticks,
      tickFormat: name,
      label: 'true class',
      labelArrow: 'none',
      labelAnchor: 'center',
      tickSize: 0,
    },
    opacity: { type: 'identity' },
    marks: numbers
      ? [
          plot.cell(cells, { ...place, fill: colour('grid'), fillOpacity: 0.55, rx: 3 }),
          plot.cell(filled, { ...place, fill, fillOpacity: opacity, rx: 3 }),
          plot.text(filled, {
            ...place,
            text: 'count',
            fill: (c) => (c.truth === c.answer && c.share > 0.55 ? colour('paper') : colour('ink')),
            fontWeight: 600,
          }),
        ]
      : [
          plot.frame({ stroke: 'none', fill: colour('grid'), fillOpacity: 0.55 }),
          plot.cell(filled, { ...place, render: paths(filled, (c) => [fill(c), opacity(c)]) }),
        ],
  });
  return {
    ...panel,
    name: 'confusion',
    title: 'Confusion matrix',
    caption: `Samples by true class (row) and answer (column): ${right.toLocaleString('en')} of ${all.toLocaleString('en')} are right. The depth of colour is the share within the row.`,
  };
}

/** Maximum number of characters of a class name. */
const longest = 24;

/** Number of shades of a color. */
const shades = 32;

/** All cells of one shade are one path, because thousands of elements take minutes to draw. */
function paths(
  cells: readonly Cell[],
  look: (cell: Cell) => [fill: string, opacity: number],
): RenderFunction {
  return (index, scales, values, _dimensions, context) => {
    const { x = [], y = [] } = values as { x?: ArrayLike<number>; y?: ArrayLike<number> };
    const side = ({ x }: { x?: unknown }) => (x as { bandwidth(): number }).bandwidth();
    const width = side(scales).toFixed(2);
    const found = new Map<string, { fill: string; opacity: number; d: string[] }>();
    for (const i of index) {
      const [fill, exact] = look(cells[i]!);
      const opacity = Math.max(1, Math.round(exact * shades)) / shades;
      const key = `${fill} ${opacity}`;
      const shade = found.get(key) ?? { fill, opacity, d: [] };
      found.set(key, shade);
      shade.d.push(`M${x[i]!.toFixed(2)} ${y[i]!.toFixed(2)}h${width}v${width}h-${width}z`);
    }
    const document = context.ownerSVGElement.ownerDocument;
    const element = (name: string) => document.createElementNS('http://www.w3.org/2000/svg', name as 'g');
    const group = element('g');
    for (const { fill, opacity, d } of found.values()) {
      const path = element('path');
      path.setAttribute('d', d.join(''));
      path.setAttribute('fill', fill);
      path.setAttribute('fill-opacity', `${opacity}`);
      group.appendChild(path);
    }
    return group;
  };
}
