/** Logs of trainings, simulations and studies: files that TensorBoard, a table program or a script read while the work runs and after it. */
import { options as checkOptions, filePath, finite, flag, invalid } from '../checks/check.ts';
import type { TaskProgress } from '../engine/task-options.ts';
import type { TrialRecord } from '../study/search/trials.ts';
import { readsOnly } from '../train/callbacks.ts';
import type { BatchRecord, CallbacksOf, LastBatch } from '../train/fit-options.ts';
import type { EpochRecord } from '../train/training-state.ts';
import { activityOf } from './activity.ts';
import type { LogEntry, LogEntryKind, LogFormat, LogSink, LogValue } from './entry.ts';
import { LogFile } from './log-file.ts';
import { TensorBoard } from './tensorboard.ts';
import { CommaSeparated, JsonLines } from './text-formats.ts';

/** The part of a model that a log uses. */
export interface LoggedModel {
  weights(): Promise<Record<string, ArrayLike<number>>>;
}

/** Options of {@link jsonl} and {@link csv}. */
export interface TextLogOptions {
  /** Appends to an existing file, for example after a resume; by default an existing file throws an error. */
  append?: boolean;
  /** Whether to record batches. Default: `true` for `jsonl`; `false` for `csv`, where `true` records batches in place of epochs. */
  batches?: boolean;
}

/** Options of {@link jsonl}. */
export interface JsonLogOptions extends TextLogOptions {
  /** Whether to record a histogram of each weight tensor after each epoch, as `histograms`: of at most 131,072 of its values, evenly spread; default false. */
  weights?: boolean;
  /**
   * Whether to record the activity of each spiking layer after each epoch: `spikes/LAYER`, spikes of a sample; `dead/LAYER`, the share of neurons that do not
   * spike; `saturated/LAYER`, the share that fires in at least 90 % of the steps. The first 32 samples (fewer of large networks) of the epoch's last batch run for it, without
   * learning. Default false.
   */
  activity?: boolean;
}

/** Options of {@link tensorboard}. */
export interface TensorBoardOptions {
  /** Whether to record the loss and accuracy of each batch; default true. */
  batches?: boolean;
  /** Whether to record a histogram of each weight tensor after each epoch; default false. */
  weights?: boolean;
  /** Whether to record the activity of each spiking layer after each epoch, as {@link JsonLogOptions.activity}; default false. */
  activity?: boolean;
}

/**
 * A log. It is a value for `callbacks` of `fit`; `onProgress` and `onTrial` are functions for the options of these names. Call {@link close} at the end, or
 * declare it with `await using`: entries of batches and of progress may wait up to a second for others.
 *
 * An error of writing rejects the `fit` that it happens in; in `onProgress` and `onTrial`, and for entries that waited, it is thrown by the next call
 * or by {@link close}.
 */
export class Log implements CallbacksOf<LoggedModel>, AsyncDisposable {
  readonly #format: LogFormat;
  readonly #sink: LogSink;

  /** @internal */
  constructor(format: LogFormat, sink: LogSink = new LogFile(format)) {
    this.#format = format;
    this.#sink = sink;
    readsOnly(this);
  }

  /** The file. It is created with the first entry. */
  get path(): string {
    return this.#format.path;
  }

  /** Records a batch: `epoch`, `batch`, `loss` and `accuracy` of this batch. Absent if batches are not recorded. */
  get onBatch(): ((info: BatchRecord) => Promise<void> | undefined) | undefined {
    if (!this.#format.batches) return undefined;
    return ({ iteration, epoch, batch, batchLoss, batchAccuracy }) =>
      this.#add('batch', iteration, {
        epoch,
        batch,
        loss: batchLoss,
        ...(Number.isNaN(batchAccuracy) ? {} : { accuracy: batchAccuracy }),
      });
  }

  /** Records an epoch, the histograms of the weights if `weights` is set, and the activity of the layers if `activity` is. */
  async onEpoch(record: EpochRecord, model: LoggedModel, last?: LastBatch): Promise<void> {
    const format = this.#format;
    // A table has one kind of rows.
    if (format instanceof CommaSeparated && format.batches) return;
    const { epoch, terms = {}, ...others } = record;
    // Targets that are not one label per sample have no accuracy; it is NaN.
    const known = Object.entries(others).filter(
      ([name, value]) => !(/accuracy/i.test(name) && Number.isNaN(value)),
    );
    const values = {
      ...Object.fromEntries(known),
      ...Object.fromEntries(Object.entries(terms).map(([name, value]) => [`terms/${name}`, value])),
      ...(format.activity ? await activityOf(model, last) : {}),
    };
    const histograms = format.weights ? histogramsOf(await model.weights()) : undefined;
    await this.#add(
      'epoch',
      epoch,
      format instanceof TensorBoard ? values : { epoch, ...values },
      histograms,
    );
  }

  /** Records the progress of a simulation or other work with `onProgress`: `done`, `total`, and further reported numbers. */
  get onProgress(): (progress: TaskProgress) => void {
    return ({ done, total, ...others }) => {
      const numbers = Object.entries(others).filter(([, value]) => typeof value === 'number');
      this.#keep('progress', done, { done, total, ...Object.fromEntries(numbers) });
    };
  }

  /** Records a trial of a study: its state, its values, and its parameters as `parameters/NAME`. */
  get onTrial(): (trial: TrialRecord) => void {
    return ({ number, state, values = [], parameters }) => {
      const named =
        values.length === 1 ? [['value', values[0]]] : values.map((value, i) => [`value/${i}`, value]);
      const entries = Object.entries(parameters).map(([name, value]) => [
        `parameters/${name}`,
        logValue(value),
      ]);
      this.#keep('trial', number, { trial: number, state, ...Object.fromEntries([...named, ...entries]) });
    };
  }

  /**
   * Records values of the caller.
   *
   * @param step - a whole number: the position on the horizontal axis
   * @param values - finite or not, by name; in TensorBoard, names with the same part in front of a `/` are drawn together
   */
  async values(step: number, values: Readonly<Record<string, number>>): Promise<void> {
    finite('step', step);
    if (typeof values !== 'object' || values === null) invalid('values', values, 'an object of numbers');
    for (const [name, value] of Object.entries(values))
      if (typeof value !== 'number') invalid(`values.${name}`, value, 'a number');
    await this.#add('values', step, this.#format instanceof TensorBoard ? values : { step, ...values });
  }

  /** Writes pending entries. @throws LapicqueError `io` */
  flush(): Promise<void> {
    return this.#sink.flush();
  }

  /** Writes pending entries and closes the file. @throws LapicqueError `io`, also of an earlier entry */
  close(): Promise<void> {
    return this.#sink.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #add(
    kind: LogEntryKind,
    step: number,
    values: Record<string, LogValue>,
    histograms?: LogEntry['histograms'],
  ) {
    const entry = { kind, step, time: Date.now(), values };
    return this.#sink.add(histograms === undefined ? entry : { ...entry, histograms });
  }

  /** For callbacks whose caller does not wait: the next call or `close` throws an error of writing. */
  #keep(kind: LogEntryKind, step: number, values: Record<string, LogValue>): void {
    this.#add(kind, step, values)?.catch(() => {});
  }
}

function histogramsOf(
  weights: Awaited<ReturnType<LoggedModel['weights']>>,
): Record<string, ArrayLike<number>> {
  return Object.fromEntries(Object.entries(weights).map(([name, array]) => [`weights/${name}`, array]));
}

function logValue(value: unknown): LogValue {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}

/**
 * A log that TensorBoard reads (`tensorboard --logdir FOLDER`): curves of loss and accuracy over batches and epochs, histograms of weights, values of trials.
 * Each log writes a separate event file, so put runs to compare into sibling folders.
 *
 * @example
 * ```ts
 * await using logs = log.tensorboard('runs/first', { weights: true });
 * await model.fit(train, { epochs: 10, loss: loss.crossEntropyRate(), callbacks: logs });
 * ```
 * @param folder - is created if it does not exist
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function tensorboard(folder: string, options: TensorBoardOptions = {}): Log {
  const {
    batches = true,
    weights = false,
    activity = false,
  } = checkOptions('log.tensorboard', options, ['batches', 'weights', 'activity']);
  return new Log(
    new TensorBoard(
      filePath('folder', folder),
      flag('batches', batches),
      flag('weights', weights),
      flag('activity', activity),
    ),
  );
}

/**
 * A log of comma-separated values (RFC 4180): a line of names, then one row per epoch, or per batch with `batches: true`, or per trial, step or call of
 * `values`. All rows have the columns of the first one; an entry with other columns throws an error.
 *
 * @example
 * ```ts
 * await using logs = log.csv('history.csv');
 * await model.fit(train, { epochs: 10, loss: loss.crossEntropyRate(), callbacks: logs });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function csv(path: string, options: TextLogOptions = {}): Log {
  const { append = false, batches = false } = checkOptions('log.csv', options, ['append', 'batches']);
  return new Log(
    new CommaSeparated(filePath('path', path), flag('append', append), flag('batches', batches)),
  );
}

/**
 * A log of one JSON object per line, of batches, epochs, progress, trials and values: `{"kind":"epoch","step":1,"time":"…","epoch":1,"loss":0.3,…}`. Numbers
 * that are not finite are the texts `NaN`, `Infinity` and `-Infinity`.
 *
 * @example
 * ```ts
 * await using logs = log.jsonl('history.jsonl');
 * await simulate(network, { duration: 1000, onProgress: logs.onProgress });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export function jsonl(path: string, options: JsonLogOptions = {}): Log {
  const {
    append = false,
    batches = true,
    weights = false,
    activity = false,
  } = checkOptions('log.jsonl', options, ['append', 'batches', 'weights', 'activity']);
  return new Log(
    new JsonLines(
      filePath('path', path),
      flag('append', append),
      flag('batches', batches),
      flag('weights', weights),
      flag('activity', activity),
    ),
  );
}
