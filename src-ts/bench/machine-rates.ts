/** What this machine can do at most. */
import { addon, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';

/** A rate by where the table is that is read: 16 KiB, 256 KiB, 4 MiB or 128 MiB for each thread. */
export interface CacheLevels {
  l1: number;
  l2: number;
  l3: number;
  memory: number;
}

/** Units of all threads together in a second, f32, each measured in a loop of nothing else. */
export interface MachineRates {
  threads: number;
  /** Floating-point operations of multiply-adds whose operands are in the first-level cache; a multiply-add is two. */
  dense: number;
  /** Additions of whole rows of weights to sums. */
  rowAdditions: CacheLevels;
  /** Additions of single weights to sums at random indices of the table. */
  scatteredAdditions: CacheLevels;
  /** Bytes read in order from memory. */
  read: number;
  /** Bytes read and written by a copy in memory. */
  copy: number;
  exponentials: number;
  /** Divisions; square roots take about as long. */
  divisions: number;
  /** Words of 32 bits from the engine's random number generator. */
  randomWords: number;
  /** Seconds of one meeting of all threads. */
  barrier: number;
}

/** Measures them with the threads of a task, for about 3 s. */
export async function machineRates(options: TaskOptions = {}): Promise<MachineRates> {
  return task(options, (handle) => addon.machineRates(handle));
}
