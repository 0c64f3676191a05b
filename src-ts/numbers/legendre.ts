/** The Legendre memory: matrices of a linear system whose state represents the last steps of its input. */
import { finite, integer, invalid, oneOf } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';

/** The matrices are dense, and discretization takes time proportional to the third power of the order. */
export const largestOrder = 1024;

/** Discretization: zero-order hold (exact), Euler, bilinear, or none. */
export type Discretization = 'zoh' | 'euler' | 'tustin' | 'continuous';

/**
 * The matrices of a Legendre memory: `m[t] = a m[t-1] + b u[t]`, whose state holds the last `theta` steps of `u` as coefficients of Legendre
 * polynomials (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019). Column-vector convention; keras-lmu's are transposed.
 *
 * Order 512 takes a quarter of a second, off the event loop; twice the order takes eight times as long.
 *
 * @param order - number of coefficients, from 1 to 1024
 * @param theta - length of the window, in steps, above 0
 * @param method - default `'zoh'`
 * @returns matrices `a` `[order, order]`, row by row, and `b` `[order]`; as weights they are the initializers `legendre-memory` and
 * `legendre-input`
 * @throws LapicqueError `invalid-parameter` for a number out of range or another method
 */
export async function legendreMemory(
  order: number,
  theta: number,
  method: Discretization = 'zoh',
): Promise<{ a: Float64Array; b: Float64Array }> {
  integer('order', order, { min: 1, max: largestOrder });
  finite('theta', theta, { above: 0 });
  oneOf('method', method, ['zoh', 'euler', 'tustin', 'continuous']);
  return unwrap((await addon.legendreMemory(order, theta, method)) as never);
}

/**
 * The decoder of delayed input: row `k` times the memory approximates the input `fractions[k] theta` steps
 * ago: `u[t - fraction theta] ≈ Σ P[i](2 fraction - 1) m[i, t]` (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS
 * 2019).
 *
 * @param order - number of coefficients, from 1 to 1024
 * @param fractions - of the window, mostly from 0 (now) to 1
 * @returns `[fractions, order]`, row by row, the shifted Legendre polynomials at the fractions
 * @throws LapicqueError `invalid-parameter` for an order out of range or a fraction that is not finite
 */
export function legendreDecoder(order: number, fractions: readonly number[]): Float64Array {
  integer('order', order, { min: 1, max: largestOrder });
  if (!Array.isArray(fractions)) invalid('fractions', fractions, 'a list of numbers');
  const values = Float64Array.from(fractions, (fraction, i) => finite(`fractions[${i}]`, fraction));
  return unwrap(addon.legendreDecoder(order, values) as never);
}
