/** The target `'loihi'`. */
import { int8, own } from './target-int8.ts';
import type { TargetRules } from './target-rules.ts';

export const loihi: TargetRules = {
  ...int8,
  layer: {
    ...own,
    vBits: 24,
    currentBits: 24,
    range: 'symmetric',
    currents: 1,
    vDecay: { kind: 'multiplier', fractionBits: 12, rounding: 'toward-zero' },
    currentDecay: { kind: 'multiplier', fractionBits: 12, rounding: 'toward-zero' },
    reset: 'value',
    resetTiming: 'same-step',
  },
  inputMaxCount: 1,
  inputSigned: false,
  scale: 'tensor',
  fromModel: [],
  source:
    'M. Davies et al., IEEE Micro 38(1), 2018: 24-bit state, 12-bit decay factors, weights shifted left; the current of the chip wraps where this one saturates',
};
