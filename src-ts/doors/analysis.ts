/**
 * Statistics of spike trains.
 *
 * @example
 * ```ts
 * import * as analysis from 'lapicque/analysis';
 *
 * const trains = analysis.spikeTrains(recording);
 * ```
 * @packageDocumentation
 */

export * from '../analysis/index.ts';
