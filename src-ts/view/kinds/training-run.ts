/** One training as the viewer keeps it: what the entries of its log come to. */
import { ThinnedSeries } from './thinned-series.ts';

/** A histogram of a weight tensor after an epoch. */
export interface EpochHistogram {
  readonly epoch: number;
  readonly low: number;
  readonly high: number;
  readonly counts: readonly number[];
}

/** Maximum number of histograms of a tensor; beyond that, every second one is dropped. */
const maxHistograms = 256;

/** Values that the program records by itself; more names are left out. */
const maxNames = 64;

export class TrainingRun {
  readonly name: string;
  /** Number of the batch in the training, loss and accuracy. */
  batches = new ThinnedSeries(3);
  /** The numbers of each epoch, by name. */
  epochs: Record<string, number>[] = [];
  readonly histograms = new Map<string, EpochHistogram[]>();
  /** Step and value. */
  readonly values = new Map<string, ThinnedSeries>();
  /** Lines of a file that are no entries. */
  skipped = 0;
  /** Whether its file cannot be read now. */
  isMissing = false;
  /** Called after each entry. */
  changed: () => void = () => {};
  /** Batches of an epoch, as far as is known. */
  perEpoch = 1;
  readonly #keptEvery = new Map<string, { every: number; seen: number }>();

  constructor(name: string) {
    this.name = name;
  }

  /** Forgets everything: the log is written anew. */
  clear(): void {
    [this.batches, this.epochs, this.perEpoch, this.skipped] = [new ThinnedSeries(3), [], 1, 0];
    for (const map of [this.histograms, this.values, this.#keptEvery]) map.clear();
    this.changed();
  }

  /** Takes an entry as a JSON log writes it; whatever else is ignored, since the file may be anybody's. */
  add(entry: unknown): void {
    const { kind, histograms, ...others } = Object(entry) as Record<string, unknown>;
    const numbers = Object.entries(others).flatMap(([name, value]): [string, number][] => {
      const number = numberOf(value);
      return number === undefined ? [] : [[name, number]];
    });
    const values = Object.fromEntries(numbers);
    if (kind === 'batch') this.#batch(values);
    else if (kind === 'epoch') this.#epoch(values, histograms);
    else if (kind === 'values') this.#values(values);
    else {
      this.skipped += 1;
      return;
    }
    this.changed();
  }

  #batch({ step = 1, batch = 1, loss = Number.NaN, accuracy = Number.NaN }: Record<string, number>): void {
    this.perEpoch = Math.max(this.perEpoch, batch);
    this.batches.push(step, loss, accuracy);
  }

  #epoch({ step: _, ...values }: Record<string, number>, histograms: unknown): void {
    const { epoch } = values;
    if (epoch === undefined) return;
    this.epochs.push(values);
    for (const [name, histogram] of Object.entries(Object(histograms) as Record<string, unknown>)) {
      const { low, high, counts } = Object(histogram) as Partial<EpochHistogram>;
      const isWhole = Array.isArray(counts) && counts.length <= 1024 && counts.every(Number.isFinite);
      if (!isWhole || !Number.isFinite(low) || !Number.isFinite(high)) continue;
      this.#histogram(name, { epoch, low: low!, high: high!, counts });
    }
  }

  #histogram(name: string, one: EpochHistogram): void {
    const kept = this.#keptEvery.get(name) ?? { every: 1, seen: 0 };
    this.#keptEvery.set(name, kept);
    const list = this.histograms.get(name) ?? [];
    this.histograms.set(name, list);
    if (kept.seen % kept.every === 0) list.push(one);
    kept.seen += 1;
    if (list.length < maxHistograms) return;
    list.splice(0, list.length, ...list.filter((_, i) => i % 2 === 0));
    kept.every *= 2;
  }

  #values({ step = 0, ...values }: Record<string, number>): void {
    for (const [name, value] of Object.entries(values)) {
      let series = this.values.get(name);
      if (series === undefined) {
        if (this.values.size >= maxNames) continue;
        series = new ThinnedSeries(2);
        this.values.set(name, series);
      }
      series.push(step, value);
    }
  }
}

/** JSON logs write numbers that are not finite as text. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === 'NaN') return Number.NaN;
  if (value === 'Infinity') return Number.POSITIVE_INFINITY;
  return value === '-Infinity' ? Number.NEGATIVE_INFINITY : undefined;
}
