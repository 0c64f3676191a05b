/** A model in the middle of training, with other surrogate gradients. */
import { definite, invalid, unknownName } from '../checks/check.ts';
import { compileNative } from '../compiled/compile-native.ts';
import { type CompiledModel, currentDescription, type NativeModel } from '../compiled/compiled-model.ts';
import { momentKinds, momentsOf, setMoments, setTensors, tensorsOf } from '../compiled/tensors.ts';
import type { Description } from '../description/description.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';

/** As {@link Model.withSurrogates}: the new network with the weights, moments and number of updates of this one. */
export async function withSurrogates(
  model: CompiledModel,
  surrogates: Readonly<Record<string, Surrogate>>,
  options: TaskOptions,
): Promise<{ native: NativeModel; updates: number }> {
  if (typeof surrogates !== 'object' || surrogates === null) {
    invalid('surrogates', surrogates, 'an object of surrogates by layer');
  }
  const spiking = model.info.layers.filter((layer) => layer.spiking).map(({ name }) => name);
  for (const [name, surrogate] of Object.entries(surrogates)) {
    if (!spiking.includes(name)) throw unknownName('spiking layer', name, spiking);
    definite(`surrogates.${name}`, surrogate);
    if (typeof (surrogate?.name ?? surrogate?.derivative) !== 'string') {
      invalid(`surrogates.${name}`, surrogate, 'a surrogate, such as surrogate.atan()');
    }
  }
  // Request everything at once for a consistent snapshot, as for a checkpoint.
  const kinds = ['value', ...momentKinds] as const;
  const described = currentDescription(model.native);
  const read = kinds.map((kind) => tensorsOf(model.native, kind));
  const counted = read[0]!.then(() => model.updates);
  const optimizer = momentsOf(model.native);
  const [description, updates, moments, ...tensors] = await Promise.all([
    described,
    counted,
    optimizer,
    ...read,
  ]);
  const native = await compileNative('unset', changed(description, surrogates), options);
  try {
    for (const [i, kind] of kinds.entries()) await setTensors(native, kind, tensors[i]!);
    if (Object.values(tensors[1]!).some((values) => values.length > 0)) await setMoments(native, moments);
    return { native, updates };
  } catch (error) {
    native.dispose();
    throw error;
  }
}

function changed(description: Description, surrogates: Readonly<Record<string, Surrogate>>): Description {
  const nodes = description.nodes.map((node) => {
    // A layer may be called as what every object has.
    if (!Object.hasOwn(surrogates, node.name) || node.kind !== 'dynamics') return node;
    return { ...node, dynamics: { ...node.dynamics, surrogate: surrogates[node.name]! } };
  });
  return { ...description, nodes };
}
