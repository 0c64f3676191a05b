/** An ANN beside a spiking network: what each costs at equal accuracy. */
import { options as checkOptions, finite, integer, invalid } from '../checks/check.ts';
import type { InputTensor } from '../description/input-tensor.ts';
import { itemsUntilAborted } from '../engine/abort.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { isModel, type Model } from '../model/model.ts';
import type { PredictOptions } from '../model/predict.ts';
import { type Batches, checkBatches, type TrainingBatch } from '../train/batch.ts';
import { labelsOf } from '../train/evaluate.ts';
import { energyModel, estimateEnergy } from './energy.ts';
import { type EnergyModel, type EnergyModelName, energyModels } from './energy-models.ts';
import { type Operations, operations } from './operations.ts';

/** The criterion of the label of a network, as in {@link Model.predict}. */
export type CostDecision = Pick<PredictOptions, 'by' | 'from' | 'populationClasses'>;

/** Options of {@link compareCosts}. */
export interface CompareCostsOptions extends TaskOptions {
  /** Numbers of steps of the spiking network to try, ascending; default 1, 2, 4, 8, 16, 32, 64. */
  steps?: readonly number[];
  /** Largest accepted difference between the ANN's accuracy and the spiking network's, as a fraction: 0.001 is 0.1 percentage points. Default 0. */
  tolerance?: number;
  /** The criterion of the label of each network. Default as in `predict`. */
  annDecision?: CostDecision;
  snnDecision?: CostDecision;
  /**
   * Makes the input of the spiking network, `[time, batch, channels]`, from a batch of the data and a number of steps. Default: the batch
   * is a constant input at every step.
   */
  encode?: (batch: TrainingBatch, steps: number) => InputTensor | Promise<InputTensor>;
  /** Energy models; default all of {@link energyModels}. */
  energies?: readonly (EnergyModelName | EnergyModel)[];
}

/** The result of {@link compareCosts}. */
export interface CostComparison {
  samples: number;
  /** Accuracy of the ANN, 0 to 1. */
  annAccuracy: number;
  tolerance: number;
  /** The first number of steps at which the spiking network reaches the accuracy of the ANN minus the tolerance, and its accuracy there. */
  steps: number;
  snnAccuracy: number;
  /** The accuracy at each tried number of steps, ascending; the last one is `steps`. */
  curve: { steps: number; accuracy: number }[];
  ann: Operations;
  /** Operations of the spiking network at `steps`. */
  snn: Operations;
  energies: {
    model: EnergyModel;
    /**
     * Energy per sample in J. It is absent for chips that compute only spikes, because they cannot run the ANN. `annDense` is the ANN on hardware
     * that also multiplies zeros.
     */
    ann?: number;
    annDense?: number;
    snn: number;
  }[];
}

/**
 * Finds the number of steps at which a spiking network is as accurate as an ANN, and compares the costs of both at this number of steps. Both run the
 * same samples: the ANN one step of each.
 *
 * @param ann - a network without time, run for one step
 * @param snn - the spiking network
 * @param data - batches of static samples `[batch, channels]` with one label each, read once for each number of steps: a list or a {@link DataLoader}
 * @example
 * ```ts
 * const compared = await compareCosts(ann, snn, test, { tolerance: 0.001 });
 * console.log(compared.steps, compared.energies.map(({ model, ann, snn }) => [model.name, ann, snn]));
 * ```
 * @throws LapicqueError `invalid-parameter` when the spiking network reaches the accuracy at none of the `steps`, for targets that are not one
 * label per sample, and for data that can be read only once
 */
export async function compareCosts(
  ann: Model,
  snn: Model,
  data: Batches,
  options: CompareCostsOptions = {},
): Promise<CostComparison> {
  const checked = checkOptions('compareCosts', options, [
    'steps',
    'tolerance',
    'annDecision',
    'snnDecision',
    'encode',
    'energies',
    'signal',
    'onProgress',
  ]);
  const {
    steps = [1, 2, 4, 8, 16, 32, 64],
    tolerance = 0,
    annDecision,
    snnDecision,
    signal,
    onProgress,
  } = checked;
  if (!isModel(ann)) invalid('ann', ann, 'a Model');
  if (!isModel(snn)) invalid('snn', snn, 'a Model');
  checkBatches('data', data);
  if ('next' in data)
    invalid(
      'data',
      'a generator',
      'a list or a DataLoader, because all batches run for each number of steps',
    );
  checkSteps(steps);
  finite('tolerance', tolerance, { min: 0, max: 1 });
  if (checked.encode !== undefined && typeof checked.encode !== 'function')
    invalid('encode', checked.encode, 'a function');
  const models = energiesOf(checked.energies);
  checkTask({ signal, onProgress });
  const task = { signal };
  const constant = { input: (batch: TrainingBatch): InputTensor => batch, steps: 1 };
  const total = steps.length + 1;
  const first = await accuracyOf('ann', ann, data, constant, annDecision, task);
  onProgress?.({ done: 1, total, accuracy: first.accuracy });
  const minAccuracy = first.accuracy - tolerance;
  const curve: CostComparison['curve'] = [];
  for (const number of steps) {
    const form = formOf(checked.encode, number);
    const { accuracy } = await accuracyOf('snn', snn, data, form, snnDecision, task);
    curve.push({ steps: number, accuracy });
    onProgress?.({ done: 1 + curve.length, total, accuracy });
    // Both are counts of the same samples, so that only rounding can make equal ones differ.
    if (accuracy < minAccuracy - 1e-12) continue;
    const costs = await operations(ann, inputs(data, constant), { ...task, steps: 1 });
    const spiking = await operations(snn, inputs(data, form), {
      ...task,
      ...(form.steps === undefined ? {} : { steps: form.steps }),
    });
    return {
      samples: first.samples,
      annAccuracy: first.accuracy,
      tolerance,
      steps: number,
      snnAccuracy: accuracy,
      curve,
      ann: costs,
      snn: spiking,
      energies: models.map((model) => pairedEnergies(model, costs, spiking)),
    };
  }
  const best = Math.max(...curve.map(({ accuracy }) => accuracy));
  const less = tolerance > 0 ? ` less the tolerance ${tolerance}` : '';
  return invalid(
    'steps',
    best,
    `steps at which the spiking network reaches the accuracy of the ANN, ${first.accuracy}${less}, at one of ${steps.join(', ')}`,
  );
}

function pairedEnergies(
  model: EnergyModel,
  ann: Operations,
  snn: Operations,
): CostComparison['energies'][number] {
  const spiking = estimateEnergy(snn, model).joules;
  if (model.kind === 'chip') return { model, snn: spiking };
  const { joules, denseJoules } = estimateEnergy(ann, model);
  return { model, ann: joules, annDense: denseJoules, snn: spiking };
}

/** How a network gets a batch: as it is, with a number of steps, or as sequences. */
interface Form {
  readonly input: (batch: TrainingBatch) => InputTensor | Promise<InputTensor>;
  readonly steps?: number;
}

function formOf(encode: CompareCostsOptions['encode'], steps: number): Form {
  if (encode === undefined) return { input: (batch) => batch, steps };
  return { input: (batch) => encode(batch, steps) };
}

async function* inputs(data: Batches, { input }: Form): AsyncGenerator<InputTensor> {
  for await (const batch of data) yield await input(batch);
}

async function accuracyOf(
  name: 'ann' | 'snn',
  model: Model,
  data: Batches,
  { input, steps }: Form,
  decision: CostDecision | undefined,
  task: TaskOptions,
): Promise<{ accuracy: number; samples: number }> {
  const how = checkOptions(`${name}Decision`, decision, ['by', 'from', 'populationClasses']);
  let [right, samples] = [0, 0];
  for await (const batch of itemsUntilAborted(task.signal, data)) {
    const request = { ...how, ...task, ...(steps === undefined ? {} : { steps }) };
    const labels = await model.predict(await input(batch), request);
    const targets = labelsOf(batch, labels.length, how?.populationClasses ?? model.outputs);
    if (targets === undefined)
      invalid('data', batch.y, 'batches with one label per sample, each a class of the output');
    right += labels.filter((label, i) => label === targets[i]).length;
    samples += labels.length;
  }
  if (samples === 0) invalid('data', 'no batch', 'at least one batch');
  return { accuracy: right / samples, samples };
}

function checkSteps(steps: readonly number[]): void {
  if (!Array.isArray(steps) || steps.length === 0) invalid('steps', steps, 'a list of numbers of steps');
  steps.forEach((number, i) => {
    integer(`steps[${i}]`, number, { min: 1 });
    if (i > 0 && number <= steps[i - 1]!)
      invalid(`steps[${i}]`, number, `more than the one before, ${steps[i - 1]}`);
  });
}

function energiesOf(energies: CompareCostsOptions['energies']): EnergyModel[] {
  if (energies === undefined) return Object.values(energyModels);
  if (!Array.isArray(energies)) invalid('energies', energies, 'a list of energy models');
  return energies.map((model, i) => energyModel(`energies[${i}]`, model));
}
