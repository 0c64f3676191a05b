/** Formatting of numbers and tables for people. */
import { printable } from '../checks/printable.ts';
import { wrappedLine } from './wrap.ts';

type Rows = readonly (readonly string[])[];

const gap = '  ';

/**
 * Formats rows as a table whose first row is the head. Columns are as wide as their widest cell; numbers are
 * right-aligned. Control characters in cells are escaped.
 *
 * @param width - characters of a line. A table that is wider is split into blocks of columns, each with the first column. Default: no limit
 */
export function table(rows: Rows, width = Number.POSITIVE_INFINITY): string {
  const shown = rows.map((row) => row.map(printable));
  const columns = Array.from({ length: Math.max(...shown.map((row) => row.length)) }, (_, c) => c);
  const widthOf = (column: number) => Math.max(...shown.map((row) => (row[column] ?? '').length));
  const widths = columns.map(widthOf);
  if (columns.length > 2 && widths[0]! > width / 2) return records(shown, width);
  const blocks: number[][] = [];
  let used = 0;
  for (const column of columns.slice(1)) {
    used += gap.length + widths[column]!;
    if (blocks.length === 0 || used > width) {
      blocks.push([0]);
      used = widths[0]! + gap.length + widths[column]!;
    }
    blocks.at(-1)!.push(column);
  }
  if (blocks.length === 0) blocks.push([0]);
  return blocks.map((block) => blockText(shown, block, widths, width)).join('\n\n');
}

function blockText(rows: Rows, columns: readonly number[], widths: readonly number[], width: number): string {
  const numeric = columns.map((c) =>
    rows.slice(1).every((row) => /^(-?[\d.,]+(e-?\d+)?( %)?)?$/.test(row[c] ?? '')),
  );
  // Only the last column of a block can be too wide; its cells continue on more lines.
  const indent = columns.slice(0, -1).reduce((sum, c) => sum + widths[c]! + gap.length, 0);
  const line = (row: readonly string[]) => {
    const cells = columns.map((c, i) => {
      const cell = row[c] ?? '';
      return numeric[i] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!);
    });
    return wrappedLine(cells.join(gap).trimEnd(), width, indent);
  };
  return rows.map(line).join('\n');
}

/** A block of lines for each row, for rows whose names take most of a line. */
function records([head = [], ...rows]: Rows, width: number): string {
  const record = ([name = '', ...cells]: readonly string[]) => {
    const fields = cells.flatMap((cell, i) => (cell === '' ? [] : [`${head[i + 1]} ${cell}`]));
    return [name, wrappedLine(`  ${fields.join('; ')}`, width, 2)].join('\n');
  };
  return rows.map(record).join('\n');
}

/** `1.5 MiB` */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = count;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** `1,234` */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}
