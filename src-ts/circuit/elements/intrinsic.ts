/** Parameters of neurons that move with their rates. */
import { options as checkOptions, finite, text } from '../../checks/check.ts';

/**
 * Intrinsic plasticity: every `interval` ms a parameter of each neuron changes by `gain * (rate - rateTarget) * interval /
 * 1000`, where `rate` is the neuron's, filtered by `tauRate`. A threshold moves with a gain above 0, a current below 0.
 */
export interface IntrinsicPlasticity {
  /** A parameter of the model, such as `'vThreshold'` or `'iBias'`. */
  parameter: string;
  /** In Hz. */
  rateTarget: number;
  /** In the parameter's unit per second and Hz. */
  gain: number;
  /** In ms; default 1,000. */
  tauRate?: number;
  /** In ms, a whole number of steps; default 100. */
  interval?: number;
  /** Lower and upper limit of the parameter. A run ends with an error if the parameter reaches a value that the model does not accept. */
  min?: number;
  max?: number;
}

/** Checks what the engine does not know by name. */
export function intrinsicOf(intrinsic: IntrinsicPlasticity): IntrinsicPlasticity {
  const name = 'population.intrinsic';
  const { parameter, ...numbers } = checkOptions(name, intrinsic, [
    'parameter',
    'rateTarget',
    'gain',
    'tauRate',
    'interval',
    'min',
    'max',
  ]);
  const checked = Object.entries(numbers)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, finite(`${name}.${key}`, value)]);
  for (const key of ['rateTarget', 'gain'] as const) finite(`${name}.${key}`, numbers[key]);
  return Object.freeze({
    parameter: text(`${name}.parameter`, parameter),
    ...Object.fromEntries(checked),
  }) as IntrinsicPlasticity;
}
