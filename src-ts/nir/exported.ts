/** What the export of a model comes to, before it is written. */
import type { NirGraph, NirNode } from './graph.ts';

/** A neuron as a NIR node, with a list of the semantics that NIR does not express. */
export interface ExportedNeuron {
  readonly node: NirNode;
  /** Options or parameters that NIR cannot express, with the reason. */
  readonly lost: readonly (readonly [field: string, reason: string])[];
  /** Choices that NIR leaves open: another reader may choose differently. */
  readonly notes: readonly string[];
}

/** A NIR graph with a list of the semantics that it does not express. */
export interface ExportedGraph {
  readonly graph: NirGraph;
  /** Semantics that NIR cannot express, by field: `lif1.reset`. */
  readonly lost: readonly (readonly [field: string, reason: string])[];
  /** Choices that NIR leaves open to the reader. */
  readonly notes: readonly string[];
  /** The layer of the model by the name of its node. */
  readonly layers: ReadonlyMap<string, string>;
}
