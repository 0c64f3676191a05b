/** A model in the middle of training, with other surrogate gradients. */
import { definite, invalid, unknownName } from '../checks/check.ts';
import type { Description } from '../description/description.ts';
import { unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import { compileWith } from './compile.ts';
import type { Model, Weights } from './model.ts';

/** As {@link Model.withSurrogates}. */
export async function withSurrogates(
  model: Model,
  surrogates: Readonly<Record<string, Surrogate>>,
  options: TaskOptions,
): Promise<Model> {
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
  // All is asked for at once, so that it is of one moment, as for a checkpoint.
  const kinds = ['value', 'moment1', 'moment2'] as const;
  const described = model.currentDescription();
  const read = kinds.map(
    async (kind) => unwrap((await model.native.tensors(kind)) as never) as Record<string, Weights>,
  );
  const counted = read[0]!.then(() => model.updates);
  const told = model.native.moments();
  const [description, updates, ...tensors] = await Promise.all([described, counted, ...read]);
  const moments = unwrap((await told) as never) as string;
  const next = await compileWith('unset', changed(description, surrogates), options);
  try {
    for (const [i, kind] of kinds.entries()) await next.setTensors(kind, tensors[i]!);
    if (Object.values(tensors[1]!).some((values) => values.length > 0)) {
      unwrap((await next.native.setMoments(moments)) as never);
    }
    next.updates = updates;
    next.metadata = model.metadata;
    return next;
  } catch (error) {
    next.dispose();
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
