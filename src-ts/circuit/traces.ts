/** The range of a population's neurons among all ids. */
export interface PopulationRange {
  readonly first: number;
  readonly size: number;
}

/** States over time. */
export interface Trace {
  /** In ms. */
  readonly times: Float64Array;
  /** `[times, neurons]` */
  readonly values: Float64Array;
}

/** One number over time. */
export interface MeanTrace {
  /** In ms. */
  readonly times: Float64Array;
  /** `[times]` */
  readonly values: Float64Array;
}

/** Weights of one connection over time. */
export interface WeightTrace {
  readonly from: string;
  readonly to: string;
  /** In ms. */
  readonly times: Float64Array;
  /** `[times, synapses]`: the weights at that time, synapses in the order of `plasticSynapses`. */
  readonly values: Float64Array;
}
