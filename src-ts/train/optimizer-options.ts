/** The options that every optimizer takes. */
import { text } from '../checks/check.ts';
import { checkForm, type Form, listOf, number, yesOrNo } from '../checks/plain-data.ts';

/** Parameters that are treated differently from the others. */
export interface ParameterGroup {
  /** Names of parameters (`dense1.weight`), of layers, or patterns for several layers (`*.bias`, `*.tauMem`). */
  parameters: readonly string[];
  /** Default the optimizer's. */
  lr?: number;
  /** Default the optimizer's. */
  weightDecay?: number;
  /** Whether they are excluded from training; default false. */
  frozen?: boolean;
}

/** Options of every optimizer. */
export interface OptimizerOptions {
  /** Learning rate; the default is the optimizer's own. */
  lr?: number;
  /** Weight decay; the default is the optimizer's own. */
  weightDecay?: number;
  /** Parameters with a separate learning rate or decay, or frozen; default none. */
  groups?: readonly ParameterGroup[];
  /** The gradient of all parameters together is scaled down to at most this Euclidean norm; default none. */
  maxNorm?: number;
}

const groups = listOf((path, group) =>
  checkForm(path, group, {
    options: { parameters: listOf(text), lr: number, weightDecay: number, frozen: yesOrNo },
    needed: ['parameters'],
  }),
);

/** Their checks; learning rate and decay are among the options of each optimizer. */
export const commonOptions: Form['options'] = { groups, maxNorm: number };
