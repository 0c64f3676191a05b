/** The targets `'int8'` and `'int4'`: the order of a step is that of the models of this library. */
import type { IntegerRules } from './rules.ts';
import type { TargetRules } from './target-rules.ts';

/** Rules that other targets change. */
export const own: IntegerRules = {
  weightBits: 8,
  vBits: 16,
  currentBits: 16,
  range: 'twos-complement',
  currents: 0,
  currentOrder: 'decay-add-use',
  saturation: 'sum',
  vDecay: { kind: 'multiplier', fractionBits: 15, rounding: 'nearest' },
  currentDecay: { kind: 'multiplier', fractionBits: 15, rounding: 'nearest' },
  compare: '>',
  maxSpikes: 1,
  reset: 'subtract',
  resetTiming: 'next-step',
  resetScale: 'threshold',
  spiking: true,
};

export const int8: TargetRules = {
  layer: own,
  outputMaxSpikes: 1,
  outputDelay: 0,
  inputMaxCount: 255,
  inputSigned: true,
  maxShift: 16,
  scale: 'channel',
  fromModel: ['currents', 'currentOrder', 'compare', 'reset', 'resetTiming', 'resetScale'],
  source: 'own; the order of a step is the order of the models of this library',
};

export const int4: TargetRules = { ...int8, layer: { ...own, weightBits: 4 } };
