/** Spike counts: rates, counts in bins and windows, and their variability. */
import { options as checkOptions, finite, flag, invalid } from '../checks/check.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { type GivenSpikeTrains, measure, taskOptions } from './spike-trains.ts';

/**
 * Counts in bins of `bin` ms: bin `k` is `[start + k bin, start + (k + 1) bin)`. An incomplete bin at the end is not
 * counted.
 */
export interface BinOptions extends TaskOptions {
  /** ms */
  bin: number;
  /** Whether a bin with any number of spikes counts as 1; default false. */
  binary?: boolean;
}

/** @internal */
export function binOptions(options: BinOptions): { bin: number; binary: boolean } {
  const { bin, binary = false } = checkOptions('analysis', options, ['bin', 'binary', ...taskOptions]);
  return { bin: finite('bin', bin, { above: 0 }), binary: flag('binary', binary) };
}

/**
 * The mean firing rate of each train in Hz, `[neurons]`.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function rates(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<Float64Array> {
  checkOptions('analysis.rates', options, taskOptions);
  return (await measure<{ values: Float64Array }>('rates', trains, {}, options)).values;
}

/**
 * Fano factor of the trains' spike counts, where each train is one trial of a neuron: the variance (over n) divided by
 * the mean. NaN without a spike.
 *
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function fanoFactor(trains: GivenSpikeTrains, options: TaskOptions = {}): Promise<number> {
  checkOptions('analysis.fanoFactor', options, taskOptions);
  return (await measure<{ value: Float64Array }>('fano-factor', trains, {}, options)).value[0]!;
}

/**
 * Fano factor of each train's counts in successive windows, `[neurons]`; NaN for a train without a spike.
 *
 * @param options - `window` in ms
 * @throws LapicqueError `invalid-parameter`, `aborted`
 */
export async function windowedFanoFactors(
  trains: GivenSpikeTrains,
  options: TaskOptions & { window: number },
): Promise<Float64Array> {
  const { window } = checkOptions('analysis.windowedFanoFactors', options, ['window', ...taskOptions]);
  finite('window', window, { above: 0 });
  return (await measure<{ values: Float64Array }>('windowed-fano-factors', trains, { window }, options))
    .values;
}

/**
 * Spike counts of each train in each bin.
 *
 * @returns `values` in the shape `[neurons, bins]`
 * @throws LapicqueError `invalid-parameter`, `too-large`, `aborted`
 */
export async function binned(
  trains: GivenSpikeTrains,
  options: BinOptions,
): Promise<{ values: Float64Array; shape: [number, number] }> {
  const request = binOptions(options);
  const { values } = await measure<{ values: Float64Array }>('binned', trains, { ...request }, options);
  const { neurons } = trains;
  return { values, shape: [neurons, neurons === 0 ? 0 : values.length / neurons] };
}

/** A histogram over time. */
export interface TimeHistogram {
  /** Spike counts of all trains in each bin, `[bins]`. */
  counts: Float64Array;
  /** ms, `[bins + 1]`: the start of each bin, and the end of the last one. */
  edges: Float64Array;
}

/**
 * Peri-stimulus time histogram: spike counts of all trains in bins of the time since an event, summed over events.
 * Without `events`, the trains are trials with a common start, and the histogram covers their whole time.
 *
 * @param options - `bin`, `events` and `window` (`[from, to]` around an event) in ms
 * @throws LapicqueError `invalid-parameter` for an event whose window reaches beyond the trains, `too-large`, `aborted`
 *
 * @example
 * ```ts
 * const { counts, edges } = await analysis.psth(trains, { bin: 5, events: [200, 700], window: [-50, 200] });
 * ```
 */
export async function psth(
  trains: GivenSpikeTrains,
  options: TaskOptions & {
    bin: number;
    events?: readonly number[];
    window?: readonly [number, number];
  },
): Promise<TimeHistogram> {
  const known = ['bin', 'events', 'window', ...taskOptions] as const;
  const { bin, events, window } = checkOptions('analysis.psth', options, known);
  finite('bin', bin, { above: 0 });
  if (events === undefined) {
    if (window !== undefined) invalid('window', window, 'no value, because events is not given');
    return measure('psth', trains, { bin }, options);
  }
  if (!Array.isArray(events)) invalid('events', events, 'an array of times');
  for (const [i, event] of events.entries()) finite(`events[${i}]`, event);
  return measure('event-psth', trains, { bin, events, window: checkWindow(window) }, options);
}

/**
 * Checks two times; the second must not be before the first.
 *
 * @internal
 */
export function checkWindow(window: readonly [number, number] | undefined): readonly [number, number] {
  if (!Array.isArray(window) || window.length !== 2) invalid('window', window, '[from, to] in ms');
  finite('window[1]', window[1], { min: finite('window[0]', window[0]) });
  return window as readonly [number, number];
}
