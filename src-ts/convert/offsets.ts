/** Offsets of the potentials at the start: what a layer's spikes lack because they come unevenly. */
import type { Calibration } from './calibrate.ts';
import type { Settings } from './convert-options.ts';
import { ConvertedNetwork } from './converted-network.ts';
import type { Expected } from './expected.ts';

import { type Scaled, streaming } from './schedules.ts';
import { spikeCounts } from './spike-counts.ts';

/** Shifts of the potential at the start that are tried, in thresholds; the first of equally good ones is taken. */
const shifts = [0, -0.125, 0.125, -0.25, 0.25, -0.375, 0.375];

/** What the potentials are chosen by. */
interface Basis {
  readonly calibration: Calibration;
  readonly thresholds: ReadonlyMap<string, Float64Array>;
  readonly expected: Expected;
}

/**
 * Shifts the potential at the start of each channel, from the first layer on, each with the layers before it shifted (layer-wise potential
 * calibration, after Y. Li et al., ICML 2021). Of some shifts that with the least squared error of the spike counts in T steps is taken, so that no
 * layer becomes worse on the samples. Activations above the threshold count as the threshold.
 */
export async function calibratedStarts(
  scaled: Scaled,
  given: ReadonlyMap<string, Float64Array>,
  settings: Settings,
  basis: Basis,
): Promise<Map<string, Float64Array>> {
  const starts = new Map(given);
  for (const name of scaled.spiking) {
    const own = starts.get(name)!;
    const [best, min] = [own.slice(), new Float64Array(own.length).fill(Number.POSITIVE_INFINITY)];
    for (const shift of shifts) {
      const shifted = own.map((start) => start + shift);
      const errors = await countErrors(scaled, new Map([...starts, [name, shifted]]), name, settings, basis);
      errors.forEach((error, c) => {
        if (error >= min[c]!) return;
        min[c] = error;
        best[c] = shifted[c]!;
      });
    }
    starts.set(name, best);
  }
  return starts;
}

/** Squared errors of the spike counts of a population, summed by channel. */
async function countErrors(
  scaled: Scaled,
  starts: ReadonlyMap<string, Float64Array>,
  name: string,
  { steps, signal }: Settings,
  { calibration: { compared }, thresholds, expected }: Basis,
): Promise<Float64Array> {
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
  const errors = new Float64Array(theta.length);
  const neurons = scaled.graph.size(name);
  const pixels = neurons / theta.length;
  expected.activations.get(name)!.forEach((activation, i) => {
    const c = Math.floor((i % neurons) / pixels);
    errors[c]! += (Math.min(1, activation / theta[c]!) * steps - counts[i]!) ** 2;
  });
  return errors;
}
