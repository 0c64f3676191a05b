/** The functions of conversion. Each loads its code at the first call, because most programs convert nothing and `import 'lapicque'` has to be fast. */
import type { Model } from '../model/model.ts';
import type { Batches, TrainingBatch } from '../train/batch.ts';
import type { AccuracyAgainstSteps, AccuracyOptions } from './accuracy-against-steps.ts';
import type { ConvertOptions } from './convert-options.ts';
import type { ConvertedNetwork } from './converted-network.ts';

/**
 * Converts a trained artificial network to a spiking one, without training. Batch norms are folded into the layers before them, activations
 * become integrate-and-fire neurons with soft reset, and thresholds are folded into the weights, so that each threshold is 1. The input is presented as
 * a constant current; the rate of a neuron times its threshold is the activation. The last layer's output is summed over the steps.
 *
 * Converted are dense and convolutional layers, batch norms, average, sum and max pools, flatten, residual branches (`add`) and `concat`, with
 * the activations {@link relu}, {@link clippedRelu}, {@link qcfs} and equivalent forms, such as those of {@link readOnnx}. Any other layer throws an
 * error that names it, unless `keep` names it. See docs/guides/ann-to-snn.md.
 *
 * @example
 * ```ts
 * const ann = await (await readOnnx('classifier.onnx')).compile();
 * const spiking = await convert(ann, { data: { x: images, shape: [1000, 784] } });
 * console.log(spiking.report.populations, await spiking.predict({ x: images, shape: [1000, 784] }, { steps: 16 }));
 * ```
 * @returns the spiking model, how its input and readout are used, and a report for each layer
 * @throws LapicqueError `unsupported` for a layer that cannot be converted, by name; `invalid-parameter` for options out of range, data without
 * samples, data that leave a layer at 0, and data that exceed learned thresholds; `non-finite` for data that are not finite; `shape-mismatch`;
 * `unknown-name` for a layer of `keep`; `aborted`, `disposed`
 */
export async function convert(ann: Model, options: ConvertOptions): Promise<ConvertedNetwork> {
  return await (await import('./convert.ts')).convert(ann, options);
}

/**
 * Accuracy after each number of steps. Each sample runs once, for the largest number of steps: with the schedule `'streaming'` its first t steps
 * equal a run of t steps.
 *
 * @param data - labeled samples `{ x, shape: [samples, …], y }`, or batches of them
 * @throws LapicqueError `invalid-parameter` without samples, for labels that are not an output's index, and for a number of steps other than that of
 * an `'accumulate'` conversion; `shape-mismatch`, `non-finite`, `aborted`, `disposed`
 */
export async function accuracyAgainstSteps(
  network: ConvertedNetwork,
  data: TrainingBatch | Batches,
  options: AccuracyOptions = {},
): Promise<AccuracyAgainstSteps> {
  return await (await import('./accuracy-against-steps.ts')).accuracyAgainstSteps(network, data, options);
}
