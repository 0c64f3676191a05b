/** Formatting of numbers and tables for people. */

/**
 * Formats rows as a table whose first row is the head. Columns are as wide as their widest cell; numbers are
 * right-aligned.
 */
export function table(rows: readonly (readonly string[])[]): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const cells = (column: number) => rows.map((row) => row[column] ?? '');
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...cells(c).map((cell) => cell.length)));
  const numeric = widths.map((_, c) =>
    cells(c)
      .slice(1)
      .every((cell) => /^(-?[\d.,]+(e-?\d+)?( %)?)?$/.test(cell)),
  );
  const padded = (cell: string, c: number) =>
    numeric[c] ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
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
