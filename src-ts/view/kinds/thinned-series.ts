/** A series that grows without end in constant memory. */

/** Rows of numbers; when there are too many, neighbors are merged into their mean. So the whole series stays in view, at a resolution that it allows. */
export class ThinnedSeries {
  readonly #capacity: number;
  readonly #columns: Float64Array[];
  /** Sums and counts of the row that is being collected. */
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  #collected = 0;
  /** How many values make a row. */
  stride = 1;
  /** Complete rows. */
  length = 0;

  /** @param width - numbers of a row @param capacity - even */
  constructor(width: number, capacity = 8192) {
    this.#capacity = capacity;
    this.#columns = Array.from({ length: width }, () => new Float64Array(capacity));
    this.#sums = new Float64Array(width);
    this.#counts = new Uint32Array(width);
  }

  /** Adds a row; a NaN is left out of the mean. */
  push(...row: readonly number[]): void {
    row.forEach((value, i) => {
      if (Number.isNaN(value)) return;
      this.#sums[i]! += value;
      this.#counts[i]! += 1;
    });
    this.#collected += 1;
    if (this.#collected < this.stride) return;
    this.#columns.forEach((column, i) => {
      column[this.length] = this.#sums[i]! / this.#counts[i]!;
    });
    this.length += 1;
    this.#collected = 0;
    this.#sums.fill(0);
    this.#counts.fill(0);
    if (this.length === this.#capacity) this.#halve();
  }

  /** The columns from a row on; views, which the next `push` may change. */
  columns(from = 0): Float64Array[] {
    return this.#columns.map((column) => column.subarray(Math.min(from, this.length), this.length));
  }

  #halve(): void {
    for (const column of this.#columns)
      for (let i = 0; i < this.#capacity / 2; i++) {
        const [a, b] = [column[2 * i]!, column[2 * i + 1]!];
        column[i] = Number.isNaN(a) ? b : Number.isNaN(b) ? a : (a + b) / 2;
      }
    this.length = this.#capacity / 2;
    this.stride *= 2;
  }
}
