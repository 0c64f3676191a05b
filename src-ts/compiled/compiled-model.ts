/** A compiled network as data: what the functions of the stages read and write. */
import type { Description } from '../description/description.ts';
import { type addon, unwrap } from '../engine/native.ts';
import type { ModelInfo } from './model-info.ts';

/** A network in the engine's memory. */
export type NativeModel = InstanceType<typeof addon.NativeModel>;

/** A tensor of weights, row-major. */
export type Weights = Float32Array | Float64Array;

/** What users keep with a model: labels, version, license … */
export type ModelMetadata = Readonly<Record<string, unknown>>;

/** What the engine tells of a network that it compiled. */
export type ModelSummary = ModelInfo & { description: Description };

/** What a model consists of; {@link Model} is one. */
export interface CompiledModel {
  readonly native: NativeModel;
  readonly description: Description;
  readonly info: ModelInfo;
  /** Optimiser steps taken so far. */
  updates: number;
  metadata: ModelMetadata;
}

/** The description with learned neuron parameters as they are now. */
export async function currentDescription(native: NativeModel): Promise<Description> {
  return JSON.parse(unwrap((await native.description()) as never)) as Description;
}
