/** A bounded, even choice among events whose number is not known before the last one. */

/**
 * Keeps every n-th of the events that are added, n being the smallest power of two with which at most `max` are kept. The choice depends on the order of
 * the events alone, and memory does not grow with their number.
 */
export class EventSample {
  /** µs from `origin`. */
  readonly t: Float32Array;
  readonly x: Uint16Array;
  readonly y: Uint16Array;
  readonly polarity: Uint8Array;
  readonly #origin: number;
  #length = 0;
  #every = 1;
  #added = 0;

  constructor(max: number, origin: number) {
    this.t = new Float32Array(max);
    this.x = new Uint16Array(max);
    this.y = new Uint16Array(max);
    this.polarity = new Uint8Array(max);
    this.#origin = origin;
  }

  /** Events that are kept. */
  get length(): number {
    return this.#length;
  }

  /** One of this many events is kept. */
  get every(): number {
    return this.#every;
  }

  /** Events added so far. */
  get added(): number {
    return this.#added;
  }

  add(t: number, x: number, y: number, polarity: number): void {
    const number = this.#added++;
    if (number % this.#every !== 0) return;
    if (this.#length === this.t.length) {
      this.#halve();
      // Where an odd number was kept, the new distance does not lead to this event.
      if (number % this.#every !== 0) return;
    }
    const at = this.#length++;
    this.t[at] = t - this.#origin;
    this.x[at] = x;
    this.y[at] = y;
    this.polarity[at] = polarity;
  }

  #halve(): void {
    const kept = Math.ceil(this.#length / 2);
    for (const column of [this.t, this.x, this.y, this.polarity])
      for (let i = 1; i < kept; i++) column[i] = column[2 * i]!;
    this.#length = kept;
    this.#every *= 2;
  }
}
