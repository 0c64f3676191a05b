/** The statistics of each row. */
import { options as checkOptions, finite, invalid, oneOf } from '../checks/check.ts';
import type { CircuitDescription } from '../circuit/description.ts';

/** The name of a statistic; {@link SweepStatistic} defines them. */
export type StatisticName = 'spikes' | 'rate' | 'cv' | 'cv2' | 'lv' | 'fano' | 'synchrony' | 'means' | 'lfp';

/**
 * A statistic of each population with recorded spikes, one column `population.statistic` each:
 * - `'spikes'`: their number; `'rate'`: in Hz, over the recorded neurons
 * - `'cv'`, `'cv2'`, `'lv'`: irregularity of intervals as `analysis` defines it, the mean over the neurons with enough
 *   spikes; NaN if there are none
 * - `'fano'`: variance divided by mean of a neuron's counts in windows of `window` ms (default 100, or the duration if
 *   that is shorter), the mean over the neurons that spike
 * - `'synchrony'`: the mean covariance of two neurons' counts in bins of `bin` ms (default 2), divided by the mean
 *   variance of one neuron's counts: 0 if neurons fire independently, 1 if all fire together
 *
 * and of the recordings of `record.mean` and `record.lfp`:
 * - `'means'`: the mean over time of each recorded mean, in a column of its name, such as `E.v`
 * - `'lfp'`: likewise for each proxy of the local field potential, in a column `name.lfp`
 */
export type SweepStatistic =
  | StatisticName
  | { readonly measure: 'fano'; readonly window?: number }
  | { readonly measure: 'synchrony'; readonly bin?: number };

const names = ['spikes', 'rate', 'cv', 'cv2', 'lv', 'fano', 'synchrony', 'means', 'lfp'] as const;

/** As the engine reads them. @internal */
export function statisticsOf(
  statistics: readonly SweepStatistic[],
  record: CircuitDescription['record'],
  duration: number,
): readonly object[] {
  if (!Array.isArray(statistics) || statistics.length === 0)
    invalid('measure', statistics, "a list of statistics, such as ['rate', 'cv']");
  const seen = new Set<string>();
  return statistics.map((statistic: SweepStatistic, i) => {
    const at = `measure[${i}]`;
    const own = typeof statistic === 'string' ? { measure: statistic } : statistic;
    if (typeof own !== 'object' || own === null) invalid(at, own, 'a statistic, such as "rate"');
    const measure = oneOf<StatisticName>('statistic', own.measure, names);
    if (seen.has(measure)) invalid(at, measure, 'each statistic once');
    seen.add(measure);
    switch (measure) {
      case 'fano': {
        const { window } = checkOptions(at, own as { window?: number }, ['measure', 'window'] as never);
        return { measure, window: time(`${at}.window`, window ?? Math.min(100, duration), duration) };
      }
      case 'synchrony': {
        const { bin } = checkOptions(at, own as { bin?: number }, ['measure', 'bin'] as never);
        return { measure, bin: time(`${at}.bin`, bin ?? Math.min(2, duration), duration) };
      }
      case 'means':
      case 'lfp': {
        const recorded = measure === 'means' ? record?.means : record?.fields;
        if ((recorded?.length ?? 0) === 0)
          invalid(at, measure, `a network with ${measure === 'means' ? 'record.mean' : 'record.lfp'}`);
        checkOptions(at, own as object, ['measure'] as never);
        return { measure };
      }
      default:
        checkOptions(at, own as object, ['measure'] as never);
        return { measure };
    }
  });
}

function time(name: string, value: number, duration: number): number {
  return finite(name, value, { above: 0, max: duration });
}
