/**
 * Progress of long work in a terminal: a bar with the time left there, a line now and then elsewhere. Both go to
 * stderr, so that stdout stays clean for results.
 */
import cliProgress from 'cli-progress';
import type { TaskProgress } from '../engine/task-options.ts';

/** Where progress is written: `process.stderr` or a stream like it. */
export interface ProgressStream {
  write(text: string): unknown;
  /** Whether it is a terminal, which gets a bar instead of lines. */
  isTTY?: boolean;
}

/** Options of {@link startProgress}. */
export interface ProgressOptions {
  stream?: ProgressStream;
  /** Without a terminal, the least time between two lines in ms; default 5,000. */
  interval?: number;
  /** A clock in ms, for tests. */
  now?: () => number;
}

/** Work under way. */
export interface Progress {
  /** `done` of the total, with a few words on how it goes (`loss 0.31`); with `total` where that has changed. */
  update(done: number, note?: string, total?: number): void;
  /** Ends the display where the work stands; more than one call does nothing. */
  stop(): void;
}

/**
 * Shows progress in a terminal: a bar with the time left or, where there is no terminal, a line every five seconds.
 * Goes to stderr and ends itself when all is done. Work that ends before that, as by an abort, leaves it where it stands; a handler that is
 * used again begins anew.
 *
 * @example
 * ```ts
 * await model.fit(loader, { epochs: 5, loss: loss.crossEntropyCount(), onProgress: progressBar('training') });
 * ```
 * @param label - what is being done, a word or two
 * @returns a handler for `onProgress`
 */
export function progressBar(label: string, options: ProgressOptions = {}): (progress: TaskProgress) => void {
  let progress: Progress | undefined;
  let last = 0;
  return ({ done, total, loss, accuracy }) => {
    // Less than before is other work; that before it ended in the middle, as by an abort.
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
    words.push(`${(100 * accuracy).toFixed(1)} % right`);
  return words.join(', ');
}

/**
 * @param label - what is being done, a word or two
 * @param total - amount of work in the unit of `update`, at least 1
 */
export function startProgress(label: string, total: number, options: ProgressOptions = {}): Progress {
  const { stream = process.stderr, interval = 5000, now = () => performance.now() } = options;
  return stream.isTTY ? bar(label, total, stream) : lines(label, total, stream, interval, now);
}

function bar(label: string, total: number, stream: ProgressStream): Progress {
  // Drawn where there is progress, not by a clock: work that ends in the middle tells nobody, and a timer would keep the
  // process alive for ever. Cursor and line wrap stay as they are, for then nobody would put them back.
  class Bar extends cliProgress.SingleBar {
    override render(): void {
      super.render();
      clearTimeout((this as unknown as { timer: NodeJS.Timeout }).timer);
    }
  }
  const display = new Bar({
    // A terminal is one of Node's.
    stream: stream as NodeJS.WriteStream,
    format: `${label} {bar} {percentage} %  {time}  {note}`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 28,
    hideCursor: false,
    linewrap: true,
    fps: 20,
    gracefulExit: false,
  });
  const started = performance.now();
  let whole = total;
  display.start(total, 0, { note: '', time: '' });
  return {
    update(done, note = '', total = whole) {
      if (total !== whole) display.setTotal(total);
      whole = total;
      display.update(done, { note, time: timeLeft(performance.now() - started, done / whole) });
    },
    stop: () => display.stop(),
  };
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
    update(done, note = '', total = whole) {
      whole = total;
      const share = done / whole;
      const words = [`${label}: ${Math.floor(100 * share)} %`, timeLeft(now() - started, share), note];
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

/** The time left if the rest takes as long as what is done did; after the end, the time it took. */
function timeLeft(elapsed: number, share: number): string {
  if (share >= 1) return `${duration(elapsed)} in all`;
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
