/** What a command writes: results to stdout, everything else to stderr. */
import { type Progress, startProgress } from '../progress.ts';

/** One command's output. */
export interface Output {
  readonly json: boolean;
  /** A result: with `--json` the object on a line of its own, else the text. */
  result(object: Record<string, unknown>, text: () => string): void;
  /** A word to the user. */
  note(text: string): void;
}

export function output(json: boolean): Output {
  return {
    json,
    result(object, text) {
      process.stdout.write(`${json ? JSON.stringify(object, plain) : text()}\n`);
    },
    note(text) {
      process.stderr.write(`${text}\n`);
    },
  };
}

/** JSON has no NaN, and typed arrays are lists in it. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

/** A progress display for work whose length shows only when it reports. */
export function progressOf(label: string): {
  update: (done: number, total: number, note?: string) => void;
  stop: () => void;
} {
  let display: Progress | undefined;
  return {
    update(done, total, note) {
      display ??= startProgress(label, Math.max(1, total));
      display.update(done, note, Math.max(1, total));
    },
    stop: () => display?.stop(),
  };
}

/** Rows as a table, the first one its head: columns as wide as their widest cell, those of numbers to the right. */
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
