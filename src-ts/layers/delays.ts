/** Delays of synapses: what users state, and their form in a description. */
import { options as checkOptions, finite, flag } from '../checks/check.ts';
import { type Initializer, initializers } from '../neurons/initializer.ts';

/** Delays of a {@link dense} projection, one per synapse. */
export interface Delays {
  /** The longest delay in ms. Learned delays are clamped to 0 to `max` after each step. */
  max: number;
  /**
   * Default uniform from 0 to `max`. Delays sampled from a normal distribution are clamped to 0 to `max`; all other initial delays outside this
   * range are refused.
   */
  initial?: Initializer;
  /** Whether training changes them; default true. */
  trainable?: boolean;
}

/** Checks one delay for all synapses, or delays. */
export function checkDelays(path: string, value: unknown): number | Delays {
  if (typeof value !== 'object' || value === null) return finite(path, value, { min: 0 });
  const delays = checkOptions(path, value as Delays, ['max', 'initial', 'trainable']);
  finite(`${path}.max`, delays.max, { min: 0 });
  initializers(path, delays, ['initial']);
  if (delays.trainable !== undefined) flag(`${path}.trainable`, delays.trainable);
  return delays;
}

/** Delays with every default written out; `undefined` without delays. */
export function describedDelays(delays: number | Delays): Required<Delays> | undefined {
  if (delays === 0) return undefined;
  if (typeof delays === 'number') {
    return { max: delays, initial: { kind: 'constant', value: delays }, trainable: false };
  }
  const { max, initial = { kind: 'uniform', low: 0, high: max }, trainable = true } = delays;
  return { max, initial, trainable };
}
