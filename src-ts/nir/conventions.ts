/** How the continuous-time equations of a NIR file are discretized. */
import { options as checkOptions, finite, integer, oneOf } from '../checks/check.ts';

/** The choices that a NIR file leaves open. Each framework that writes NIR files makes its own. */
export interface NirConventions {
  /** The decay factor of v in one step: `1 - dt/tau` (forward Euler) or `exp(-dt/tau)`. */
  membrane: 'euler' | 'exponential';
  /**
   * The update of the synaptic current i of CubaLI and CubaLIF by the input u. `euler`: `i += dt/tau_syn (w_in u - i)`, then v uses i.
   * `jump-then-decay`: `i += u`, then v uses i, then `i *= 1 - dt/tau_syn`. `jump-decay-use`: `i = (i + u) exp(-dt/tau_syn)`, then v uses i.
   * The last two ignore w_in.
   */
  synapse: 'euler' | 'jump-then-decay' | 'jump-decay-use';
  /** The factor on the input of v: `nir` is `r dt/tau`; `one` is 1, and r is ignored. For I the factor is always `r dt`. */
  inputGain: 'nir' | 'one';
  /** The factor on the input of IF: `nir` is `r dt`; `one` is 1, and r is ignored. Default: the value of `inputGain`. */
  ifGain: 'nir' | 'one';
  /** The reset by a spike: `value` sets v to v_reset; `subtract` subtracts v_threshold from v. */
  reset: 'value' | 'subtract';
  /** Whether v is reset in the step of the spike or by the update of the next step. */
  resetTiming: 'same-step' | 'next-step';
  /** The initial v of a spiking neuron: `rest` is v_leak, or 0 for IF; `reset` is v_reset. */
  start: 'rest' | 'reset';
  /** The comparison of v with v_threshold that makes a spike. */
  compare: '>' | '>=';
  /** Whether a neuron emits at most one spike per step, or one spike for each multiple of v_threshold that v reaches. */
  spikes: 'one' | 'several';
  /** The maximal number of spikes per step with `spikes: 'several'`, from 1 to 256. */
  maxSpikes: number;
  /** A factor on every time constant of the file. */
  tauScale: number;
  /** A factor on every v_threshold of the file. */
  thresholdScale: number;
  /**
   * The edge of a cycle that delays its value by one step. `closing-edge`: the back edge of a depth-first search from the input, which carries
   * 0 in the first step; so the bias of a recurrent layer acts from the second step on. `neuron`: the output edge of the neuron, so the bias
   * acts from the first step on.
   */
  feedback: 'closing-edge' | 'neuron';
}

/** The equations as written, solved by forward Euler in the order that most importers use. */
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

const choices = {
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

/** The `base` conventions with the user's own in place of some. @throws LapicqueError `unknown-name`, `invalid-parameter` */
export function conventionsOver(
  base: NirConventions,
  overrides: Partial<NirConventions> = {},
): NirConventions {
  const known = [
    ...Object.keys(choices),
    'maxSpikes',
    'tauScale',
    'thresholdScale',
  ] as (keyof NirConventions)[];
  const checked = checkOptions('conventions', overrides, known);
  for (const [key, allowed] of Object.entries(choices)) {
    const value = checked[key as keyof typeof choices];
    if (value !== undefined) oneOf(`conventions.${key}`, value, allowed as readonly string[]);
  }
  if (checked.maxSpikes !== undefined)
    integer('conventions.maxSpikes', checked.maxSpikes, { min: 1, max: 256 });
  for (const key of ['tauScale', 'thresholdScale'] as const)
    if (checked[key] !== undefined) finite(`conventions.${key}`, checked[key], { above: 0 });
  const chosen: Partial<NirConventions> = Object.fromEntries(
    Object.entries(checked).filter(([, value]) => value !== undefined),
  );
  // A chosen inputGain applies to IF as well, unless ifGain is chosen.
  const gains = chosen.inputGain === undefined ? {} : { ifGain: chosen.inputGain };
  return Object.freeze({ ...base, ...gains, ...chosen });
}
