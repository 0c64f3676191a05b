/** What the engine gets for training steps: options, checked and parsed once, and batches. */
import type { addon } from '#native';
import { attached, invalid, oneOf } from '../checks/check.ts';
import { type Check, choice, number, whole, yesOrNo } from '../checks/plain-data.ts';
import type { Shape } from '../checks/tensor.ts';
import { isReals, nativeReals } from '../checks/typed.ts';
import { isWhole, stepCounts, unsigned } from '../checks/whole-numbers.ts';
import type { NativeModel } from '../compiled/compiled-model.ts';
import { isState } from '../compiled/state.ts';
import type { Description } from '../description/description.ts';
import { nativeInput } from '../description/input-tensor.ts';
import { unwrap } from '../engine/native.ts';
import type { TaskOptions } from '../engine/task-options.ts';
import type { TracedLoss } from '../trace/traced-loss.ts';
import type { TrainingBatch } from './batch.ts';
import { checkLoss, checkRegularizers, isTraced } from './loss.ts';
import type { Loss, PooledLossOptions } from './losses.generated.ts';
import { trainingMethods } from './method.ts';
import { checkOptimizer } from './optimizer.ts';
import type { Optimizer } from './optimizers.generated.ts';
import { decisions, type TrainStepOptions } from './step.ts';
import { checkTargetAxes } from './target-axes.ts';

/** Checked options of an optimizer's steps, in the engine. */
export type NativeUpdate = InstanceType<typeof addon.NativeUpdate>;
/** Checked options of losses and gradients, in the engine. */
export type NativeObjective = InstanceType<typeof addon.NativeObjective>;

/** Options of an optimizer step on the accumulated gradients. */
export interface UpdateOptions extends TaskOptions {
  /** Factor on the learning rate; default 1. */
  lrFactor?: number | undefined;
  /** Factor on the gradients, for example 1 / accumulated batches; default 1. */
  scale?: number | undefined;
  /** Clips each element of the gradients to at most this magnitude, before the optimizer's `maxNorm`; default none. */
  clipValue?: number | undefined;
  /** Whether the gradients stay readable until the next ones are computed; by default the step clears them. */
  keepGradients?: boolean | undefined;
}

/** Names of the options of {@link Model.step}. @internal */
export const updateOptions = [
  'lrFactor',
  'scale',
  'clipValue',
  'keepGradients',
  'signal',
  'onProgress',
] as const;

/** Options of steps; `populationClasses` if the loss does not group the outputs. */
export type StepRequest = TrainStepOptions & {
  populationClasses?: number;
  /** Traced functions that are evaluated beside the loss. */
  metrics?: Readonly<Record<string, TracedLoss>>;
  /** What decides the labels; without this field the model's read-out, unless `by` is given. */
  readout?: TracedLoss | undefined;
  /** Whether to return the scores that decide the labels, too. */
  scores?: boolean;
};

type Forms<K extends keyof StepRequest> = Readonly<Record<K, Check>>;

// The forms of options are checked here only, and their ranges in the engine only.
const objectiveForms = {
  regularizers: (_, regularizers) => checkRegularizers(regularizers),
  segment: whole(1),
  method: (_, method) => oneOf('training method', method, trainingMethods),
  truncate: whole(1),
  by: choice(...decisions),
  populationClasses: whole(1),
  inputGradient: yesOrNo,
  scores: yesOrNo,
} satisfies Partial<Forms<keyof StepRequest>>;

const updateForms = {
  lrFactor: number,
  scale: number,
  clipValue: number,
  keepGradients: yesOrNo,
} satisfies Forms<Exclude<keyof UpdateOptions, keyof TaskOptions>>;

/** The options that are given, of those with a form. Refuses another form. */
function given(forms: Readonly<Record<string, Check>>, options: object): Record<string, unknown> {
  const all = Object.keys(forms).map((name) => [name, options[name as keyof object] as unknown] as const);
  const present = all.filter(([, value]) => value !== undefined);
  for (const [name, value] of present) forms[name]!(name, value);
  return Object.fromEntries(present);
}

/** Refuses options of the wrong form beside a loss that is a function. */
export function checkForms(options: StepRequest): void {
  given(objectiveForms, options);
}

/** What recent single steps of each model minimize: a traced loss is prepared for the sizes of a batch once. */
const objectives = new WeakMap<NativeModel, Map<string, NativeObjective>>();
const keptObjectives = 8;

/** Has the engine check and parse what steps minimize and how they find gradients. */
export function nativeObjective(native: NativeModel, options: StepRequest): NativeObjective {
  checkLoss(options.loss as Loss | TracedLoss);
  const metrics = checkedMetrics(options.metrics);
  const { loss, readout } = options;
  const request = { loss, metrics, readout, ...given(objectiveForms, options) };
  const text = JSON.stringify(request);
  const known = objectives.get(native) ?? new Map<string, NativeObjective>();
  objectives.set(native, known);
  const objective = known.get(text) ?? unwrap(native.objective(text));
  if (known.size >= keptObjectives) known.clear();
  known.set(text, objective);
  return objective;
}

/** Metrics in their order. */
function checkedMetrics(metrics: StepRequest['metrics'] = {}): TracedLoss[] {
  const expected = 'an object of functions as loss.trace(…) returns them';
  if (typeof metrics !== 'object' || metrics === null || Array.isArray(metrics)) {
    return invalid('metrics', metrics, expected);
  }
  return Object.entries(metrics).map(([name, metric]) =>
    isTraced(metric) ? metric : invalid(`metrics.${name}`, metric, 'a function as loss.trace(…) returns it'),
  );
}

/** Has the engine check and parse an optimizer and the options of its steps. */
export function nativeUpdate(
  native: NativeModel,
  optimizer: Optimizer,
  options: UpdateOptions,
): NativeUpdate {
  checkOptimizer(optimizer);
  const { lrFactor, ...request } = given(updateForms, options);
  return unwrap(native.optimizer(JSON.stringify({ optimizer, ...request })));
}

/** A batch, checked, as the engine takes it. @param outputs - shape of the output population */
export function nativeBatch(
  batch: TrainingBatch,
  inputs: Description['input'],
  outputs: Shape,
  options: Pick<StepRequest, 'loss' | 'steps'>,
) {
  const input = nativeInput(batch, inputs, options);
  const { y, lengths, state } = batch;
  if (!isWhole(y) && !isReals(y)) {
    const labels = Array.isArray(y) ? ' (Uint32Array.from(y))' : '';
    const expected = `labels in an integer array such as a Uint32Array${labels}, or values in a Float32Array or Float64Array`;
    invalid('batch.y', y, expected);
  }
  if (state !== undefined && !isState(state)) invalid('batch.state', state, 'a ModelState');
  if (y.length === 0) attached('batch.y', y);
  const classes = (options.loss as PooledLossOptions).populationClasses;
  if (!isTraced(options.loss)) {
    checkTargetAxes(batch, input, isReals(y) ? (classes === undefined ? outputs : [classes]) : []);
  }
  return {
    input,
    classes: isReals(y) ? undefined : unsigned('batch.y', y),
    values: nativeReals(isReals(y) ? y : undefined),
    lengths: stepCounts('batch.lengths', lengths),
    state: state?.native,
    ...nativeTensors(batch.tensors),
  };
}

/** The further tensors of a batch, by name, as the engine takes them. */
function nativeTensors(tensors: TrainingBatch['tensors'] = {}) {
  if (typeof tensors !== 'object' || tensors === null || Array.isArray(tensors)) {
    invalid('batch.tensors', tensors, 'an object of typed arrays');
  }
  const entries = Object.entries(tensors).map(([name, values]) => {
    if (isReals(values)) return [name, nativeReals(values)] as const;
    if (!isWhole(values)) invalid(`batch.tensors.${name}`, values, 'a typed array of numbers');
    return [name, nativeReals(Float64Array.from(unsigned(`batch.tensors.${name}`, values)))] as const;
  });
  return { tensorNames: entries.map(([name]) => name), tensors: entries.map(([, values]) => values) };
}
