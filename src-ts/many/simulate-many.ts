/** One network, simulated many times with other parameters and seeds. */
import { options as checkOptions, flag, integer, invalid, oneOf } from '../checks/check.ts';
import { fromNative, type LapicqueError } from '../checks/errors.ts';
import { forEngine } from '../circuit/for-engine.ts';
import type { Circuit } from '../circuit/network.ts';
import { dtOf, stepsOf } from '../circuit/steps.ts';
import type { Precision } from '../description/description.ts';
import { ofDescription } from '../description/description-error.ts';
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { resolved } from './axes.ts';
import { type AxisValues, type Design, type DesignOptions, rowsOf } from './design.ts';
import { type SweepStatistic, statisticsOf } from './statistics.ts';

/** What {@link simulateMany} is told. */
export interface SimulateManyOptions<A extends string = string> extends TaskOptions, DesignOptions {
  /**
   * Values by axis. An axis is a number of the network: the name of an element, a dot, and the name of the number.
   * - Of a population: a parameter of its neurons (`'E.tauMem'`), its `size`, a state at the start (`'E.initial.v'`).
   * - Of a connection: `weight`, `delay`, a number of its rule (`count`, `p`, `mean`), a parameter of its synapse model. It goes by its
   *   `name`, which several may share that change together; without one by what it connects: `'E>I.weight'`, or short `'EI.weight'`.
   * - Of an input: `rate` and `weight` of `poisson`, `mean` and `sd` of `noise`, `current` of `currentSource`, by its `name`.
   *
   * Where the network has a distribution, the axis takes its place, or is one of its numbers: `'EE.weight.mean'`.
   */
  axes: { readonly [K in A]: AxisValues };
  /**
   * `'grid'` (default): every combination of values and seeds, the first axis changing last and the seed first; `'zip'`: row `i` has the
   * values and the seed number `i`; `'sample'`: `samples` rows, each with values drawn from the axes' distributions and lists.
   */
  design?: Design;
  /** Seeds of wiring, initial values and noise: one for all rows (default 0), or a list. */
  seeds?: number | readonly number[] | Float64Array;
  /** Rows of the design `'sample'`. */
  samples?: number;
  /** Decides what that design draws; default 0. */
  sampleSeed?: number;
  /** What is measured of each row; default `['rate']`. */
  measure?: readonly SweepStatistic[];
  /** What is measured of each row in ms, a whole number of steps. */
  duration: number;
  /** How long each row is simulated before, in ms; default 0. */
  transient?: number;
  /** Time step in ms; default that of the network, or 0.1. */
  dt?: number;
  /** As `compile` takes it; default `'f32'`. */
  precision?: Precision;
  /** Threads; each computes one row at a time; default those of `setThreads`. Results do not depend on it. */
  threads?: number;
  /** Whether the spikes of each row are kept; default false. */
  spikes?: boolean;
}

/** A row that failed; its columns are NaN. */
export interface FailedRow {
  readonly row: number;
  readonly error: LapicqueError;
}

/** Spikes of one row. */
export interface RowSpikes {
  /** In ms, ascending, counted from the start of the simulation. */
  readonly times: Float64Array;
  /** Neurons as a recording numbers them. */
  readonly ids: Uint32Array;
}

/** What {@link simulateMany} gives: columns of one number a row. */
export class SimulatedRows<A extends string = string> {
  readonly rows: number;
  /** The value of each axis in each row. */
  readonly axes: { readonly [K in A]: Float64Array };
  readonly seeds: Float64Array;
  /** By `population.statistic`, such as `E.rate`, and the names of recorded means; NaN in rows that failed. */
  readonly columns: Readonly<Record<string, Float64Array>>;
  /** Ascending. */
  readonly failed: readonly FailedRow[];
  /** How many rows ran at a time: as many as there are threads, fewer if memory is short. */
  readonly atATime: number;
  readonly #spikes: { offsets: Float64Array; times: Float64Array; ids: Uint32Array } | undefined;

  /** @internal */
  constructor(
    made: Pick<SimulatedRows<A>, 'rows' | 'axes' | 'seeds' | 'columns' | 'failed' | 'atATime'>,
    spikes: { offsets: Float64Array; times: Float64Array; ids: Uint32Array } | undefined,
  ) {
    this.rows = made.rows;
    this.axes = made.axes;
    this.seeds = made.seeds;
    this.columns = made.columns;
    this.failed = made.failed;
    this.atATime = made.atATime;
    this.#spikes = spikes;
    Object.freeze(this);
  }

  /**
   * The spikes of a row; none of one that failed.
   *
   * @throws LapicqueError `invalid-parameter` for another row, and where `spikes: true` was not asked for
   */
  spikesOf(row: number): RowSpikes {
    integer('row', row, { min: 0, max: this.rows - 1 });
    if (this.#spikes === undefined) return invalid('spikesOf', row, 'a sweep with { spikes: true }');
    const { offsets, times, ids } = this.#spikes;
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    return { times: times.slice(from, to), ids: ids.slice(from, to) };
  }

  /** The rows as objects: axes, `seed` and columns by name. A row that failed has `error`, the message of what was wrong. */
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
 * Simulates a network once for each row of a sweep: other parameters, other seeds, everything else the same. Row by row it gives, bit for
 * bit, what `compile` with the row's seed and `run` of a network with the row's numbers give; the seed of a row decides its wiring, too.
 *
 * The network is described and checked once, and all rows run in one call of the engine, each on a thread of its own. Rows with the same
 * parameters share their neurons, rows with the same seed their synapses where no axis changes these. Statistics are computed in the
 * engine, so that no spike crosses to JavaScript.
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
 * @returns columns of one number a row; rows that failed, such as those that became infinite, are told in `failed`, and the others go on
 * @throws LapicqueError `unknown-name` for axes that the network does not have, `invalid-parameter` for options, and where no row can be
 * built; `too-large` before anything is built where memory does not hold one row; `aborted`
 */
export async function simulateMany<const A extends string = never>(
  network: Circuit,
  options: SimulateManyOptions<A>,
): Promise<SimulatedRows<A>> {
  if (typeof network?.compile !== 'function' || typeof network.description !== 'object')
    invalid('network', network, 'a result of network(…); of a built-in network, networks.brunel().network');
  if (options === undefined) invalid('options', options, 'an object with axes and duration');
  const given = checkOptions<SimulateManyOptions<A>>('simulateMany', options, known);
  const { description } = network;
  const dt = dtOf(given.dt ?? description.dt);
  const steps = stepsOf(given.duration, dt, 'duration', 1);
  const transient = stepsOf(given.transient ?? 0, dt, 'transient');
  const precision = oneOf('precision', given.precision ?? 'f32', ['f32', 'f64']);
  const threads = given.threads === undefined ? undefined : integer('threads', given.threads, { min: 1 });
  const spikes = given.spikes === undefined ? false : flag('spikes', given.spikes);
  const names = Object.keys(given.axes ?? {}) as A[];
  const rows = rowsOf(given.axes, given);
  const { record } = description;
  const statistics = statisticsOf(given.measure ?? ['rate'], record, given.duration);
  const measured = (name: string) => statistics.some((of) => (of as { measure: string }).measure === name);
  const means = measured('means') ? (record?.means ?? []) : [];
  const fields = measured('lfp') ? (record?.fields ?? []) : [];
  // Nobody sees traces and weights.
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
  const table = await task(given, (handle) =>
    addon.simulateMany(json, lists, precision, sweep, values, rows.seeds, threads, handle),
  ).catch((error: unknown) => {
    throw ofDescription(error, json);
  });
  const failed = (table.failed as { row: number; error: unknown }[]).map(({ row, error }) =>
    Object.freeze({ row, error: fromNative(error) }),
  );
  const made = {
    rows: rows.count,
    axes: Object.freeze(Object.fromEntries(names.map((name, i) => [name, rows.values[i]!]))) as never,
    seeds: rows.seeds,
    columns: Object.freeze(Object.fromEntries(table.columns.map(({ name, values }) => [name, values]))),
    failed: Object.freeze(failed),
    atATime: table.atATime,
  };
  return new SimulatedRows<A>(made, table.spikes);
}
