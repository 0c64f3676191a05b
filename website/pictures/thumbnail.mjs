// A figure as a small picture without axes, for lists: the last panel of each column, its curves thinned out.
import { loadSource } from '../../scripts/package/load-source.mjs';

const { thinned } = await loadSource('src-ts/figure/draw/thinned.ts');

const [width, height, points] = [160, 64, 160];
const rounded = (value) => Math.round(10 * value) / 10;

/** The least and the greatest of what a panel shows on one axis. */
function rangeOf(axis, values) {
  const [low, high] = axis.domain ?? [Math.min(...values), Math.max(...values)];
  return low === high ? [low - 1, high + 1] : [low, high];
}

const stroke = (color) =>
  color === 'muted' || color === 'ink' ? `var(--lapicque-${color})` : `var(--lapicque-${color ?? 0})`;

/** A mark of a panel, where `X` and `Y` give the place of a value. */
function drawn(mark, { X, Y }) {
  const path = (d, color) => `<path d="${d}" stroke="${stroke(color)}"/>`;
  switch (mark.type) {
    case 'line':
      return path(
        thinned(
          Array.from(mark.x, (x, i) => ({ x, y: mark.y[i] })),
          points,
        )
          .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${X(x)} ${Y(y)}`)
          .join(''),
        mark.color,
      );
    case 'ticks':
      return path(
        Array.from(mark.x, (x, i) => `M${X(x)} ${rounded(Y(mark.y[i]) - 3)}v6`).join(''),
        mark.color,
      );
    case 'bars':
      return path(
        Array.from(
          mark.height,
          (value, i) => `M${X((mark.from[i] + mark.to[i]) / 2)} ${Y(0)}V${Y(value)}`,
        ).join(''),
        mark.color,
      );
    case 'cells':
      return cells(mark, { X, Y });
    default:
      return '';
  }
}

/** An image of at most 14 rows. */
function cells({ values, columns, rows, x, y }, { X, Y }) {
  const by = Math.max(1, Math.round(rows / 14));
  const highest = Math.max(...values);
  const parts = [];
  for (let row = 0; row < rows; row += by)
    for (let column = 0; column < columns; column += by) {
      const value = values[row * columns + column] / highest;
      if (value < 0.1) continue;
      const at = (axis, i, count) => axis[0] + ((axis[1] - axis[0]) * i) / count;
      const left = X(at(x, column, columns));
      const top = Y(at(y, row, rows));
      const wide = rounded(X(at(x, column + by, columns)) - left);
      const high = rounded(Y(at(y, row + by, rows)) - top);
      parts.push(`<path d="M${left} ${top}h${wide}v${high}h${-wide}z" opacity="${value.toFixed(1)}"/>`);
    }
  return `<g fill="var(--lapicque-ink)" stroke="none">${parts.join('')}</g>`;
}

/** The picture as SVG; empty for a figure of points and arrows alone. It repeats the name beside it in another form, so a screen reader skips it. */
export function thumbnail({ spec }) {
  const panels = spec.columns.map((column) => column.at(-1)).slice(0, 2);
  const gap = 8;
  const wide = (width - gap * (panels.length - 1)) / panels.length;
  const parts = panels.map(({ x, y, marks, aspect }, i) => {
    const shown = marks.filter(({ type }) => type !== 'rule' && type !== 'points');
    const all = (name) => shown.flatMap((mark) => Array.from(mark[name] ?? []));
    const [left, right] = rangeOf(x, [...all('x'), ...all('from'), ...all('to')]);
    const [low, high] = rangeOf(y, [...all('y'), ...all('height')]);
    const across = aspect === undefined ? wide : Math.min(wide, height / aspect);
    const from = i * (wide + gap) + (wide - across) / 2;
    const places = {
      X: (value) => rounded(from + (across * (value - left)) / (right - left)),
      Y: (value) => rounded(height - 2 - ((height - 4) * (value - low)) / (high - low)),
    };
    return shown.map((mark) => drawn(mark, places)).join('');
  });
  if (parts.every((part) => part === '')) return '';
  return `<svg class="thumbnail" viewBox="0 0 ${width} ${height}" aria-hidden="true" fill="none" stroke-width="1.6" stroke-linejoin="round">${parts.join('')}</svg>`;
}
