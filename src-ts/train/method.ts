/** How gradients are found: backwards through time, or forwards in it. */
import { integer, invalid, oneOf } from '../check.ts';

/**
 * - `'bptt'`: back-propagation through time, exact; memory grows with the number of steps (see `segment`, `truncate`).
 * - `'e-prop'`: eligibility propagation (G. Bellec et al., Nature Communications 11, 3625, 2020). Every synapse carries
 *   a trace of what it did, forward in time, filtered by the leak of a readout that does not spike; memory is that of the
 *   traces and of at most 64 steps, however many there are. Exact for one hidden population without recurrence; with it,
 *   what a spike does to later spikes of other neurons is left out.
 * - `'ottt'`: online training through time (M. Xiao et al., NeurIPS 2022): as e-prop, but the loss of a step reaches what
 *   happens in that step only.
 *
 * Forward in time need: dense layers between populations that spike, a loss of each step (`loss.crossEntropyMembrane`,
 * `crossEntropyRate`, `meanSquaredMembrane`), no penalties and no learned parameters of neurons; all else is refused,
 * with `unsupported`.
 */
export type TrainingMethod = 'bptt' | 'e-prop' | 'ottt';

/** How {@link Model.fit} and {@link Model.trainStep} find gradients. */
export interface MethodOptions {
  /** Default `'bptt'`. */
  method?: TrainingMethod | undefined;
  /**
   * Truncated back-propagation: states go on from segment to segment of so many steps, gradients do not go back (R. J.
   * Williams, J. Peng, Neural Computation 2(4), 1990). Memory is that of one segment. With `'bptt'` only. Default: they go back
   * through the whole sequence.
   */
  truncate?: number | undefined;
}

/** The names of {@link MethodOptions}. */
export const methodOptions = ['method', 'truncate'] as const;

/** What the engine is told. Throws `unknown-name` and `invalid-parameter`. */
export function methodRequest({ method = 'bptt', truncate }: MethodOptions): Record<string, unknown> {
  oneOf('training method', method, ['bptt', 'e-prop', 'ottt']);
  if (truncate === undefined) return { method };
  integer('truncate', truncate, { min: 1 });
  if (method !== 'bptt') invalid('truncate', truncate, `nothing with the method "${method}"`);
  return { method, truncate };
}
