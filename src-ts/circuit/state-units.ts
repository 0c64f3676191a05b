/** The units of a neuron's states. */
import { addon, unwrap } from '../engine/native.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';

interface DescribedState {
  readonly name: string;
  /** Empty for a state without one. */
  readonly unit: string;
}

let models: ReadonlyMap<string, readonly DescribedState[]> | undefined;

/** The units of NEST, whose `iaf_psc_delta` and `iaf_psc_exp` are models of ours that have no dimensions by themselves. */
const unitsOfNest: Readonly<Record<string, string>> = { v: 'mV', iSyn: 'pA' };

/**
 * All states of a neuron with their units: of a built-in model as its table says, with `like: 'nest'` in NEST's units; of a custom one as its
 * equations say.
 */
export function describedStates({ model, equations, cell, like }: DynamicsSpec): readonly DescribedState[] {
  if (cell !== undefined) return variablesOf(cell);
  if (equations !== undefined)
    return equations.states.map(({ name }) => ({ name, unit: equations.units?.[name] ?? '' }));
  const states = builtIn().get(model) ?? [];
  if (like !== 'nest') return states;
  return states.map(({ name, unit }) => ({ name, unit: unit || (unitsOfNest[name] ?? '') }));
}

/** The variables of cells with dendrites; the first is the voltage at the detector. */
function variablesOf(cell: object): readonly DescribedState[] {
  const { variables = [] } = cell as { variables?: { name: string; quantity: string | object }[] };
  const units = { ionCurrent: 'mA/cm²', concentration: 'mM', reversal: 'mV', state: '' };
  const unitOf = (quantity: string | object) =>
    quantity === 'voltage' ? 'mV' : units[Object.keys(quantity)[0] as keyof typeof units];
  return [
    { name: 'v', unit: 'mV' },
    ...variables.map(({ name, quantity }) => ({ name, unit: unitOf(quantity) ?? '' })),
  ];
}

/** Whether a built-in model has a state of this name. */
export function isNameOfState(name: string): boolean {
  return [...builtIn().values()].some((states) => states.some((state) => state.name === name));
}

function builtIn(): ReadonlyMap<string, readonly DescribedState[]> {
  if (models === undefined) {
    const described = JSON.parse(unwrap(addon.describeModels())) as {
      models: { readonly key: string; readonly states: readonly DescribedState[] }[];
    };
    models = new Map(described.models.map(({ key, states }) => [key, states]));
  }
  return models;
}
