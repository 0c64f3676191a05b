/** What running a model costs: operations by NeuroBench's definitions, and an estimate of the energy. */
import { options as checkOptions, invalid } from '../checks/check.ts';
import { type InputOptions, type InputTensor, nativeInput } from '../description/input-tensor.ts';
import { task } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { isModel, type Model } from './model.ts';

/** Joules for one sample; `assumptions` names what is counted and what is not. */
export interface EnergyEstimate {
  joules: number;
  /** The same network run dense: a multiply-add at every synapse and step. */
  denseJoules: number;
  model: {
    /** Joules of a multiply-add and of an addition. */
    mac: number;
    ac: number;
    assumptions: readonly string[];
  };
}

/** Means over the samples of a batch, each for its whole sequence. */
export interface Operations {
  /** Multiply-adds with weight and input both non-zero, where a layer's inputs are not all -1, 0 or 1. */
  effectiveMacs: number;
  /** Additions, where they are. */
  effectiveAcs: number;
  /** Every synapse at every step; biases are not counted. */
  dense: number;
  /** Changes of a membrane potential. */
  membraneUpdates: number;
  /** Spikes of all populations. */
  spikes: number;
  /** Share of neurons and steps without a spike, over all spiking populations. */
  activationSparsity: number;
  /** Share of weights that are zero, to four decimals. */
  connectionSparsity: number;
  /** Weights, biases and learned parameters of neurons: how many, and their bytes. */
  parameters: number;
  parameterBytes: number;
  energy: EnergyEstimate;
}

/**
 * Runs a batch from rest and counts what it costs (J. Yik et al., NeuroBench, Nature Communications 16, 2025; energy:
 * M. Horowitz, ISSCC 2014, 45 nm). Needs memory for the spikes and membranes of all populations.
 *
 * @param input - `[time, batch, channels]`, or `[batch, channels]` with `steps`
 * @throws LapicqueError as `model.run`
 */
export async function operations(
  model: Model,
  input: InputTensor,
  options: InputOptions & TaskOptions = {},
): Promise<Operations> {
  checkOptions('operations', options, ['steps', 'signal', 'onProgress']);
  if (!isModel(model)) invalid('model', model, 'a Model');
  const native = nativeInput(input, model.description.input, options);
  const text = await task(options, (handle) => model.native.operations(native, handle));
  return JSON.parse(text) as Operations;
}
