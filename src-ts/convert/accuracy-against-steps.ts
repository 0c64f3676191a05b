/** The accuracy of a converted network against the number of steps. */
import { options as checkOptions, integer, invalid, iterable } from '../checks/check.ts';
import { unsigned } from '../checks/whole-numbers.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { isModel, type Model } from '../model/model.ts';
import type { Batches, TrainingBatch } from '../train/batch.ts';
import { type ConvertedNetwork, labelsOf } from './converted-network.ts';

/** Options of {@link accuracyAgainstSteps}. */
export interface AccuracyOptions extends TaskOptions {
  /** Numbers of steps, ascending; default 1, 2, 4, … up to the conversion's. With `'accumulate'` only the conversion's number is possible. */
  steps?: readonly number[];
  /** The artificial network; if given, its accuracy is measured on the same samples. */
  ann?: Model;
}

/** Accuracies, as {@link writeReport} draws them. */
export interface AccuracyAgainstSteps {
  readonly steps: readonly number[];
  /** Samples with the right label after each number of steps. */
  readonly correct: readonly number[];
  /** The fraction of correct samples, 0 to 1. */
  readonly accuracy: readonly number[];
  readonly samples: number;
  /** Accuracy of the artificial network, if one was given. */
  readonly ann?: { readonly correct: number; readonly accuracy: number };
}

/** Samples that run at once. */
const samplesPerRun = 128;

/** See `accuracyAgainstSteps` in functions.ts. */
export async function accuracyAgainstSteps(
  network: ConvertedNetwork,
  data: TrainingBatch | Batches,
  options: AccuracyOptions = {},
): Promise<AccuracyAgainstSteps> {
  // Of this or another copy of the package.
  if (!isModel(network?.model) || typeof network.outputsAt !== 'function')
    invalid('network', network, 'a result of convert()');
  const {
    steps = powers(network),
    ann,
    signal,
    onProgress,
  } = checkOptions('accuracyAgainstSteps', options, ['steps', 'ann', 'signal', 'onProgress']);
  if (!Array.isArray(steps) || steps.length === 0) invalid('steps', steps, 'a list of numbers of steps');
  steps.forEach((each, i) => {
    integer(`steps[${i}]`, each, { min: i === 0 ? 1 : (steps[i - 1] as number) + 1 });
  });
  if (ann !== undefined && !isModel(ann)) invalid('ann', ann, 'the compiled artificial network');
  const correct = steps.map(() => 0);
  let [samples, annCorrect] = [0, 0];
  for await (const { x, y, shape } of pieces(data)) {
    const { outputs } = network.model;
    const labels = unsigned('data.y', y, outputs - 1);
    const sums = await network.outputsAt({ x, shape }, steps, { signal });
    sums.forEach((each, k) => {
      correct[k]! += matches(labelsOf(each, outputs), labels);
    });
    if (ann !== undefined)
      annCorrect += matches(await ann.predict({ x, shape }, { steps: 1, signal }), labels);
    samples += labels.length;
    onProgress?.({ done: samples, total: samples });
  }
  if (samples === 0) invalid('data', 'no samples', 'at least one sample');
  return {
    steps: [...steps],
    correct,
    accuracy: correct.map((count) => count / samples),
    samples,
    ...(ann === undefined ? {} : { ann: { correct: annCorrect, accuracy: annCorrect / samples } }),
  };
}

function powers({ schedule, steps }: ConvertedNetwork): number[] {
  if (schedule === 'accumulate') return [steps];
  const powersOfTwo = Array.from({ length: 17 }, (_, k) => 2 ** k).filter((power) => power < steps);
  return [...powersOfTwo, steps];
}

function matches(labels: Uint32Array, expected: Uint32Array): number {
  return labels.filter((label, i) => label === expected[i]).length;
}

/** Splits batches into pieces, so that the recorded outputs stay small. */
async function* pieces(data: TrainingBatch | Batches): AsyncGenerator<TrainingBatch & { y: Uint32Array }> {
  const batches = isBatch(data) ? [data] : data;
  iterable('data', batches, 'labeled samples { x, shape, y }, or batches of them');
  for await (const batch of batches as AsyncIterable<TrainingBatch>) {
    if (!isBatch(batch) || !Array.isArray(batch.shape)) invalid('data', batch, 'samples { x, shape, y }');
    const [samples, ...axes] = batch.shape as [number, ...number[]];
    const size = batch.x.length / samples;
    if (batch.y.length !== samples)
      invalid('data.y', `${batch.y.length} labels`, `${samples}, one per sample`);
    const y = unsigned('data.y', batch.y as Uint32Array);
    for (let from = 0; from < samples; from += samplesPerRun) {
      const to = Math.min(samples, from + samplesPerRun);
      yield {
        x: batch.x.subarray(from * size, to * size),
        shape: [to - from, ...axes],
        y: y.subarray(from, to),
      };
    }
  }
}

function isBatch(value: unknown): value is TrainingBatch {
  return typeof value === 'object' && value !== null && 'x' in value && 'y' in value && 'shape' in value;
}
