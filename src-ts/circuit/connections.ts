/** Synapses of a network, read back. */

import type { CircuitDescription } from './description.ts';
import { type NeuronsSpec, named } from './elements/populations.ts';

/** Synapses by connection, then target, source and delay. */
export interface Synapses {
  /** Neurons, 0-based in their populations or sources. */
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** In ms. */
  readonly delays: Float64Array;
  /** In the unit of the port, as stored by the simulation: rounded in f32. */
  readonly weights: Float64Array;
  /** The index of each synapse's connection, in the order of the network's connections. */
  readonly connections: Uint32Array;
  /**
   * If one of the connections leads to a target of cells with several places: the index of each synapse's place, in the order of the target's
   * places; 0 for synapses of other connections.
   */
  readonly places?: Uint32Array;
}

/** What the engine gives for one connection; sources are counted in what it comes from. */
export interface Part {
  readonly connection: number;
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  readonly delays: Float64Array;
  readonly weights: Float64Array;
  readonly places: Float64Array | undefined;
}

/** Neurons to look for. */
export interface NeuronRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

type Connections = NonNullable<CircuitDescription['connections']>;

/** Sources of a connection, which the engine counts in what it comes from, counted in their population. */
export function sourcesOf(from: NeuronsSpec, sources: Uint32Array): Uint32Array {
  const first = typeof from === 'string' ? 0 : from.from;
  return first === 0 ? sources : sources.map((source) => source + first);
}

/** Numbers of the connections between two ranges; `undefined` is any. */
export function between(
  connections: Connections,
  from: NeuronRange | undefined,
  to: NeuronRange | undefined,
): number[] {
  const fits = (neurons: NeuronsSpec, range: NeuronRange | undefined) =>
    range === undefined || range.name === named(neurons);
  return [...connections.keys()].filter(
    (i) => fits(connections[i]!.from, from) && fits(connections[i]!.to, to),
  );
}

/** All synapses of some connections whose neurons are in these ranges. */
export function gathered(
  connections: Connections,
  parts: readonly Part[],
  from: NeuronRange | undefined,
  to: NeuronRange | undefined,
): Synapses {
  const within = (neuron: number, range: NeuronRange | undefined) =>
    range === undefined || (neuron >= range.from && neuron < range.to);
  const chosen = parts.map((part) => {
    const sources = sourcesOf(connections[part.connection]!.from, part.sources);
    const kept: number[] = [];
    for (let i = 0; i < sources.length; i += 1) {
      if (within(sources[i]!, from) && within(part.targets[i]!, to)) kept.push(i);
    }
    return { ...part, sources, kept };
  });
  const count = chosen.reduce((sum, { kept }) => sum + kept.length, 0);
  const all = {
    sources: new Uint32Array(count),
    targets: new Uint32Array(count),
    delays: new Float64Array(count),
    weights: new Float64Array(count),
    connections: new Uint32Array(count),
    ...(parts.some(({ places }) => places !== undefined) ? { places: new Uint32Array(count) } : {}),
  };
  let at = 0;
  for (const { kept, connection, sources, targets, delays, weights, places } of chosen) {
    for (const i of kept) {
      all.sources[at] = sources[i]!;
      all.targets[at] = targets[i]!;
      all.delays[at] = delays[i]!;
      all.weights[at] = weights[i]!;
      all.connections[at] = connection;
      if (all.places !== undefined) all.places[at] = places?.[i] ?? 0;
      at += 1;
    }
  }
  return all;
}

/** Arrays after one another. */
export function joined<T extends Float32Array | Float64Array | Uint32Array>(
  kind: { new (length: number): T },
  parts: readonly T[],
): T {
  const whole = new kind(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
