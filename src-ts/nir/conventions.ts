/** How the equations of a NIR file, which are in continuous time, become steps. */
import { options as checkOptions, finite, integer, oneOf } from '../checks/check.ts';

/** The choices that a file leaves open, and the habits of those who write files. */
export interface NirConventions {
  /** The share of v that is left after a step: `1 - dt/tau` or `exp(-dt/tau)`. */
  membrane: 'euler' | 'exponential';
  /**
   * The synaptic current of CubaLI and CubaLIF. `euler`: `i += dt/tau_syn (w_in u - i)`, and v uses the new i. `jump-then-decay`: `i += u`, v uses it, then `i *= 1 -
   * dt/tau_syn`. `jump-decay-use`: `i = (i + u) exp(-dt/tau_syn)`, and v uses it. In the last two w_in is not used.
   */
  synapse: 'euler' | 'jump-then-decay' | 'jump-decay-use';
  /** The factor on what drives v: `nir` is `r dt/tau` (of I and IF `r dt`); `one` is 1, and r is not used. */
  inputGain: 'nir' | 'one';
  /** The same for IF alone; default as `inputGain`. */
  ifGain: 'nir' | 'one';
  /** What a spike does to v: sets it to v_reset, or takes v_threshold off it. */
  reset: 'value' | 'subtract';
  /** Whether the reset follows at once, or with the update of the next step. */
  resetTiming: 'same-step' | 'next-step';
  /** Where v of a spiking neuron starts: `rest` is v_leak, of IF 0; `reset` is v_reset. */
  start: 'rest' | 'reset';
  /** How v must compare to v_threshold to spike. */
  compare: '>' | '>=';
  /** Whether a neuron gives one spike a step at the most, or as many as thresholds were crossed. */
  spikes: 'one' | 'several';
  /** Of `several`: the most in one step, from 1 to 256. */
  maxSpikes: number;
  /** Every time constant of the file is multiplied by this. */
  tauScale: number;
  /** Every v_threshold of the file is multiplied by this. */
  thresholdScale: number;
  /**
   * Where a cycle is cut. `closing-edge`: the edge that closes it, seen from the input, carries the value of the step before, 0 in the first step; so the bias of a
   * recurrent layer counts from the second step on. `neuron`: the neuron's output is what comes a step later, so the bias counts at once.
   */
  feedback: 'closing-edge' | 'neuron';
}

/** The equations taken literally, by forward Euler: the order on which most importers agree. */
export const literal: NirConventions = Object.freeze({
  membrane: 'euler',
  synapse: 'euler',
  inputGain: 'nir',
  ifGain: 'nir',
  reset: 'value',
  resetTiming: 'same-step',
  start: 'rest',
  compare: '>',
  spikes: 'one',
  maxSpikes: 32,
  tauScale: 1,
  thresholdScale: 1,
  feedback: 'closing-edge',
});

const words = {
  membrane: ['euler', 'exponential'],
  synapse: ['euler', 'jump-then-decay', 'jump-decay-use'],
  inputGain: ['nir', 'one'],
  ifGain: ['nir', 'one'],
  reset: ['value', 'subtract'],
  resetTiming: ['same-step', 'next-step'],
  start: ['rest', 'reset'],
  compare: ['>', '>='],
  spikes: ['one', 'several'],
  feedback: ['closing-edge', 'neuron'],
} as const;

/** Conventions as users give them, over others. @throws LapicqueError `unknown-name`, `invalid-parameter` */
export function conventionsOver(base: NirConventions, given: Partial<NirConventions> = {}): NirConventions {
  const known = [
    ...Object.keys(words),
    'maxSpikes',
    'tauScale',
    'thresholdScale',
  ] as (keyof NirConventions)[];
  const checked = checkOptions('conventions', given, known);
  for (const [key, allowed] of Object.entries(words)) {
    const value = checked[key as keyof typeof words];
    if (value !== undefined) oneOf(`conventions.${key}`, value, allowed as readonly string[]);
  }
  if (checked.maxSpikes !== undefined)
    integer('conventions.maxSpikes', checked.maxSpikes, { min: 1, max: 256 });
  for (const key of ['tauScale', 'thresholdScale'] as const)
    if (checked[key] !== undefined) finite(`conventions.${key}`, checked[key], { above: 0 });
  const told: Partial<NirConventions> = Object.fromEntries(
    Object.entries(checked).filter(([, value]) => value !== undefined),
  );
  // Whoever says how inputs are weighted means IF, too.
  const gains = told.inputGain === undefined ? {} : { ifGain: told.inputGain };
  return Object.freeze({ ...base, ...gains, ...told });
}
