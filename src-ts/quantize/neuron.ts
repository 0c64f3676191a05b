/** The coefficients of a neuron's update in a step, as the engine computes them. */
import { LapicqueError } from '../checks/errors.ts';
import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { exp } from '../numbers/elementary.ts';
import type { IntegerRules } from './rules.ts';

/** One update of a population in numbers of the model: each array has one number for every neuron. */
export interface NeuronNumbers {
  /** What is left of v in a step. */
  readonly beta: Float64Array;
  /** What is left of the current; absent without one. */
  readonly alpha?: Float64Array;
  /** Factor on the input as it is added to v, or of a model with a current to the current. */
  readonly gain: Float64Array;
  /** Factor on the current as it is added to v; 1 without one. */
  readonly gainCurrent: Float64Array;
  /** Added to v in each step. */
  readonly drift: Float64Array;
  readonly threshold: Float64Array;
  readonly vReset: Float64Array;
  readonly vStart: Float64Array;
  readonly spiking: boolean;
  /** The rules of the model that integer layers have, too. */
  readonly rules: Pick<
    IntegerRules,
    'currents' | 'currentOrder' | 'compare' | 'reset' | 'resetTiming' | 'resetScale'
  >;
}

const models = ['lif', 'if', 'li', 'cuba-lif', 'cuba-li'];

/** @throws LapicqueError `unsupported` for a model or an option that integer layers do not have */
export function neuronNumbers(
  name: string,
  neurons: number,
  { model, params, options, shared }: DynamicsSpec,
  dt: number,
): NeuronNumbers {
  const refuse = (what: string): never => {
    throw new LapicqueError('unsupported', { feature: `${name}: ${what}`, format: 'quantize' });
  };
  if (!models.includes(model)) refuse(`the model ${model} (it knows ${models.join(', ')})`);
  const parameters = (params ?? {}) as Readonly<Record<string, unknown>>;
  const option = (key: string) => (options as Readonly<Record<string, unknown>> | undefined)?.[key];
  const each = (key: string, missing: number): Float64Array => {
    const value = parameters[key] ?? missing;
    if (typeof value === 'number') return new Float64Array(neurons).fill(value);
    if (Array.isArray(value) || ArrayBuffer.isView(value)) {
      // Pixels of a channel may share a value.
      const repeated = shared?.[key] ?? 1;
      const own = Array.from(value as readonly number[]);
      if (own.length * repeated === neurons)
        return Float64Array.from({ length: neurons }, (_, i) => own[Math.floor(i / repeated)]!);
    }
    return refuse(`the parameter ${key} in this form`);
  };
  const zero = (key: string, neutral: number) => {
    if (parameters[key] !== undefined && each(key, neutral).some((value) => value !== neutral))
      refuse(`the parameter ${key}`);
  };
  zero('refractorySteps', 0);
  zero('tauRef', 0);
  zero('gradedSpikes', 1);
  if (parameters.vMin !== undefined) refuse('the parameter vMin');
  if (option('thresholdBefore') === true) refuse('thresholdBefore');
  const timing = (option('resetTiming') ?? 'next-step') as string;
  if (timing === 'snntorch-no-delay') refuse('resetTiming snntorch-no-delay');
  const reset = (option('reset') ?? 'subtract') as IntegerRules['reset'];
  if (reset === 'value' && timing === 'next-step' && option('zeroKeepsInput') === false)
    refuse('zeroKeepsInput false');
  const euler = option('method') === 'euler';
  const factor = (key: string, tau: string): Float64Array => {
    if (parameters[key] !== undefined) return each(key, 1).map((x) => Math.max(0, Math.min(1, x)));
    return each(tau, Number.NaN).map((time) => (euler ? Math.max(0, 1 - dt / time) : exp(-dt / time)));
  };
  /** dt / tau, which of a decay given as a factor only Euler's method has. */
  const ratio = (key: string, tau: string): Float64Array => {
    if (parameters[key] === undefined) return each(tau, Number.NaN).map((time) => dt / time);
    return euler ? each(key, 1).map((x) => 1 - x) : refuse(`a scale of dt / ${tau} with ${key}`);
  };
  const beta = model === 'if' ? each('beta', 1) : factor('beta', 'tauMem');
  const r = each('r', 1);
  const scale = option('inputScale') ?? 'weight';
  const scaled = (): Float64Array => {
    if (scale === 'weight') return r;
    if (scale === 'one-minus-beta') return r.map((x, i) => x * (1 - beta[i]!));
    if (scale === 'dt') return r.map((x) => x * dt);
    if (scale === 'dt-over-tau') {
      const share = ratio('beta', 'tauMem');
      return r.map((x, i) => x * share[i]!);
    }
    return refuse(`inputScale ${String(scale)}`);
  };
  const leak = each('vLeak', 0);
  const hasCurrent = model.startsWith('cuba');
  const viaCurrent = hasCurrent ? scaled() : new Float64Array(neurons).fill(1);
  if (viaCurrent.some((factor) => factor === 0))
    refuse('a current that is multiplied by 0 as it is added to v');
  const spiking = !['li', 'cuba-li'].includes(model);
  const jump = () => {
    const w = each('wIn', 1);
    if (option('synInputScale') !== 'dt-over-tau') return w;
    const share = ratio('alpha', 'tauSyn');
    return w.map((x, i) => x * share[i]!);
  };
  const [threshold, vStart] = [
    each('vThreshold', 1),
    parameters.vInit === undefined ? leak : each('vInit', 0),
  ];
  if (spiking && threshold.some((value) => !(value > 0))) refuse('a threshold that is not above 0');
  if (spiking && timing === 'next-step' && reset !== 'none' && vStart.some((v, i) => v >= threshold[i]!))
    refuse('a vInit at or above the threshold, which is reset in the first step');
  return {
    beta,
    ...(hasCurrent ? { alpha: factor('alpha', 'tauSyn') } : {}),
    // Units of states are positive: the sign of the current's factor goes into the weights.
    gain: hasCurrent ? jump().map((x, i) => x * Math.sign(viaCurrent[i]!)) : scaled(),
    gainCurrent: viaCurrent.map(Math.abs),
    drift: leak.map((x, i) => (model === 'if' ? 0 : x * (1 - beta[i]!))),
    threshold,
    vReset: each('vReset', 0),
    vStart,
    spiking,
    rules: {
      currents: hasCurrent ? 1 : 0,
      currentOrder: (option('currentOrder') ?? 'decay-add-use') as IntegerRules['currentOrder'],
      compare: (option('compare') ?? '>') as IntegerRules['compare'],
      reset: spiking ? reset : 'none',
      resetTiming: timing as IntegerRules['resetTiming'],
      resetScale: (option('resetScale') ?? 'threshold') as IntegerRules['resetScale'],
    },
  };
}
