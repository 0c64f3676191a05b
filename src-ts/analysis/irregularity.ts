/** Irregularity of spike trains, from their inter-spike intervals. */
import { options as checkOptions, finite } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type GivenSpikeTrains, measure, taskOptions } from './spike-trains.ts';

async function eachTrain(
  name: string,
  trains: GivenSpikeTrains,
  options: TaskOptions,
): Promise<Float64Array> {
  checkOptions('analysis', options, taskOptions);
  return (await measure<{ values: Float64Array }>(name, trains, {}, options)).values;
}

/** Intervals between successive spikes; those of train `i` are `values.subarray(offsets[i], offsets[i + 1])`. */
export interface Intervals {
  /** ms */
  values: Float64Array;
  /** `[neurons + 1]` */
  offsets: Float64Array;
}

/**
 * The inter-spike intervals of all trains.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function intervals(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<Intervals> {
  checkOptions('analysis.intervals', options, taskOptions);
  return measure('intervals', trains, {}, options);
}

/**
 * Coefficient of variation of each train's intervals, `[neurons]`: the standard deviation (over n) divided by the mean;
 * 0 for a regular train, 1 for a Poisson process. NaN for a train of fewer than three spikes, as in {@link cv2}, {@link
 * lv} and {@link lvr}.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function cv(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<Float64Array> {
  return eachTrain('cv', trains, options);
}

/**
 * Mean of `2 |b - a| / (b + a)` over neighboring intervals, `[neurons]`. Unlike the CV, it is little affected by slow
 * changes of the rate (G. R. Holt et al., Journal of Neurophysiology 75, 1996).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function cv2(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<Float64Array> {
  return eachTrain('cv2', trains, options);
}

/**
 * Local variation, `[neurons]`: 3 times the mean of `((a - b) / (a + b))²` over neighboring intervals (S. Shinomoto et
 * al., Neural Computation 15, 2003).
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function lv(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<Float64Array> {
  return eachTrain('lv', trains, options);
}

/**
 * Local variation revised for a refractory period, `[neurons]`: 3 times the mean of
 * `(1 - 4ab / (a + b)²)(1 + 4 refractory / (a + b))` (S. Shinomoto et al., PLoS Computational Biology 5, 2009).
 *
 * @param options - `refractory` in ms, default 5
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function lvr(
  trains: GivenSpikeTrains,
  options: TaskOptions & { refractory?: number } = {},
): Promise<Float64Array> {
  const { refractory = 5 } = checkOptions('analysis.lvr', options, ['refractory', ...taskOptions]);
  finite('refractory', refractory, { min: 0 });
  return (await measure<{ values: Float64Array }>('lvr', trains, { refractory }, options)).values;
}
