/** What the engine runs on, and the two choices that hold for the whole process. */
import { integer } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { addon, unwrap } from './native.ts';

/** The engine's binary and machine. */
export interface Environment {
  /** Version of the addon. */
  version: string;
  /** What it was built for. */
  target: string;
  /** Vector instructions in force: `portable` (NEON on 64-bit ARM), `avx2` or `avx512`. */
  simd: string;
  /** All that this CPU can be told to use. */
  simdAvailable: string[];
  /** Threads of one task. */
  threads: number;
  /** Threads that the machine offers. */
  availableThreads: number;
  /** The most threads that `setThreads`, `threads` of a simulation and `LAPICQUE_THREADS` take: four times those of the machine, at least 64. */
  mostThreads: number;
  cpuFeatures: string[];
}

/** The binary, instructions and threads in force. */
export function environment(): Environment {
  return unwrap(addon.environment());
}

/**
 * Threads of the tasks that start from now on; results do not depend on it.
 *
 * @param threads - 1 to `environment().mostThreads`; default: those of the machine, or `LAPICQUE_THREADS`
 * @throws LapicqueError `invalid-parameter`
 */
export function setThreads(threads: number): void {
  unwrap(addon.setThreads(integer('threads', threads, { min: 1 })));
}

/**
 * Vector instructions of the tasks that start from now on; results do not depend on it.
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `unsupported` when this CPU lacks them
 */
export function setSimd(level: 'portable' | 'avx2' | 'avx512'): void {
  unwrap(addon.setSimd(oneOfOption('level', level, ['portable', 'avx2', 'avx512'])));
}
