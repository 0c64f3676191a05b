/** The target `'xylo'`. */
import { own } from './target-int8.ts';
import type { TargetRules } from './target-rules.ts';

export const xylo: TargetRules = {
  layer: {
    ...own,
    currents: 1,
    currentOrder: 'add-decay-use',
    saturation: 'each-addition',
    vDecay: { kind: 'shift', atLeastOne: true },
    currentDecay: { kind: 'shift', atLeastOne: true },
    compare: '>=',
    maxSpikes: 31,
    resetTiming: 'same-step',
  },
  outputMaxSpikes: 1,
  outputDelay: 1,
  inputMaxCount: 15,
  inputSigned: false,
  maxShift: 7,
  scale: 'tensor',
  fromModel: [],
  source: 'XyloSim v1 (SynSense, xylosim 0.1.3), compared in every spike and state',
};
