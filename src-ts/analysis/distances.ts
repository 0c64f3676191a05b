/** Distances between spike trains, for each pair. */
import { options as checkOptions, finite } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { checkPair, type GivenSpikeTrains, measure, taskOptions } from './spike-trains.ts';

/** A measure of each pair of trains. */
export interface PairMatrix {
  /** Symmetric. */
  values: Float64Array;
  /** `[neurons, neurons]` */
  shape: [number, number];
  /** Mean over pairs of different trains; NaN for fewer than two trains. */
  mean: number;
}

async function matrix(
  name: string,
  trains: GivenSpikeTrains,
  request: Record<string, unknown>,
  options: TaskOptions,
): Promise<PairMatrix> {
  const answer = await measure<Record<'values' | 'mean', Float64Array>>(name, trains, request, options);
  return { values: answer.values, shape: [trains.neurons, trains.neurons], mean: answer.mean[0]! };
}

/**
 * Distance of M. van Rossum (Neural Computation 13, 2001): each spike becomes an exponential with the time constant
 * `tau`; the distance is the root mean square difference of the two functions, √2 for two single spikes far apart.
 * Computed in one pass over the spikes of a pair (C. Houghton, T. Kreuz, Network 23, 2012).
 *
 * @param options - `tau` in ms
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function vanRossum(
  trains: GivenSpikeTrains,
  options: TaskOptions & { tau: number },
): Promise<PairMatrix> {
  const { tau } = checkOptions('analysis.vanRossum', options, ['tau', ...taskOptions]);
  return matrix('van-rossum', trains, { tau: finite('tau', tau, { above: 0 }) }, options);
}

/**
 * Distance of J. D. Victor and K. P. Purpura (Journal of Neurophysiology 76, 1996): the minimum cost of transforming
 * one train into the other, where inserting or deleting a spike costs 1 and shifting it by 1 ms costs `q`. The time of
 * a pair is proportional to the product of its spike counts.
 *
 * @param options - `q` in 1/ms: 0 compares spike counts
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function victorPurpura(
  trains: GivenSpikeTrains,
  options: TaskOptions & { q: number },
): Promise<PairMatrix> {
  const { q } = checkOptions('analysis.victorPurpura', options, ['q', ...taskOptions]);
  return matrix('victor-purpura', trains, { q: finite('q', q, { min: 0 }) }, options);
}

/**
 * ISI distance (T. Kreuz et al., Journal of Neuroscience Methods 165, 2007): the difference of the two trains' current
 * inter-spike intervals, relative to the longer one, averaged over time; from 0 to below 1. Edges as in PySpike: the
 * interval before the first spike is at least as long as the one after it, and likewise at the end; an empty train has
 * one interval.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function isiDistance(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<PairMatrix> {
  checkOptions('analysis.isiDistance', options, taskOptions);
  return matrix('isi-distance', trains, {}, options);
}

/**
 * SPIKE distance (T. Kreuz et al., Journal of Neurophysiology 109, 2013): the distance of the spikes around a time to
 * the nearest spikes of the other train, relative to the intervals, averaged over time. Edges by auxiliary spikes (E.
 * Satuvuori et al., Journal of Neuroscience Methods 287, 2017).
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function spikeDistance(
  trains: GivenSpikeTrains,
  options: TaskOptions = {},
): Promise<PairMatrix> {
  checkOptions('analysis.spikeDistance', options, taskOptions);
  return matrix('spike-distance', trains, {}, options);
}

/**
 * SPIKE synchronization (T. Kreuz et al., Journal of Neurophysiology 113, 2015): the fraction of spikes that coincide
 * with a spike of the other train, within half of the shortest interval around the two; from 0 to 1. `mean` is the
 * fraction over the spikes of all pairs.
 *
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function spikeSynchronization(
  trains: GivenSpikeTrains,
  options: TaskOptions = {},
): Promise<PairMatrix> {
  checkOptions('analysis.spikeSynchronization', options, taskOptions);
  return matrix('spike-synchronization', trains, {}, options);
}

/** A piecewise linear function of time with two points per piece. At a jump, the same time occurs twice. */
export interface DistanceProfile {
  /** ms */
  x: Float64Array;
  y: Float64Array;
}

async function profile(
  name: string,
  trains: GivenSpikeTrains,
  options: TaskOptions & { pair: readonly [number, number] },
): Promise<DistanceProfile> {
  const { pair } = checkOptions('analysis', options, ['pair', ...taskOptions]);
  checkPair(trains, pair);
  return measure(name, trains, { pair }, options);
}

/**
 * The time course whose average is {@link isiDistance}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function isiProfile(
  trains: GivenSpikeTrains,
  options: TaskOptions & { pair: readonly [number, number] },
): Promise<DistanceProfile> {
  return profile('isi-profile', trains, options);
}

/**
 * The time course whose average is {@link spikeDistance}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function spikeProfile(
  trains: GivenSpikeTrains,
  options: TaskOptions & { pair: readonly [number, number] },
): Promise<DistanceProfile> {
  return profile('spike-profile', trains, options);
}
