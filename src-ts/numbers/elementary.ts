/**
 * Elementary functions from additions, multiplications and divisions only, with the same results in every
 * JavaScript engine. Those of `Math` differ in the last digit between Node.js for x86-64 and for ARM, which
 * is compiled with fused multiply-adds.
 */

/** ln 2 as a sum of two parts. The first has 21 bits less, so multiples of it are exact. */
const LN2_HIGH = 6.931_471_803_691_238e-1;
const LN2_LOW = 1.908_214_929_270_587_7e-10;

/** `e^x` to some units in the last place. */
export function exp(x: number): number {
  if (!(x > -746)) return Number.isNaN(x) ? x : 0;
  if (x > 710) return Number.POSITIVE_INFINITY;
  const k = Math.round(x / Math.LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // The terms of the series from r^17 / 17! on are below half a unit in the last place.
  let y = 1;
  for (let n = 16; n > 0; n--) y = 1 + (y * r) / n;
  for (let i = 0; i < k; i++) y *= 2;
  for (let i = 0; i > k; i--) y /= 2;
  return y;
}

/** The natural logarithm of a positive finite number, to some units in the last place. */
export function log(x: number): number {
  let k = 0;
  for (; x > Math.SQRT2; x /= 2) k++;
  for (; x < Math.SQRT1_2; x *= 2) k--;
  // The series of (x - 1) / (x + 1), which is at most 0.172: the last term that matters is the 23rd power.
  const s = (x - 1) / (x + 1);
  let sum = 0;
  for (let n = 23; n > 0; n -= 2) sum = 1 / n + s * s * sum;
  return k * LN2_HIGH + (2 * s * sum + k * LN2_LOW);
}

/** The decimal logarithm of a positive finite number, to some units in the last place. */
export function log10(x: number): number {
  return log(x) / Math.LN10;
}

/** `x^y` for a nonnegative `x`, to some units in the last place of `y ln x`. */
export function power(x: number, y: number): number {
  if (x === 0) return y === 0 ? 1 : 0;
  return exp(y * log(x));
}
