/** Surrogate gradients, which replace the derivative of a spike in the backward pass. */
import { options as checkOptions, definite, finite, invalid, oneOf, text } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { addon, unwrap } from '../engine/native.ts';
import type { CustomSurrogate, Surrogate } from './surrogate-node.ts';

/**
 * A custom surrogate.
 *
 * @param derivative - an expression in `x = v - vThreshold`, for example `'max(0, 1 - abs(x))'`; it may use
 * `+ - * / ^`, comparisons, `exp`, `ln`, `sqrt`, `abs`, `min`, `max`, `tanh`, `sigmoid`, `relu`, `where` and the names
 * in `params`
 * @param params - numbers by name
 * @throws LapicqueError `equation` (at `compile`, or in {@link surrogateDerivative}) with line, column and frame
 */
export function customSurrogate(derivative: string, params: Record<string, number> = {}): Surrogate {
  const surrogate: Record<string, number | string> = { derivative: text('derivative', derivative) };
  checkOptions('params', params, Object.keys(params ?? {}));
  for (const [key, value] of Object.entries(params)) surrogate[key] = finite(`params.${key}`, value);
  return Object.freeze(surrogate) as unknown as CustomSurrogate;
}

/**
 * The values of a surrogate, for plots and checks.
 *
 * @param x - distances `v - vThreshold`
 * @param options - `like`: the library whose defaults apply, as in a neuron with this `like`; default none
 * @returns `derivative` at each of them, and its antiderivative if that is known
 */
export function surrogateDerivative(
  surrogate: Surrogate,
  x: Float64Array | readonly number[],
  options: { like?: 'snntorch' | 'spikingjelly' | 'norse' | 'nir' | 'nest' } = {},
): { derivative: Float64Array; primitive?: Float64Array } {
  if (typeof surrogate !== 'object' || surrogate === null || Array.isArray(surrogate))
    invalid('surrogate', surrogate, 'a surrogate, such as surrogate.atan()');
  definite('surrogate', surrogate);
  if (!Array.isArray(x) && !isKind(x, Float64Array)) invalid('x', x, 'a list of numbers');
  const at = Float64Array.from(x, (value, i) =>
    typeof value === 'number' ? value : invalid(`x[${i}]`, value, 'a number'),
  );
  const { like } = checkOptions('surrogateDerivative', options, ['like']);
  if (like !== undefined) oneOf('like', like, ['snntorch', 'spikingjelly', 'norse', 'nir', 'nest']);
  return unwrap(addon.surrogate(JSON.stringify(surrogate), at, like));
}
