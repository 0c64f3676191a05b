/** What early stopping watches, and which epoch was the best by it. */
import { options as checkOptions, finite, flag, integer, invalid } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { isReals } from '../checks/typed.ts';
import type { Batches, TrainingBatch } from './batch.ts';
import type { EpochRecord } from './training-state.ts';

/** Keeps the best epoch in view. */
export class Watch {
  best = 0;
  last = Number.NaN;
  #value = Number.NaN;
  #since = 0;
  readonly #metric: Metric;
  readonly #stopping: EarlyStopping | undefined;

  constructor({ earlyStopping, validation }: { earlyStopping?: EarlyStopping; validation?: Batches }) {
    this.#stopping =
      earlyStopping === undefined
        ? undefined
        : checkOptions('earlyStopping', earlyStopping, ['metric', 'patience', 'minDelta', 'restoreBest']);
    const { metric, restoreBest } = this.#stopping ?? {};
    if (metric !== undefined) {
      oneOfOption('earlyStopping.metric', metric, [
        'loss',
        'accuracy',
        'validationLoss',
        'validationAccuracy',
      ]);
    }
    if (restoreBest !== undefined) flag('earlyStopping.restoreBest', restoreBest);
    this.#metric = metric ?? (validation === undefined ? 'loss' : 'validationLoss');
    if (validation === undefined && this.#metric.startsWith('validation')) {
      invalid('earlyStopping.metric', this.#metric, 'loss or accuracy, because there is no validation data');
    }
    if (earlyStopping?.patience !== undefined)
      integer('earlyStopping.patience', earlyStopping.patience, { min: 0 });
    if (earlyStopping?.minDelta !== undefined)
      finite('earlyStopping.minDelta', earlyStopping.minDelta, { min: 0 });
  }

  get restores(): boolean {
    return this.#stopping !== undefined && (this.#stopping.restoreBest ?? true);
  }

  get patienceIsOver(): boolean {
    return this.#stopping !== undefined && this.#since > (this.#stopping.patience ?? 5);
  }

  /** Refuses a batch that has no accuracy where that is watched; a batch that is none is refused by its step. */
  check(batch: TrainingBatch, steps: number | undefined): void {
    if (this.#stopping === undefined || this.#metric !== 'accuracy') return;
    const [y, size] = [batch?.y, batch?.shape?.[steps === undefined ? 1 : 0]];
    if (isReals(y) || (ArrayBuffer.isView(y) && y.length !== size)) this.#refuse();
  }

  replay(history: readonly EpochRecord[]): void {
    for (const record of history) this.see(record);
  }

  /** Whether the epoch is the best so far. */
  see(record: EpochRecord): boolean {
    this.last = record[this.#metric] ?? Number.NaN;
    if (this.#stopping !== undefined && Number.isNaN(this.last)) this.#refuse();
    const rising = this.#metric.toLowerCase().endsWith('accuracy');
    const gain = rising ? this.last - this.#value : this.#value - this.last;
    const improved = this.best === 0 || gain > (this.#stopping?.minDelta ?? 0);
    if (improved) {
      this.best = record.epoch;
      this.#value = this.last;
      this.#since = 0;
    } else {
      this.#since += 1;
    }
    return improved;
  }

  #refuse(): never {
    invalid('earlyStopping.metric', this.#metric, 'a loss, because the targets are not one label per sample');
  }
}

/** The metric that early stopping watches. */
export type Metric = 'loss' | 'accuracy' | 'validationLoss' | 'validationAccuracy';

/** Ends training when a metric no longer improves. */
export interface EarlyStopping {
  /** Default `validationLoss` with validation data, else `loss`. */
  metric?: Metric;
  /** How many epochs without improvement to wait; default 5. */
  patience?: number;
  /** How much better an epoch must be to count as an improvement; default 0. */
  minDelta?: number;
  /** Ends with the weights of the best epoch; default true. */
  restoreBest?: boolean;
}
