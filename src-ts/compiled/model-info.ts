/** What the engine tells about a compiled model. */
export interface ModelInfo {
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly trainable: boolean;
  }[];
  readonly layers: readonly {
    readonly name: string;
    readonly neurons: number;
    /** `[neurons]`, or of an image's neurons `[channels, width]` or `[channels, height, width]`. */
    readonly shape: readonly number[];
    readonly spiking: boolean;
    /** Its inputs: one, or those of a model with several. */
    readonly ports: readonly string[];
    /** Whether its kernels are compiled ahead; otherwise they are interpreted, with the same results. */
    readonly native: boolean;
    readonly states: readonly { readonly name: string; readonly unit: string }[];
  }[];
  readonly projections: readonly {
    readonly name: string;
    readonly inputs: number;
    readonly outputs: number;
    readonly dense: boolean;
  }[];
  /** Layers without a state that are not part of the population behind them, and the shape of what they give. */
  readonly maps: readonly { readonly name: string; readonly shape: readonly number[] }[];
  /**
   * What `record` takes, here and in sessions: of a population its states, `spikes`, and its ports, which are their inputs
   * (`lif1.current`, `slstm1.i`); of a layer without a state its `values`.
   */
  readonly recordable: readonly string[];
  /** Number of trained values. */
  readonly parameterCount: number;
  /** Name of the output population. */
  readonly output: string;
}
