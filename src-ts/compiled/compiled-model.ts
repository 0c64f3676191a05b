/** A compiled network as data, as the functions for files, weights and training use it. */
import type { Description } from '../description/description.ts';
import { type addon, unwrap } from '../engine/native.ts';
import type { ModelInfo } from './model-info.ts';

/** A network in the engine's memory. */
export type NativeModel = InstanceType<typeof addon.NativeModel>;

/** A tensor of weights, row-major. */
export type Weights = Float32Array | Float64Array;

/** Metadata of a model: labels, version, license … */
export type ModelMetadata = Readonly<Record<string, unknown>>;

/** The engine's summary of a compiled network. */
export type ModelSummary = ModelInfo & { description: Description };

/** The data of a model; {@link Model} implements it. */
export interface CompiledModel {
  readonly native: NativeModel;
  readonly description: Description;
  readonly info: ModelInfo;
  /** Optimizer steps taken so far. */
  updates: number;
  metadata: ModelMetadata;
}

/** The description with the current values of learned neuron parameters. */
export async function currentDescription(native: NativeModel): Promise<Description> {
  return JSON.parse(unwrap((await native.description()) as never)) as Description;
}
