/** Trainings: JSON logs (`log.jsonl`, `lapicque train --log`), and trainings of this process. Several are shown beside each other. */
import { unknownName } from '../../checks/check.ts';
import { openRegular } from '../../files/regular-file.ts';
import type { NamedTarget, OpenedView, ViewFollow, ViewKind, ViewTarget } from './kind.ts';
import { LiveRun } from './live-run.ts';
import { LogTail } from './log-tail.ts';
import { pack } from './packed.ts';
import type { ViewQuery } from './query.ts';
import { TrainingRun } from './training-run.ts';

/** Minimum time between two notifications of a page in ms: drawing takes time from the training on the same cores, */
const reportInterval = 2000;
/** and the delay after a change, so that changes written together arrive together; */
const reportDelay = 50;
/** Time in ms between two reads of the files; longer for many files. */
const readAgain = (files: number) => Math.max(500, 5 * files);

export const training: ViewKind = {
  kind: 'training',
  together: true,
  opens: isTraining,
  open: async (targets) => {
    const opened = new Trainings();
    for (const target of targets) await opened.add(target);
    return opened;
  },
};

/** A log is known by its first line. */
async function isTraining({ object, path, isFolder }: ViewTarget & { isFolder?: boolean }): Promise<boolean> {
  if (object !== undefined) return object instanceof LiveRun;
  if (isFolder || !/\.(jsonl|ndjson)$/i.test(path)) return false;
  const file = await openRegular(path).then(
    ({ handle }) => handle,
    () => undefined,
  );
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(1 << 16), 0, 1 << 16, 0);
    const [line = ''] = new TextDecoder().decode(buffer.subarray(0, bytesRead)).split('\n', 1);
    // A first line with histograms may be longer than what was read; its kind is at its beginning.
    return /^\s*\{\s*"kind"\s*:\s*"(batch|epoch|values)"\s*,\s*"step"\s*:/.test(line);
  } finally {
    await file.close();
  }
}

/** All trainings of a server. */
class Trainings implements OpenedView {
  readonly #runs = new Map<string, TrainingRun>();
  readonly #files: { readonly tail: LogTail; readonly run: TrainingRun }[] = [];
  readonly #listeners = new Set<() => void>();
  /** Counts changes: the numbers of the events. */
  #version = 0;
  #pollers = 0;
  #poll: NodeJS.Timeout | undefined;
  #telling: NodeJS.Timeout | undefined;
  #lastReported = Number.NEGATIVE_INFINITY;

  readonly routes: OpenedView['routes'] = {
    describe: () => this.#status(),
    epochs: (query) => this.#run(query).epochs.slice(query.whole('from', 0, { min: 0 })),
    batches: (query) => {
      const { batches } = this.#run(query);
      // After a merge of neighbors all rows have changed.
      const isSame = query.whole('stride', 0) === batches.stride;
      const from = isSame ? query.whole('from', 0, { min: 0 }) : 0;
      const [step, loss, accuracy] = batches.columns(from) as [Float64Array, Float64Array, Float64Array];
      return pack({ step, loss, accuracy }, { from, stride: batches.stride });
    },
    histograms: (query) => this.#run(query).histograms.get(query.text('tensor')) ?? [],
    values: (query) => {
      const series = this.#run(query).values.get(query.text('name'));
      const [step = new Float64Array(), value = new Float64Array()] = series?.columns() ?? [];
      return pack({ step, value });
    },
  };

  readonly follows: Record<string, ViewFollow> = { runs: (_, after, send) => this.#follow(after, send) };

  async add({ name, target }: NamedTarget): Promise<void> {
    const run = target.path === undefined ? (target.object as LiveRun).run : new TrainingRun(name);
    let id = name.replace(/\.(jsonl|ndjson)$/i, '');
    const base = id;
    for (let n = 2; this.#runs.has(id); n++) id = `${base} (${n})`;
    this.#runs.set(id, run);
    run.changed = () => this.#change();
    if (target.path !== undefined) {
      const take = (line: string) => {
        try {
          run.add(JSON.parse(line));
        } catch {
          run.skipped += 1;
        }
      };
      const tail = new LogTail(target.path, take, () => run.clear());
      this.#files.push({ tail, run });
      await tail.catchUp();
    }
    this.#change();
  }

  close(): void {
    clearInterval(this.#poll);
    clearTimeout(this.#telling);
  }

  /** A file that cannot be read now may be readable later; what was read stays on the page. */
  async #catchUp({ tail, run }: { tail: LogTail; run: TrainingRun }): Promise<void> {
    const isMissing = await tail.catchUp().then(
      () => false,
      () => true,
    );
    if (isMissing === run.isMissing) return;
    run.isMissing = isMissing;
    this.#change();
  }

  #run(query: ViewQuery): TrainingRun {
    const id = query.text('run');
    const run = this.#runs.get(id);
    if (run === undefined) throw unknownName('run', id, [...this.#runs.keys()]);
    return run;
  }

  /** How much there is of each run: the page asks for what it does not have. */
  #status() {
    const runs = [...this.#runs].map(([id, run]) => ({
      id,
      epochs: run.epochs.length,
      batches: run.batches.length,
      stride: run.batches.stride,
      perEpoch: run.perEpoch,
      tensors: [...run.histograms.keys()],
      values: [...run.values.keys()],
      skipped: run.skipped,
      isMissing: run.isMissing,
    }));
    return { version: this.#version, runs };
  }

  #change(): void {
    this.#version += 1;
    if (this.#listeners.size === 0) return;
    if (this.#telling !== undefined) return;
    const wait = Math.max(reportDelay, this.#lastReported + reportInterval - performance.now());
    this.#telling = setTimeout(() => {
      this.#telling = undefined;
      this.#lastReported = performance.now();
      for (const notify of this.#listeners) notify();
    }, wait);
    this.#telling.unref();
  }

  #follow(after: number, send: (id: number, data: unknown) => void): () => void {
    const notify = () => send(this.#version, this.#status());
    this.#listeners.add(notify);
    if (after !== this.#version) notify();
    this.#pollers += 1;
    this.#poll ??= setInterval(() => {
      for (const file of this.#files) void this.#catchUp(file);
    }, readAgain(this.#files.length));
    this.#poll.unref();
    return () => {
      this.#listeners.delete(notify);
      this.#pollers -= 1;
      if (this.#pollers > 0) return;
      clearInterval(this.#poll);
      this.#poll = undefined;
    };
  }
}
