/** Output of a command: results to stdout, everything else to stderr. */
import { type Progress, startProgress } from '../terminal/progress.ts';

export { bytes, grouped, table } from '../terminal/table.ts';

/** Output of one command. */
export interface Output {
  readonly json: boolean;
  /** Prints a result: with `--json` the object on one line, otherwise the text. */
  result(object: Record<string, unknown>, text: () => string): void;
  /** Prints a message to the user. */
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

/** NaN is null in JSON, and typed arrays are lists. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  return ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value;
}

/** A progress display for work whose total is known only from its reports. */
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
