/** The layers of a model as targets of weights: which parameters belong together, and what each is to its layer. */

import type { ModelInfo } from '../compiled/model-info.ts';
import type { Description, NodeSpec } from '../description/description.ts';
import type { NeuronContext } from './neuron-parameters.ts';
import type { ModuleKind } from './peer-modules.ts';

/** A parameter of the model. */
export interface TargetParameter {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A layer, and what of it can be set. */
export interface Target {
  readonly layer: string;
  readonly kind: ModuleKind;
  readonly node: NodeSpec;
  /** Of a projection `weight` and `bias`, of a norm those and `mean` and `variance`, of a population those of its recurrence. */
  readonly parts: ReadonlyMap<string, TargetParameter>;
  /** Of a population what it learns, by name. */
  readonly learned: ReadonlyMap<string, TargetParameter>;
  /** Of a population the node that leads back to it. */
  readonly recurrent?: NodeSpec;
}

/** The quantities that the conversion of a neuron's parameter depends on. */
export function neuronContext(node: NodeSpec, dt: number): NeuronContext {
  return { dt, options: node.kind === 'dynamics' ? node.dynamics.options : {} };
}

/** Parts of a layer, by the last word of the parameter's name. */
const parts: Readonly<Record<string, string>> = {
  weight: 'weight',
  bias: 'bias',
  lambda: 'lambda',
  runningMean: 'mean',
  runningVariance: 'variance',
};

/** All layers that take weights, in the order of the network, and the parameters that no other library has. */
export function targetsOf(
  { nodes, edges }: Description,
  parameters: ModelInfo['parameters'],
): { targets: Target[]; own: string[] } {
  const byLayer = new Map<string, Map<string, TargetParameter>>();
  for (const { name, shape } of parameters) {
    const dot = name.lastIndexOf('.');
    const layer = name.slice(0, dot);
    const ofLayer = byLayer.get(layer) ?? new Map<string, TargetParameter>();
    byLayer.set(layer, ofLayer.set(name.slice(dot + 1), { name, shape }));
  }
  // A population's own recurrence: a projection that leads from it to it.
  const owners = new Map<string, string>();
  for (const node of nodes) {
    if (node.kind !== 'dynamics') continue;
    const after = edges.filter(([from]) => from === node.name).map(([, to]) => to);
    const back = edges.filter(([, to]) => to === node.name).map(([from]) => from);
    for (const name of after) if (back.includes(name)) owners.set(name, node.name);
  }
  const targets: Target[] = [];
  const own: string[] = [];
  const recurrences = new Map(
    [...owners].map(([name, owner]) => [owner, nodes.find((node) => node.name === name)!]),
  );
  for (const node of nodes) {
    if (owners.has(node.name)) continue;
    const ofNode = byLayer.get(node.name) ?? new Map<string, TargetParameter>();
    const kind = kindOf(node);
    const recurrent = recurrences.get(node.name);
    const ofParts = recurrent === undefined ? ofNode : (byLayer.get(recurrent.name) ?? new Map());
    const named = [...(kind === 'population' && recurrent === undefined ? [] : ofParts)]
      .filter(([last]) => Object.hasOwn(parts, last))
      .map(([last, parameter]): [string, TargetParameter] => [parts[last]!, parameter]);
    const learned = kind === 'population' ? ofNode : new Map<string, TargetParameter>();
    const assigned = new Set([...named, ...learned].map(([, { name }]) => name));
    own.push(...[...ofNode, ...ofParts].map(([, { name }]) => name).filter((name) => !assigned.has(name)));
    if (kind !== 'population' && named.length === 0) continue;
    targets.push({
      layer: node.name,
      kind,
      node,
      parts: new Map(named),
      learned,
      ...(recurrent === undefined ? {} : { recurrent }),
    });
  }
  return { targets, own: [...new Set(own)] };
}

function kindOf({ kind }: NodeSpec): ModuleKind {
  if (kind === 'dynamics') return 'population';
  return kind.endsWith('-norm') ? 'norm' : 'projection';
}
