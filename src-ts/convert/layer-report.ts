/** How accurately each layer of a converted network approximates the activations of the artificial one. */

/** A population of the converted network, compared with its counterpart in the artificial network. */
export interface LayerFidelity {
  readonly layer: string;
  readonly neurons: number;
  /** Thresholds in units of the artificial network's activations; one per channel, so these are statistics over channels. */
  readonly threshold: { readonly min: number; readonly mean: number; readonly max: number };
  /** Root of the mean squared difference of θ × spikes / steps and the activation, over the root of the mean squared activation. */
  readonly error: number;
  /** Mean of this difference, divided by the mean activation: negative if spikes are missing. */
  readonly bias: number;
  /** Fraction of the positive activations that exceed the threshold, over all calibration data: no firing rate can represent them. */
  readonly saturated: number;
  /** Neurons that are 0 on all calibration data. */
  readonly dead: number;
  /** Neurons that are not dead, but do not spike on the compared samples. */
  readonly silent: number;
  /** Mean number of spikes per neuron and sample within `steps`. */
  readonly spikes: number;
}

/** Spikes and activations of one population on the samples compared. */
export interface Compared {
  /** Spike counts, `[samples, neurons]`. */
  readonly counts: Float64Array;
  /** Activations of the artificial network, `[samples, neurons]`. */
  readonly activations: Float64Array;
}

/** @param thresholds - one per channel */
export function fidelity(
  layer: string,
  thresholds: Float64Array,
  { counts, activations }: Compared,
  active: Uint8Array,
  saturated: number,
  steps: number,
): LayerFidelity {
  const neurons = active.length;
  const pixels = neurons / thresholds.length;
  const fired = new Uint8Array(neurons);
  let [squares, reference, signed, sum, spikes] = [0, 0, 0, 0, 0];
  counts.forEach((count, i) => {
    const neuron = i % neurons;
    const value = (thresholds[Math.floor(neuron / pixels)]! * count) / steps;
    const activation = activations[i]!;
    squares += (value - activation) ** 2;
    reference += activation ** 2;
    signed += value - activation;
    sum += activation;
    spikes += count;
    if (count > 0) fired[neuron] = 1;
  });
  const dead = active.filter((one) => one === 0).length;
  return {
    layer,
    neurons,
    threshold: {
      min: thresholds.reduce((min, x) => Math.min(min, x)),
      mean: thresholds.reduce((total, x) => total + x, 0) / thresholds.length,
      max: thresholds.reduce((max, x) => Math.max(max, x)),
    },
    error: reference === 0 ? 0 : Math.sqrt(squares / reference),
    bias: sum === 0 ? 0 : signed / sum,
    saturated,
    dead,
    silent: fired.filter((one, i) => one === 0 && active[i] === 1).length,
    spikes: spikes / counts.length,
  };
}
