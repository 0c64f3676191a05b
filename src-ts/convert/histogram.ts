/** How often each channel of a layer gives which value, gathered batch by batch in one pass over the data. */

/** Bins of all channels together at most, and bins of a channel. */
const [maxBins, finest, coarsest] = [2 ** 24, 4096, 64];

/** Bins that those of several channels are put into. */
const mergedBins = 2 ** 16;

/** Counts of the values of one layer by channel. */
export class Histogram {
  readonly channels: number;
  readonly bins: number;
  /** `[channels, bins]`; bin b of a channel holds values from b to b + 1 widths. */
  readonly #counts: Float64Array;
  /** Width of a bin, by channel: doubled when a value lies beyond the last bin. */
  readonly #width: Float64Array;
  /** The largest value, by channel. */
  readonly max: Float64Array;
  /** Values that are 0 or below, by channel. */
  readonly #zeros: Float64Array;

  constructor(channels: number) {
    this.channels = channels;
    let bins = finest;
    while (bins > coarsest && bins * channels > maxBins) bins /= 2;
    this.bins = bins;
    this.#counts = new Float64Array(channels * bins);
    this.#width = new Float64Array(channels);
    this.max = new Float64Array(channels);
    this.#zeros = new Float64Array(channels);
  }

  /** Adds the values of a batch, `[batch, channels, pixels]`. */
  add(values: Float32Array | Float64Array, batch: number): void {
    const pixels = values.length / (batch * this.channels);
    for (let sample = 0, i = 0; sample < batch; sample++)
      for (let c = 0; c < this.channels; c++) for (let p = 0; p < pixels; p++, i++) this.#one(c, values[i]!);
  }

  #one(c: number, x: number): void {
    if (!(x > 0)) {
      this.#zeros[c]! += 1;
      return;
    }
    if (x > this.max[c]!) this.max[c] = x;
    if (this.#width[c] === 0) this.#width[c] = x / (this.bins / 2);
    while (x >= this.#width[c]! * this.bins) this.#coarsen(c);
    this.#counts[c * this.bins + Math.floor(x / this.#width[c]!)]! += 1;
  }

  /** Adds up neighboring bins of a channel. */
  #coarsen(c: number): void {
    const own = this.#counts.subarray(c * this.bins, (c + 1) * this.bins);
    for (let b = 0; b < this.bins / 2; b++) own[b] = own[2 * b]! + own[2 * b + 1]!;
    own.fill(0, this.bins / 2);
    this.#width[c]! *= 2;
  }

  /** Numbers of values, those that are 0 included. */
  total(c: number): number {
    return this.#zeros[c]! + this.#own(c).reduce((sum, n) => sum + n, 0);
  }

  #own(c: number): Float64Array {
    return this.#counts.subarray(c * this.bins, (c + 1) * this.bins);
  }

  /** The bins of a channel that are not empty: their middles and their counts, in ascending order. */
  filled(c: number): { readonly values: Float64Array; readonly counts: Float64Array } {
    const own = this.#own(c);
    const bins = Array.from(own.keys()).filter((b) => own[b]! > 0);
    return {
      values: Float64Array.from(bins, (b) => Math.min((b + 0.5) * this.#width[c]!, this.max[c]!)),
      counts: Float64Array.from(bins, (b) => own[b]!),
    };
  }

  /** The value below which a share of all values of some channels lie, within a bin. */
  quantile(channels: readonly number[], share: number): number {
    const largest = channels.reduce((max, c) => Math.max(max, this.max[c]!), 0);
    if (share >= 1 || largest === 0) return largest;
    // The bins of several channels are of several widths.
    const common = new Float64Array(mergedBins);
    let total = 0;
    for (const c of channels) {
      const { values, counts } = this.filled(c);
      values.forEach((value, k) => {
        common[Math.min(mergedBins - 1, Math.floor((value / largest) * mergedBins))]! += counts[k]!;
      });
      total += this.total(c);
    }
    let above = total * (1 - share);
    for (let k = mergedBins - 1; k >= 0; k--) {
      above -= common[k]!;
      if (above < 0) return Math.min(largest, ((k + 0.5) / mergedBins) * largest);
    }
    return 0;
  }

  /** The share of the values above 0 that lie above a bound, by channel one each. */
  above(bounds: ArrayLike<number>): number {
    let [beyond, active] = [0, 0];
    for (let c = 0; c < this.channels; c++) {
      const { values, counts } = this.filled(c);
      counts.forEach((n, k) => {
        active += n;
        if (values[k]! > bounds[c]!) beyond += n;
      });
    }
    return active === 0 ? 0 : beyond / active;
  }
}
