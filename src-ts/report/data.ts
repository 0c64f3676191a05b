/** What a report shows, as plain data; every part but the title may be absent. */

/** Learning curves. Per-epoch lists have one entry an epoch; accuracies are fractions from 0 to 1. */
export interface History {
  /** Loss of every batch, over all epochs. */
  batchLoss?: ArrayLike<number>;
  /** Mean training loss of each epoch. */
  loss?: ArrayLike<number>;
  /** Loss on held-out data after each epoch. */
  testLoss?: ArrayLike<number>;
  /** Accuracy on the training data in each epoch. */
  accuracy?: ArrayLike<number>;
  /** Accuracy on held-out data after each epoch. */
  testAccuracy?: ArrayLike<number>;
}

/** The spikes of one layer during one sample. */
export interface LayerSpikes {
  name: string;
  neurons: number;
  /** `[steps, neurons]`, row-major; anything but 0 is a spike. */
  spikes: ArrayLike<number>;
  /** Names of the neurons, for layers small enough to name them (classes). */
  labels?: readonly string[];
}

/** A grey image, 0 to 1, row-major. */
export interface GreyImage {
  width: number;
  height: number;
  pixels: ArrayLike<number>;
}

/** The spikes of one sample, from input to output. */
export interface Raster {
  /** Length of a step in ms. */
  dt: number;
  steps: number;
  layers: readonly LayerSpikes[];
  /** The image that was shown. */
  image?: GreyImage;
  /** The true class. */
  label?: string;
  /** The class that the network answered. */
  predicted?: string;
}

/** One neuron's membrane potential over time. */
export interface MembraneTrace {
  name: string;
  /** One value a step. */
  v: ArrayLike<number>;
  /** The steps at which it spiked, from 0. */
  spikes?: ArrayLike<number>;
}

/** Membrane potentials of some neurons. */
export interface Traces {
  /** Length of a step in ms. */
  dt: number;
  /** Where a spike is emitted; drawn as a line. */
  threshold?: number;
  /** Unit of `v`, for the caption; nothing for the dimensionless potential of trained networks. */
  unit?: string;
  neurons: readonly MembraneTrace[];
}

/** How often each class was answered for each true class. */
export interface Confusion {
  /** `[true class, answered class]`, row-major. */
  counts: ArrayLike<number>;
  labels: readonly string[];
}

/** The activity of one layer, averaged over samples. */
export interface LayerActivity {
  name: string;
  neurons: number;
  /** Mean number of spikes per sample. */
  spikes: number;
}

/** The content of a report. */
export interface Report {
  title: string;
  /** One paragraph under the title. */
  description?: string;
  /** Key figures, in order; the first four are set large. Give the unit in the name or in the value. */
  summary?: Readonly<Record<string, string | number>>;
  history?: History;
  raster?: Raster;
  traces?: Traces;
  confusion?: Confusion;
  /** Spikes per sample in each layer; `steps` gives the fraction of neurons that spike in a step. */
  activity?: { steps: number; layers: readonly LayerActivity[] };
}
