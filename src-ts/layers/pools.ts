/** Pools over all pixels, as plain frozen nodes. */
import { options as checkOptions } from '../checks/check.ts';
import { type MapOptions, named, node } from './map-node.ts';
import type { Pool } from './operations.generated.ts';

/** A pool over all pixels. */
export interface GlobalPool {
  readonly layer: 'global-pool';
  readonly pooling: 'max' | 'average' | 'sum';
  readonly name?: string;
}

/**
 * The mean over all pixels, channel by channel: `y[c] = Σ x[c, p] / pixels`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalAvgPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalAvgPool', 'average', options);
}

/**
 * The sum over all pixels, channel by channel: `y[c] = Σ x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalSumPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalSumPool', 'sum', options);
}

/**
 * The maximum over all pixels, channel by channel: `y[c] = max x[c, p]`.
 *
 * @returns a layer from `[channels, height, width]` to `[channels, 1, 1]`, or `[channels, width]` to `[channels, 1]`
 * @throws LapicqueError `unknown-name` for an option that does not exist
 */
export function globalMaxPool(options: MapOptions = {}): GlobalPool {
  return globalPool('globalMaxPool', 'max', options);
}

function globalPool(who: string, pooling: Pool['pooling'], options: MapOptions): GlobalPool {
  checkOptions(who, options, ['name']);
  return node({ layer: 'global-pool', pooling, ...named(who, options) }) as GlobalPool;
}
