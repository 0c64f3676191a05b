/** The units of a neuron's states. */
import { addon, unwrap } from '../engine/native.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';

interface DescribedState {
  readonly name: string;
  /** Empty for a state without one. */
  readonly unit: string;
}

let models: ReadonlyMap<string, readonly DescribedState[]> | undefined;

/** All states of a neuron with their units: of a built-in model as its table says, of a custom one as its equations say. */
export function describedStates({ model, equations }: DynamicsSpec): readonly DescribedState[] {
  if (equations !== undefined)
    return equations.states.map(({ name }) => ({ name, unit: equations.units?.[name] ?? '' }));
  if (models === undefined) {
    const described = JSON.parse(unwrap(addon.describeModels())) as {
      models: { readonly key: string; readonly states: readonly DescribedState[] }[];
    };
    models = new Map(described.models.map(({ key, states }) => [key, states]));
  }
  return models.get(model) ?? [];
}
