/** Trials as a table: one row per trial, one typed column for each field of the records. */
import { callback, invalid, oneOf, unknownName } from '../../checks/check.ts';
import type { TrialRecord } from '../search/trials.ts';
import {
  type Column,
  cell,
  columnOf,
  type FlagColumn,
  type NumberColumn,
  numberColumn,
  type TextColumn,
  taken,
  textColumn,
} from './columns.ts';

/** The columns of every table. */
export interface FixedColumns {
  number: NumberColumn;
  state: TextColumn;
  attempts: NumberColumn;
  seed: NumberColumn;
  worker: TextColumn;
  started: NumberColumn;
  ended: NumberColumn;
  seconds: NumberColumn;
  lastStep: NumberColumn;
  'error.code': TextColumn;
  'error.message': TextColumn;
}

/** The kind of column for values of a type. */
export type ColumnOf<V> = [Exclude<V, undefined>] extends [number]
  ? NumberColumn
  : [Exclude<V, undefined>] extends [boolean]
    ? FlagColumn
    : [Exclude<V, undefined>] extends [string]
      ? TextColumn
      : Column;

/** The kind of the column of this name, in a table of trials with parameters `P`. */
export type ColumnAt<N extends string, P> = N extends keyof FixedColumns
  ? FixedColumns[N]
  : N extends `values.${string}`
    ? NumberColumn
    : N extends `parameters.${infer K}`
      ? K extends keyof P
        ? ColumnOf<P[K]>
        : Column
      : Column;

/**
 * The description of a parameter before any trial has run: its column exists, with the right kind, even if it is empty.
 */
export interface ParameterColumn {
  /** The path within `parameters`: `lr`, `layers[0].width`. */
  readonly name: string;
  readonly kind?: Column['kind'];
}

/** The leaf values within a value, with their paths; values for which `whole` is true are not split. */
function* leaves(
  path: string,
  value: unknown,
  whole: (path: string, value: object) => boolean,
): Generator<[string, unknown]> {
  if (value === undefined) return;
  if (typeof value !== 'object' || value === null || whole(path, value)) yield [path, value];
  else if (Array.isArray(value)) {
    yield [`${path}.length`, value.length];
    for (const [i, item] of value.entries()) yield* leaves(`${path}[${i}]`, item, whole);
  } else for (const [key, item] of Object.entries(value)) yield* leaves(`${path}.${key}`, item, whole);
}

/**
 * Trials as columns. Rows are in the order of the trials' numbers; `sort` changes it. A table is immutable: `filter`
 * and `sort` return a new one.
 *
 * Columns, by the path of the value in a {@link TrialRecord}: `number`, `state`, `values.0` …, `parameters.NAME` … (parts of lists and objects
 * as `layers[0].width`), `seconds` (duration of the last attempt), `started` and `ended` (ms since 1970), `attempts`, `seed`, `worker`, `lastStep` (of the
 * last report), `error.code`, `error.message`, `user.NAME` …
 *
 * @typeParam P - the parameters as the objective receives them; they determine the kinds of their columns
 */
export class TrialTable<P = Readonly<Record<string, unknown>>> {
  /** The record of each row. */
  readonly trials: readonly TrialRecord[];
  readonly columns: readonly Column[];
  readonly #byName: ReadonlyMap<string, Column>;

  /** @internal */
  constructor(trials: readonly TrialRecord[], columns: readonly Column[]) {
    this.trials = trials;
    this.columns = columns;
    this.#byName = new Map(columns.map((column) => [column.name, column]));
  }

  /** Number of rows. */
  get length(): number {
    return this.trials.length;
  }

  /** The names of the columns, in order. */
  get names(): string[] {
    return this.columns.map(({ name }) => name);
  }

  /**
   * Returns a column.
   *
   * @throws LapicqueError `unknown-name`
   */
  column<N extends string>(name: N): ColumnAt<N, P> {
    const found = this.#byName.get(name);
    if (found === undefined) throw unknownName('column', String(name), this.names, 40);
    return found as ColumnAt<N, P>;
  }

  /** One row as an object with the names of the columns; absent values are omitted. */
  row(i: number): Record<string, number | boolean | string> {
    const cells = this.columns.map((column) => [column.name, cell(column, i)] as const);
    return Object.fromEntries(cells.filter(([, value]) => value !== undefined)) as ReturnType<this['row']>;
  }

  /** The rows for which `keep` returns true. */
  filter(keep: (trial: TrialRecord, row: number) => boolean): TrialTable<P> {
    callback('filter', keep);
    return this.#rows(this.trials.flatMap((trial, row) => (keep(trial, row) ? [row] : [])));
  }

  /**
   * The rows sorted by a column: numbers by size, strings by their characters, false before true; absent values and NaN
   * come last in both orders. The order of equal rows does not change.
   *
   * @throws LapicqueError `unknown-name`
   */
  sort(name: string, order: 'ascending' | 'descending' = 'ascending'): TrialTable<P> {
    const sign = oneOf('order', order, ['ascending', 'descending']) === 'ascending' ? 1 : -1;
    const column: Column = this.column(name);
    const keys = Array.from({ length: this.length }, (_, row) => {
      const key = cell(column, row);
      return Number.isNaN(key) ? undefined : key;
    });
    const compare = (a: number, b: number) => {
      const [x, y] = [keys[a], keys[b]];
      if (x === undefined || y === undefined) return Number(x === undefined) - Number(y === undefined);
      return x < y ? -sign : x > y ? sign : 0;
    };
    return this.#rows(Array.from(keys.keys()).sort(compare));
  }

  #rows(indices: readonly number[]): TrialTable<P> {
    const rows = Uint32Array.from(indices);
    const columns = this.columns.map((column) => taken(column, rows));
    const trials = indices.map((index) => this.trials[index]!);
    return tableWith(trials, columns);
  }
}

/** esbuild renames a class that refers to itself inside its body, so its name is restored. */
const tableWith = <P>(trials: readonly TrialRecord[], columns: readonly Column[]) =>
  new TrialTable<P>(trials, columns);

/**
 * Makes the table of these trials.
 *
 * @param trials - in any order
 * @param parameters - those of the space, in its order; further parameters of trials follow
 */
export function tableOf<P = Readonly<Record<string, unknown>>>(
  trials: readonly TrialRecord[],
  parameters: readonly ParameterColumn[] = [],
): TrialTable<P> {
  if (!Array.isArray(trials)) invalid('trials', trials, 'a list of trials');
  if (!Array.isArray(parameters)) invalid('parameters', parameters, 'a list of { name, kind }');
  for (const [i, trial] of trials.entries())
    if (typeof trial !== 'object' || trial === null) invalid(`trials[${i}]`, trial, 'the record of a trial');
  const sorted = [...trials].sort((a, b) => a.number - b.number);
  const { length } = sorted;
  const numbers = (
    name: string,
    kind: NumberColumn['kind'],
    value: (trial: TrialRecord) => number | undefined,
  ) => numberColumn(name, kind, length, (row) => value(sorted[row]!));
  const texts = (name: string, value: (trial: TrialRecord) => string | undefined) =>
    textColumn(name, length, (row) => value(sorted[row]!));
  let objectives = 0;
  for (const { values } of sorted) if (values !== undefined) objectives = Math.max(objectives, values.length);
  const columns = [
    numbers('number', 'integer', (trial) => trial.number),
    texts('state', (trial) => trial.state),
    ...Array.from({ length: objectives }, (_, i) =>
      numbers(`values.${i}`, 'number', (trial) => trial.values?.[i]),
    ),
    ...branches('parameters', sorted, (trial) => trial.parameters, parameters),
    numbers('seconds', 'number', ({ started, ended, seconds }) =>
      ended === undefined ? undefined : (seconds ?? (ended - started) / 1000),
    ),
    numbers('started', 'time', (trial) => trial.started),
    numbers('ended', 'time', (trial) => trial.ended),
    numbers('attempts', 'integer', (trial) => trial.attempts),
    numbers('seed', 'integer', (trial) => trial.seed),
    texts('worker', (trial) => trial.worker),
    numbers('lastStep', 'integer', (trial) => trial.reports.at(-1)?.step),
    texts('error.code', (trial) => trial.error?.code),
    texts('error.message', (trial) => trial.error?.message),
    ...branches('user', sorted, (trial) => trial.user, []),
  ];
  return new TrialTable(sorted, columns);
}

/** The columns that depend on the study: parameters, values and user data. */
function branches(
  root: string,
  trials: readonly TrialRecord[],
  of: (trial: TrialRecord) => Readonly<Record<string, unknown>> | undefined,
  existing: readonly ParameterColumn[],
): Column[] {
  const kinds = new Map(existing.map(({ name, kind }) => [`${root}.${name}`, kind]));
  // A value of a choice may be a list. User data may contain a long list, which would become as many columns.
  const whole = (path: string, value: object) =>
    kinds.has(path) || (root === 'user' && Array.isArray(value)) || Object.keys(value).length === 0;
  const values = new Map<string, unknown[]>();
  const listOf = (path: string) => {
    let list = values.get(path);
    if (list === undefined) {
      list = new Array(trials.length).fill(undefined);
      values.set(path, list);
    }
    return list;
  };
  for (const path of kinds.keys()) listOf(path);
  // Most values are no objects. Their lists are found by the key, since making a path for each of 100,000 trials takes longer than all the rest.
  const plain = new Map<string, unknown[]>();
  trials.forEach((trial, row) => {
    const record = of(trial) ?? {};
    for (const key of Object.keys(record)) {
      const value = record[key];
      if (value === undefined) continue;
      if (typeof value !== 'object' || value === null) {
        let list = plain.get(key);
        if (list === undefined) {
          list = listOf(`${root}.${key}`);
          plain.set(key, list);
        }
        list[row] = value;
        continue;
      }
      for (const [path, leaf] of leaves(`${root}.${key}`, value, whole)) {
        // The length of a list matters only if the space varies it.
        if (path.endsWith('.length') && existing.length > 0 && !kinds.has(path)) continue;
        listOf(path)[row] = leaf;
      }
    }
  });
  return [...values].map(([name, list]) => columnOf(name, list, suited(list, kinds.get(name))));
}

/** The expected kind, unless a trial has a value of another type: the definition of a study may have changed. */
function suited(values: readonly unknown[], kind: Column['kind'] | undefined): Column['kind'] | undefined {
  const types = { number: 'number', integer: 'number', time: 'number', flag: 'boolean', text: 'string' };
  if (kind === undefined || kind === 'json') return kind;
  return values.every((value) => value === undefined || typeof value === types[kind]) ? kind : undefined;
}
