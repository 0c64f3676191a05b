/** Connections whose synapses come and go. */
import { options as checkOptions, finite, integer, invalid, oneOf } from '../../checks/check.ts';

/**
 * How synaptic elements grow with a neuron's calcium `c`, per ms: `linear`, `rate (1 - c / epsilon)`; `gaussian`, `rate (2
 * exp(-((c - xi) / zeta)^2) - 1)` with `xi = (eta + epsilon) / 2` and `zeta = (epsilon - eta) / (2 sqrt(ln 2))`: 0 at `eta` and
 * `epsilon`, above in between.
 */
export type Growth =
  | { curve: 'linear'; rate: number; epsilon: number }
  | { curve: 'gaussian'; rate: number; eta: number; epsilon: number };

/**
 * Structural plasticity (M. Butz, A. van Ooyen, PLoS Computational Biology 9, 2013; as in NEST: S. Diaz-Pier et al., Frontiers
 * in Neuroanatomy 10, 2016): every `interval` ms a neuron with more synapses than elements loses randomly chosen ones, and free axonal and dendritic
 * elements are connected at random, if the rule allows the pair. Neurons start with as many elements as
 * the connection gives them synapses.
 */
export interface StructuralPlasticity {
  /** Growth of the sources' elements. */
  axonal: Growth;
  /** Growth of the targets' elements. */
  dendritic: Growth;
  /** ms between two changes, a whole number of steps. */
  interval: number;
  /** Time constant of calcium in ms; default 10,000. */
  tauCalcium?: number;
  /** Increase of calcium per spike; default 0.001. At a rate of r kHz calcium is about `r tauCalcium betaCalcium`. */
  betaCalcium?: number;
  /** The fraction of free elements that is lost at each change; default 0.1. The number lost is an integer. */
  vacantDecay?: number;
  /** Largest number of elements of a neuron; default 1,000. */
  most?: number;
}

/** Elements and calcium of a connection with structural plasticity, by neuron of the connection. */
export interface SynapticElements {
  readonly axonal: Float64Array;
  readonly axonalCalcium: Float64Array;
  readonly dendritic: Float64Array;
  readonly dendriticCalcium: Float64Array;
}

/** Checks what the engine does not know by name. */
export function structuralOf(name: string, structural: StructuralPlasticity): StructuralPlasticity {
  const { axonal, dendritic, ...numbers } = checkOptions(name, structural, [
    'axonal',
    'dendritic',
    'interval',
    'tauCalcium',
    'betaCalcium',
    'vacantDecay',
    'most',
  ]);
  const checked: Record<string, number> = {};
  for (const [key, value] of Object.entries(numbers)) {
    if (value === undefined) continue;
    checked[key] =
      key === 'most' ? integer(`${name}.most`, value, { min: 1 }) : finite(`${name}.${key}`, value);
  }
  if (checked.interval === undefined) invalid(`${name}.interval`, undefined, 'a time in ms');
  return Object.freeze({
    ...checked,
    axonal: growthOf(`${name}.axonal`, axonal),
    dendritic: growthOf(`${name}.dendritic`, dendritic),
  }) as StructuralPlasticity;
}

function growthOf(name: string, growth: Growth): Growth {
  if (typeof growth !== 'object' || growth === null)
    invalid(name, growth, "a growth curve: { curve: 'linear', … }");
  const curve = oneOf(`${name}.curve`, growth.curve, ['linear', 'gaussian']);
  const keys = curve === 'linear' ? (['rate', 'epsilon'] as const) : (['rate', 'eta', 'epsilon'] as const);
  const numbers = checkOptions(name, growth as Extract<Growth, { curve: 'gaussian' }>, ['curve', ...keys]);
  return Object.freeze({
    curve,
    ...Object.fromEntries(keys.map((key) => [key, finite(`${name}.${key}`, numbers[key])])),
  }) as Growth;
}
