/** What a simulation knows of the network that it was built of. */
import { attached, eachFinite, invalid } from '../checks/check.ts';
import { LapicqueError } from '../checks/errors.ts';
import { asDoubles } from '../checks/whole-numbers.ts';
import type { Precision } from '../description/description.ts';
import { type addon, unwrap } from '../engine/native.ts';
import type { Input } from './between-runs.ts';
import type { CircuitDescription, Parts } from './description.ts';
import { isList } from './elements/distribution.ts';
import type { NeuronsSpec, Population, SpikeSource } from './elements/populations.ts';
import type { StateTrace } from './traces.ts';

/** Whether a connection's synapses have rows of their own, which change. */
export function changes({ synapse, structural }: { synapse?: object; structural?: object }): boolean {
  return synapse !== undefined || structural !== undefined;
}

/** Values for all, or one each. */
export function listOf(name: string, value: unknown, each: string): Float64Array {
  const list = typeof value === 'number' ? [value] : asDoubles(name, value);
  if (!isList(list)) invalid(name, value, `a number, or one number per ${each}`);
  attached(name, list);
  // The engine finds values of a typed array that are not numbers; a list may have values that only look like numbers.
  if (Array.isArray(list)) eachFinite(name, list);
  return new Float64Array(list);
}

/** Values by their names, as {@link listOf} of each. */
export function listsOf(values: object, each: string): { name: string; values: Float64Array }[] {
  return Object.entries(values).map(([name, value]) => ({
    name,
    values: listOf(`values.${name}`, value, each),
  }));
}

/** Sets states and parameters of neurons. @throws LapicqueError `unknown-name` with the states and parameters that there are */
export async function setNeurons(
  native: InstanceType<typeof addon.NativeSimulation>,
  [population, from, to]: readonly [population: string, from: number, to: number],
  values: { name: string; values: Float64Array }[],
): Promise<void> {
  try {
    unwrap(await native.set(population, from, to, values));
  } catch (error) {
    // The engine's error lists parameters only; that of a reading lists the states as well.
    if (error instanceof LapicqueError && error.code === 'unknown-name')
      for (const { name } of values) unwrap(await native.get(population, from, to, name));
    throw error;
  }
}

export function raise(error: Error): never {
  throw error;
}

/** How a network was built, and what of its description runs need. */
export interface Setting {
  readonly description: CircuitDescription;
  readonly dt: number;
  readonly seed: number;
  readonly precision: Precision;
  readonly threads: number | undefined;
  /** Neurons whose spikes are kept; all when left out. */
  readonly spikes: readonly NeuronsSpec[] | undefined;
  readonly traces: readonly (Pick<StateTrace, 'neurons' | 'unit'> & { readonly name: string })[];
  /** What the connections lead from and to whose weights are recorded. */
  readonly weights: readonly { readonly from: string; readonly to: string }[];
  /** Names of means and of proxies of the local field potential. */
  readonly means: readonly string[];
  readonly fields: readonly string[];
  readonly connections: CircuitDescription['connections'];
  readonly inputs: readonly Input[];
  /** The inputs and connections that the network was made of, in the order of the description. */
  readonly elements: Pick<Parts, 'inputs' | 'connections'>;
  readonly names: ReadonlyMap<Population | SpikeSource, string>;
  /** Trains of each source. */
  readonly trains: ReadonlyMap<string, number>;
}
