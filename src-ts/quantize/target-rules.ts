/** What the rules of a target are. */
import type { IntegerRules } from './rules.ts';

/** The rules of a target. */
export interface TargetRules {
  /** The rules of hidden layers. */
  readonly layer: IntegerRules;
  /** Spikes of a neuron of the last layer in a step. */
  readonly outputMaxSpikes: number;
  /** Steps from a hidden spike to its effect on the last layer, 0 or 1. */
  readonly outputDelay: 0 | 1;
  /** The largest count of an input channel in a step; more is clipped. */
  readonly inputMaxCount: number;
  /** Whether input counts may be negative. */
  readonly inputSigned: boolean;
  /** The largest left shift of the weights of a connection. */
  readonly maxShift: number;
  /** The scale of weights that `quantize` chooses by default. */
  readonly scale: 'tensor' | 'channel' | 'power-of-two';
  /** Rules that `quantize` takes from the layer of the model instead. */
  readonly fromModel: readonly (keyof IntegerRules)[];
  /** Source of the rules. */
  readonly source: string;
}

/** What each rule says, in the order of the table. */
export const meanings: Readonly<Record<string, string>> = {
  weightBits: 'bits of a weight',
  vBits: 'bits of v',
  currentBits: 'bits of a synaptic current',
  range: 'the numbers that a state may have',
  currents: 'synaptic currents of a neuron; with 0, input is added to v',
  currentOrder: 'when a current decays, receives the input and is added to v',
  saturation: 'when the received input saturates',
  vDecay: 'decay of v in a step',
  currentDecay: 'decay of a current in a step',
  compare: 'how v compares with the threshold to spike',
  maxSpikes: 'spikes of a hidden neuron in a step; at the limit v keeps the rest',
  outputMaxSpikes: 'the same of the last layer',
  reset: 'the effect of a spike on v',
  resetTiming: 'when',
  resetScale: 'of a reset in the next step: whether the amount decays',
  outputDelay: 'steps from a hidden spike to its effect on the last layer',
  inputMaxCount: 'largest count of an input channel in a step; more is clipped',
  inputSigned: 'whether input counts may be negative',
  maxShift: 'largest left shift of the weights of a connection',
  scale: 'scale of weights that `quantize` chooses',
  fromModel: 'rules that `quantize` takes from the model',
  source: 'source',
};
