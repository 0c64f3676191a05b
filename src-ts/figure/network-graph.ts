/** A large network as a graph: its populations and sources, and what a picture needs of its connections. */
import type { CircuitDescription } from '../circuit/description.ts';
import type { SynapseValues } from '../circuit/elements/distribution.ts';

/** A population or a source. */
export interface GraphNode {
  readonly name: string;
  /** Neurons, or spike trains of a source. */
  readonly size: number;
  readonly isSource: boolean;
}

/** Populations in their order, then sources. */
export function graphNodes({ populations, sources = [] }: CircuitDescription): GraphNode[] {
  return [
    ...populations.map(({ name, size }) => ({ name, size, isSource: false })),
    ...sources.map(({ name, trains }) => ({ name, size: trains.length, isSource: true })),
  ];
}

/** The name of a population or source, also of a slice of one. */
export function nodeName(neurons: string | { readonly of: string }): string {
  return typeof neurons === 'string' ? neurons : neurons.of;
}

/** The sign of the mean weight; 0 where an expression of two neurons determines the weight. */
export function weightSign(weight: SynapseValues): number {
  if (typeof weight === 'number') return Math.sign(weight);
  if (typeof weight === 'string') return 0;
  if (!('kind' in weight)) return Math.sign(Array.from(weight).reduce((sum, value) => sum + value, 0));
  if (weight.kind === 'uniform') return Math.sign(weight.low + weight.high);
  return weight.kind === 'normal' ? Math.sign(weight.mean) : 1;
}
