/** What a batch norm with running statistics is: a factor and a constant for each channel. */
import type { NodeOf } from './description.ts';

/**
 * `y = factor x + constant` with `factor = weight scale / √(variance + ε)`.
 *
 * @param read - a parameter of the layer by the end of its name, or `otherwise` for each channel
 */
export function normMap(
  { epsilon, scale }: NodeOf<'batch-norm'>,
  read: (part: string, otherwise: number) => Float32Array | Float64Array,
): { factor: Float64Array; constant: Float64Array } {
  const [weight, offset] = [read('weight', 1), read('bias', 0)];
  const [mean, variance] = [read('runningMean', 0), read('runningVariance', 1)];
  const factor = Float64Array.from(weight, (w, c) => (w * scale) / Math.sqrt(variance[c]! + epsilon));
  return { factor, constant: Float64Array.from(offset, (b, c) => b - mean[c]! * factor[c]!) };
}
