/** Labels of a batch, and what decided them. */
import { options as checkOptions, flag, integer } from '../checks/check.ts';
import type { CompiledModel } from '../compiled/compiled-model.ts';
import { type InputOptions, type InputTensor, nativeInput } from '../description/input-tensor.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import { checkedReadout } from '../trace/readout.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import type { TrainingBatch } from '../train/batch.ts';
import type { Loss } from '../train/losses.generated.ts';
import type { StepRequest } from '../train/native-step.ts';
import type { Decision, StepReport } from '../train/step.ts';

/** The input of {@link Model.predict}. */
export type PredictInput = InputTensor & Pick<TrainingBatch, 'lengths'>;

/** Options of {@link Model.predict}. */
export interface PredictOptions extends InputOptions, TaskOptions {
  /** The criterion; default the model's read-out, otherwise the spike count, or the membrane of an output that does not spike. */
  by?: Decision;
  /** The first step that counts; default 0. */
  from?: number;
  /** Classes whose neurons vote together; default each output is a class. */
  populationClasses?: number;
  /**
   * Another read-out than the model's own ({@link NetworkOptions}), in place of `by`, `from` and `populationClasses`: a function as of
   * {@link loss}.trace whose result has the axes `batch` and one for the classes.
   */
  readout?: TracedLoss;
  /** Whether to return a {@link Prediction}; default false. */
  scores?: boolean;
}

/** Labels and their scores. */
export interface Prediction {
  /** `[batch]` */
  labels: Uint32Array;
  /**
   * `[batch, classes]`, row by row; the largest score of a row belongs to its label. By count: the number of spikes. By membrane: its sum over the
   * steps. By maximum: the largest value. By first spike: minus its step (minus the last step for a silent neuron). For classes of several
   * neurons: the sum over these. By `readout`: its values. Scores are not probabilities.
   */
  scores: Float64Array;
  /** `[batch, classes]` */
  shape: [number, number];
}

/** Checks a prediction, and says it as a step without gradients. */
export function predictRequest(
  { description, outputs }: Pick<CompiledModel, 'description'> & { readonly outputs: number },
  input: PredictInput,
  options: PredictOptions,
): { batch: TrainingBatch; request: StepRequest } {
  const common = ['steps', 'scores', 'readout', 'signal', 'onProgress'] as const;
  const criteria = ['by', 'from', 'populationClasses'] as const;
  const {
    from,
    scores = false,
    ...step
  } = options?.readout === undefined
    ? checkOptions('predict', options, [...common, ...criteria])
    : (checkOptions('predict with a readout', options, common) as PredictOptions);
  if (step.readout !== undefined) checkedReadout('readout', step.readout);
  const isByCriterion = criteria.some((name) => options[name] !== undefined);
  const readout = isByCriterion ? undefined : (step.readout ?? description.readout);
  if (step.populationClasses !== undefined) integer('populationClasses', step.populationClasses, { min: 1 });
  if (from !== undefined) integer('from', from, { min: 0 });
  flag('scores', scores);
  const y = new Uint32Array(nativeInput(input, description.input, options).batch);
  // Which loss is all the same; a cross-entropy of one output there is none.
  const kind = outputs === 1 ? 'mean-squared-membrane' : 'cross-entropy-sum-membrane';
  const loss: Loss = { kind, ...(from === undefined ? {} : { from }) };
  return { batch: { ...input, y }, request: { ...step, loss, scores, readout } };
}

/** What such a step has predicted. */
export function predicted(
  report: StepReport & { scores?: Float64Array },
  scored: boolean | undefined,
): Uint32Array | Prediction {
  const { labels, scores } = report;
  if (scored !== true) return labels;
  return { labels, scores: scores!, shape: [labels.length, scores!.length / labels.length] };
}
