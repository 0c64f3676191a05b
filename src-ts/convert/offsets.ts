/** Offsets of the potentials at the start: what a layer's spikes lack because they come unevenly. */
import type { Calibration } from './calibrate.ts';
import type { Settings } from './convert-options.ts';
import { ConvertedNetwork } from './converted-network.ts';
import type { Expected } from './expected.ts';

import { type Scaled, streaming } from './schedules.ts';
import { spikeCounts } from './spike-counts.ts';

/**
 * Shifts the potential at the start of each channel by the mean number of spikes that it lacks in T steps, from the first layer on, each with
 * the layers before it shifted (potential calibration: Y. Li et al., ICML 2021). Activations above the threshold count as the threshold.
 */
export async function calibratedStarts(
  scaled: Scaled,
  given: ReadonlyMap<string, Float64Array>,
  { steps, signal }: Settings,
  {
    calibration: { compared },
    thresholds,
    expected,
  }: {
    readonly calibration: Calibration;
    readonly thresholds: ReadonlyMap<string, Float64Array>;
    readonly expected: Expected;
  },
): Promise<Map<string, Float64Array>> {
  const starts = new Map(given);
  for (const name of scaled.spiking) {
    using model = await streaming(scaled, starts, signal);
    const network = new ConvertedNetwork({
      model,
      schedule: 'streaming',
      steps,
      totalSteps: steps,
      readoutDelay: 0,
      report: undefined as never,
    });
    const counts = (await spikeCounts(network, [name], compared, signal)).get(name)!;
    const theta = thresholds.get(name)!;
    const missing = new Float64Array(theta.length);
    const neurons = scaled.graph.size(name);
    const pixels = neurons / theta.length;
    expected.activations.get(name)!.forEach((activation, i) => {
      const c = Math.floor((i % neurons) / pixels);
      missing[c]! += Math.min(1, activation / theta[c]!) * steps - counts[i]!;
    });
    const share = compared.samples * pixels;
    starts.set(
      name,
      starts.get(name)!.map((start, c) => start + missing[c]! / share),
    );
  }
  return starts;
}
