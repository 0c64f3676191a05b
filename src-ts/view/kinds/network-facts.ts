/** What the page receives about a network, and where the values of its distributions come from. */

/** A quantity whose distribution can be requested. */
export interface Quantity {
  readonly id: string;
  readonly label: string;
}

/** A label and a text, for people. */
export type Fact = readonly [label: string, text: string];

export interface NodeFacts {
  readonly name: string;
  /** Neurons, spike trains or outputs; 0 where it is not known. */
  readonly size: number;
  readonly kind: 'population' | 'source' | 'layer' | 'input';
  /** The model of a neuron or the kind of a layer. */
  readonly model: string;
  readonly facts: readonly Fact[];
  readonly quantities: readonly Quantity[];
}

export interface EdgeFacts {
  readonly from: string;
  readonly to: string;
  readonly sign: 'excitatory' | 'inhibitory' | 'mixed' | 'none';
  /** Whether it leads to the next step, as from a layer to one before it. */
  readonly isDelayed: boolean;
  readonly facts: readonly Fact[];
  readonly quantities: readonly Quantity[];
}

export interface GraphFacts {
  readonly name: string;
  /** How it is drawn: populations on a circle, layers in columns. */
  readonly layout: 'circle' | 'columns';
  readonly nodes: readonly NodeFacts[];
  readonly edges: readonly EdgeFacts[];
  /** Whether its values change while it is looked at. */
  readonly isLive: boolean;
}

export interface QuantityValues {
  readonly values: ArrayLike<number>;
  /** How they came about, where that is not plain. */
  readonly note?: string;
}

/** A network of any kind. */
export interface ViewedGraph {
  facts(): Omit<GraphFacts, 'name'>;
  /** `undefined` for a quantity that the node does not have. @throws LapicqueError `unknown-name` for a node */
  nodeValues(node: string, quantity: string): Promise<QuantityValues | undefined>;
  edgeValues(edge: number, quantity: string): Promise<QuantityValues | undefined>;
  /** Calls a function with a growing number after values have changed. */
  onChange?(changed: (number: number) => void): () => void;
  close?(): void;
}
