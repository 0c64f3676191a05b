/** Tables as text: comma-separated values and JSON lines. */
import { printable } from '../../checks/printable.ts';
import { type Column, cell, jsonOf } from './columns.ts';
import type { TrialTable } from './table.ts';

/**
 * Comma-separated values (RFC 4180, UTF-8): one line with the names of the columns, then one line per row, each ended
 * by CRLF. An absent value is an empty field, an empty string is `""`. Numbers have all their digits, and are `NaN`,
 * `Infinity` and `-Infinity` if they are not finite. Times are ISO 8601 in UTC. A text that a
 * spreadsheet would run begins with an apostrophe: see {@link csvField}.
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
 * `Infinity` and `-Infinity`. Control characters are escaped, also those that JSON could leave.
 */
export function* jsonLines(table: TrialTable<never>): Generator<string> {
  for (const trial of table.trials) yield `${printable(jsonOf(trial))}\n`;
}

function csvCell(column: Column, row: number): string {
  const value = cell(column, row);
  if (value === undefined) return '';
  if (column.kind === 'time') return new Date(value as number).toISOString();
  return typeof value === 'string' ? csvField(value) : String(value);
}

/** Beginnings of a text that a spreadsheet takes for a formula (OWASP, "CSV Injection"), full-width forms too. */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * A text as a field between commas (RFC 4180): quoted where it must be. A text that a spreadsheet would interpret as a formula
 * begins with an apostrophe, unless it is a number.
 */
export function csvField(text: string): string {
  const shown = formula.test(text) && !isNumber(text) ? `'${text}` : text;
  return shown === '' || shown !== text || /[",\r\n]/.test(shown)
    ? `"${shown.replaceAll('"', '""')}"`
    : shown;
}

function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || /^[+-](Infinity|NaN)$/.test(text);
}
