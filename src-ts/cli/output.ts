/** Output of a command: results to stdout, everything else to stderr. */
import { printable, printableLines } from '../checks/printable.ts';
import { hasColor, withBoldLabels } from '../terminal/color.ts';
import { type Progress, startProgress } from '../terminal/progress.ts';
import { table as tableOf } from '../terminal/table.ts';
import { columns, fittedTo, wrapped } from '../terminal/wrap.ts';
import { isJsonLog, logLine, progressLines } from './log-lines.ts';

export { printable } from '../checks/printable.ts';
export { bytes, grouped } from '../terminal/table.ts';

/** Output of one command. */
export interface Output {
  readonly json: boolean;
  /** Prints a result: with `--json` the object on one line, otherwise the text. */
  result(object: Record<string, unknown>, text: () => string): void;
  /** Prints a message to the user. */
  note(text: string): void;
}

/** Everything that a command prints goes through here, because names and messages come from files: none of their characters may act on a terminal. */
export function output(json: boolean): Output {
  return {
    json,
    result(object, text) {
      process.stdout.write(`${json ? jsonText(object) : forPeople(text())}\n`);
    },
    note(text) {
      if (isJsonLog()) logLine('info', 'message', { message: text });
      else process.stderr.write(`${fittedTo(process.stderr, printable(text))}\n`);
    },
  };
}

function forPeople(text: string): string {
  const fitted = wrapped(printableLines(text), columns());
  return hasColor(process.stdout) ? withBoldLabels(fitted) : fitted;
}

/** An object on one line. JSON leaves DEL, C1 controls and marks of the writing direction as they are; here they are escaped. */
function jsonText(object: Record<string, unknown>): string {
  return printable(JSON.stringify(object, plain));
}

/** Rows as a table that fits into the terminal. */
export function table(rows: readonly (readonly string[])[]): string {
  return tableOf(rows, columns());
}

/** NaN is null in JSON, and typed arrays are lists. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

/** A progress display for work whose total is known only from its reports. */
export function progressOf(label: string): {
  update: (done: number, total: number, note?: string, left?: number) => void;
  stop: () => void;
} {
  let display: Progress | undefined;
  return {
    update(done, total, note, left) {
      display ??= isJsonLog() ? progressLines(label) : startProgress(label, Math.max(1, total));
      display.update(done, note, Math.max(1, total), left);
    },
    stop: () => display?.stop(),
  };
}
