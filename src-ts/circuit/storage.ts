/** How the synapses of a network are stored, and what it takes. */
import type { Precision } from '../description/description.ts';
import type { NeuronOperations } from '../engine/neuron-operations.ts';
import { bytes, grouped, table } from '../terminal/table.ts';
import type { CircuitDescription } from './description.ts';
import { named } from './elements/populations.ts';
import type { PopulationRange } from './traces.ts';

/**
 * How the synapses of a connection are stored. Weights onto one input are whole multiples of a unit, so that sums do not depend on their order; in
 * every form the transmitted value is within 1/1024 of the weight.
 */
export interface SynapseStorage {
  /** Names of the connection's source and target. */
  readonly from: string;
  readonly to: string;
  /**
   * `'compact'`: a list of synapses, in f32 of 4 bytes with weights of 16 bits, in f64 of 16 bytes. `'wide'`: a list with mostly 8 bytes per synapse,
   * used if some weights are less than 1/64 of others. `'bits'` and `'dense'`: a bit or 16 bits for each pair
   * of neurons. `'plastic'`: weights that change.
   */
  readonly form: 'compact' | 'wide' | 'bits' | 'dense' | 'plastic';
  /** Number of synapses, estimated from the rule. */
  readonly synapses: number;
  /**
   * Largest number of synapses that take 8 bytes, because 16 bits would round their weights by more than 1/1024. They are stored in a separate list.
   */
  readonly wide: number;
  /** Estimated memory in bytes. */
  readonly bytes: number;
}

/** The estimated memory of a network before it is built. */
export interface CircuitEstimate {
  readonly neurons: number;
  /** Number of synapses, estimated from the connection rules. */
  readonly synapses: number;
  /** Memory of a simulation; {@link SynapseStorage.bytes} are parts of it. */
  readonly bytes: number;
  /** Storage of each connection, in the order of the connections. */
  readonly storage: readonly SynapseStorage[];
}

/** @internal What the engine says of the storage, with names. */
export function storageOf(
  storage: readonly Omit<SynapseStorage, 'from' | 'to'>[],
  connections: CircuitDescription['connections'],
): readonly SynapseStorage[] {
  const withNames = (of: Omit<SynapseStorage, 'from' | 'to'>, i: number) => {
    const { from, to } = connections![i]!;
    return Object.freeze({ from: named(from), to: named(to), ...of });
  };
  return Object.freeze(storage.map(withNames));
}

/** @internal A network that was built. @param summary - what the engine says of it */
export function builtFrom(summary: string, connections: CircuitDescription['connections']) {
  const { populations, storage, ...rest } = JSON.parse(summary) as {
    populations: ({ name: string; operations: NeuronOperations | null } & PopulationRange)[];
    neurons: number;
    synapses: number;
    bytes: number;
    inDoublePrecision: string[];
    storage: Omit<SynapseStorage, 'from' | 'to'>[];
  };
  return {
    ...rest,
    populations: Object.freeze(
      Object.fromEntries(populations.map(({ name, first, size }) => [name, { first, size }])),
    ),
    operations: Object.freeze(
      Object.fromEntries(
        populations.flatMap(({ name, operations }) =>
          operations === null ? [] : [[name, Object.freeze(operations)]],
        ),
      ),
    ),
    storage: storageOf(storage, connections),
  };
}

/** @internal A network as a table: a line for each connection, and what the whole takes. */
export function summaryOf(
  { neurons, synapses, bytes: all, storage }: CircuitEstimate,
  precision: Precision,
): string {
  const rows = storage.map((of) => [
    `${of.from} to ${of.to}`,
    of.form,
    grouped(of.synapses),
    grouped(of.wide),
    bytes(of.bytes),
  ]);
  return [
    table([['connection', 'stored as', 'synapses', 'wide', 'memory'], ...rows]),
    `${grouped(neurons)} neurons · ${grouped(synapses)} synapses · ${precision} · ${bytes(all)} in all`,
  ].join('\n');
}
