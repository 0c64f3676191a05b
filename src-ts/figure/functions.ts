/** The figures. Each loads its code at the first call, because most programs draw nothing and `import 'lapicque'` has to be fast. */

import type { Circuit } from '../circuit/circuit.ts';
import type { Population } from '../circuit/elements/populations.ts';
import type { Recording } from '../circuit/recording.ts';
import type { CostComparison } from '../costs/compare.ts';
import type { Operations } from '../costs/operations.ts';
import type { Model } from '../model/model.ts';
import type { Network } from '../model/network.ts';
import type { Profile } from '../model/profile.ts';
import type { Cell } from '../morphology/cell.ts';
import type { Surrogate } from '../neurons/surrogate-node.ts';
import type { SynapseModel } from '../neurons/synapse-model.ts';
import type { ReportedResults } from '../study/table/results-data.ts';
import type { Evaluation } from '../train/evaluate.ts';
import type { AccuracyCurve, Activity, ComparedCosts, Costs } from './costs.ts';
import type { Figure } from './draw/figure.ts';
import type { FigureOptions } from './draw/options.ts';
import type { EventFigureOptions, FigureEvents } from './events.ts';
import type { MorphologyFigureOptions } from './morphology.ts';
import type { FigureTable, PhaseDiagramOptions } from './phase-diagram.ts';
import type { PhasePlaneOptions } from './phase-plane.ts';
import type { FigureSpikes } from './populations.ts';
import type {
  CorrelogramOptions,
  IsiOptions,
  PsthOptions,
  RasterOptions,
  RateOptions,
  Rates,
  SpectrumOptions,
} from './spikes.ts';
import type { FiCurve, FigureTrace, FiOptions, MembraneOptions, WeightsOptions } from './states.ts';
import type { StdpWindowOptions } from './stdp-window.ts';
import type { StepResponseOptions } from './step-response.ts';
import type { ContoursOptions } from './study/contours.ts';
import type { ParametersFigureOptions } from './study/slices.ts';
import type { StudyFigureOptions } from './study/source.ts';
import type { SurrogateFigureOptions } from './surrogates.ts';
import type { ConfusionOptions, FigureRun } from './training.ts';

/**
 * Spikes over time, a panel for each population; a stroke is a spike. Above 20,000 spikes of a population, which would overlap, the darkness of cells
 * is the number of spikes. The panels' heights follow the numbers of neurons, within limits.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function raster(spikes: FigureSpikes, options: RasterOptions = {}): Promise<Figure> {
  return await (await import('./spikes.ts')).raster(spikes, options);
}

/**
 * Firing rates of populations over time: spikes per second and recorded neuron in bins. More than six populations have a panel each.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function rate(spikes: FigureSpikes | Rates, options: RateOptions = {}): Promise<Figure> {
  return await (await import('./spikes.ts')).rate(spikes, options);
}

/** Peri-stimulus time histogram: spikes per second and neuron around events, on average. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function psth(spikes: FigureSpikes, options: PsthOptions): Promise<Figure> {
  return await (await import('./spikes.ts')).psth(spikes, options);
}

/** Distribution of the inter-spike intervals of each population. @throws LapicqueError `invalid-parameter` without two spikes of one neuron, `unknown-name` */
export async function isi(spikes: FigureSpikes, options: IsiOptions = {}): Promise<Figure> {
  return await (await import('./spikes.ts')).isi(spikes, options);
}

/** Cross-correlogram of two neurons: pairs of spikes by their lag. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function correlogram(spikes: FigureSpikes, options: CorrelogramOptions): Promise<Figure> {
  return await (await import('./spikes.ts')).correlogram(spikes, options);
}

/** Power spectral density of the population rates, on a logarithmic axis (Welch's method). @throws LapicqueError `invalid-parameter`, `too-large`, `unknown-name` */
export async function spectrum(spikes: FigureSpikes, options: SpectrumOptions = {}): Promise<Figure> {
  return await (await import('./spikes.ts')).spectrum(spikes, options);
}

/**
 * Membrane potentials, or other recorded states, over time: a panel for each trace, a line for each neuron. A gap is a value that is not finite.
 *
 * @param traces - a recording with `record.traces`, or traces by name: `E.v`, a state such as `w`, or any name for a trace of `v`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function membrane(
  traces: Recording | Readonly<Record<string, FigureTrace>>,
  options: MembraneOptions = {},
): Promise<Figure> {
  return await (await import('./states.ts')).membrane(traces, options);
}

/**
 * A cell with its dendrites, projected onto a plane; darkness is a value of each compartment, such as its voltage. Several lists of values
 * are panels side by side, such as a film strip of a spike.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function morphology(cell: Cell, options: MorphologyFigureOptions = {}): Promise<Figure> {
  return await (await import('./morphology.ts')).morphology(cell, options);
}

/**
 * Distributions of weights, a panel for each tensor.
 *
 * @param tensors - by name, such as `await model.weights()`; or one array
 * @throws LapicqueError `invalid-parameter` for values that are not finite, `unknown-name`
 */
export async function weights(
  tensors: Readonly<Record<string, ArrayLike<number>>> | ArrayLike<number>,
  options: WeightsOptions = {},
): Promise<Figure> {
  return await (await import('./states.ts')).weights(tensors, options);
}

/** f–I curves: firing rate against input current. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function fi(
  curves: FiCurve | Readonly<Record<string, FiCurve>>,
  options: FiOptions = {},
): Promise<Figure> {
  return await (await import('./states.ts')).fi(curves, options);
}

/**
 * States and spikes of a neuron while a constant current is switched on and off, made by running it.
 *
 * @example
 * ```ts
 * const response = await figure.stepResponse(population(adex, 1), { current: 800, unit: 'pA', states: ['v', 'w'] });
 * ```
 * @param neuron - a population of one neuron, of a built-in model or of your own equations
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `simulate`
 */
export async function stepResponse(neuron: Population, options: StepResponseOptions): Promise<Figure> {
  return await (await import('./step-response.ts')).stepResponse(neuron, options);
}

/**
 * The plane of two states of a neuron: nullclines, on which one of them does not change, arrows in the direction of change, and a trajectory on top. All of it
 * comes from the equations that the engine runs: a neuron at each point of a grid makes a step of 1 ns. Points at which it spikes are omitted.
 *
 * @example
 * ```ts
 * const plane = await figure.phasePlane(population(adex, 1), { current: 500, x: { domain: [-75, -40] }, y: { domain: [-50, 500] } });
 * ```
 * @param neuron - a population of one neuron, of a built-in model or of your own equations
 * @param options - `x.domain` and `y.domain` are required without a trajectory
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `simulate`
 */
export async function phasePlane(neuron: Population, options: PhasePlaneOptions = {}): Promise<Figure> {
  return await (await import('./phase-plane.ts')).phasePlane(neuron, options);
}

/** Surrogate gradients over the distance of the potential to the threshold: the smoothed spike, and its derivative. @throws LapicqueError `invalid-parameter`, `unknown-name`, `equation` */
export async function surrogate(
  surrogates: Surrogate | Readonly<Record<string, Surrogate>>,
  options: SurrogateFigureOptions = {},
): Promise<Figure> {
  return await (await import('./surrogates.ts')).surrogate(surrogates, options);
}

/**
 * The window of a plasticity rule: the change of a weight by a pair of spikes, against the time from the source's spike to the target's, made by driving a
 * synapse.
 *
 * @example
 * ```ts
 * const window = await figure.stdpWindow(synapse.stdp({ wMax: 2 }));
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`; errors of `driveSynapse`
 */
export async function stdpWindow(
  rules: SynapseModel | Readonly<Record<string, SynapseModel>>,
  options: StdpWindowOptions = {},
): Promise<Figure> {
  return await (await import('./stdp-window.ts')).stdpWindow(rules, options);
}

/**
 * Loss and accuracy over epochs. Of several runs, the line is their mean and the band reaches from the lowest to the highest. The loss of single batches, if it is
 * given, is a faint line below its running mean.
 *
 * @param runs - one training, or a list of trainings of the same setting with other seeds
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function history(
  runs: FigureRun | readonly FigureRun[],
  options: FigureOptions = {},
): Promise<Figure> {
  return await (await import('./training.ts')).history(runs, options);
}

/**
 * Confusion matrix: how often each class was answered for each true class.
 *
 * @param result - a result of `evaluate`, or counts `[true class][predicted class]`
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function confusion(
  result: Pick<Evaluation, 'confusion'> | readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Promise<Figure> {
  return await (await import('./training.ts')).confusion(result, options);
}

/**
 * The costs of a network: synaptic operations of each layer and their energy, from the result of `operations`; or an ANN compared with a spiking
 * network, with the accuracy against steps and the energies of both by each energy model, from the result of `compareCosts`.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function operations(
  counted: Operations | CostComparison | Costs | ComparedCosts,
  options: FigureOptions = {},
): Promise<Figure> {
  return await (await import('./costs.ts')).operations(counted, options);
}

/**
 * Time of a training step by layer, forward and backward, from the result of {@link Model.profile}.
 *
 * @throws LapicqueError `invalid-parameter`
 */
export async function profile(profiled: Profile, options: FigureOptions = {}): Promise<Figure> {
  return await (await import('./profile.ts')).profile(profiled, options);
}

/** Spikes per sample of each layer, from the result of `evaluate`. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function activity(
  result: Activity | Pick<Evaluation, 'activity'>,
  options: FigureOptions = {},
): Promise<Figure> {
  return await (await import('./costs.ts')).activity(result, options);
}

/**
 * Accuracy of converted networks against the number of steps, from the result of `accuracyAgainstSteps`, with the artificial network as a dashed
 * line. @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function accuracyAgainstSteps(
  curves: AccuracyCurve | readonly AccuracyCurve[],
  options: FigureOptions = {},
): Promise<Figure> {
  return await (await import('./costs.ts')).accuracyAgainstSteps(curves, options);
}

/**
 * Events of a time window by pixel, ON and OFF side by side. The darkness of a pixel is its number of events.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function eventFrame(events: FigureEvents, options: EventFigureOptions = {}): Promise<Figure> {
  return await (await import('./events.ts')).eventFrame(events, options);
}

/**
 * Events as points in space and time, seen from the side: time runs to the right, columns go into the depth, rows run down. Of more than 20,000 events
 * every n-th is drawn, and the caption says so.
 *
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function eventCloud(events: FigureEvents, options: EventFigureOptions = {}): Promise<Figure> {
  return await (await import('./events.ts')).eventCloud(events, options);
}

/**
 * A network: the populations and sources of a large one on a circle with their models and inputs, an arrow for each connection, which ends in a bar if its mean
 * weight is negative, and delays; or the layers of `sequential`, `graph` or a model from top to bottom with their shapes.
 *
 * @throws LapicqueError `invalid-parameter` for anything but a network, for more than 400 connections or 200 layers; `unknown-name`
 */
export async function topology(
  network: Circuit | Model | Network,
  options: FigureOptions = {},
): Promise<Figure> {
  return await (await import('./topology.ts')).topology(network, options);
}

/**
 * Measures over a grid of two parameters, a panel for each measure, such as the columns of `simulateMany`. Several rows of the same point are their mean.
 *
 * @example
 * ```ts
 * const phases = await figure.phaseDiagram({ g, eta, rate }, { parameters: ['g', 'eta'], measures: ['rate'], labels: { rate: 'rate (Hz)' } });
 * ```
 * @throws LapicqueError `invalid-parameter`, `unknown-name`
 */
export async function phaseDiagram(table: FigureTable, options: PhaseDiagramOptions): Promise<Figure> {
  return await (await import('./phase-diagram.ts')).phaseDiagram(table, options);
}

/** The value of each trial of a study, with the best so far, and trials without a value. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function optimizationHistory<P>(
  results: ReportedResults<P>,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/optimization-history.ts')).optimizationHistory(results, options);
}

/** The reports of a study's trials, by step. @throws LapicqueError `invalid-parameter` if no trial reported twice, `unknown-name` */
export async function intermediateValues<P>(
  results: ReportedResults<P>,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/intermediate-values.ts')).intermediateValues(results, options);
}

/** How much each parameter of a study matters (PED-ANOVA). @throws LapicqueError `invalid-parameter`, also for results without a space; `unknown-name` */
export async function parameterImportance<P>(
  results: ReportedResults<P>,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/parameter-importance.ts')).parameterImportance(results, options);
}

/** The objective of a study over one parameter at a time, the twelve most important ones by default. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function slices<P>(
  results: ReportedResults<P>,
  options: ParametersFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/slices.ts')).slices(results, options);
}

/** The objective of a study over two parameters at a time, as shades: the pairs of the three most important ones by default. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function contours<P>(
  results: ReportedResults<P>,
  options: ContoursOptions = {},
): Promise<Figure> {
  return await (await import('./study/contours.ts')).contours(results, options);
}

/** The trials of a study as lines across its most important parameters and the objective. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function parallelCoordinates<P>(
  results: ReportedResults<P>,
  options: ParametersFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/parallel-coordinates.ts')).parallelCoordinates(results, options);
}

/** The trials of a study with several objectives, and their Pareto front. @throws LapicqueError `invalid-parameter`, `unknown-name` */
export async function paretoFront<P>(
  results: ReportedResults<P>,
  options: StudyFigureOptions = {},
): Promise<Figure> {
  return await (await import('./study/pareto-front.ts')).paretoFront(results, options);
}
