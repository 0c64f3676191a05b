/** Information about the engine's binary and machine, and the two settings of the whole process. */
import { integer } from '../checks/check.ts';
import { oneOfOption } from '../checks/plain-data.ts';
import { addon, unwrap } from './native.ts';

/** The engine's binary and machine. */
export interface Environment {
  /** Version of the addon. */
  version: string;
  /** The target that it was built for. */
  target: string;
  /** The SIMD level in use: `portable` (NEON on 64-bit ARM), `avx2` or `avx512`. */
  simd: string;
  /** All SIMD levels that this CPU supports. */
  simdAvailable: string[];
  /** Number of threads of one task. */
  threads: number;
  /** Number of hardware threads of the machine. */
  availableThreads: number;
  /**
   * The maximum that `setThreads`, `threads` of a simulation and `LAPICQUE_THREADS` accept: four times the
   * threads of the machine, and at least 64.
   */
  mostThreads: number;
  cpuFeatures: string[];
}

/** The binary, the SIMD level and the number of threads in use. */
export function environment(): Environment {
  return unwrap(addon.environment());
}

/**
 * Sets the number of threads of tasks that start from now on. Results do not depend on it.
 *
 * @param threads - 1 to `environment().mostThreads`; default: the threads of the machine, or
 * `LAPICQUE_THREADS`
 * @throws LapicqueError `invalid-parameter`
 */
export function setThreads(threads: number): void {
  unwrap(addon.setThreads(integer('threads', threads, { min: 1 })));
}

/**
 * Sets the SIMD level of tasks that start from now on. Results do not depend on it.
 * @throws LapicqueError `unknown-name`, `invalid-parameter`, `unsupported` when this CPU lacks them
 */
export function setSimd(level: 'portable' | 'avx2' | 'avx512'): void {
  unwrap(addon.setSimd(oneOfOption('level', level, ['portable', 'avx2', 'avx512'])));
}
