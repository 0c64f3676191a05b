/** The Legendre memory: matrices of a linear system that holds the last steps of its input. */
import { finite, integer, invalid, oneOf } from '../checks/check.ts';
import { addon, unwrap } from '../engine/native.ts';

/** The matrices are dense, and what makes steps of them takes the third power of the order. */
export const largestOrder = 1024;

/** From continuous time to steps: zero-order hold (exact), Euler, bilinear, or not at all. */
export type Discretisation = 'zoh' | 'euler' | 'tustin' | 'continuous';

/**
 * The matrices of a Legendre memory: `m[t] = a m[t-1] + b u[t]`, whose state holds the last `theta` steps of `u` as coefficients of Legendre
 * polynomials (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019). Column-vector convention; keras-lmu's are transposed.
 *
 * Of order 512 it takes a quarter of a second, off the event loop, and eight times as long for twice the order.
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
  method: Discretisation = 'zoh',
): Promise<{ a: Float64Array; b: Float64Array }> {
  integer('order', order, { min: 1, max: largestOrder });
  finite('theta', theta, { above: 0 });
  oneOf('method', method, ['zoh', 'euler', 'tustin', 'continuous']);
  return unwrap((await addon.legendreMemory(order, theta, method)) as never);
}

/**
 * The decoder of delays: row `k` times the memory is about the input `fractions[k] theta` steps ago:
 * `u[t - fraction theta] ≈ Σ P[i](2 fraction - 1) m[i, t]` (A. Voelker, I. Kajić, C. Eliasmith, NeurIPS 2019).
 *
 * @param order - number of coefficients, from 1 to 1024
 * @param fractions - of the window, mostly from 0 (now) to 1
 * @returns `[fractions, order]`, row by row, the shifted Legendre polynomials at the fractions
 * @throws LapicqueError `invalid-parameter` for an order out of range or a fraction that is no finite number
 */
export function legendreDecoder(order: number, fractions: readonly number[]): Float64Array {
  integer('order', order, { min: 1, max: largestOrder });
  if (!Array.isArray(fractions)) invalid('fractions', fractions, 'a list of numbers');
  const given = Float64Array.from(fractions, (fraction, i) => finite(`fractions[${i}]`, fraction));
  return unwrap(addon.legendreDecoder(order, given) as never);
}
