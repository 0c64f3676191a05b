/** What running a model costs: operations by NeuroBench's definitions, by layer and in total, and an estimate of the energy. */
import { options as checkOptions, integer, invalid } from '../checks/check.ts';
import { type InputOptions, type InputTensor, nativeInput } from '../description/input-tensor.ts';
import { itemsUntilAborted } from '../engine/abort.ts';
import { checkTask, task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { isModel, type Model } from '../model/model.ts';
import { type ReadoutCost, readoutCost } from '../model/readout-cost.ts';
import { added, type BatchCounts, type Counts, divided } from './counts.ts';
import { type EnergyEstimate, energyModel, estimateEnergy } from './energy.ts';
import type { EnergyModel, EnergyModelName } from './energy-models.ts';
import { type LayerOperations, layersOf, readoutOperations } from './layer-operations.ts';
import { connectionSparsity, type NeuroBenchMetrics, neurobench } from './neurobench.ts';

/** Means over the samples, each for its whole sequence. */
export interface Operations {
  samples: number;
  /** Mean number of steps of a sample. */
  steps: number;
  /** Multiply-adds with non-zero weight and input, in steps at which a layer's inputs are not all -1, 0 or 1. */
  effectiveMacs: number;
  /** Additions, in the other steps. */
  effectiveAcs: number;
  /** Every synapse at every step. Biases are not counted, and products of two signals (attention, matrix products, gates) only in traced layers. */
  dense: number;
  /** Changes of a membrane potential. */
  membraneUpdates: number;
  /** Spikes of all populations. */
  spikes: number;
  /** Share of outputs that are zero, as {@link NeuroBenchMetrics.ActivationSparsity}. */
  activationSparsity: number;
  /** Share of weights of dense layers and convolutions that are zero, to four decimals. */
  connectionSparsity: number;
  /** Number and bytes of the weights, biases and learned parameters of neurons. */
  parameters: number;
  parameterBytes: number;
  /** By layer, in the order of the description, then the model's read-out, `readout`. */
  layers: LayerOperations[];
  /** NeuroBench's metrics by their names. The sums above also count norms, filters and one-to-one weights; these do not. */
  neurobench: NeuroBenchMetrics;
  energy: EnergyEstimate;
}

/** Options of {@link operations}. */
export interface OperationsOptions extends InputOptions, TaskOptions {
  /**
   * Number of samples that run together. Their inputs together determine at each step whether a layer accumulates or multiplies, like the batch of
   * NeuroBench's loader. Default: the given batches. Small batches need less memory.
   */
  batchSize?: number;
  /** The energy model, by name, or a custom one; default `'horowitz-45nm-fp32'`. */
  energy?: EnergyModelName | EnergyModel;
}

/** A batch, or batches. */
export type OperationsInput = InputTensor | AsyncIterable<InputTensor> | Iterable<InputTensor>;

/**
 * Runs a batch, or all batches of a data set, from rest and counts the cost of a sample (J. Yik et al., NeuroBench, Nature Communications
 * 16, 2025, as its package 2.3.0 computes; energy: see {@link energyModels}). A batch needs memory for the spikes and membranes of all
 * populations.
 *
 * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`; or a {@link DataLoader} or list of such
 * @throws LapicqueError as `model.run`; `invalid-parameter` without a batch
 */
export async function operations(
  model: Model,
  input: OperationsInput,
  options: OperationsOptions = {},
): Promise<Operations> {
  const known = ['steps', 'batchSize', 'energy', 'signal', 'onProgress'] as const;
  const {
    steps,
    batchSize,
    energy = 'horowitz-45nm-fp32',
    signal,
    onProgress,
  } = checkOptions('operations', options, known);
  if (!isModel(model)) invalid('model', model, 'a Model');
  if (batchSize !== undefined) integer('batchSize', batchSize, { min: 1 });
  const used = energyModel('energy', energy);
  checkTask({ signal, onProgress });
  const declared = model.description.input;
  const batches = isBatches(input) ? input : [input];
  let counts: Counts | undefined;
  const ofReadout = { multiplyAdds: 0, additions: 0 };
  for await (const batch of itemsUntilAborted(signal, batches)) {
    const checked = nativeInput(batch, declared, { steps });
    for (const part of batchSize === undefined ? [batch] : divided(batch, checked, batchSize)) {
      const native = part === batch ? checked : nativeInput(part, declared, { steps });
      const text = await task({ signal, onProgress }, (handle) => model.native.operations(native, handle));
      const found = JSON.parse(text) as BatchCounts;
      counts = added(counts, found);
      const cost = readoutCost(model, found.steps);
      ofReadout.multiplyAdds += cost.multiplyAdds * found.samples;
      ofReadout.additions += cost.additions * found.samples;
    }
  }
  if (counts === undefined) invalid('input', 'no batch', 'at least one batch');
  return operationsOf(model, counts!, ofReadout, used);
}

function isBatches(input: OperationsInput): input is AsyncIterable<InputTensor> | Iterable<InputTensor> {
  const isObject = typeof input === 'object' && input !== null;
  return (
    isObject && !ArrayBuffer.isView(input) && (Symbol.asyncIterator in input || Symbol.iterator in input)
  );
}

/** Everything that follows from the counts. */
function operationsOf(
  { description, info }: Pick<Model, 'description' | 'info'>,
  counts: Counts,
  ofReadout: ReadoutCost,
  model: EnergyModel,
): Operations {
  const hasReadout = description.readout !== undefined;
  const layers = [
    ...layersOf(description, info, counts),
    ...(hasReadout ? [readoutOperations(ofReadout, counts.samples)] : []),
  ];
  const sum = (value: (layer: LayerOperations) => number) =>
    layers.reduce((all, layer) => all + value(layer), 0);
  const metrics = neurobench(description, info, counts);
  const steps = counts.rows / counts.samples;
  return {
    samples: counts.samples,
    steps,
    effectiveMacs: sum(({ effectiveMacs }) => effectiveMacs),
    effectiveAcs: sum(({ effectiveAcs }) => effectiveAcs),
    dense: sum(({ dense }) => dense),
    membraneUpdates: metrics.MembraneUpdates,
    spikes: counts.populations.reduce((all, { spikes }) => all + spikes, 0) / counts.samples,
    activationSparsity: metrics.ActivationSparsity,
    connectionSparsity: connectionSparsity(description, counts),
    parameters: metrics.ParameterCount,
    parameterBytes: metrics.ParameterCount * (description.precision === 'f64' ? 8 : 4),
    layers,
    neurobench: metrics,
    energy: estimateEnergy({ steps, layers }, model),
  };
}
