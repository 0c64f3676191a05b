/** What the artificial network gives on the samples compared. */
import type { Model } from '../model/model.ts';
import type { Calibration } from './calibrate.ts';

export interface Expected {
  /** Activations of each population, `[samples, neurons]`. */
  readonly activations: ReadonlyMap<string, Float64Array>;
  /** `[samples, outputs]` */
  readonly outputs: Float64Array;
  /** Largest deviation of the prepared network's outputs from the original's, over the largest output. */
  readonly folding: number;
}

/** @param reference - the prepared network: norms folded, activations in front of pools */
export async function expectedOf(
  ann: Model,
  reference: Model,
  populations: readonly string[],
  { compared }: Calibration,
  signal: AbortSignal | undefined,
): Promise<Expected> {
  const record = populations.map((name) => `${name}.v`);
  const { recordings, v } = await reference.run(compared, { steps: 1, record, signal });
  const { v: original } = await ann.run(compared, { steps: 1, signal });
  let [max, largest] = [0, 0];
  original.forEach((y, i) => {
    max = Math.max(max, Math.abs(y - v[i]!));
    largest = Math.max(largest, Math.abs(y));
  });
  return {
    activations: new Map(populations.map((name) => [name, Float64Array.from(recordings[`${name}.v`]!)])),
    outputs: Float64Array.from(original),
    folding: largest === 0 ? 0 : max / largest,
  };
}
