// Seeded random numbers of the generators: xoshiro128** (Blackman, Vigna 2018), seeded by SplitMix32. The same seed gives the same data on any machine.

/** A stream of random numbers. */
export class Random {
  #state = new Uint32Array(4);
  #spare;

  constructor(seed) {
    let z = seed >>> 0;
    for (let i = 0; i < 4; i++) {
      z = (z + 0x9e3779b9) >>> 0;
      let word = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      this.#state[i] = word ^ (word >>> 15);
    }
  }

  /** A whole number of 32 bits. */
  bits() {
    const s = this.#state;
    const rotate = (x, k) => (x << k) | (x >>> (32 - k));
    const result = Math.imul(rotate(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 11);
    return result;
  }

  /** A number from `low` to below `high`. */
  uniform(low = 0, high = 1) {
    return low + ((high - low) * ((this.bits() >>> 5) * 67108864 + (this.bits() >>> 6))) / 2 ** 53;
  }

  /** A whole number from `low` to below `high`. */
  integer(low, high) {
    return low + Math.floor(this.uniform() * (high - low));
  }

  /** A standard normal number (Box–Muller). */
  normal() {
    if (this.#spare !== undefined) {
      const value = this.#spare;
      this.#spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  exponential(mean) {
    return -mean * Math.log(1 - this.uniform());
  }

  /** A Poisson count. Means above 30 are split, so that `exp(-mean)` stays a number. */
  poisson(mean) {
    if (mean > 30) return this.poisson(mean / 2) + this.poisson(mean / 2);
    let count = 0;
    for (let product = this.uniform(), limit = Math.exp(-mean); product > limit; count++)
      product *= this.uniform();
    return count;
  }

  /** A gamma number of shape at least 1 (Marsaglia, Tsang 2000). */
  gamma(shape, scale) {
    const d = shape - 1 / 3;
    for (;;) {
      const x = this.normal();
      const v = (1 + x / Math.sqrt(9 * d)) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v))
        return d * v * scale;
    }
  }

  /** Shuffles a list in place (Fisher–Yates) and returns it. */
  shuffle(list) {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.integer(0, i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return list;
  }
}
