/**
 * Progress of long work: in a terminal a bar with the remaining time, elsewhere an occasional line. Both go
 * to stderr, so that stdout contains only results.
 */
import cliProgress from 'cli-progress';
import { printable } from '../checks/printable.ts';
import type { TaskProgress } from '../engine/task-options.ts';
import { columnsOf } from './wrap.ts';

/** The stream that progress is written to: `process.stderr` or a similar stream. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Whether it is a terminal, which gets a bar instead of lines. */
  isTTY?: boolean;
  /** Characters of a line of the terminal; default 80. */
  columns?: number;
}

/** Options of {@link startProgress}. */
export interface ProgressOptions {
  stream?: ProgressStream;
  /** Without a terminal, the least time between two lines in ms; default 5,000. */
  interval?: number;
  /** A clock in ms, for tests. */
  now?: () => number;
}

/** Displayed progress of one piece of work. */
export interface Progress {
  /**
   * Sets the amount done, with a short note (`loss 0.31`); `total` is passed if it has changed.
   *
   * @param left - the remaining time in ms, if it is known better than from the share that is done; not a number if it is not known yet
   */
  update(done: number, note?: string, total?: number, left?: number): void;
  /** Ends the display at the current state; further calls have no effect. */
  stop(): void;
}

/**
 * Shows progress in a terminal as a bar with the remaining time, elsewhere as a line every five seconds.
 * Writes to stderr. The display ends when all work is done; if work ends early, for example by an abort, the display stays at its last state. A
 * handler can be used again for other work.
 *
 * @example
 * ```ts
 * await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), onProgress: progressBar('training') });
 * ```
 * @param label - name of the work, one or two words
 * @returns a handler for `onProgress`
 */
export function progressBar(label: string, options: ProgressOptions = {}): (progress: TaskProgress) => void {
  let progress: Progress | undefined;
  let last = 0;
  return ({ done, total, loss, accuracy }) => {
    // A smaller amount than before means new work: the work before it ended early, for example by an abort.
    if (done < last) {
      progress?.stop();
      progress = undefined;
    }
    last = done;
    progress ??= startProgress(label, total, options);
    progress.update(done, note(loss, accuracy), total);
    if (done >= total) {
      progress.stop();
      progress = undefined;
    }
  };
}

function note(loss: unknown, accuracy: unknown): string {
  const words: string[] = [];
  if (typeof loss === 'number') words.push(`loss ${loss.toPrecision(3)}`);
  if (typeof accuracy === 'number' && !Number.isNaN(accuracy))
    words.push(`${(100 * accuracy).toFixed(1)} % accuracy`);
  return words.join(', ');
}

/**
 * @param label - name of the work, one or two words
 * @param total - amount of work in the unit of `update`, at least 1
 */
export function startProgress(label: string, total: number, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, interval = 5000, now = () => performance.now() } = options;
  // Names of studies and messages of objectives may hold anything.
  const shown = printable(label);
  return stream.isTTY ? bar(shown, total, stream) : lines(shown, total, stream, interval, now);
}

function bar(label: string, total: number, stream: ProgressStream): Progress {
  // The bar is drawn on progress, not by a timer: work that ends early does not report it, and a timer would
  // keep the process alive. The cursor and the line wrap are not changed, because nothing would restore them.
  class Bar extends cliProgress.SingleBar {
    override render(): void {
      super.render();
      clearTimeout((this as unknown as { timer: NodeJS.Timeout }).timer);
    }
  }
  const display = new Bar({
    // cli-progress needs one of Node's terminal streams.
    stream: stream as NodeJS.WriteStream,
    format: (_options, { progress }, { note, time }) => barLine(label, progress, time, note, stream),
    hideCursor: false,
    linewrap: true,
    fps: 20,
    gracefulExit: false,
  });
  const started = performance.now();
  let whole = total;
  display.start(total, 0, { note: '', time: '' });
  return {
    update(done, note = '', total = whole, left) {
      if (total !== whole) display.setTotal(total);
      whole = total;
      display.update(done, {
        note: printable(note),
        time: timeLeft(performance.now() - started, done / whole, left),
      });
    },
    stop: () => display.stop(),
  };
}

/** The longest bar, and the shortest that still shows progress. */
const barSizes = { longest: 28, shortest: 8 };

/** One line that fits into the terminal: the bar becomes shorter first, then parts of the note are omitted from its end, then the label is cut. */
function barLine(label: string, share: number, time: string, note: string, stream: ProgressStream): string {
  // A terminal breaks a line that fills it.
  const width = (columnsOf(stream) ?? 80) - 1;
  const percent = `${Math.floor(100 * share)
    .toString()
    .padStart(3)} %`;
  const most = Math.max(8, Math.floor(width / 3));
  const name = label.length <= most ? label : `${label.slice(0, most - 1)}…`;
  const rest = (parts: readonly string[]) => [percent, time, parts.join(', ')].filter(Boolean).join('  ');
  const parts = note === '' ? [] : note.split(', ');
  const free = () => width - name.length - 2 - rest(parts).length;
  while (parts.length > 0 && free() < barSizes.shortest) parts.pop();
  const size = Math.max(0, Math.min(barSizes.longest, free()));
  const filled = Math.round(share * size);
  return `${name} ${'━'.repeat(filled)}${'─'.repeat(size - filled)} ${rest(parts)}`;
}

function lines(
  label: string,
  total: number,
  stream: ProgressStream,
  interval: number,
  now: () => number,
): Progress {
  const started = now();
  let last = started;
  let whole = total;
  let latest: string | undefined;
  let stopped = false;
  return {
    update(done, note = '', total = whole, left) {
      whole = total;
      const share = done / whole;
      const words = [
        `${label}: ${Math.floor(100 * share)} %`,
        timeLeft(now() - started, share, left),
        printable(note),
      ];
      latest = words.filter((word) => word !== '').join(', ');
      if (now() - last < interval) return;
      last = now();
      stream.write(`${latest}\n`);
      latest = undefined;
    },
    stop() {
      if (!stopped && latest !== undefined) stream.write(`${latest}\n`);
      stopped = true;
    },
  };
}

/**
 * The remaining time, if the rest takes proportionally as long as the work so far; at the end, the total
 * time.
 */
function timeLeft(elapsed: number, share: number, left?: number): string {
  if (share >= 1) return `${duration(elapsed)} in all`;
  if (left !== undefined) return Number.isFinite(left) ? `${duration(left)} left` : '';
  if (share <= 0) return '';
  return `${duration((elapsed / share) * (1 - share))} left`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
