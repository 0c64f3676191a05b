/** Columns of a table of trials: typed arrays, and beside each which rows have a value. */

/** What every column has. */
export interface ColumnBase {
  /** The path of the value in a trial's record: `number`, `parameters.lr`, `values.0`, `user.note`. */
  readonly name: string;
  readonly length: number;
  /** 1 where the trial has a value, 0 where it has none: a conditional parameter that was not asked for, the value of a failed trial. */
  readonly present: Uint8Array;
}

/** Numbers. NaN in a row that is present is what was measured; rows that are absent hold NaN, too. */
export interface NumberColumn extends ColumnBase {
  /** `integer` where the column holds whole numbers only, `time` where it is milliseconds since 1970. */
  readonly kind: 'number' | 'integer' | 'time';
  readonly values: Float64Array;
}

/** True (1) and false (0). */
export interface FlagColumn extends ColumnBase {
  readonly kind: 'flag';
  readonly values: Uint8Array;
}

/** Texts, each distinct one kept once; `json` where the texts are JSON of values of another or of several types. */
export interface TextColumn extends ColumnBase {
  readonly kind: 'text' | 'json';
  /** The place of the row's text in `categories`; 0 in rows that are absent. */
  readonly codes: Uint32Array;
  /** In the order in which they first occur. */
  readonly categories: readonly string[];
}

/** A column of a {@link TrialTable}. */
export type Column = NumberColumn | FlagColumn | TextColumn;

/** The value of one row, `undefined` where it is absent. */
export function cell(column: Column, row: number): number | boolean | string | undefined {
  if (column.present[row] !== 1) return undefined;
  if ('codes' in column) return column.categories[column.codes[row]!];
  return column.kind === 'flag' ? column.values[row] === 1 : column.values[row];
}

/** The column of these values, of the narrowest kind that holds all of them; `undefined` is absent. */
export function columnOf(name: string, values: readonly unknown[], kind?: Column['kind']): Column {
  const present = Uint8Array.from(values, (value) => Number(value !== undefined));
  const base = { name, length: values.length, present };
  const wanted = kind ?? kindOf(values);
  if (wanted === 'flag')
    return { ...base, kind: wanted, values: Uint8Array.from(values, (value) => Number(value === true)) };
  if (wanted === 'text' || wanted === 'json') {
    const texts =
      wanted === 'text' ? values : values.map((value) => (value === undefined ? undefined : jsonOf(value)));
    return { ...base, kind: wanted, ...coded(texts as (string | undefined)[]) };
  }
  const numbers = Float64Array.from(values, (value) =>
    value === undefined ? Number.NaN : (value as number),
  );
  return { ...base, kind: wanted, values: numbers };
}

/** The rows of a column at these places, in their order. */
export function taken(column: Column, rows: Uint32Array): Column {
  const base = { name: column.name, length: rows.length, present: at(column.present, rows) };
  if ('codes' in column)
    return { ...base, kind: column.kind, codes: at(column.codes, rows), categories: column.categories };
  if (column.kind === 'flag') return { ...base, kind: column.kind, values: at(column.values, rows) };
  return { ...base, kind: column.kind, values: at(column.values, rows) };
}

/** JSON has no word for NaN and the infinities: they are texts. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_key, item) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  );
}

function at<A extends Uint8Array | Uint32Array | Float64Array>(array: A, rows: Uint32Array): A {
  const picked = new (array.constructor as new (length: number) => A)(rows.length);
  rows.forEach((row, i) => {
    picked[i] = array[row]!;
  });
  return picked;
}

function kindOf(values: readonly unknown[]): Column['kind'] {
  const given = values.filter((value) => value !== undefined);
  const all = (type: string) => given.every((value) => typeof value === type);
  if (all('number')) return given.every(Number.isSafeInteger) && given.length > 0 ? 'integer' : 'number';
  if (all('boolean')) return 'flag';
  return all('string') ? 'text' : 'json';
}

function coded(texts: readonly (string | undefined)[]): Pick<TextColumn, 'codes' | 'categories'> {
  const places = new Map<string, number>();
  const codes = Uint32Array.from(texts, (text) => {
    if (text === undefined) return 0;
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  });
  return { codes, categories: [...places.keys()] };
}
