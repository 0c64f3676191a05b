/** Simulates one network many times with different parameters and seeds. */
import { options as checkOptions, flag, integer, invalid, oneOf } from '../checks/check.ts';
import { fromNative, type LapicqueError } from '../checks/errors.ts';
import type { Circuit } from '../circuit/circuit.ts';
import { forEngine } from '../circuit/for-engine.ts';
import { dtOf, stepsOf } from '../circuit/steps.ts';
import type { Precision } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { resolved } from './axes.ts';
import { type AxisValues, type DesignOptions, rowsOf } from './design.ts';
import { type SweepStatistic, statisticsOf } from './statistics.ts';

/** Options of {@link simulateMany}. */
export interface SimulateManyOptions<A extends string = string> extends TaskOptions, DesignOptions {
  /**
   * Values by axis. The name of an axis is the name of an element of the network, a dot, and the name of a number.
   * - For a population: a parameter of its neurons (`'E.tauMem'`), its `size`, an initial state (`'E.initial.v'`).
   * - For a connection: `weight`, `delay`, a number of its rule (`count`, `p`, `mean`), a parameter of its synapse
   *   model. The connection is named by its `name`; several with the same name change together. Without a name, by its
   *   ends: `'E>I.weight'`, or short `'EI.weight'`.
   * - For an input: `rate` and `weight` of `poisson`, `mean` and `sd` of `noise`, `current` of `currentSource`, by its
   *   `name`; several with the same name change together.
   *
   * If the network has a distribution, the axis replaces it, or is one of its numbers: `'EE.weight.mean'`.
   */
  axes: { readonly [K in A]: AxisValues };
  /** The statistics of each row; default `['rate']`. */
  measure?: readonly SweepStatistic[];
  /** Measured time of each row in ms, an integer number of steps. */
  duration: number;
  /** Time that each row is simulated before, in ms; default 0. */
  transient?: number;
  /** Time step in ms; default that of the network, or 0.1. */
  dt?: number;
  /** As in `compile`; default `'f32'`. */
  precision?: Precision;
  /**
   * Number of threads, each of which computes one row at a time; default: the number set by `setThreads`. Results do not depend on
   * it.
   */
  threads?: number;
  /** Whether the spikes of each row are recorded; default false. */
  spikes?: boolean;
}

/** A row that failed; its columns are NaN. */
export interface FailedRow {
  readonly row: number;
  readonly error: LapicqueError;
}

/** Spikes of one row. */
export interface RowSpikes {
  /** In ms, ascending, from the start of the simulation. */
  readonly times: Float64Array;
  /** Neurons, numbered as in a recording. */
  readonly ids: Uint32Array;
}

/** The result of {@link simulateMany}: columns with one number per row. */
export class SimulatedRows<A extends string = string> {
  readonly rows: number;
  /** The value of each axis in each row. */
  readonly axes: { readonly [K in A]: Float64Array };
  readonly seeds: Float64Array;
  /** By `population.statistic`, such as `E.rate`, and by the names of recorded means; NaN in failed rows. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** Ascending. */
  readonly failed: readonly FailedRow[];
  /** Number of rows that ran at a time: the number of threads, or fewer if memory is short. */
  readonly atATime: number;
  readonly #spikes: { offsets: Float64Array; times: Float64Array; ids: Uint32Array } | undefined;

  /** @internal */
  constructor(
    content: Pick<SimulatedRows<A>, 'rows' | 'axes' | 'seeds' | 'columns' | 'failed' | 'atATime'>,
    spikes: { offsets: Float64Array; times: Float64Array; ids: Uint32Array } | undefined,
  ) {
    this.rows = content.rows;
    this.axes = content.axes;
    this.seeds = content.seeds;
    this.columns = content.columns;
    this.failed = content.failed;
    this.atATime = content.atATime;
    this.#spikes = spikes;
    Object.freeze(this);
  }

  /**
   * The spikes of a row; empty for a failed one.
   *
   * @throws LapicqueError `invalid-parameter` for a row that does not exist, or if `spikes: true` was not set
   */
  spikesOf(row: number): RowSpikes {
    integer('row', row, { min: 0, max: this.rows - 1 });
    if (this.#spikes === undefined) return invalid('spikesOf', row, 'a sweep with { spikes: true }');
    const { offsets, times, ids } = this.#spikes;
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    return { times: times.slice(from, to), ids: ids.slice(from, to) };
  }

  /** The rows as objects: axes, `seed` and columns by name. A failed row has `error`, the error message. */
  toJSON(): Record<string, number | string>[] {
    const errors = new Map(this.failed.map(({ row, error }) => [row, error.message]));
    const lists = [...Object.entries<Float64Array>(this.axes), ['seed', this.seeds] as const];
    lists.push(...Object.entries(this.columns));
    return Array.from({ length: this.rows }, (_, row) => ({
      ...Object.fromEntries(lists.map(([name, list]) => [name, list[row]!])),
      ...(errors.has(row) ? { error: errors.get(row)! } : {}),
    }));
  }
}

const known = [
  'axes',
  'design',
  'seeds',
  'samples',
  'sampleSeed',
  'measure',
  'duration',
  'transient',
  'dt',
  'precision',
  'threads',
  'spikes',
  'signal',
  'onProgress',
] as const;

/**
 * Simulates a network once for each row of a sweep: with the row's parameters and seed, everything else equal. Each row
 * is bit for bit the result of `compile` with the row's seed and `run`, for a network with the row's numbers. The seed
 * of a row also determines its wiring.
 *
 * The network is described and checked once, and all rows run in one call of the engine, each on one thread. Rows with
 * the same parameters share their neurons; rows with the same seed share their synapses unless an axis changes them.
 * The engine computes the statistics, so no spikes are copied to JavaScript.
 *
 * @example
 * ```ts
 * const sweep = await simulateMany(balanced, {
 *   axes: { 'E.tauMem': [10, 20, 30], 'drive.rate': [6000, 8000, 10_000] },
 *   seeds: [1, 2, 3],
 *   measure: ['rate', 'cv', 'synchrony'],
 *   transient: 200,
 *   duration: 1000,
 * });
 * const { axes, seeds, columns } = sweep; // 27 rows: columns['E.rate'][i] is that of axes['E.tauMem'][i] and seeds[i]
 * ```
 * @param options - `onProgress` receives the number of finished rows; `signal` ends rows at their next step
 * @returns columns with one number per row; failed rows, for example with infinite values, are listed in `failed`, and
 * the others continue
 * @throws LapicqueError `unknown-name` for axes that the network does not have, `invalid-parameter` for options, and if
 * no row can be built; `too-large`, before anything is built, if memory cannot hold one row; `aborted`
 */
export async function simulateMany<const A extends string = never>(
  network: Circuit,
  options: SimulateManyOptions<A>,
): Promise<SimulatedRows<A>> {
  if (typeof network?.compile !== 'function' || typeof network.description !== 'object')
    invalid('circuit', network, 'a result of circuit(…); of a built-in one, circuits.brunel().circuit');
  if (options === undefined) invalid('options', options, 'an object with axes and duration');
  const checked = checkOptions<SimulateManyOptions<A>>('simulateMany', options, known);
  const { description } = network;
  const dt = dtOf(checked.dt ?? description.dt);
  const steps = stepsOf(checked.duration, dt, 'duration', 1);
  const transient = stepsOf(checked.transient ?? 0, dt, 'transient');
  const precision = oneOf('precision', checked.precision ?? 'f32', ['f32', 'f64']);
  const threads = checked.threads === undefined ? undefined : integer('threads', checked.threads, { min: 1 });
  const spikes = checked.spikes === undefined ? false : flag('spikes', checked.spikes);
  const names = Object.keys(checked.axes ?? {}) as A[];
  const rows = rowsOf(checked.axes, checked);
  const { record } = description;
  const statistics = statisticsOf(checked.measure ?? ['rate'], record, checked.duration);
  const measured = (name: string) => statistics.some((of) => (of as { measure: string }).measure === name);
  const means = measured('means') ? (record?.means ?? []) : [];
  const fields = measured('lfp') ? (record?.fields ?? []) : [];
  // Traces and weights would not be read.
  const kept = {
    ...(record?.spikes === undefined ? {} : { spikes: record.spikes }),
    ...(means.length === 0 ? {} : { means }),
    ...(fields.length === 0 ? {} : { fields }),
  };
  const { json, lists } = forEngine({ ...description, record: kept }, dt);
  const sweep = JSON.stringify({
    axes: resolved(names, description),
    statistics,
    names: { means: means.map(({ name }) => name), lfp: fields.map(({ name }) => name) },
    transient,
    steps,
    spikes,
  });
  const values = new Float64Array(rows.count * names.length);
  rows.values.forEach((column, axis) => {
    values.set(column, axis * rows.count);
  });
  const table = await task(checked, (handle) =>
    addon.simulateMany(json, lists, precision, sweep, values, rows.seeds, threads, handle),
  ).catch((error: unknown) => {
    throw ofDescription(error, json, 'circuit');
  });
  const failed = (table.failed as { row: number; error: unknown }[]).map(({ row, error }) =>
    Object.freeze({ row, error: fromNative(error) }),
  );
  const content = {
    rows: rows.count,
    axes: Object.freeze(Object.fromEntries(names.map((name, i) => [name, rows.values[i]!]))) as never,
    seeds: rows.seeds,
    columns: Object.freeze(Object.fromEntries(table.columns.map(({ name, values }) => [name, values]))),
    failed: Object.freeze(failed),
    atATime: table.atATime,
  };
  return new SimulatedRows<A>(content, table.spikes);
}
