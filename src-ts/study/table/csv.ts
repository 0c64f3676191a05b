/** Tables as text: comma-separated values and JSON lines. */
import { type Column, cell, jsonOf } from './columns.ts';
import type { TrialTable } from './table.ts';

/**
 * Comma-separated values (RFC 4180, UTF-8): one line with the names of the columns, then one line per row, each ended
 * by CRLF. An absent value is an empty field, an empty string is `""`. Numbers have all their digits, and are `NaN`,
 * `Infinity` and `-Infinity` if they are not finite. Times are ISO 8601 in UTC.
 *
 * @returns the lines, one by one
 */
export function* csvLines(table: TrialTable<never>): Generator<string> {
  const columns: readonly Column[] = table.columns;
  yield `${columns.map(({ name }) => csvField(name)).join(',')}\r\n`;
  for (let row = 0; row < table.length; row++)
    yield `${columns.map((column) => csvCell(column, row)).join(',')}\r\n`;
}

/**
 * The records of trials as JSON, one per line, each ended by LF; numbers that are not finite are the strings `NaN`,
 * `Infinity` and `-Infinity`.
 */
export function* jsonLines(table: TrialTable<never>): Generator<string> {
  for (const trial of table.trials) yield `${jsonOf(trial)}\n`;
}

function csvCell(column: Column, row: number): string {
  const value = cell(column, row);
  if (value === undefined) return '';
  if (column.kind === 'time') return new Date(value as number).toISOString();
  return typeof value === 'string' ? csvField(value) : String(value);
}

/** A text as a field between commas (RFC 4180): quoted where it must be. */
export function csvField(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
