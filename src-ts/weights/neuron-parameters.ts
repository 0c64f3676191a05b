/** What other libraries keep of their neurons in a `state_dict`, and which of our parameters that is. */

import type { DynamicsSpec } from '../neurons/neuron-node.ts';
import { exp, log } from '../numbers/elementary.ts';

/** Libraries whose tensors {@link Model.importWeights} knows. */
export type Peer = 'snntorch' | 'spikingjelly' | 'norse' | 'torch';
export const peers = ['snntorch', 'spikingjelly', 'norse', 'torch'] as const;

/** What a number of theirs depends on here. */
export interface NeuronContext {
  /** Length of a step, ms. */
  readonly dt: number;
  readonly options: DynamicsSpec['options'];
}

/** A parameter of ours, and their number as its value. */
export interface Conversion {
  readonly parameter: string;
  readonly of: (theirs: number, context: NeuronContext) => number;
  /** The inverse: our number as theirs. */
  readonly back: (ours: number, context: NeuronContext) => number;
  /** A description of the conversion, for the report; none if the number is the same. */
  readonly how?: string;
}

const same = (parameter: string): Conversion => ({ parameter, of: (x) => x, back: (x) => x });

/** The time constant that the population's method turns into this factor a step. */
const fromFactor = (parameter: string): Conversion => ({
  parameter,
  of: (factor, { dt, options }) => (options.method === 'euler' ? dt / (1 - factor) : -dt / log(factor)),
  back: (tau, { dt, options }) => (options.method === 'euler' ? 1 - dt / tau : exp(-dt / tau)),
  how: 'the time constant of a factor a step',
});

/** Norse's rates are per second, and a step of it is 1 ms by default. */
const fromRate = (parameter: string): Conversion => ({
  parameter,
  of: (rate) => 1000 / rate,
  back: (tau) => 1000 / tau,
  how: '1000 / x, from 1/s to ms',
});
const shareOfRate = (parameter: string): Conversion => ({
  parameter,
  of: (rate, { dt }) => 1 - (dt * rate) / 1000,
  back: (factor, { dt }) => (1000 * (1 - factor)) / dt,
  how: '1 - dt x',
});

/** By the library's own name; of several conversions the first whose parameter the population has. */
const conversions: Readonly<Record<Peer, Readonly<Record<string, readonly Conversion[]>>>> = {
  snntorch: {
    beta: [same('beta'), fromFactor('tauMem')],
    alpha: [same('alpha'), fromFactor('tauSyn')],
    threshold: [same('vThreshold')],
    graded_spikes_factor: [same('gradedSpikes')],
    R: [same('r')],
    C: [same('c')],
    time_step: [same('timeStep')],
  },
  spikingjelly: {
    w: [
      same('w'),
      {
        parameter: 'tauMem',
        of: (w, { dt }) => (1 + exp(-w)) * dt,
        back: (tau, { dt }) => -log(tau / dt - 1),
        how: 'dt / sigmoid(w)',
      },
      {
        parameter: 'beta',
        of: (w) => 1 - 1 / (1 + exp(-w)),
        back: (beta) => log((1 - beta) / beta),
        how: '1 - sigmoid(w)',
      },
    ],
    k: [same('k')],
    v_threshold: [same('vThreshold')],
    v_reset: [same('vReset')],
  },
  norse: {
    tau_mem_inv: [fromRate('tauMem'), shareOfRate('beta')],
    tau_syn_inv: [fromRate('tauSyn'), shareOfRate('alpha')],
    tau_adapt_inv: [fromRate('tauAdapt'), shareOfRate('rho')],
    v_th: [same('vThreshold')],
    v_leak: [same('vLeak')],
    v_reset: [same('vReset')],
    beta: [same('betaAdapt')],
  },
  torch: {},
};

/** What a number of theirs may be here: by the library's table, else a parameter of the same name. */
export function conversionsOf(from: Peer, name: string): readonly Conversion[] {
  const known = Object.hasOwn(conversions[from], name) ? conversions[from][name]! : [];
  const camel = name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  return [...known, same(name), ...(camel === name ? [] : [same(camel)])];
}

/** Their way of a reset, kept as a number, by ours. */
export const snntorchResets = ['subtract', 'value', 'none'] as const;
