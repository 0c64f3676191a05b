/** The functions of quantization. Each loads its code at the first call, because most programs quantize nothing and `import 'lapicque'` has to be fast. */
import type { FitOptions, Model } from '../model/model.ts';
import type { Batches } from '../train/batch.ts';
import type { FitResult } from '../train/training-state.ts';
import type { QuantizedWeights } from './fit-quantized.ts';
import type { Quantized, QuantizeOptions } from './quantize.ts';

/**
 * Makes an integer network from a model of dense and convolutional layers, batch norms, average, sum and max pools and residual branches between
 * populations of the models `lif`, `if`, `cubaLif`, `li` and `cubaLi`. The model does not change.
 *
 * Weights are rounded to `weightBits` bits with a unit for each neuron, channel or layer. States get as many fractional bits as the range of the
 * calibration data allows. Input values are rounded to counts.
 *
 * @example
 * ```ts
 * const { network, report } = await quantize(model, { target: 'int8', calibration: batch });
 * console.table(report.layers);
 * const { spikes } = await network.run(batch);
 * ```
 * @throws LapicqueError `unsupported` for a layer, model or option that integer networks do not have, which it names;
 * `invalid-parameter` for calibration without data and for too few bits for the range (the message states the needed number); `disposed`
 */
export async function quantize(model: Model, options: QuantizeOptions): Promise<Quantized> {
  return await (await import('./quantize.ts')).quantize(model, options);
}

/**
 * Trains a model for weights of few bits; otherwise like {@link Model.fit}. Each forward and backward pass uses rounded weights of its
 * dense and convolutional layers, and the optimizer changes the weights in full precision by these gradients (straight-through: the
 * derivative of rounding counts as 1; Y. Bengio et al., arXiv:1308.3432). Evaluation uses rounded weights. Afterwards the model has
 * its weights in full precision; {@link quantize} with the same `weightBits` and `scale` rounds them as training did (where a
 * population has several projections, their units are powers of two apart).
 *
 * Weights are rounded in JavaScript in every step, which costs two copies of them.
 *
 * @throws LapicqueError as {@link Model.fit}
 */
export async function fitQuantized(
  model: Model,
  data: Batches,
  options: FitOptions,
  weights: QuantizedWeights,
): Promise<FitResult> {
  return await (await import('./fit-quantized.ts')).fitQuantized(model, data, options, weights);
}
