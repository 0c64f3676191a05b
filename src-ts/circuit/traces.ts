/** The range of a population's neurons among all ids. */
export interface PopulationRange {
  readonly first: number;
  readonly size: number;
}

/** Values over time. */
export interface Trace {
  /** In ms. */
  readonly times: Float64Array;
  /** `[times, neurons]` */
  readonly values: Float64Array;
}

/** A state of some neurons of a population over time. */
export interface StateTrace extends Trace {
  /** The neuron of each column of `values`, counted in its population. */
  readonly neurons: Uint32Array;
  /** Unit of the values, such as `'mV'`; empty for values without one, and if the unit is not known. */
  readonly unit: string;
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
