/** Spikes of a converted network on some samples. */
import type { InputTensor } from '../description/input-tensor.ts';
import type { ConvertedNetwork } from './converted-network.ts';

/** Elements of the recordings of one run at most. */
const maxRecorded = 2 ** 26;

/** Runs a converted network on samples, and counts the spikes of its populations, `[samples, neurons]` each. */
export async function spikeCounts(
  network: Pick<ConvertedNetwork, 'model' | 'totalSteps' | 'input'>,
  populations: readonly string[],
  { x, shape }: InputTensor,
  signal: AbortSignal | undefined,
): Promise<Map<string, Float64Array>> {
  const { model, totalSteps } = network;
  const [samples, ...axes] = shape as [number, ...number[]];
  const sizes = new Map(model.info.layers.map(({ name, neurons }) => [name, neurons]));
  const counts = new Map(populations.map((name) => [name, new Float64Array(samples * sizes.get(name)!)]));
  const perSample = totalSteps * populations.reduce((sum, name) => sum + sizes.get(name)!, 0);
  const atOnce = Math.max(1, Math.floor(maxRecorded / Math.max(1, perSample)));
  const width = x.length / samples;
  const record = populations.map((name) => `${name}.spikes`);
  for (let from = 0; from < samples; from += atOnce) {
    const to = Math.min(samples, from + atOnce);
    const piece = { x: x.subarray(from * width, to * width), shape: [to - from, ...axes] };
    const { input, options } = network.input(piece);
    const { recordings } = await model.run(input, { ...options, record, signal });
    for (const [name, own] of counts) {
      const spikes = recordings[`${name}.spikes`]!;
      const [size, start] = [(to - from) * sizes.get(name)!, from * sizes.get(name)!];
      for (let i = 0; i < spikes.length; i++) if (spikes[i] !== 0) own[start + (i % size)]! += 1;
    }
  }
  return counts;
}
