/** Energy of a run from its operations, by an energy model. */
import { options as checkOptions, finite, invalid, oneOf } from '../checks/check.ts';
import { type Check, checkForm, checkKind } from '../checks/plain-data.ts';
import {
  capacities,
  type EnergyModel,
  type EnergyModelName,
  energyModels,
  type MemoryEnergy,
  type MemoryLevel,
} from './energy-models.ts';
import type { LayerOperations } from './layer-operations.ts';

/** Energy of one sample in joules; the `assumptions` of its `model` state which costs are counted. */
export interface EnergyEstimate {
  joules: number;
  /** The same network run dense: a multiply-add at every synapse and step. */
  denseJoules: number;
  /** The energy by purpose; the sum of the parts is `joules`. */
  parts: EnergyParts;
  /** `joules` by layer, in the order of `operations.layers`. */
  layers: { name: string; joules: number }[];
  /** For a model with memory: the memories of weights, states and activations. */
  levels?: MemoryLevels;
  model: EnergyModel;
}

/** Energy per sample in joules, by purpose. For a chip, the energy of all synaptic operations is in `arithmetic`. */
export interface EnergyParts {
  arithmetic: number;
  /** Reading weights. */
  weights: number;
  /** Reading and writing sums and states; for a chip, updates of neurons. */
  states: number;
  /** Reading inputs and writing outputs. */
  activations: number;
}

/** The memories of values. */
export interface MemoryLevels {
  weights: MemoryLevel;
  states: MemoryLevel;
  activations: MemoryLevel;
}

/** The part of {@link Operations} that an estimate reads. */
export interface CountedOperations {
  readonly steps: number;
  readonly layers: readonly LayerOperations[];
}

const noEnergy = (): EnergyParts => ({ arithmetic: 0, weights: 0, states: 0, activations: 0 });
const total = ({ arithmetic, weights, states, activations }: EnergyParts): number =>
  arithmetic + weights + states + activations;

/**
 * Energy of a sample by an energy model.
 *
 * @param counted - a result of {@link operations}
 * @param model - one of {@link energyModels} by name, or a custom model
 * @param options - `levels`: for a model with memory, the memories of weights, states or activations; default the smallest sufficient memory
 * @throws LapicqueError `unknown-name` for the name of a model that does not exist; `invalid-parameter` for values that are negative or not numbers,
 * and for `levels` of a model without memory
 */
export function estimateEnergy(
  counted: CountedOperations,
  model: EnergyModelName | EnergyModel = 'horowitz-45nm-fp32',
  options: { levels?: Partial<MemoryLevels> } = {},
): EnergyEstimate {
  const { levels: given } = checkOptions('estimateEnergy', options, ['levels']);
  const used = energyModel('model', model);
  if (given !== undefined && used.kind !== 'memory')
    invalid('levels', given, `no levels, because the energy model ${used.name} counts no memory access`);
  if (!Array.isArray(counted?.layers)) invalid('operations', counted, 'what operations(…) returns');
  const levels = used.kind === 'memory' ? levelsOf(counted, used, given) : undefined;
  const parts = noEnergy();
  let denseJoules = 0;
  const layers = counted.layers.map((layer) => {
    const { sparse, dense } = ofLayer(layer, counted.steps, used, levels);
    for (const key of Object.keys(parts) as (keyof EnergyParts)[]) parts[key] += sparse[key];
    denseJoules += total(dense);
    return { name: layer.name, joules: total(sparse) };
  });
  return {
    joules: total(parts),
    denseJoules,
    parts,
    layers,
    ...(levels === undefined ? {} : { levels }),
    model: used,
  };
}

const positive: Check = (path, value) => finite(path, value, { min: 0 });
const words: Check = (path, value) => {
  if (typeof value !== 'string') invalid(path, value, 'a string');
};
const listOfWords: Check = (path, value) => {
  if (!Array.isArray(value)) invalid(path, value, 'a list of sentences');
  for (const [i, sentence] of value.entries()) words(`${path}[${i}]`, sentence);
};
const numbersOf =
  (...names: string[]): Check =>
  (path, value) =>
    checkForm(path, value, {
      options: Object.fromEntries(names.map((name) => [name, positive])),
      needed: names,
    });
const texts = { name: words, source: words, assumptions: listOfWords };
const levelNames: readonly MemoryLevel[] = ['register', ...capacities.map(([level]) => level), 'dram'];
const form = (own: Record<string, Check>) => ({
  options: { ...texts, ...own },
  needed: [...Object.keys(texts), ...Object.keys(own)],
});
const forms = {
  arithmetic: form({ mac: positive, ac: positive }),
  memory: form({
    mac: positive,
    ac: positive,
    bits: numbersOf('weight', 'state', 'activation'),
    access: numbersOf(...levelNames),
  }),
  chip: form({ synapticOperation: positive, neuronUpdate: positive }),
};

/** A model by its name, or a checked one of the user. */
export function energyModel(path: string, model: EnergyModelName | EnergyModel): EnergyModel {
  if (typeof model === 'string')
    return energyModels[oneOf('energy model', model, Object.keys(energyModels) as EnergyModelName[])];
  checkKind(path, model, forms, "the name of an energy model, or an object { kind: '…', … }");
  return model;
}

/** The smallest memory that holds `bytes`. */
function holding(bytes: number): MemoryLevel {
  return capacities.find(([, capacity]) => bytes <= capacity)?.[0] ?? 'dram';
}

function levelsOf(
  { layers }: CountedOperations,
  { bits }: MemoryEnergy,
  levels: Partial<MemoryLevels> = {},
): MemoryLevels {
  checkForm('levels', levels, {
    options: Object.fromEntries(
      ['weights', 'states', 'activations'].map((name) => [
        name,
        (path: string, value: unknown) => oneOf(path, value, levelNames),
      ]),
    ),
  });
  const sum = (value: (layer: LayerOperations) => number) =>
    layers.reduce((all, layer) => all + value(layer), 0);
  return {
    weights: levels.weights ?? holding(sum(({ weights }) => (weights * bits.weight) / 8)),
    states: levels.states ?? holding(sum(({ states }) => (states * bits.state) / 8)),
    activations: levels.activations ?? holding(sum(({ outputs }) => (outputs * bits.activation) / 8)),
  };
}

/** Joules of a layer, as counted and dense. */
function ofLayer(
  layer: LayerOperations,
  steps: number,
  model: EnergyModel,
  levels: MemoryLevels | undefined,
): { sparse: EnergyParts; dense: EnergyParts } {
  const [sparse, dense] = [noEnergy(), noEnergy()];
  const { effectiveMacs, effectiveAcs, dense: all, events, states, outputs, nonZero } = layer;
  const effective = effectiveMacs + effectiveAcs;
  const updates = layer.membraneUpdates === undefined ? 0 : outputs * steps;
  if (model.kind === 'chip') {
    sparse.arithmetic = effective * model.synapticOperation;
    dense.arithmetic = all * model.synapticOperation;
    sparse.states = updates * model.neuronUpdate;
    dense.states = sparse.states;
    return { sparse, dense };
  }
  sparse.arithmetic = effectiveMacs * model.mac + effectiveAcs * model.ac;
  dense.arithmetic = all * model.mac;
  if (model.kind === 'arithmetic' || levels === undefined) return { sparse, dense };
  const { bits, access } = model;
  const joules = (level: MemoryLevel, width: number) => (access[level] * width) / 64;
  const weight = joules(levels.weights, bits.weight);
  const activation = joules(levels.activations, bits.activation);
  // Read and written.
  const state = 2 * joules(levels.states, bits.state);
  const ofNeurons = states * steps * state;
  sparse.weights = effective * weight;
  sparse.states = effective * state + ofNeurons;
  // Outputs of layers without neurons are sums, not written again.
  const written = layer.membraneUpdates === undefined ? 0 : nonZero;
  sparse.activations = (events + written) * activation;
  dense.weights = all * weight;
  dense.states = all * 2 * joules('register', bits.state) + ofNeurons;
  dense.activations = (all + updates) * activation;
  return { sparse, dense };
}
