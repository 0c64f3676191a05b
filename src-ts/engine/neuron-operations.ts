/** Operations of one step for one neuron, as in its compiled program; operations shared by all neurons are not counted. */
export interface NeuronOperations {
  /** Multiply-adds, sums, products, comparisons and selections. */
  readonly arithmetic: number;
  /** Exponentials, and the functions that contain one. */
  readonly exponentials: number;
  /** Divisions and square roots. */
  readonly divisions: number;
}
