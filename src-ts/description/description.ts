/** The description of a network: plain frozen data, the form in which model files store networks. */
import type { Edge } from '../layers/branches.ts';
import type { OperationSpec } from '../layers/operations.generated.ts';
import type { Initialiser } from '../neurons/initialiser.ts';
import type { DynamicsSpec } from '../neurons/population.ts';
import type { ChosenFields } from './network-options.ts';

export type { Precision } from './network-options.ts';

/** A node of a {@link Description}. */
export type NodeSpec =
  | {
      readonly kind: 'dense';
      readonly name: string;
      readonly in: number;
      readonly out: number;
      readonly bias: boolean;
      readonly initial?: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
      /** ms */
      readonly delay?: { readonly max: number; readonly initial: Initialiser; readonly trainable: boolean };
    }
  | {
      readonly kind: 'one-to-one';
      readonly name: string;
      readonly neurons: number;
      /** One weight per neuron for each of this number of ports; default 1. */
      readonly parts?: number;
      /** One weight for all neurons of a port; default false. */
      readonly shared?: boolean;
      readonly initial?: Initialiser;
      readonly trainable?: boolean;
    }
  | {
      readonly kind: 'conv';
      readonly name: string;
      readonly in: number;
      readonly out: number;
      /** One number per axis, as in all lists here. */
      readonly kernel: readonly number[];
      readonly stride: readonly number[];
      readonly padding: readonly number[];
      readonly dilation: readonly number[];
      readonly groups: number;
      /** Present for a transposed convolution. */
      readonly outputPadding?: readonly number[];
      readonly bias: boolean;
      readonly initial?: Initialiser;
      readonly initialBias?: Initialiser;
      readonly trainable?: boolean;
    }
  | OperationSpec
  | {
      readonly kind: 'dynamics';
      readonly name: string;
      readonly neurons: number;
      readonly dynamics: DynamicsSpec;
    };

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
