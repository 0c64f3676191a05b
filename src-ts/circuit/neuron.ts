/** Neurons with more than one input, which layers do not have. */
import { type DynamicsSpec, type ModelNames, population } from '../population.ts';

/** What every neuron of large networks takes beside its model's own parameters. */
export interface NetworkNeuronOptions {
  /** Name of the population; default the model's and a number. */
  name?: string;
}

/** A neuron with several inputs (`excitatory`, `inhibitory`, `current`), for populations of large networks. */
export interface NetworkNeuron {
  readonly name?: string;
  readonly spiking: boolean;
  readonly dynamics: DynamicsSpec;
}

/** Used by the generated factories. */
export function networkNeuron(
  model: string,
  spiking: boolean,
  given: NetworkNeuronOptions,
  names: ModelNames,
): NetworkNeuron {
  const { name, dynamics } = population(model, spiking, given, names);
  return Object.freeze({ ...(name === undefined ? {} : { name }), spiking, dynamics });
}
