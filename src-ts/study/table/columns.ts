/** Columns of a table of trials: typed arrays, each with a mask of the rows that have a value. */

/** Properties of every column. */
export interface ColumnBase {
  /** The path of the value in a trial's record: `number`, `parameters.lr`, `values.0`, `user.note`. */
  readonly name: string;
  readonly length: number;
  /**
   * 1 if the trial has a value, 0 if not: for example a conditional parameter that does not apply, or the value of a
   * failed trial.
   */
  readonly present: Uint8Array;
}

/** Numbers. NaN in a present row is a measured value; absent rows also contain NaN. */
export interface NumberColumn extends ColumnBase {
  /** `integer` if the column contains integers only, `time` for milliseconds since 1970. */
  readonly kind: 'number' | 'integer' | 'time';
  readonly values: Float64Array;
}

/** True (1) and false (0). */
export interface FlagColumn extends ColumnBase {
  readonly kind: 'flag';
  readonly values: Uint8Array;
}

/** Strings, each distinct one stored once; `json` if they are JSON of values of another type or of several types. */
export interface TextColumn extends ColumnBase {
  readonly kind: 'text' | 'json';
  /** The index of the row's string in `categories`; 0 in absent rows. */
  readonly codes: Uint32Array;
  /** In the order of their first occurrence. */
  readonly categories: readonly string[];
}

/** A column of a {@link TrialTable}. */
export type Column = NumberColumn | FlagColumn | TextColumn;

/** The value of one row, `undefined` if it is absent. */
export function cell(column: Column, row: number): number | boolean | string | undefined {
  if (column.present[row] !== 1) return undefined;
  if ('codes' in column) return column.categories[column.codes[row]!];
  return column.kind === 'flag' ? column.values[row] === 1 : column.values[row];
}

/** The column of these values, of the narrowest kind that holds all of them; `undefined` means absent. */
export function columnOf(name: string, values: readonly unknown[], kind?: Column['kind']): Column {
  const columnKind = kind ?? kindOf(values);
  const { length } = values;
  if (columnKind === 'flag') return flagColumn(name, values);
  if (columnKind === 'text') return textColumn(name, length, (row) => values[row] as string | undefined);
  if (columnKind !== 'json')
    return numberColumn(name, columnKind, length, (row) => values[row] as number | undefined);
  const texts = textColumn(name, length, (row) =>
    values[row] === undefined ? undefined : jsonOf(values[row]),
  );
  return { ...texts, kind: 'json' };
}

/** A column of numbers, without a list of them: a study may have 100,000 trials. */
export function numberColumn(
  name: string,
  kind: NumberColumn['kind'],
  length: number,
  at: (row: number) => number | undefined,
): NumberColumn {
  const [present, values] = [new Uint8Array(length), new Float64Array(length)];
  for (let row = 0; row < length; row++) {
    const value = at(row);
    if (value !== undefined) present[row] = 1;
    values[row] = value ?? Number.NaN;
  }
  return { name, length, present, kind, values };
}

/** A column of strings. */
export function textColumn(
  name: string,
  length: number,
  at: (row: number) => string | undefined,
): TextColumn {
  const [present, codes] = [new Uint8Array(length), new Uint32Array(length)];
  const codeOf = new Map<string, number>();
  for (let row = 0; row < length; row++) {
    const text = at(row);
    if (text === undefined) continue;
    present[row] = 1;
    const code = codeOf.get(text);
    codes[row] = code ?? codeOf.size;
    if (code === undefined) codeOf.set(text, codeOf.size);
  }
  return { name, length, present, kind: 'text', codes, categories: [...codeOf.keys()] };
}

function flagColumn(name: string, values: readonly unknown[]): FlagColumn {
  const { length } = values;
  const [present, flags] = [new Uint8Array(length), new Uint8Array(length)];
  for (let row = 0; row < length; row++) {
    if (values[row] !== undefined) present[row] = 1;
    if (values[row] === true) flags[row] = 1;
  }
  return { name, length, present, kind: 'flag', values: flags };
}

/** The rows of a column at these indices, in their order. */
export function taken(column: Column, rows: Uint32Array): Column {
  const base = { name: column.name, length: rows.length, present: at(column.present, rows) };
  if ('codes' in column)
    return { ...base, kind: column.kind, codes: at(column.codes, rows), categories: column.categories };
  if (column.kind === 'flag') return { ...base, kind: column.kind, values: at(column.values, rows) };
  return { ...base, kind: column.kind, values: at(column.values, rows) };
}

/** JSON cannot represent NaN and the infinities, so they become strings. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  );
}

function at<A extends Uint8Array | Uint32Array | Float64Array>(array: A, rows: Uint32Array): A {
  const selected = new (array.constructor as new (length: number) => A)(rows.length);
  rows.forEach((row, i) => {
    selected[i] = array[row]!;
  });
  return selected;
}

function kindOf(values: readonly unknown[]): Column['kind'] {
  const present = values.filter((value) => value !== undefined);
  const all = (type: string) => present.every((value) => typeof value === type);
  if (all('number')) return present.every(Number.isSafeInteger) && present.length > 0 ? 'integer' : 'number';
  if (all('boolean')) return 'flag';
  return all('string') ? 'text' : 'json';
}
