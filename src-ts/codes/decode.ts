/** Outputs as labels. */
import { attached, finiteOutputs, invalid, typedArray } from '../checks/check.ts';
import { checkKind, type Form, whole } from '../checks/plain-data.ts';
import { isKind } from '../checks/typed.ts';
import { stepCounts, type WholeNumbers } from '../checks/whole-numbers.ts';
import { addon, unwrap } from '../engine/native.ts';
import { sizes } from './encoder.ts';

const plain: Form = { options: {} };
const decoders: Record<Decoder['kind'], Form> = {
  'spike-count': plain,
  rate: plain,
  'max-membrane': plain,
  'mean-membrane': plain,
  'last-membrane': plain,
  'first-spike': plain,
  'population-vote': { options: { classes: whole(1) }, needed: ['classes'] },
};

/**
 * How outputs become a label: the score of a class is
 *
 * - `spike-count`, `rate`: its neuron's spikes, or spikes per step
 * - `first-spike`: minus the step of its first spike, the last step for a silent neuron
 * - `population-vote`: the spikes of its block of neurons, one of `classes` blocks of equal size
 * - `max-membrane`, `mean-membrane`, `last-membrane`: its membrane's maximum, mean, or value after the last step
 */
export type Decoder =
  | { kind: 'spike-count' | 'rate' | 'max-membrane' | 'mean-membrane' | 'last-membrane' | 'first-spike' }
  | { kind: 'population-vote'; classes: number };

/**
 * Labels from outputs `[time, batch, neurons]` (spikes or membrane, as the decoder reads): the class with the largest
 * score, the lowest of equal ones.
 *
 * @param lengths - steps of each sample that count, `[batch]`
 * @returns `labels` `[batch]` and `scores` `[batch, classes]`
 * @throws LapicqueError `invalid-parameter`, `shape-mismatch`, `non-finite`
 */
export function decode(
  decoder: Decoder,
  outputs: Float32Array | Uint8Array,
  shape: readonly [number, number, number],
  lengths?: WholeNumbers,
): { labels: Uint32Array; scores: Float64Array } {
  typedArray('outputs', outputs, [Float32Array, Uint8Array]);
  attached('outputs', outputs);
  const signal = isKind(outputs, Float32Array) ? outputs : Float32Array.from(outputs);
  if (sizes('shape', shape, 1).length !== 3) invalid('shape', shape, '[time, batch, neurons]');
  const counted = stepCounts('lengths', lengths);
  checkKind('decoder', decoder, decoders);
  finiteOutputs('outputs', signal, shape);
  return unwrap(addon.decode(JSON.stringify(decoder), signal, counted, ...shape));
}
