/** Tensors of a model, one for each parameter: its weights, gradients and moments. */
import { typedArray } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { unwrap } from '../engine/native.ts';
import type { NativeModel, Weights } from './compiled-model.ts';
import type { LossParameters } from './loss-parameters.ts';

/** What an optimizer may keep of each parameter, as the engine calls it. */
export const momentKinds = ['moment1', 'moment2', 'moment3'] as const;
type Moment = (typeof momentKinds)[number];

/** Copies of all tensors of a kind, by parameter name. Gradients and moments that do not exist yet are empty. */
export async function tensorsOf(
  native: NativeModel,
  kind: 'value' | 'grad' | Moment,
): Promise<Record<string, Weights>> {
  return unwrap((await native.tensors(kind)) as never);
}

/**
 * Replaces the tensors of one kind for these parameters: all of them, or none if one is invalid.
 *
 * @param declared - parameters of losses among them that the model may not have yet; for values only
 */
export async function setTensors(
  native: NativeModel,
  kind: 'value' | Moment,
  tensors: Readonly<Record<string, Weights>>,
  declared: LossParameters = [],
): Promise<void> {
  const arrays = Object.entries(tensors).map(([name, values]) => {
    typedArray(name, values, [Float32Array, Float64Array]);
    return isKind(values, Float32Array) ? { values } : { doubles: values as Float64Array };
  });
  const ofLosses = declared.length === 0 ? undefined : JSON.stringify(declared);
  unwrap((await native.setTensors(kind, Object.keys(tensors), arrays, ofLosses)) as never);
}

/** The engine's description of the moments: the optimizer that they belong to, and the number of steps of each. */
export async function momentsOf(native: NativeModel): Promise<string> {
  return unwrap((await native.moments()) as never);
}

/** Sets the optimizer and the step counts of moments that {@link setTensors} has set. */
export async function setMoments(native: NativeModel, moments: string): Promise<void> {
  unwrap((await native.setMoments(moments)) as never);
}
