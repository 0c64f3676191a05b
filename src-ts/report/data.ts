/** What a report shows: plain data, or what training, evaluation and simulation return; every part but the title may be absent. */
import type { Recording } from '../circuit/recording.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { EpochRecord, FitResult } from '../train/training-state.ts';

/** Learning curves. Per-epoch lists have one entry an epoch; accuracies are fractions from 0 to 1. */
export interface History {
  /** Loss of every batch, over all epochs. */
  batchLoss?: ArrayLike<number>;
  /** Mean training loss of each epoch. */
  loss?: ArrayLike<number>;
  /** Loss on the validation data after each epoch. */
  validationLoss?: ArrayLike<number>;
  /** Loss on the test data after each epoch. */
  testLoss?: ArrayLike<number>;
  /** Accuracy on the training data in each epoch. */
  accuracy?: ArrayLike<number>;
  /** Accuracy on the validation data after each epoch. */
  validationAccuracy?: ArrayLike<number>;
  /** Accuracy on the test data after each epoch. */
  testAccuracy?: ArrayLike<number>;
}

/** The spikes of one layer during one sample. */
export interface LayerSpikes {
  name: string;
  neurons: number;
  /** `[steps, neurons]`, row-major; anything but 0 is a spike. Or `times` and `ids`, of layers with few spikes for their size. */
  spikes?: ArrayLike<number>;
  /** Of each spike the time in ms, from the same origin as `start` of the raster. */
  times?: ArrayLike<number>;
  /** Of each spike the neuron, from 0. */
  ids?: ArrayLike<number>;
  /** Of `times` and `ids`: those of every so many neurons alone are given; default 1, all. */
  every?: number;
  /** Spikes of all neurons, where not all are given. */
  count?: number;
  /** Names of the neurons, for layers small enough to name them (classes). */
  labels?: readonly string[];
}

/** A gray image, 0 to 1, row-major. */
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
  /** Time at the begin of the first step, in ms; default 0. */
  start?: number;
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
  /** What is read, where it is not the potential: `current`, `iSyn`; each has a scale of its own. Default `v`. */
  state?: string;
  /** One value a step, or one at each of `times`. */
  v: ArrayLike<number>;
  /** In ms; default the end of each step. */
  times?: ArrayLike<number>;
  /** The steps at which it spiked, from 0; of traces without `times`. */
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
  /** Time at the begin of the first step, in ms; default 0. */
  start?: number;
  neurons: readonly MembraneTrace[];
}

/** Spikes per second and neuron of populations over time. */
export interface Rates {
  /** Length of a bin in ms. */
  bin: number;
  /** Time at the begin of the first bin, in ms; default 0. */
  start?: number;
  /** The mean rate of each bin, in Hz. */
  populations: readonly { name: string; rate: ArrayLike<number> }[];
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

/** Spikes per sample in each layer; `steps` gives the share of neurons that spike in a step. */
export interface Activity {
  steps: number;
  layers: readonly LayerActivity[];
}

/** Accuracy of a converted network after several numbers of steps; what `accuracyAgainstSteps` returns is one. */
export interface AccuracyCurve {
  /** Name of the network, where there are several. */
  name?: string;
  steps: ArrayLike<number>;
  /** Shares from 0 to 1, one for each number of steps. */
  accuracy: ArrayLike<number>;
  /** The artificial network's own accuracy. */
  ann?: { readonly accuracy: number; readonly correct?: number };
  /** Samples with the right label; not drawn. */
  correct?: ArrayLike<number>;
  samples?: number;
}

/** The content of a report as plain data. @internal */
export interface PlainReport {
  title: string;
  description?: string;
  summary?: Readonly<Record<string, string | number>>;
  history?: History;
  raster?: Raster;
  traces?: Traces;
  rates?: Rates;
  confusion?: Confusion;
  activity?: Activity;
  steps?: readonly AccuracyCurve[];
}

/**
 * The content of a report. What `fit`, `evaluate` and `simulate` return stands as it is in the place of the figures that it has the data
 * for.
 *
 * @example
 * ```ts
 * const history = await model.fit(train, { epochs: 5, loss: objective, validation });
 * const result = await model.evaluate(test, { loss: objective });
 * await writeReport('report', { title: 'Digits', history, confusion: result, activity: result });
 *
 * const recording = await simulate(network(E, I, record.traces(E, ['v'], 0.1, [0, 1])), { duration: 1000 });
 * await writeReport('run', { title: 'Balanced', raster: recording, traces: recording, rates: recording });
 * ```
 */
export interface Report {
  title: string;
  /** One paragraph under the title. */
  description?: string;
  /** Key figures, in order; the first four are set large. Give the unit in the name or in the value. */
  summary?: Readonly<Record<string, string | number>>;
  /** Learning curves; or what `fit` returns, or its `history`. */
  history?: History | FitResult | readonly EpochRecord[];
  /** Spikes of one sample; or what `simulate` returns: its populations, of large ones every n-th neuron. */
  raster?: Raster | Recording;
  /** Membrane potentials; or what `simulate` returns: the first neurons of each of its traces. */
  traces?: Traces | Recording;
  /** Population rates; or what `simulate` returns. */
  rates?: Rates | Recording;
  /** Answers by true class; or what `evaluate` returns, or its `confusion`. */
  confusion?: Confusion | Evaluation | readonly (readonly number[])[];
  /** Names of the classes, for `confusion` of an evaluation; default their numbers. */
  classes?: readonly string[];
  /** Spikes per sample in each layer; or what `evaluate` returns. */
  activity?: Activity | Evaluation;
  /** Accuracy against steps of one converted network, as `accuracyAgainstSteps` returns it, or of several with names. */
  steps?: AccuracyCurve | readonly AccuracyCurve[];
}
