/** One neuron of a population, run with a current for figures of its equations. */
import { invalid } from '../checks/check.ts';
import { type Population, sliceable } from '../circuit/elements/populations.ts';
import { describedStates } from '../circuit/state-units.ts';
import { addon, unwrap } from '../engine/native.ts';

/** A population of one neuron. @throws LapicqueError `invalid-parameter` */
export function oneNeuron(value: unknown): Population {
  const cells = value as Population | undefined;
  if (typeof cells !== 'object' || cells === null || cells.element !== 'population')
    invalid('neuron', value, 'a population of one neuron, such as population(adex, 1, { a: 2 })');
  if (cells.size !== 1)
    invalid('neuron', `a population of ${cells.size} neurons`, 'a population of one neuron');
  return cells;
}

/** Copies of a neuron with other initial states, `[neurons]` each. */
export function copiesOf(
  cells: Population,
  size: number,
  initial: Readonly<Record<string, Float64Array>>,
): Population {
  const { neuron, initial: own } = cells;
  return sliceable<Population>({
    element: 'population',
    name: 'neuron',
    size,
    neuron,
    initial: Object.freeze({ ...own, ...initial }),
  });
}

/** The states of a neuron's equations with their units. */
export function statesOf({
  neuron,
}: Population): readonly { readonly name: string; readonly unit: string }[] {
  const states = describedStates(neuron);
  if (neuron.equations !== undefined) return states;
  // Some states take part only with a parameter; counters of steps are no states of the equations.
  const { states: own } = JSON.parse(unwrap(addon.checkNeuron(JSON.stringify(neuron)))) as {
    states: string[];
  };
  return states.filter(({ name, unit }) => own.includes(name) && unit !== 'steps');
}

/** `v (mV)`; without a unit `v`. */
export function labelOf(name: string, unit: string): string {
  return unit === '' || unit === 'dimensionless' || unit === '–' ? name : `${name} (${unit})`;
}
