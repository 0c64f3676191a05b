import type { NeuronOperations } from '../engine/neuron-operations.ts';

/** Information about a compiled model. */
export interface ModelInfo {
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly trainable: boolean;
  }[];
  readonly layers: readonly {
    readonly name: string;
    readonly neurons: number;
    /** `[neurons]`; for neurons of an image or a volume, `[channels, …pixels]`. */
    readonly shape: readonly number[];
    readonly spiking: boolean;
    /** Its inputs by name: one, or several. */
    readonly ports: readonly string[];
    /** Whether its kernels are compiled ahead of time; otherwise they are interpreted, with the same results. */
    readonly native: boolean;
    readonly states: readonly { readonly name: string; readonly unit: string }[];
    /** Operations of a step for one neuron, forward and backward. */
    readonly operations: { readonly forward: NeuronOperations; readonly backward: NeuronOperations };
  }[];
  readonly projections: readonly {
    readonly name: string;
    readonly inputs: number;
    readonly outputs: number;
    readonly dense: boolean;
  }[];
  /** Stateless layers that are not merged into the next population, and the shapes of their outputs. */
  readonly maps: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /** Layers that are computed within the layer that reads them, so that the values between the two are not stored, and why. */
  readonly fusions: readonly { readonly layer: string; readonly within: string; readonly reason: string }[];
  /**
   * The names that `record` takes, in runs and in sessions: the states, `spikes` and ports (inputs) of a population
   * (`lif1.current`, `slstm1.i`); the `values` of a stateless layer.
   */
  readonly recordable: readonly string[];
  /** Number of trained values. */
  readonly parameterCount: number;
  /** Name of the output population. */
  readonly output: string;
}
