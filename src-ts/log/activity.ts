/** The activity of a model's neurons on a batch: spikes of each layer, and neurons that do not contribute. */
import type { TrainingBatch } from '../train/batch.ts';
import type { LastBatch } from '../train/fit-options.ts';

/** The input of a batch. */
type Input = Pick<TrainingBatch, 'x' | 'shape'>;

/** What is needed of a model; others have no activity. */
interface ActiveModel {
  readonly info: {
    readonly layers: readonly {
      readonly name: string;
      readonly neurons: number;
      readonly spiking: boolean;
    }[];
  };
  run(
    input: Input,
    options: { steps?: number | undefined; record: readonly string[] },
  ): Promise<{ recordings: Readonly<Record<string, ArrayLike<number>>>; shape: readonly number[] }>;
}

/** A neuron is saturated if it fires in at least this share of the steps: it cannot tell a larger input from a smaller one. */
const saturatedShare = 0.9;

/** Maximum number of recorded values (steps × samples × neurons), so that counting them takes milliseconds. */
const maxValues = 1 << 22;

/** Maximum number of samples of the batch that run. */
const maxSamples = 32;

/**
 * Of each spiking layer: `spikes/LAYER`, the mean number of spikes of a sample; `dead/LAYER`, the share of neurons that do not spike in any sample;
 * `saturated/LAYER`, the share that fires in at least 90 % of the steps. The first samples of the batch run through the model for it, without learning. Empty
 * where even one sample would be too large, and for models that record nothing.
 */
export async function activityOf(
  model: unknown,
  last: LastBatch | undefined,
): Promise<Record<string, number>> {
  if (last === undefined || !isActive(model)) return {};
  const layers = model.info.layers.filter(({ spiking }) => spiking);
  const { batch, steps } = last;
  const given = batch.shape[steps === undefined ? 1 : 0]!;
  const perSample = (steps ?? batch.shape[0]!) * layers.reduce((sum, { neurons }) => sum + neurons, 0);
  const samples = Math.min(given, maxSamples, Math.floor(maxValues / perSample));
  if (samples < 1 || layers.length === 0) return {};
  const record = layers.map(({ name }) => `${name}.spikes`);
  const { recordings } = await model.run(firstSamples(batch, samples, steps), { steps, record });
  return Object.fromEntries(
    layers.flatMap(({ name, neurons }) => {
      const { spikes, dead, saturated } = counted(recordings[`${name}.spikes`]!, neurons);
      return [
        [`spikes/${name}`, spikes / samples],
        [`dead/${name}`, dead / neurons],
        [`saturated/${name}`, saturated / neurons],
      ];
    }),
  );
}

function isActive(model: unknown): model is ActiveModel {
  const { info, run } = Object(model) as Partial<ActiveModel>;
  return typeof run === 'function' && Array.isArray(info?.layers);
}

/** The first samples of a batch, `[time, batch, …]` or with `steps` `[batch, …]`. */
function firstSamples({ x, shape }: Input, samples: number, steps: number | undefined): Input {
  const axis = steps === undefined ? 1 : 0;
  if (samples === shape[axis]) return { x, shape };
  const size = shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  const rows = axis === 0 ? 1 : shape[0]!;
  const row = shape[axis]! * size;
  const kept = new (x.constructor as new (length: number) => typeof x)(rows * samples * size);
  for (let t = 0; t < rows; t++)
    kept.set(x.subarray(t * row, t * row + samples * size) as never, t * samples * size);
  return { x: kept, shape: shape.map((n, i) => (i === axis ? samples : n)) };
}

/** @param spikes - `[time, batch, neurons]`, 0 and 1 */
function counted(spikes: ArrayLike<number>, neurons: number) {
  const counts = new Uint32Array(neurons);
  const rows = spikes.length / neurons;
  for (let row = 0, at = 0; row < rows; row++)
    for (let i = 0; i < neurons; i++, at++) if (spikes[at] !== 0) counts[i]! += 1;
  let [total, dead, saturated] = [0, 0, 0];
  for (const count of counts) {
    total += count;
    if (count === 0) dead += 1;
    if (count >= saturatedShare * rows) saturated += 1;
  }
  return { spikes: total, dead, saturated };
}
