/** Optimizers and learning-rate schedules as plain data; the engine checks and runs them. */
import { flag, invalid, text } from '../checks/check.ts';
import { type Check, checkForm, checkKind, type Form, listOf, number } from '../checks/plain-data.ts';

/** Parameters that are treated differently from the others. */
export interface ParameterGroup {
  /** Names of parameters (`dense1.weight`), of layers, or of what several layers have (`*.bias`, `*.tauMem`). */
  parameters: readonly string[];
  /** Default the optimizer's. */
  lr?: number;
  /** Default the optimizer's. */
  weightDecay?: number;
  /** Whether they are not trained at all; default false. */
  frozen?: boolean;
}

/** What every optimizer takes. */
export interface OptimizerOptions {
  /** Learning rate; default 1e-3 (SGD: needed). */
  lr?: number;
  /** As torch's `weight_decay`; default 0 (AdamW: 0.01). */
  weightDecay?: number;
  /** Parameters with a learning rate or decay of their own, or frozen; default none. */
  groups?: readonly ParameterGroup[];
  /** The gradient of all parameters together is scaled down to at most this Euclidean norm; default none. */
  maxNorm?: number;
}

/** An optimizer with its settings. */
export type Optimizer = Readonly<
  | (OptimizerOptions & { kind: 'adam' | 'adamw'; betas?: readonly [number, number]; eps?: number })
  | (OptimizerOptions & {
      kind: 'sgd';
      lr: number;
      momentum?: number;
      dampening?: number;
      nesterov?: boolean;
    })
>;

/** The options of one kind of optimizer. */
export type OptimizerOptionsOf<K extends Optimizer['kind'], O = Optimizer> = O extends { kind: infer Kinds }
  ? K extends Kinds
    ? Omit<O, 'kind'>
    : never
  : never;

const yesOrNo: Check = flag;
const groups = listOf((path, group) =>
  checkForm(path, group, {
    options: { parameters: listOf(text), lr: number, weightDecay: number, frozen: yesOrNo },
    needed: ['parameters'],
  }),
);
const common = { lr: number, weightDecay: number, groups, maxNorm: number };
const betas: Check = (path, value) => {
  if (!Array.isArray(value) || value.length !== 2) invalid(path, value, 'a list of two numbers');
  listOf(number)(path, value);
};
const adaptive: Form = { options: { ...common, betas, eps: number } };

/** What each kind of optimizer reads. */
const forms: Record<Optimizer['kind'], Form> = {
  adam: adaptive,
  adamw: adaptive,
  sgd: {
    options: { ...common, momentum: number, dampening: number, nesterov: yesOrNo },
    needed: ['lr'],
  },
};

/** Refuses an optimizer or an option of it that does not exist; the engine checks the ranges. */
export function checkOptimizer(given: Optimizer): void {
  checkKind('optimizer', given, forms, 'an optimiser, such as adam({ lr: 1e-3 })');
}

function make(kind: Optimizer['kind'], options: object): Optimizer {
  if (typeof options !== 'object' || options === null) invalid(kind, options, 'an object of options');
  const made = Object.freeze({ kind, ...options }) as Optimizer;
  checkOptimizer(made);
  return made;
}

/** Adam (Kingma and Ba 2015) with torch's defaults: lr 1e-3, betas 0.9 and 0.999, eps 1e-8. */
export function adam(options: OptimizerOptionsOf<'adam'> = {}): Optimizer {
  return make('adam', options);
}

/** AdamW (Loshchilov and Hutter 2019): Adam whose weight decay, by default 0.01, does not pass through the moments. */
export function adamw(options: OptimizerOptionsOf<'adamw'> = {}): Optimizer {
  return make('adamw', options);
}

/** Stochastic gradient descent with optional (Nesterov) momentum, as torch computes it; momentum and dampening 0 by default. */
export function sgd(options: OptimizerOptionsOf<'sgd'>): Optimizer {
  return make('sgd', options);
}

/**
 * A learning-rate schedule. It gives a factor on the learning rate, with the formulas and defaults of torch's schedulers of these names
 * (`minFactor` is torch's `eta_min` or `min_lr` divided by the learning rate). Schedules count epochs, or steps with `scheduleBy: 'step'`.
 * `reduce-on-plateau` reads the metric of `earlyStopping`, or its default. `warm-up` rises linearly from `startFactor` (default 0)
 * to 1, as torch's LinearLR, and continues with `then`. A function of the number of finished epochs (or steps), as torch's
 * LambdaLR, is an {@link OwnSchedule}.
 */
export type Schedule = Readonly<
  | { kind: 'constant' }
  | { kind: 'step'; stepSize: number; gamma?: number }
  | { kind: 'multi-step'; milestones: readonly number[]; gamma?: number }
  | { kind: 'exponential'; gamma: number }
  | { kind: 'cosine'; period: number; minFactor?: number }
  | { kind: 'cosine-restarts'; period: number; periodGrowth?: number; minFactor?: number }
  | { kind: 'warm-up'; steps: number; startFactor?: number; then: Schedule }
  | {
      kind: 'one-cycle';
      totalSteps: number;
      pctStart?: number;
      divFactor?: number;
      finalDivFactor?: number;
      anneal?: 'cosine' | 'linear';
      threePhase?: boolean;
    }
  | {
      kind: 'reduce-on-plateau';
      factor?: number;
      patience?: number;
      threshold?: number;
      thresholdMode?: 'relative' | 'absolute';
      mode?: 'min' | 'max';
      cooldown?: number;
      minFactor?: number;
    }
>;

/**
 * A custom schedule: the factor on the learning rate for the epoch (or, with `scheduleBy: 'step'`, the step) before which `done` are
 * done, from 0. A number from 0.
 */
export type OwnSchedule = (done: number) => number;
