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

/** What each rule says, in the order of the table. */
const meanings: Readonly<Record<string, string>> = {
  weightBits: 'bits of a weight',
  vBits: 'bits of v',
  currentBits: 'bits of a synaptic current',
  range: 'the numbers that a state may have',
  currents: 'synaptic currents of a neuron; with 0, input is added to v',
  currentOrder: 'when a current decays, receives the input and is added to v',
  saturation: 'when what is received saturates',
  vDecay: 'decay of v in a step',
  currentDecay: 'decay of a current in a step',
  compare: 'how v compares with the threshold to spike',
  maxSpikes: 'spikes of a hidden neuron in a step; at the limit v keeps the rest',
  outputMaxSpikes: 'the same of the last layer',
  reset: 'what a spike does to v',
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

function text(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'object' && value !== null) {
    const { kind, ...rest } = value as Record<string, unknown>;
    const details = Object.entries(rest).map(([name, detail]) => `${name} ${detail}`);
    return [kind, ...details].join(', ');
  }
  return String(value);
}

/** The table of all rules of all targets, as Markdown. */
export function integerTargetTable(): string {
  const names = Object.keys(targets) as IntegerTarget[];
  const rows = Object.entries(meanings).map(([rule, meaning]) => {
    const values = names.map((name) => {
      const { layer, ...rest } = targets[name];
      return text(({ ...layer, ...rest } as Record<string, unknown>)[rule]);
    });
    return `| \`${rule}\` | ${meaning} | ${values.join(' | ')} |`;
  });
  const head = `| rule | meaning | ${names.map((name) => `\`'${name}'\``).join(' | ')} |`;
  return [head, `|${' --- |'.repeat(names.length + 2)}`, ...rows].join('\n');
}
