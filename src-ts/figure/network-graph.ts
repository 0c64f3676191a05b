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

/** The mean of values; undefined where an expression of two neurons determines them. */
export function meanOf(values: SynapseValues): number | undefined {
  if (typeof values === 'number') return values;
  if (typeof values === 'string') return undefined;
  if (!('kind' in values)) {
    const list = Array.from(values);
    return list.reduce((sum, value) => sum + value, 0) / Math.max(1, list.length);
  }
  if (values.kind === 'uniform') return (values.low + values.high) / 2;
  return values.kind === 'normal' ? values.mean : Math.exp(values.mu + values.sigma ** 2 / 2);
}

/** The sign of the mean weight; 0 where an expression of two neurons determines the weight. */
export function weightSign(weight: SynapseValues): number {
  return Math.sign(meanOf(weight) ?? 0);
}
