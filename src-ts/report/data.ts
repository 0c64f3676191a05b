/**
 * The content of a report: plain data, or results of training, evaluation and simulation. Every part except the title
 * is optional.
 */
import type { Recording } from '../circuit/recording.ts';
import type { CostComparison } from '../costs/compare.ts';
import type { Operations } from '../costs/operations.ts';
import type { AccuracyCurve, Activity, ComparedCosts, Costs } from '../figure/costs.ts';
import type { Rates } from '../figure/spikes.ts';
import type { History } from '../figure/training.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { EpochRecord, FitResult } from '../train/training-state.ts';

/** The spikes of one layer during one sample. */
export interface LayerSpikes {
  name: string;
  neurons: number;
  /**
   * `[steps, neurons]`, row-major; any value other than 0 is a spike. Alternatively `times` and `ids`, for layers with
   * few spikes relative to their size.
   */
  spikes?: ArrayLike<number>;
  /** Time of each spike in ms, with the same origin as `start` of the raster. */
  times?: ArrayLike<number>;
  /** Neuron of each spike, from 0. */
  ids?: ArrayLike<number>;
  /** For `times` and `ids`: only the spikes of every n-th neuron are given; default 1, all. */
  every?: number;
  /** Number of spikes of all neurons, if not all are given. */
  count?: number;
  /** Names of the neurons, for small layers (classes). */
  labels?: readonly string[];
}

/** A gray image, 0 to 1, row-major. */
export interface GrayImage {
  width: number;
  height: number;
  pixels: ArrayLike<number>;
}

/** The spikes of one sample in all layers, from input to output. */
export interface Raster {
  /** Length of a step in ms. */
  dt: number;
  steps: number;
  /** Start of the first step, in ms; default 0. */
  start?: number;
  layers: readonly LayerSpikes[];
  /** The input image. */
  image?: GrayImage;
  /** The true class. */
  label?: string;
  /** The class that the network predicted. */
  predicted?: string;
}

/** One neuron's membrane potential over time. */
export interface MembraneTrace {
  name: string;
  /**
   * Name of the variable if it is not the potential: `current`, `iSyn`; each variable has its own scale. Default `v`.
   */
  state?: string;
  /** One value per step, or one at each of `times`. */
  v: ArrayLike<number>;
  /** In ms; default the end of each step. */
  times?: ArrayLike<number>;
  /** The steps of its spikes, from 0; only for traces without `times`. */
  spikes?: ArrayLike<number>;
}

/** Membrane potentials of some neurons. */
export interface Traces {
  /** Length of a step in ms. */
  dt: number;
  /** The threshold of a spike, drawn as a line. */
  threshold?: number;
  /** Unit of `v`, for the caption; omit it for the dimensionless potential of trained networks. */
  unit?: string;
  /** Start of the first step, in ms; default 0. */
  start?: number;
  neurons: readonly MembraneTrace[];
}

/** The confusion matrix. */
export interface Confusion {
  /** `[true class, predicted class]`, row-major. */
  counts: ArrayLike<number>;
  labels: readonly string[];
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
  costs?: Costs;
  comparison?: ComparedCosts;
  steps?: readonly AccuracyCurve[];
}

/**
 * The content of a report. Results of `fit`, `evaluate` and `simulate` may be passed directly for the figures for which
 * they contain data.
 *
 * @example
 * ```ts
 * const history = await model.fit(train, { epochs: 5, loss: objective, validation });
 * const result = await model.evaluate(test, { loss: objective });
 * await writeReport('report', { title: 'Digits', history, confusion: result, activity: result });
 *
 * const recording = await simulate(circuit(E, I, record.traces(E, ['v'], 0.1, [0, 1])), { duration: 1000 });
 * await writeReport('run', { title: 'Balanced', raster: recording, traces: recording, rates: recording });
 * ```
 */
export interface Report {
  title: string;
  /** One paragraph under the title. */
  description?: string;
  /** Key figures, in order; the first four are displayed large. Give the unit in the name or in the value. */
  summary?: Readonly<Record<string, string | number>>;
  /** Learning curves, the result of `fit`, or its `history`. */
  history?: History | FitResult | readonly EpochRecord[];
  /** Spikes of one sample, or the result of `simulate`: its populations, with every n-th neuron of large ones. */
  raster?: Raster | Recording;
  /** Membrane potentials, or the result of `simulate`: the first neurons of each of its traces. */
  traces?: Traces | Recording;
  /** Population rates, or the result of `simulate`. */
  rates?: Rates | Recording;
  /** The confusion matrix, or the result of `evaluate`, or its `confusion`. */
  confusion?: Confusion | Evaluation | readonly (readonly number[])[];
  /** Names of the classes, for `confusion` of an evaluation; default their numbers. */
  classes?: readonly string[];
  /** Spikes per sample in each layer, or the result of `evaluate`. */
  activity?: Activity | Evaluation;
  /** Operations and energy of each layer; or a result of `operations`. */
  costs?: Costs | Operations;
  /** Accuracy against steps, and energies of an ANN and a spiking network; or a result of `compareCosts`. */
  comparison?: ComparedCosts | CostComparison;
  /** Accuracy against steps of one converted network, as `accuracyAgainstSteps` returns it, or of several with names. */
  steps?: AccuracyCurve | readonly AccuracyCurve[];
}
