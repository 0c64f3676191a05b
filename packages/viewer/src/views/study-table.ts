/** The trials of a study on the page, as columns of numbers. */
import { type PackedArray, unpack } from '../parts/packed.ts';
import type { ViewSource } from '../view.ts';

/** A column. */
export interface TrialColumn {
  readonly name: string;
  kind: 'number' | 'integer' | 'time' | 'flag' | 'text';
  /** NaN where a trial has no value; for texts and flags indices of `categories`. */
  values: Float64Array;
  /** Of texts and flags. */
  categories: string[] | undefined;
}

interface Chunk {
  readonly from: number;
  readonly rows: number;
  readonly total: number;
  /** One that has no value in these rows has no array. */
  readonly columns: readonly {
    readonly name: string;
    readonly kind: TrialColumn['kind'] | 'json';
    readonly categories: readonly string[] | null;
  }[];
}

/** Rows of a request. */
const rowsPerRequest = 20_000;

const none = new Float64Array();

/** Minimum time in ms between two drawings while rows arrive, because drawing takes as long as fetching some. */
const redrawInterval = 500;

export class StudyTable {
  readonly columns = new Map<string, TrialColumn>();
  length = 0;
  readonly #source: ViewSource;
  readonly #changed: () => void;
  readonly #failed: (error: unknown) => void;
  readonly #stop: () => void;
  /** The row from which on rows are to be fetched. */
  #from: number | undefined;
  #fetching = false;
  #capacity = 0;
  readonly #codes = new Map<string, Map<string, number>>();
  /** The last order of {@link sorted}, until rows change. */
  #order: { readonly name: string; readonly descending: boolean; readonly rows: Uint32Array } | undefined;
  /** Names of the columns that have a value. */
  readonly #filled = new Set<string>();

  /** @param changed - called while the first rows arrive and after every change */
  constructor(source: ViewSource, changed: () => void, failed: (error: unknown) => void) {
    this.#source = source;
    this.#changed = changed;
    this.#failed = failed;
    this.#stop = source.follow('trials', (event) => {
      const { from } = event as { from: number };
      this.#from = Math.min(this.#from ?? from, from, this.length);
      void this.#fetch();
    });
  }

  destroy(): void {
    this.#stop();
  }

  /** The text of a cell, empty without a value. */
  text(column: TrialColumn, row: number): string {
    const value = column.values[row]!;
    if (Number.isNaN(value)) return '';
    if (column.categories !== undefined) return column.categories[value] ?? '';
    if (column.kind === 'time') return new Date(value).toISOString().replace('T', ' ').slice(0, 19);
    return column.kind === 'integer' ? String(value) : String(Number(value.toPrecision(6)));
  }

  /** The rows in the order of a column; those without a value come last. */
  sorted(name: string, descending: boolean): Uint32Array {
    const known = this.#order;
    if (known?.name === name && known.descending === descending) return known.rows;
    const rows = this.#sorted(name, descending);
    this.#order = { name, descending, rows };
    return rows;
  }

  #sorted(name: string, descending: boolean): Uint32Array {
    const rows = Uint32Array.from({ length: this.length }, (_, i) => i);
    const column = this.columns.get(name);
    if (column === undefined) return rows;
    const { values, categories } = column;
    let keys = values;
    if (categories !== undefined) {
      const order = [...categories.keys()].sort((a, b) => (categories[a]! < categories[b]! ? -1 : 1));
      const rank = new Float64Array(categories.length);
      order.forEach((code, position) => {
        rank[code] = position;
      });
      keys = values.map((code) => rank[code] ?? Number.NaN);
    }
    const sign = descending ? -1 : 1;
    // Rows come by number.
    if (isSorted(keys, this.length, sign)) return rows;
    return rows.sort((a, b) => {
      const [x, y] = [keys[a]!, keys[b]!];
      if (x === y) return a - b;
      if (Number.isNaN(x) || Number.isNaN(y))
        return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
      return sign * (x - y);
    });
  }

  async #fetch(): Promise<void> {
    if (this.#fetching) return;
    this.#fetching = true;
    try {
      while (this.#from !== undefined) {
        const from = this.#from;
        this.#from = undefined;
        await this.#rows(from);
        this.#changed();
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#fetching = false;
    }
  }

  async #rows(first: number): Promise<void> {
    const fetched = (from: number) => this.#source.bytes(`rows?from=${from}&count=${rowsPerRequest}`);
    let next = fetched(first);
    let lastDrawn = performance.now();
    for (let from = first; ; from += rowsPerRequest) {
      const { meta, arrays } = unpack<Chunk>(await next);
      // The server makes the next rows while the page takes these.
      if (from + rowsPerRequest < meta.total) next = fetched(from + rowsPerRequest);
      this.#grow(meta.total);
      this.length = Math.min(meta.from + meta.rows, meta.total);
      this.#order = undefined;
      const seen = new Set<string>();
      meta.columns.forEach(({ name, kind, categories }, i) => {
        seen.add(name);
        const texts = kind === 'flag' ? ['false', 'true'] : categories;
        const values = arrays[String(i)] ?? none;
        this.#set(name, kind === 'json' ? 'text' : kind, meta.from, meta.rows, values, texts ?? undefined);
      });
      // Columns that these rows do not have.
      for (const [name, { values }] of this.columns)
        if (!seen.has(name)) values.fill(Number.NaN, meta.from, meta.from + meta.rows);
      if (this.length >= meta.total) return;
      if (performance.now() - lastDrawn < redrawInterval) continue;
      lastDrawn = performance.now();
      this.#changed();
    }
  }

  #grow(rows: number): void {
    if (rows <= this.#capacity) return;
    this.#capacity = Math.max(rows, Math.ceil(this.#capacity * 1.5));
    for (const column of this.columns.values()) {
      const values = new Float64Array(this.#capacity).fill(Number.NaN);
      values.set(column.values.subarray(0, this.length));
      column.values = values;
    }
  }

  /** @param values - none, or one for each row: numbers; of texts and flags 0 where there is none, and 1 + the index of the category */
  #set(
    name: string,
    kind: TrialColumn['kind'],
    from: number,
    rows: number,
    values: PackedArray,
    categories: readonly string[] | undefined,
  ): void {
    let column = this.columns.get(name);
    if (column === undefined) {
      const empty = new Float64Array(this.#capacity).fill(Number.NaN);
      column = { name, kind, values: empty, categories: undefined };
      this.columns.set(name, column);
    }
    if (values.length === 0) {
      column.values.fill(Number.NaN, from, from + rows);
      return;
    }
    // Without values nothing is known of the kind.
    if (!this.#filled.has(name)) {
      this.#filled.add(name);
      column.kind = kind;
      if (categories !== undefined) column.categories = [];
    }
    // Rows of one piece may be numbers, and those of another texts.
    if (categories !== undefined && column.categories === undefined) this.#toText(column);
    const to = column.values;
    if (categories !== undefined) {
      const codes = [Number.NaN, ...categories.map((text) => this.#code(column, text))];
      for (let i = 0; i < values.length; i++) to[from + i] = codes[values[i]!]!;
    } else if (column.categories !== undefined) {
      for (let i = 0; i < values.length; i++) {
        const value = values[i]!;
        to[from + i] = Number.isNaN(value) ? value : this.#code(column, String(value));
      }
    } else {
      to.set(values, from);
      if (column.kind === 'integer') column.kind = kind;
    }
  }

  #toText(column: TrialColumn): void {
    const before = column.values;
    column.kind = 'text';
    column.categories = [];
    column.values = before.map((value) => (Number.isNaN(value) ? value : this.#code(column, String(value))));
  }

  #code(column: TrialColumn, text: string): number {
    const codes = this.#codes.get(column.name) ?? new Map<string, number>();
    this.#codes.set(column.name, codes);
    let code = codes.get(text);
    if (code === undefined) {
      code = codes.size;
      codes.set(text, code);
      column.categories!.push(text);
    }
    return code;
  }
}

function isSorted(keys: Float64Array, length: number, sign: number): boolean {
  for (let i = 0; i < length; i++)
    if (Number.isNaN(keys[i]!) || sign * keys[i]! < sign * keys[i - 1]!) return false;
  return true;
}
