/** `--log-format json`: everything on stderr is one JSON object per line, for programs that collect logs. */
import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { Option } from 'commander';
import { printable } from '../checks/printable.ts';
import type { Progress } from '../terminal/progress.ts';

/** The least time between two lines of progress, in ms. */
const interval = 5000;

let isJson = false;

/** Whether stderr gets JSON. */
export function isJsonLog(): boolean {
  return isJson;
}

/** Makes an option set the format while options are read, so that usage errors have it, too. */
export function settingLogFormat(option: Option): Option {
  const check = option.parseArg!;
  return option.argParser<unknown>((text, previous) => {
    const format = check(text, previous);
    if (format === 'json') useJson();
    return format;
  });
}

function useJson(): void {
  isJson = true;
  globalThis.console = new Console({ stdout: process.stdout, stderr: outputLines() });
  // Node's own listener prints text.
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => logLine('warning', 'warning', { name, message }));
}

/** Writes a line: time, level, kind of event, and its fields. */
export function logLine(
  level: 'info' | 'warning' | 'error',
  event: string,
  fields: Readonly<Record<string, unknown>>,
): void {
  const line = JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });
  process.stderr.write(`${printable(line)}\n`);
}

/** Sends what a user's script prints to stderr, because results go to stdout. */
export function printToStderr(): void {
  globalThis.console = new Console(isJson ? outputLines() : process.stderr);
}

/** Writes a line that a user's script has printed. */
export function outputLine(message: string): void {
  logLine('info', 'output', { message });
}

function outputLines(): Writable {
  // A console writes whole lines.
  const write = (piece: Buffer, _: string, done: () => void) => {
    for (const line of piece.toString().replace(/\n$/, '').split('\n')) outputLine(line);
    done();
  };
  return new Writable({ write });
}

/** Progress as lines, at most one every five seconds, and one at the end. */
export function progressLines(label: string): Progress {
  let last = performance.now();
  let latest: Record<string, unknown> | undefined;
  const write = () => {
    if (latest !== undefined) logLine('info', 'progress', latest);
    latest = undefined;
  };
  return {
    update(done, note, total, left) {
      const secondsLeft = left === undefined || !Number.isFinite(left) ? {} : { secondsLeft: left / 1000 };
      latest = { label, done, total, ...secondsLeft, ...(note ? { note } : {}) };
      if (performance.now() - last < interval) return;
      last = performance.now();
      write();
    },
    stop: write,
  };
}
