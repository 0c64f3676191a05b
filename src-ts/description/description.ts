/** The description of a network: plain frozen data, the form in which model files store networks. */
import type { Edge } from '../layers/branches.ts';
import type { OperationSpec } from '../layers/operation-specs.generated.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import type { ChosenFields } from './network-options.ts';

export type { Precision } from './network-options.ts';

/** A node of a {@link Description}. */
export type NodeSpec =
  | OperationSpec
  | {
      readonly kind: 'dynamics';
      readonly name: string;
      readonly neurons: number;
      readonly dynamics: DynamicsSpec;
    };

/** The nodes of one kind. */
export type NodeOf<Kind extends NodeSpec['kind']> = Extract<NodeSpec, { readonly kind: Kind }>;

/** A network as data: the content of model files and the input of `compile`. */
export interface Description extends ChosenFields {
  readonly schema: 1;
  readonly input: {
    readonly size: number;
    /**
     * `[channels, width]`, `[channels, height, width]` or `[channels, depth, height, width]` if the input is an image or a
     * volume.
     */
    readonly shape?: readonly number[];
  };
  readonly nodes: readonly NodeSpec[];
  /** `[from, to]` or `[from, to, options]`; `input` is the network's input. */
  readonly edges: readonly Edge[];
  /** The population whose spikes and membrane are the output. */
  readonly output: string;
}

/** Removes undefined fields, so that a description does not change in a round trip through JSON. */
export function frozen(node: object): NodeSpec {
  const kept = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined));
  return Object.freeze(kept) as unknown as NodeSpec;
}
