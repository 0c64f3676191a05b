/** Tables of SONATA in text: columns parted by spaces, their names in the first line; in quotes what has spaces or quotes, these twice. */
import type { TextPieces } from '../files/text-file.ts';
import { malformed } from './json.ts';

/** One object a row, with the values of the columns that it has. */
export type Rows = readonly Readonly<Record<string, string>>[] & { readonly columns: readonly string[] };

/** About what V8 takes for a row, and for a value beside its characters. */
const [rowBytes, valueBytes] = [64, 48];

/** @throws LapicqueError `malformed-file` for a quote that does not end, `too-large`, and what reading throws */
export async function rowsOf(path: string, { pieces, allowance }: TextPieces): Promise<Rows> {
  let columns: string[] | undefined;
  const rows: Record<string, string>[] = [];
  let values: string[] = [];
  const end = (value: string) => {
    allowance.take(`${path}: its rows`, valueBytes + 2 * value.length);
    values.push(value);
  };
  const endRow = () => {
    if (columns === undefined) columns = values;
    else {
      allowance.take(`${path}: its rows`, rowBytes);
      const row: Record<string, string> = Object.create(null);
      columns.forEach((column, i) => {
        if (values[i] !== undefined) row[column] = values[i];
      });
      rows.push(row);
    }
    values = [];
  };
  const cells = new Cells(end, endRow);
  for await (const piece of pieces) {
    allowance.take(`${path}: a value`, cells.pending);
    cells.add(piece);
  }
  if (!cells.end()) throw malformed(path, 'a quote that does not end');
  return Object.assign(rows, { columns: columns ?? [] });
}

/** Cuts a text that comes in pieces into values and rows. */
class Cells {
  readonly #ended: (value: string) => void;
  readonly #endedRow: () => void;
  /** Of the value that has begun, without its quotes. */
  #value = '';
  #state: 'start' | 'plain' | 'quoted' | 'quote' = 'start';
  #isInRow = false;
  #afterReturn = false;

  constructor(ended: (value: string) => void, endedRow: () => void) {
    this.#ended = ended;
    this.#endedRow = endedRow;
  }

  /** Bytes of what has begun. */
  get pending(): number {
    return 2 * this.#value.length;
  }

  add(text: string): void {
    let from = 0;
    for (let i = 0; i < text.length; i++) {
      const character = text[i]!;
      const wasReturn = this.#afterReturn;
      this.#afterReturn = false;
      if (this.#state === 'quoted') {
        if (character !== '"') continue;
        this.#value += text.slice(from, i);
        this.#state = 'quote';
        continue;
      }
      if (this.#state === 'quote' && character === '"') {
        // Two of them are one.
        from = i;
        this.#state = 'quoted';
        continue;
      }
      if (this.#state === 'start' && character === '"') {
        from = i + 1;
        this.#state = 'quoted';
        this.#isInRow = true;
        continue;
      }
      if (character === ' ' || character === '\n' || character === '\r') {
        if (this.#state === 'plain') this.#value += text.slice(from, i);
        if (character === '\n' && wasReturn) continue;
        if (character === ' ') {
          this.#isInRow = true;
          this.#endValue();
        } else {
          this.#endRow();
          this.#afterReturn = character === '\r';
        }
        continue;
      }
      if (this.#state === 'plain') continue;
      // Of a value that goes on behind its quotes the rest is part of it.
      from = i;
      this.#state = 'plain';
      this.#isInRow = true;
    }
    if (this.#state === 'plain' || this.#state === 'quoted') this.#value += text.slice(from);
  }

  /** Whether the text ended where it may. */
  end(): boolean {
    if (this.#state === 'quoted') return false;
    if (this.#isInRow) this.#endRow();
    return true;
  }

  #endValue(): void {
    this.#ended(this.#value);
    this.#value = '';
    this.#state = 'start';
  }

  #endRow(): void {
    this.#endValue();
    this.#endedRow();
    this.#isInRow = false;
  }
}
