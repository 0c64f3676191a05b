/** Energy models by name: all numbers in joules, with their sources. */

/** Common fields of energy models; see {@link energyModels}. */
export interface EnergyModelBase {
  readonly name: string;
  /** Source of the numbers. */
  readonly source: string;
  /** Counted and uncounted costs, one sentence each. */
  readonly assumptions: readonly string[];
}

/** Only arithmetic: an addition or a multiply-add for each synaptic operation. */
export interface ArithmeticEnergy extends EnergyModelBase {
  readonly kind: 'arithmetic';
  /** Energy of a multiply-add, in J. */
  readonly mac: number;
  /** Energy of an addition, in J. */
  readonly ac: number;
}

/** The memory of values: registers, an SRAM of a size, or DRAM. */
export type MemoryLevel = 'register' | 'sram-8KiB' | 'sram-32KiB' | 'sram-1MiB' | 'dram';

/** Arithmetic, and a memory access for each weight, state, input and output. */
export interface MemoryEnergy extends EnergyModelBase {
  readonly kind: 'memory';
  readonly mac: number;
  readonly ac: number;
  /** Widths of a weight, a state and an input or output in bits; an access costs in proportion. */
  readonly bits: { readonly weight: number; readonly state: number; readonly activation: number };
  /** Energy of reading or writing 64 bits at each level, in J. */
  readonly access: Readonly<Record<MemoryLevel, number>>;
}

/** A chip: its published energy of a synaptic operation, memory access and communication within the chip included as published. */
export interface ChipEnergy extends EnergyModelBase {
  readonly kind: 'chip';
  /** Energy of a synaptic operation (a spike that reaches a synapse), in J. */
  readonly synapticOperation: number;
  /** Energy of updating a neuron in a step, in J; 0 if it is not published or is part of the synaptic operation. */
  readonly neuronUpdate: number;
}

/** An energy model: one of {@link energyModels}, or a custom one. */
export type EnergyModel = ArithmeticEnergy | MemoryEnergy | ChipEnergy;

/** Capacities in bytes; DRAM holds the rest. */
export const capacities: readonly (readonly [MemoryLevel, number])[] = [
  ['sram-8KiB', 8 << 10],
  ['sram-32KiB', 32 << 10],
  ['sram-1MiB', 1 << 20],
];

const pJ = 1e-12;
const horowitz =
  'M. Horowitz, "Computing\'s energy problem (and what we can do about it)", ISSCC 2014, figure 1.1.9: 45 nm, 0.9 V';
const seneca = 'as listed by G. Tang et al., Frontiers in Neuroscience 17:1187252, 2023 (SENECA), table 3';
const ne15 = 'as listed by Q. Liu et al., Frontiers in Neuroscience 10:496, 2016 (NE15)';

/** Additions and multiplications of a precision, pJ. */
const arithmetic: Record<EnergyPrecision, { words: string; bits: number; add: number; multiply: number }> = {
  fp32: { words: '32-bit floating point', bits: 32, add: 0.9, multiply: 3.7 },
  fp16: { words: '16-bit floating point', bits: 16, add: 0.4, multiply: 1.1 },
  int32: { words: '32-bit integers', bits: 32, add: 0.1, multiply: 3.1 },
  int8: { words: '8-bit integers, sums too', bits: 8, add: 0.03, multiply: 0.2 },
};

/** The precisions that a model of 45 nm arithmetic may have. */
export type EnergyPrecision = 'fp32' | 'fp16' | 'int32' | 'int8';

/** J of 64 bits. The lower end of the 1.3 to 2.6 nJ that Horowitz gives for DRAM. */
const access: MemoryEnergy['access'] = {
  // 6 pJ of an instruction's three operands of 32 bits.
  register: 4 * pJ,
  'sram-8KiB': 10 * pJ,
  'sram-32KiB': 20 * pJ,
  'sram-1MiB': 100 * pJ,
  dram: 1300 * pJ,
};

function ofPrecision(precision: EnergyPrecision): { arithmetic: ArithmeticEnergy; memory: MemoryEnergy } {
  const { words, bits, add, multiply } = arithmetic[precision];
  // To the hundredth of a picojoule, which is what the sources give.
  const mac = Math.round((add + multiply) * 100) / 100;
  const energies = { mac: mac * pJ, ac: add * pJ };
  const costs = `45 nm CMOS at 0.9 V, ${words} (Horowitz 2014): ${add} pJ per addition, ${mac} pJ per multiply-add`;
  const operations =
    'effective synaptic operations: an addition at a step where all inputs are -1, 0 or 1, otherwise a multiply-add';
  return {
    arithmetic: Object.freeze({
      kind: 'arithmetic',
      name: `horowitz-45nm-${precision}`,
      source: horowitz,
      ...energies,
      assumptions: Object.freeze([
        costs,
        operations,
        'no memory access, no membrane update, no bias, no control, no leakage: real hardware needs more',
        'dense: the same network with a multiply-add at every synapse and step',
      ]),
    }),
    memory: Object.freeze({
      kind: 'memory',
      name: `horowitz-45nm-memory-${precision}`,
      source: `${horowitz}; memory: cache and DRAM of the same figure, registers from its energy of an instruction`,
      ...energies,
      bits: Object.freeze({ weight: bits, state: bits, activation: bits }),
      access: Object.freeze(access),
      assumptions: Object.freeze([
        costs,
        operations,
        'memory, J of 64 bits: 4 pJ registers, 10 pJ SRAM of 8 KiB, 20 pJ of 32 KiB, 100 pJ of 1 MiB, 1.3 nJ DRAM (Horowitz gives 1.3 to 2.6 nJ)',
        'an effective operation reads its weight, and reads and writes the sum; a neuron reads and writes its states at each step; an input or output that is not zero is read or written once',
        'weights, states and activations are each in the smallest memory that holds them all',
        'dense: all operations read their weight and input, sums stay in registers, all outputs are written',
        'no control, no communication between cores, no leakage',
      ]),
    }),
  };
}

function chip(
  name: string,
  words: string,
  source: string,
  picojoules: number,
  neuronUpdate = 0,
  more: readonly string[] = [],
): ChipEnergy {
  const update =
    neuronUpdate > 0
      ? `${neuronUpdate} pJ per update of a neuron, for all neurons at each step`
      : 'no separate figure for updates of neurons';
  return Object.freeze({
    kind: 'chip',
    name,
    source,
    synapticOperation: picojoules * pJ,
    neuronUpdate: neuronUpdate * pJ,
    assumptions: Object.freeze([
      `${words}: ${picojoules} pJ a synaptic operation, ${update}`,
      'every effective operation is one synaptic operation, also where its input is not a spike',
      'as published, under the conditions of its authors: static power, input and output are not included',
      'not a check that the network fits the chip or its precision',
      ...more,
    ]),
  });
}

const precisions = Object.keys(arithmetic) as EnergyPrecision[];

const chips = [
  chip(
    'loihi',
    'Intel Loihi, 14 nm, 0.75 V',
    'M. Davies et al., "Loihi: A neuromorphic manycore processor with on-chip learning", IEEE Micro 38(1), 2018, table 2',
    23.6,
    81,
    ['81 pJ is the update of an active neuron; an inactive one is published with 52 pJ'],
  ),
  chip(
    'truenorth',
    'IBM TrueNorth, 28 nm',
    'P. A. Merolla et al., "A million spiking-neuron integrated circuit with a scalable communication network and interface", Science 345, 2014',
    26,
    0,
    ['26 pJ is the total of a running chip divided by its synaptic events'],
  ),
  chip(
    'spinnaker',
    'SpiNNaker, 130 nm',
    `E. Stromatias et al., "Power analysis of large-scale, real-time neural networks on SpiNNaker", IJCNN 2013; ${ne15}`,
    8000,
  ),
  chip(
    'spinnaker2',
    'SpiNNaker2, 22 nm',
    `S. Höppner et al., "The SpiNNaker 2 processing element architecture for hybrid digital neuromorphic computing", arXiv:2103.08392, 2021; ${seneca}`,
    10,
  ),
  chip(
    'brainscales',
    'BrainScaleS (HICANN), 180 nm, analog and accelerated',
    `J. Schemmel et al., "A wafer-scale neuromorphic hardware system for large-scale neural modeling", ISCAS 2010; ${ne15}`,
    7410,
  ),
  chip(
    'neurogrid',
    'Neurogrid, 180 nm, analog',
    `B. V. Benjamin et al., "Neurogrid: A mixed-analog-digital multichip system for large-scale neural simulations", Proceedings of the IEEE 102(5), 2014; ${ne15}`,
    941,
  ),
  chip(
    'odin',
    'ODIN, 28 nm',
    `C. Frenkel et al., "A 0.086-mm² 12.7-pJ/SOP 64k-synapse 256-neuron online-learning digital spiking neuromorphic processor in 28-nm CMOS", IEEE TBioCAS 13(1), 2019; ${seneca}`,
    12.7,
  ),
  chip(
    'reckon',
    'ReckOn, 28 nm',
    `C. Frenkel, G. Indiveri, "ReckOn: A 28nm sub-mm² task-agnostic spiking recurrent neural network processor enabling on-chip learning over second-long timescales", ISSCC 2022; ${seneca}`,
    5.3,
  ),
  chip(
    'ubrain',
    'µBrain, 40 nm',
    `J. Stuijt et al., "µBrain: An event-driven and fully synthesizable architecture for spiking neural networks", Frontiers in Neuroscience 15:664208, 2021; ${seneca}`,
    26,
  ),
  chip(
    'tianjic',
    'Tianjic, 28 nm',
    `L. Deng et al., "Tianjic: A unified and scalable chip bridging spike-based and continuous neural computation", IEEE JSSC 55(8), 2020; ${seneca}`,
    1.54,
  ),
  chip(
    'seneca',
    'SENECA, 22 nm',
    'G. Tang et al., "SENECA: building a fully digital neuromorphic processor, design trade-offs and challenges", Frontiers in Neuroscience 17:1187252, 2023, table 3',
    2.8,
  ),
];

/** Names of {@link energyModels}. */
export type EnergyModelName =
  | `horowitz-45nm-${EnergyPrecision}`
  | `horowitz-45nm-memory-${EnergyPrecision}`
  | 'loihi'
  | 'truenorth'
  | 'spinnaker'
  | 'spinnaker2'
  | 'brainscales'
  | 'neurogrid'
  | 'odin'
  | 'reckon'
  | 'ubrain'
  | 'tianjic'
  | 'seneca';

/**
 * All energy models by name: 45 nm arithmetic of four precisions, the same with memory access, and chips with their published energy of
 * a synaptic operation. All numbers are in joules, each with its source and the costs that it omits.
 */
export const energyModels: Readonly<Record<EnergyModelName, EnergyModel>> = Object.freeze(
  Object.fromEntries(
    [
      ...precisions.map((precision) => ofPrecision(precision).arithmetic),
      ...precisions.map((precision) => ofPrecision(precision).memory),
      ...chips,
    ].map((model) => [model.name, model]),
  ) as Record<EnergyModelName, EnergyModel>,
);
