/** The trains of a simulation's spike sources on their way to the engine and back. */
import { options as checkOptions } from '../checks/check.ts';
import { type Trains, trainsOf } from './elements/elements.ts';
import type { SourceSlice, SpikeSource } from './elements/populations.ts';

/** New trains of a spike source or a slice of one. */
export interface SourceValues {
  /**
   * The spike times of each source in ms of the simulation: ascending, whole multiples of `dt`, from the current time on. Spikes already sent are not
   * affected; all later ones are replaced.
   */
  trains: Trains;
}

/** Whether sources of spikes are meant, rather than neurons or inputs. */
export function isSpikeSource(
  of: unknown,
  names: ReadonlyMap<string, number>,
): of is SpikeSource | SourceSlice | string {
  if (typeof of === 'string') return names.has(of);
  const { element } = Object(of) as { element?: unknown };
  return element === 'spike-source' || element === 'source-slice';
}

/** As the engine takes them: numbers of spikes, and all times. */
export function packedTrains(values: SourceValues): { counts: Uint32Array; times: Float64Array } {
  const trains = trainsOf('values.trains', checkOptions('values', values, ['trains']).trains);
  const counts = Uint32Array.from(trains, (train) => train.length);
  const times = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let at = 0;
  for (const train of trains) {
    times.set(train, at);
    at += train.length;
  }
  return { counts, times };
}

export function unpackedTrains({
  counts,
  times,
}: {
  counts: Uint32Array;
  times: Float64Array;
}): Float64Array[] {
  let at = 0;
  return Array.from(counts, (count) => {
    at += count;
    return times.slice(at - count, at);
  });
}
