/** The targets: each is one setting of the rules. The documentation prints this table. */
import { oneOf } from '../checks/check.ts';
import type { IntegerRules } from './rules.ts';

/** Names of {@link integerTargets}. */
export type IntegerTarget = 'int8' | 'int4' | 'loihi' | 'xylo';

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
  /** Where the rules are from. */
  readonly source: string;
}

const own: IntegerRules = {
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

const int8: TargetRules = {
  layer: own,
  outputMaxSpikes: 1,
  outputDelay: 0,
  inputMaxCount: 255,
  inputSigned: true,
  maxShift: 16,
  scale: 'channel',
  fromModel: ['currents', 'currentOrder', 'compare', 'reset', 'resetTiming', 'resetScale'],
  source: 'own; the order of a step is that of the models of this library',
};

const targets: Readonly<Record<IntegerTarget, TargetRules>> = {
  int8,
  int4: { ...int8, layer: { ...own, weightBits: 4 } },
  loihi: {
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
  },
  xylo: {
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
  },
};

/** The rules of a target. @throws LapicqueError `unknown-name` */
export function integerTarget(target: IntegerTarget): TargetRules {
  return targets[oneOf('target', target, Object.keys(targets) as IntegerTarget[])];
}
