/** Synapses that change, as they are after a run. */
import type { addon } from '../engine/native.ts';
import { joined } from './connections.ts';

/** The plastic synapses of a connection, sorted by target, then source, then delay. */
export interface PlasticSynapses {
  /** Neurons, 0-based in their populations. */
  readonly sources: Uint32Array;
  readonly targets: Uint32Array;
  /** In ms. */
  readonly delays: Float64Array;
  /** In the unit of the port. */
  readonly weights: Float64Array;
  /** The model's other variables by name. */
  readonly variables: Readonly<Record<string, Float64Array>>;
}

type Native = Awaited<ReturnType<InstanceType<typeof addon.NativeSimulation>['synapses']>>;

/** Those of one connection, as the engine gives them. */
export type PlasticPart = Exclude<Native, { error: unknown }>;

/** Those of several connections, one after the other, with the variables that all of them have. */
export function joinedSynapses(parts: readonly PlasticPart[]): PlasticSynapses {
  const values = (name: string) =>
    parts.map(({ variables }) => variables.find((variable) => variable.name === name)!.values);
  const others = parts[0]!.variables.map(({ name }) => name).filter((name) => name !== 'w');
  const shared = others.filter((name) =>
    parts.every(({ variables }) => variables.some((v) => v.name === name)),
  );
  return {
    sources: joined(
      Uint32Array,
      parts.map(({ sources }) => sources),
    ),
    targets: joined(
      Uint32Array,
      parts.map(({ targets }) => targets),
    ),
    delays: joined(
      Float64Array,
      parts.map(({ delays }) => delays),
    ),
    weights: joined(Float64Array, values('w')),
    variables: Object.fromEntries(shared.map((name) => [name, joined(Float64Array, values(name))])),
  };
}
