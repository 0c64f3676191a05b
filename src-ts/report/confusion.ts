/** Which class was answered for which. */
import type { Draw, Figure, Plot } from './canvas.ts';
import type { Confusion } from './data.ts';
import { colour } from './theme.ts';

export function drawConfusion(plot: Plot, draw: Draw, { counts, labels }: Confusion): Figure {
  const classes = labels.length;
  const rows = Array.from({ length: classes }, (_, truth) =>
    Array.from({ length: classes }, (_, answer) => counts[truth * classes + answer]!),
  );
  const cells = rows.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, answer) => ({ truth, answer, count, share: total === 0 ? 0 : count / total }));
  });
  const right = cells.reduce((sum, { truth, answer, count }) => sum + (truth === answer ? count : 0), 0);
  const all = cells.reduce((sum, { count }) => sum + count, 0);
  const cell = Math.max(22, Math.min(44, 520 / classes));
  const size = cell * classes;
  const numbers = classes <= 26;
  const panel = draw({
    width: size + 78,
    height: size + 62,
    marginLeft: 58,
    marginRight: 20,
    marginTop: 44,
    marginBottom: 18,
    padding: 0.06,
    x: {
      type: 'band',
      domain: labels,
      axis: 'top',
      label: 'answered',
      labelArrow: 'none',
      labelAnchor: 'center',
      tickSize: 0,
    },
    y: {
      type: 'band',
      domain: labels,
      label: 'true class',
      labelArrow: 'none',
      labelAnchor: 'center',
      tickSize: 0,
    },
    opacity: { type: 'identity' },
    marks: [
      plot.cell(cells, {
        x: (c) => labels[c.answer],
        y: (c) => labels[c.truth],
        fill: colour('grid'),
        fillOpacity: 0.55,
        rx: 3,
      }),
      plot.cell(
        cells.filter(({ count }) => count > 0),
        {
          x: (c) => labels[c.answer],
          y: (c) => labels[c.truth],
          fill: (c) => (c.truth === c.answer ? colour('first') : colour('wrong')),
          // Mistakes are rare: their colour grows with the root of their share, or none would be seen.
          fillOpacity: (c) => (c.truth === c.answer ? c.share : Math.min(1, 0.12 + Math.sqrt(c.share))),
          rx: 3,
        },
      ),
      numbers
        ? plot.text(
            cells.filter(({ count }) => count > 0),
            {
              x: (c) => labels[c.answer],
              y: (c) => labels[c.truth],
              text: 'count',
              fill: (c) => (c.truth === c.answer && c.share > 0.55 ? colour('paper') : colour('ink')),
              fontWeight: 600,
            },
          )
        : null,
    ],
  });
  return {
    ...panel,
    name: 'confusion',
    title: 'Confusion matrix',
    caption: `Held-out samples by true class (row) and answer (column): ${right.toLocaleString('en')} of ${all.toLocaleString('en')} are right. The depth of colour is the share within the row.`,
  };
}
