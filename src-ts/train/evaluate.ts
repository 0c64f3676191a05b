/** Going over a data set without learning. */

import { options as checkOptions, invalid } from '../checks/check.ts';
import { isWhole, unsigned } from '../checks/whole-numbers.ts';
import type { InputOptions } from '../description/input-tensor.ts';
import { itemsUntilAborted } from '../engine/abort.ts';
import { checkTask } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import { type Batches, checkBatches, type TrainingBatch } from './batch.ts';
import { isTraced, type Regularizer } from './loss.ts';
import type { Loss } from './losses.generated.ts';
import { meansOf, type NamedSums, withBatch } from './named-sums.ts';
import type { OwnLoss } from './own-loss.ts';
import { ProgressReporter } from './progress.ts';
import type { Decision, StepReport } from './step.ts';
import type { TrainedModel } from './trained-model.ts';

/** Options of `model.evaluate`. */
export interface EvaluateOptions extends InputOptions, TaskOptions {
  loss: Loss | TracedLoss | OwnLoss;
  /** Further numbers by name, each a function as of {@link loss}.trace; not with a loss that is a function. */
  metrics?: Readonly<Record<string, TracedLoss>>;
  /** The criterion of the label; default: the model's read-out, or the loss's criterion, see {@link Decision}. */
  by?: Decision;
  regularizers?: readonly Regularizer[];
}

/** The result of evaluating a model on a data set. */
export interface Evaluation {
  /** Mean over samples. */
  loss: number;
  /** The metrics by name, means over samples; the terms of one that has several are `name.term`. */
  metrics?: Record<string, number>;
  /** Share of samples with the right label, 0 to 1; NaN if the targets of a batch are not one label per sample. */
  accuracy: number;
  samples: number;
  /** `confusion[label][predicted]`, numbers of samples, `[classes, classes]`; empty if the accuracy is NaN. */
  confusion: number[][];
  /** Mean number of spikes per sample of each population, including the steps after the `lengths` of samples, which are also computed. */
  spikesPerSample: Record<string, number>;
  /** Mean number of input spikes (or non-zero values) per sample, also over all steps. */
  inputEventsPerSample: number;
  /** `spikesPerSample` with the sizes of the spiking populations and the mean number of steps per sample, in the form that reports take. */
  activity: { steps: number; layers: { name: string; neurons: number; spikes: number }[] };
}

/** Sums over batches. */
class Tally {
  samples = 0;
  #loss = 0;
  /** By name, times the samples. */
  #metrics: NamedSums = {};
  #correct = 0;
  #labeled = true;
  #input = 0;
  #steps = 0;
  readonly #spikes: number[];
  readonly #confusion: number[][] = [];
  readonly #model: TrainedModel;
  readonly #objective: Loss | TracedLoss | OwnLoss;
  readonly #hasMetrics: boolean;

  constructor(model: TrainedModel, { loss, metrics = {} }: EvaluateOptions) {
    this.#hasMetrics = Object.keys(metrics).length > 0;
    this.#model = model;
    this.#objective = loss;
    this.#spikes = model.info.layers.map(() => 0);
  }

  add(batch: TrainingBatch, report: StepReport, steps = batch.shape[0]!): void {
    const { labels: predicted, classes } = report;
    const size = predicted.length;
    this.samples += size;
    this.#loss += lossContribution(this.#objective, report, size);
    this.#metrics = withBatch(this.#metrics, report.metrics ?? {}, size);
    this.#input += report.inputEvents;
    this.#steps += steps * size;
    report.spikes.forEach((count, i) => {
      this.#spikes[i]! += count;
    });
    for (const row of this.#confusion) while (row.length < classes) row.push(0);
    while (this.#confusion.length < classes) this.#confusion.push(new Array<number>(classes).fill(0));
    const labels = labelsOf(batch, size, classes);
    if (labels === undefined) {
      this.#labeled = false;
      return;
    }
    for (let i = 0; i < size; i++) {
      const [label, prediction] = [labels[i]!, predicted[i]!];
      if (label === prediction) this.#correct += 1;
      this.#confusion[label]![prediction]! += 1;
    }
  }

  get loss(): number {
    return this.#loss / this.samples;
  }

  get accuracy(): number {
    return this.#labeled ? this.#correct / this.samples : Number.NaN;
  }

  result(): Evaluation {
    const { layers } = this.#model.info;
    const names = layers.map(({ name }) => name);
    return {
      loss: this.loss,
      ...(this.#hasMetrics ? { metrics: meansOf(this.#metrics, this.samples) } : {}),
      accuracy: this.accuracy,
      samples: this.samples,
      confusion: this.#labeled ? this.#confusion : [],
      spikesPerSample: Object.fromEntries(names.map((name, i) => [name, this.#spikes[i]! / this.samples])),
      inputEventsPerSample: this.#input / this.samples,
      activity: {
        steps: this.#steps / this.samples,
        layers: layers.flatMap(({ name, neurons, spiking }, i) =>
          spiking ? [{ name, neurons, spikes: this.#spikes[i]! / this.samples }] : [],
        ),
      },
    };
  }
}

/**
 * One label a sample, to compare with those predicted. There are none where targets are values or labels of each step, and a loss of
 * your own may read anything: nothing at all, or labels of other classes than the outputs stand for.
 */
export function labelsOf({ y }: TrainingBatch, samples: number, classes: number): Uint32Array | undefined {
  if (!isWhole(y) || y.length !== samples) return undefined;
  // Those of a custom loss may be anything.
  if (!(y as Uint32Array).every((label) => label >= 0 && label < classes)) return undefined;
  return unsigned('batch.y', y);
}

/**
 * What a batch adds to the loss over all samples, whose mean is then the same however they are divided into batches: penalties
 * are means over a batch's samples, and so is its loss, unless it is reduced to a sum.
 */
export function lossContribution(
  loss: Loss | TracedLoss | OwnLoss,
  report: StepReport,
  size: number,
): number {
  if (typeof loss === 'function' || isTraced(loss) || loss.reduction !== 'sum') return report.loss * size;
  const sum = report.perSample.reduce((total, value) => total + value, 0);
  return sum + (report.loss - sum) * size;
}

/** A hint for those who give batches that can be gone through but once. */
export function maybeOnce(data: Batches): string {
  const once = 'next' in data;
  return once ? ' (a generator gives its batches once; a list or a DataLoader, each time)' : '';
}

/** See {@link Model.evaluate}; `name` is what `data` are called where they are wrong. */
export async function evaluate(
  model: TrainedModel,
  data: Batches,
  options: EvaluateOptions,
  name = 'data',
): Promise<Evaluation> {
  const { onProgress, ...step } = checkOptions('evaluate', options, [
    'loss',
    'metrics',
    'by',
    'regularizers',
    'steps',
    'signal',
    'onProgress',
  ]);
  checkBatches(name, data);
  checkTask({ signal: step.signal, onProgress });
  const prepared = model.prepareSteps(step);
  const length = (data as { length?: number }).length;
  const reporter = new ProgressReporter(onProgress);
  const tally = new Tally(model, step);
  let done = 0;
  for await (const batch of itemsUntilAborted(step.signal, data)) {
    const report = await prepared.evaluate(batch);
    tally.add(batch, report, step.steps);
    done += 1;
    // Without a length there may always be one more.
    const total = Math.max(length ?? done + 1, done);
    reporter.update({ done, total, loss: tally.loss, accuracy: tally.accuracy });
  }
  reporter.end();
  if (tally.samples === 0) invalid(name, 'no batch', `at least one batch${maybeOnce(data)}`);
  return tally.result();
}
