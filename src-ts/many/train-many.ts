/** Trains one kind of model many times with different hyper-parameters. */
import { callback, options as checkOptions, integer, invalid } from '../checks/check.ts';
import { throwIfAborted } from '../checks/errors.ts';
import { environment } from '../engine/environment.ts';
import { checkTask, unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { FitOptions, Model } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import type { Batches } from '../train/batch.ts';
import type { FitResult } from '../train/training-state.ts';
import { type AxisValues, type DesignOptions, rowsOf } from './design.ts';

/** The numbers of one row: its axes by name, its seed, and its number. */
export type TrainingRow<A extends string = string> = { readonly [K in A]: number } & {
  readonly seed: number;
  readonly row: number;
};

/** Options of {@link trainMany}. */
export interface TrainManyOptions<A extends string = string> extends TaskOptions, DesignOptions {
  /** Values by axis. Names are free; `model` and `fit` read them. */
  axes: { readonly [K in A]: AxisValues };
  /** The network of a row; it is compiled with the row's seed. */
  model: (row: TrainingRow<A>) => Network;
  /** The data of a row: a new loader, because a loader has a position. */
  data: (row: TrainingRow<A>) => Batches;
  /** How a row is trained. */
  fit: (row: TrainingRow<A>) => Omit<FitOptions, 'signal' | 'onProgress'>;
  /**
   * Rows that are trained at a time; default the number of threads of `setThreads`, which are divided among the models.
   */
  parallel?: number;
  /** Called with each trained model before it is freed, to save or use it; default nothing. */
  onModel?: (model: Model, row: TrainingRow<A>, result: FitResult) => unknown;
}

/** A row whose training failed; its columns are NaN. */
export interface FailedTraining {
  readonly row: number;
  readonly error: Error;
}

/** The result of {@link trainMany}: columns with one number per row. */
export interface TrainedRows<A extends string = string> {
  readonly rows: number;
  readonly axes: { readonly [K in A]: Float64Array };
  readonly seeds: Float64Array;
  readonly columns: {
    /** Values of the last epoch, as in the history; those of validation are NaN without `validation`. */
    readonly loss: Float64Array;
    readonly accuracy: Float64Array;
    readonly validationLoss: Float64Array;
    readonly validationAccuracy: Float64Array;
    readonly epochs: Float64Array;
    readonly bestEpoch: Float64Array;
  };
  /** Ascending. */
  readonly failed: readonly FailedTraining[];
}

const known = [
  'axes',
  'design',
  'seeds',
  'samples',
  'sampleSeed',
  'model',
  'data',
  'fit',
  'parallel',
  'onModel',
  'signal',
  'onProgress',
] as const;

const columnNames = [
  'loss',
  'accuracy',
  'validationLoss',
  'validationAccuracy',
  'epochs',
  'bestEpoch',
] as const;

/**
 * Trains a model once for each row of a sweep over hyper-parameters: learning rates, time constants, thresholds,
 * penalties, seeds. Each row is bit for bit the result of `compile` with the row's seed and `fit`. Several models are
 * trained at a time; small ones, which do not benefit from several threads, have one thread each.
 *
 * @example
 * ```ts
 * const sweep = await trainMany({
 *   axes: { lr: [1e-3, 3e-3, 1e-2], beta: [0.8, 0.9] },
 *   seeds: [1, 2, 3],
 *   model: ({ beta }) => sequential(dense(64, 50), lif({ beta }), dense(50, 10), li({ beta })),
 *   data: ({ seed }) => new DataLoader(digits, { batchSize: 32, shuffle: true, seed }),
 *   fit: ({ lr }) => ({ epochs: 3, loss: loss.crossEntropyRate(), optimizer: adam({ lr }) }),
 * });
 * const best = sweep.columns.accuracy.indexOf(Math.max(...sweep.columns.accuracy));
 * ```
 * @param options - `onProgress` receives the number of finished rows
 * @returns columns with one number per row; failed rows are listed in `failed`, and the others continue
 * @throws LapicqueError `invalid-parameter`, `unknown-name` for options, `aborted`; the first error if all rows failed
 */
export async function trainMany<const A extends string = never>(
  options: TrainManyOptions<A>,
): Promise<TrainedRows<A>> {
  if (options === undefined) invalid('options', options, 'an object with axes, model, data and fit');
  const checked = checkOptions<TrainManyOptions<A>>('trainMany', options, known);
  const { signal, onProgress } = checkTask(checked);
  for (const name of ['model', 'data', 'fit'] as const) callback(name, checked[name] as never);
  if (checked.onModel !== undefined) callback('onModel', checked.onModel);
  const names = Object.keys(checked.axes ?? {}) as A[];
  const taken = names.find((name) => ['seed', 'row'].includes(name));
  if (taken !== undefined) invalid('axes', taken, 'another name, because each row has its own seed and row');
  const rows = rowsOf(checked.axes, checked);
  const { threads } = environment();
  const parallel = Math.min(
    rows.count,
    integer('parallel', checked.parallel ?? threads, { min: 1, max: 1024 }),
  );
  const own = Math.max(1, Math.floor(threads / Math.max(1, parallel)));
  const columns = Object.fromEntries(
    columnNames.map((name) => [name, new Float64Array(rows.count).fill(Number.NaN)]),
  ) as { -readonly [K in keyof TrainedRows['columns']]: Float64Array };
  const failed: FailedTraining[] = [];
  let [next, done] = [0, 0];

  const trained = async (row: number): Promise<void> => {
    const values = names.map((name, i): [string, number] => [name, rows.values[i]![row]!]);
    const of = Object.freeze({
      ...Object.fromEntries(values),
      seed: rows.seeds[row]!,
      row,
    }) as TrainingRow<A>;
    const network = checked.model(of);
    if (typeof network?.compile !== 'function') invalid('model', network, 'a network, such as sequential(…)');
    const model = await network.compile({ seed: of.seed, signal });
    try {
      unwrap(model.native.setThreads(own));
      const result = await model.fit(checked.data(of), { ...checked.fit(of), signal });
      const last = result.history.at(-1)!;
      columns.loss[row] = last.loss;
      columns.accuracy[row] = last.accuracy;
      columns.validationLoss[row] = last.validationLoss ?? Number.NaN;
      columns.validationAccuracy[row] = last.validationAccuracy ?? Number.NaN;
      columns.epochs[row] = result.history.length;
      columns.bestEpoch[row] = result.bestEpoch;
      await checked.onModel?.(model, of, result);
    } finally {
      model.dispose();
    }
  };
  const worker = async (): Promise<void> => {
    while (next < rows.count) {
      const row = next++;
      throwIfAborted(signal);
      try {
        await trained(row);
      } catch (error) {
        throwIfAborted(signal);
        failed.push({ row, error: error instanceof Error ? error : new Error(String(error)) });
      }
      done += 1;
      onProgress?.({ done, total: rows.count });
    }
  };
  const workers = Array.from({ length: parallel }, () =>
    worker().catch((error: unknown) => {
      // The other workers start no further row.
      next = rows.count;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
  failed.sort((a, b) => a.row - b.row);
  if (failed.length === rows.count) throw failed[0]!.error;
  return Object.freeze({
    rows: rows.count,
    axes: Object.freeze(Object.fromEntries(names.map((name, i) => [name, rows.values[i]!]))) as never,
    seeds: rows.seeds,
    columns: Object.freeze(columns),
    failed: Object.freeze(failed),
  });
}
