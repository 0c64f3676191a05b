/** Tensors of a model, one for each parameter: its weights, gradients and moments. */
import { typedArray } from '../checks/check.ts';
import { isKind } from '../checks/typed.ts';
import { unwrap } from '../engine/native.ts';
import type { NativeModel, Weights } from './compiled-model.ts';

/** All tensors of a kind by the names of their parameters; copies. Of gradients and moments that there are not yet, empty ones. */
export async function tensorsOf(
  native: NativeModel,
  kind: 'value' | 'grad' | 'moment1' | 'moment2',
): Promise<Record<string, Weights>> {
  return unwrap((await native.tensors(kind)) as never);
}

/** Replaces one kind of tensor of these parameters, all or none. */
export async function setTensors(
  native: NativeModel,
  kind: 'value' | 'moment1' | 'moment2',
  tensors: Readonly<Record<string, Weights>>,
): Promise<void> {
  const given = Object.entries(tensors).map(([name, values]) => {
    typedArray(name, values, [Float32Array, Float64Array]);
    return isKind(values, Float32Array) ? { values } : { doubles: values as Float64Array };
  });
  unwrap((await native.setTensors(kind, Object.keys(tensors), given)) as never);
}

/** The optimiser's moments as the engine describes them: which optimiser's they are, and how many steps each has taken. */
export async function momentsOf(native: NativeModel): Promise<string> {
  return unwrap((await native.moments()) as never);
}

/** Says whose the moments are that {@link setTensors} has set. */
export async function setMoments(native: NativeModel, moments: string): Promise<void> {
  unwrap((await native.setMoments(moments)) as never);
}
