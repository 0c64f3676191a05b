/** Gradient methods: backward through time, or forward in time. */

export const trainingMethods: readonly TrainingMethod[] = ['bptt', 'e-prop', 'ottt'];

/**
 * - `'bptt'`: back-propagation through time, exact; memory grows with the number of steps (see `segment`, `truncate`).
 * - `'e-prop'`: eligibility propagation (G. Bellec et al., Nature Communications 11, 3625, 2020). Every synapse carries
 *   a trace of its effect, forward in time, filtered by the leak of a readout that does not spike. The memory is that of the
 *   traces and of at most 64 steps, for sequences of any length. It is exact for one hidden population without recurrence
 *   before such a readout. With recurrence it omits the effect of a spike on later spikes of other neurons; if the output
 *   spikes, it also omits the memory of the output's membrane.
 * - `'ottt'`: online training through time (M. Xiao et al., NeurIPS 2022): as e-prop, but the loss of a step has a gradient only within that step.
 *
 * The last two need dense layers between populations that spike and a loss of each step (`loss.crossEntropyMembrane`,
 * `crossEntropyRate`, `meanSquaredMembrane`), without penalties or learned parameters of neurons. Anything else throws `unsupported`.
 */
export type TrainingMethod = 'bptt' | 'e-prop' | 'ottt';

/** The gradient method of {@link Model.fit} and {@link Model.trainStep}. */
export interface MethodOptions {
  /** Default `'bptt'`. */
  method?: TrainingMethod | undefined;
  /**
   * Truncated back-propagation, with `'bptt'` only: the sequence is divided into segments of this number of steps; states continue from one to the next,
   * gradients do not flow back (R. J. Williams, J. Peng, Neural Computation 2(4), 1990). The memory is that of one segment. Default: gradients flow
   * back through the whole sequence.
   */
  truncate?: number | undefined;
}

/** The names of {@link MethodOptions}. */
export const methodOptions = ['method', 'truncate'] as const;
