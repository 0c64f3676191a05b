/** What the states and inputs of a model reach on calibration data. */
import { invalid } from '../checks/check.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Model } from '../model/model.ts';

/** Batches that {@link quantize} runs to measure the value ranges of a model. */
export type Calibration = InputTensor | readonly InputTensor[];

/** The largest absolute values of a population, one for each neuron, and its spikes. */
export interface LayerRange {
  readonly v: Float64Array;
  /** Of the synaptic current; absent without one. */
  readonly current?: Float64Array;
  /** Range of the inputs of a population without a synaptic current. */
  readonly input?: Float64Array;
  readonly spikes: number;
}

/** What the data reach. */
export interface Ranges {
  readonly layers: ReadonlyMap<string, LayerRange>;
  readonly input: {
    readonly largest: number;
    readonly negative: boolean;
    readonly whole: boolean;
  };
}

/** The batches of a calibration. @throws LapicqueError `invalid-parameter` for none */
export function batchesOf(calibration: Calibration): readonly InputTensor[] {
  const batches = Array.isArray(calibration)
    ? (calibration as readonly InputTensor[])
    : [calibration as InputTensor];
  const samples = batches.filter((batch) => (batch?.x?.length ?? 0) > 0);
  if (samples.length === 0) invalid('calibration', 'no data', 'at least one batch { x, shape } with samples');
  return samples;
}

/** Runs the data through the model. @param needsInputs - whether the target gives every population a current @throws LapicqueError as {@link Model.run} */
export async function rangesOf(
  model: Model,
  batches: readonly InputTensor[],
  steps: number | undefined,
  options: TaskOptions,
  needsInputs: boolean,
): Promise<Ranges> {
  const layers = new Map<
    string,
    { v: Float64Array; current?: Float64Array; input?: Float64Array; spikes: number }
  >();
  const input = { largest: 0, negative: false, whole: true };
  const { recordable } = model.info;
  const record = model.info.layers.flatMap(({ name }) => [
    `${name}.v`,
    ...(recordable.includes(`${name}.iSyn`)
      ? [`${name}.iSyn`]
      : needsInputs && recordable.includes(`${name}.current`)
        ? [`${name}.current`]
        : []),
  ]);
  for (const batch of batches) {
    for (const value of batch.x) {
      const size = Math.abs(value);
      if (size > input.largest) input.largest = size;
      if (value < 0) input.negative = true;
      if (!Number.isInteger(value)) input.whole = false;
    }
    const run = await model.run(batch, { record, ...(steps === undefined ? {} : { steps }), ...options });
    for (const { name, neurons } of model.info.layers) {
      const range = layers.get(name) ?? { v: new Float64Array(neurons), spikes: 0 };
      widen(range.v, run.recordings[`${name}.v`]);
      const current = run.recordings[`${name}.iSyn`];
      if (current !== undefined) {
        range.current ??= new Float64Array(neurons);
        widen(range.current, current);
      }
      const entering = run.recordings[`${name}.current`];
      if (entering !== undefined) {
        range.input ??= new Float64Array(neurons);
        widen(range.input, entering);
      }
      range.spikes += run.spikeCounts[name] ?? 0;
      layers.set(name, range);
    }
  }
  return { layers, input };
}

/** Raises the largest value of each neuron by values `[…, neurons]`. */
function widen(largest: Float64Array, values: ArrayLike<number> | undefined): void {
  const n = largest.length;
  for (let i = 0; i < (values?.length ?? 0); i++) {
    const size = Math.abs(values![i]!);
    if (size > largest[i % n]!) largest[i % n] = size;
  }
}
