/** One population and its projections in integers. */
import { LapicqueError } from '../checks/errors.ts';
import type { ChainConnection, ChainLayer } from './chain.ts';
import type { IntegerConnection, IntegerLayer, IntegerParameters } from './description.ts';
import { type NeuronNumbers, neuronNumbers } from './neuron.ts';
import type { LayerRange } from './ranges.ts';
import { type RuleReplacement, replacedRules, shortestCurrent } from './replacements.ts';
import type { IntegerDecay, IntegerRules } from './rules.ts';
import { chooseUnits, log2, rounded, type StateRange } from './scales.ts';
import type { Setting } from './setting.ts';

/** What a layer is quantized with. */
interface LayerContext {
  readonly dt: number;
  readonly range: LayerRange;
  readonly setting: Setting;
  readonly isLast: boolean;
  /** The value of one count of a source. */
  scaleOf(from: string): number;
  /** The largest count of each source. */
  readonly counts: ReadonlyMap<string, number>;
}

/** A layer in integers. */
export interface QuantizedLayer {
  readonly layer: IntegerLayer;
  readonly weights: Readonly<Record<string, Int8Array>>;
  readonly parameters: IntegerParameters;
  /** The value of a unit of v, for each neuron. */
  readonly units: Float64Array;
  /** Bits that v needs for the calibration. */
  readonly neededBits: number;
  /** The largest |v| of the calibration. */
  readonly largest: number;
  /** Root mean square of the rounding errors of the weights over that of the weights. */
  readonly weightError: number;
  /** The largest difference of a decay per step from that of the model. */
  readonly decayError: number;
  /** The largest relative rounding error of a threshold. */
  readonly thresholdError: number;
  /** Rules of the model that the target has otherwise. */
  readonly replaced: readonly RuleReplacement[];
}

/** @throws LapicqueError `unsupported`, `invalid-parameter` */
export function quantizedLayer(chain: ChainLayer, context: LayerContext): QuantizedLayer {
  const { node, shape, connections } = chain;
  const { name, neurons } = node;
  const { setting, range, isLast } = context;
  const { target } = setting;
  const numbers = neuronNumbers(name, neurons, node.dynamics, context.dt);
  const base = rulesOf(setting, numbers, isLast);
  const decays = base.currents === 0 ? undefined : currentDecays(base, numbers, neurons);
  const vDecay = decayParameters(base.vDecay, numbers.beta);
  const arrives =
    decays === undefined ? new Float64Array(neurons).fill(1) : arrivals(base, numbers, decays.factors);
  const gain = numbers.gain.map((value, j) => value / arrives[j]!);
  // Neurons with one unit: of a convolution those of a channel.
  const pixels = shape === undefined ? 1 : shape[1] * shape[2];
  const groups = neurons / pixels;
  const gains = ofGroups(name, gain, pixels, 'a gain');
  const viaCurrent = ofGroups(name, numbers.gainCurrent, pixels, 'a gain of the current');
  const real = connections.map((connection) => realWeights(connection, context, gains, groups));
  const hasCurrent = base.currents > 0;
  const left = decays?.factors ?? new Float64Array(neurons);
  const states = statesOf(context, numbers, { arrives, left, viaCurrent, pixels, hasCurrent });
  const options = { weightBits: setting.weightBits, maxShift: target.maxShift, scale: setting.scale };
  const { unit, shifts, bits, needed } = chooseUnits(name, groups, real, states, options);
  const rules: IntegerRules = Object.freeze({
    ...base,
    vBits: bits[0]!,
    currentBits: bits[1] ?? base.currentBits,
  });
  const unitOf = (j: number) => unit[Math.floor(j / pixels)]!;
  const units = Float64Array.from({ length: neurons }, (_, j) => unitOf(j) * numbers.gainCurrent[j]!);
  const { described, weights, weightError } = roundedConnections(connections, context, real, {
    unit,
    shifts,
  });
  const biases = biasOf(connections, neurons);
  const limit = 2 ** 24;
  const whole = (values: Float64Array, per: (j: number) => number, bound = limit) =>
    Int32Array.from(values, (value, j) => rounded(value / per(j), -bound, bound));
  const inV = base.currents === 0;
  const scaledBias = biases.map((value, j) => value * gain[j]!);
  const range16 = 2 ** (rules.vBits - 1) - 1;
  const perV = (j: number) => units[j]!;
  const parameters: IntegerParameters = {
    threshold: Int32Array.from(numbers.threshold, (value, j) => rounded(value / perV(j), 1, limit)),
    vReset: whole(numbers.vReset, perV, range16),
    bias: whole(
      numbers.drift.map((value, j) => value + (inV ? scaledBias[j]! : 0)),
      perV,
    ),
    vStart: whole(numbers.vStart, perV, range16),
    vDecay: vDecay.parameters,
    currentDecay: decays?.parameters ?? new Int32Array(0),
    currentBias: inV ? new Int32Array(0) : whole(scaledBias, unitOf),
  };
  const layer: IntegerLayer = {
    name,
    neurons,
    ...(shape === undefined ? {} : { shape }),
    rules,
    aliases: [],
    connections: described,
  };
  const largest = range.v.reduce((a, b) => Math.max(a, b), 0);
  const decayError = Math.max(vDecay.error, decays?.error ?? 0);
  return {
    layer,
    weights,
    parameters,
    units,
    neededBits: needed[0]!,
    largest,
    weightError,
    decayError,
    thresholdError: numbers.spiking
      ? numbers.threshold.reduce(
          (worst, value, j) => Math.max(worst, Math.abs((parameters.threshold[j]! * perV(j)) / value - 1)),
          0,
        )
      : 0,
    replaced: replacedRules(
      numbers,
      rules,
      {
        v: { model: numbers.beta, integer: vDecay.factors },
        current: decays && { model: numbers.alpha ?? new Float64Array(neurons), integer: decays.factors },
      },
      {
        isDelayed: described.some(({ delay }, c) => delay > connections[c]!.delay),
        target,
      },
    ),
  };
}

/** The rules of the target, with what it takes from the model. */
function rulesOf(
  { target, weightBits }: Setting,
  { rules, spiking, beta, alpha }: NeuronNumbers,
  isLast: boolean,
): IntegerRules {
  const own: IntegerRules = { ...target.layer, weightBits, spiking };
  const taken = Object.fromEntries(
    target.fromModel.filter((rule) => rule in rules).map((rule) => [rule, rules[rule as keyof typeof rules]]),
  );
  const all: IntegerRules = { ...own, ...taken, ...(isLast ? { maxSpikes: target.outputMaxSpikes } : {}) };
  // Without spikes there is no reset.
  const silent: Partial<IntegerRules> = spiking
    ? {}
    : { reset: 'none', maxSpikes: 1, resetScale: 'threshold' };
  const currents = Math.max(all.currents, alpha === undefined ? 0 : 1);
  const none = { kind: 'none' } as const;
  // A chip decays in any case.
  const still =
    (all.vDecay.kind === 'multiplier' || target.fromModel.length > 0) && beta.every((value) => value === 1);
  return { ...all, ...silent, currents, ...(still ? { vDecay: none } : {}) };
}

/** One value for each group of neurons with one unit. */
function ofGroups(name: string, values: Float64Array, pixels: number, what: string): Float64Array {
  const own = values.filter((_, j) => j % pixels === 0);
  if (values.some((value, j) => value !== own[Math.floor(j / pixels)]))
    throw new LapicqueError('unsupported', {
      feature: `${name}: ${what} that differs within a channel`,
      format: 'quantize',
    });
  return own;
}

/** How large v and the currents become in the calibration, and how many bits they may have. */
function statesOf(
  { range, setting }: LayerContext,
  numbers: NeuronNumbers,
  neurons: {
    arrives: Float64Array;
    /** What is left of a current after a step. */
    left: Float64Array;
    viaCurrent: Float64Array;
    pixels: number;
    hasCurrent: boolean;
  },
): StateRange[] {
  const { arrives, viaCurrent, pixels } = neurons;
  const widest = (values: Float64Array) =>
    viaCurrent.map((_, g) =>
      values.subarray(g * pixels, (g + 1) * pixels).reduce((a, b) => Math.max(a, b), 0),
    );
  // A reset in the same step hides what v was before it.
  const hidden = numbers.spiking && numbers.rules.resetTiming === 'same-step' ? 1 : 0;
  const reached = widest(
    range.v.map((v, j) =>
      Math.max(
        v + hidden * numbers.threshold[j]!,
        numbers.spiking ? numbers.threshold[j]! : 0,
        // Where the calibration has no spike, no v shows these.
        Math.abs(numbers.vStart[j]!),
        numbers.spiking && numbers.rules.reset === 'value' ? Math.abs(numbers.vReset[j]!) : 0,
      ),
    ),
  );
  const { vBits, currentBits, coarsens } = setting;
  const v: StateRange = {
    option: 'vBits',
    largest: reached,
    factor: viaCurrent,
    bits: vBits[0],
    mostBits: vBits[1],
    coarsens: coarsens.vBits,
  };
  if (!neurons.hasCurrent) return [v];
  // Without a current of its own, the input goes through that of the target, which adds up what is left of it.
  const reachedCurrent =
    range.current?.map((value, j) => value / arrives[j]!) ??
    range.input!.map(
      (value, j) => Math.abs((value * numbers.gain[j]!) / arrives[j]!) / (1 - neurons.left[j]!),
    );
  const current: StateRange = {
    option: 'currentBits',
    largest: widest(reachedCurrent),
    factor: viaCurrent.map(() => 1),
    bits: currentBits[0],
    mostBits: currentBits[1],
    coarsens: coarsens.currentBits,
  };
  return [v, current];
}

/** The weights as whole numbers of their units, and how far they are from those of the model. */
function roundedConnections(
  connections: readonly ChainConnection[],
  { setting, isLast }: LayerContext,
  real: readonly ReturnType<typeof realWeights>[],
  { unit, shifts }: { readonly unit: Float64Array; readonly shifts: readonly number[] },
) {
  const max = 2 ** (setting.weightBits - 1) - 1;
  let [wrong, all] = [0, 0];
  const weights: Record<string, Int8Array> = {};
  const described = connections.map(({ name, from, projection, ...connection }, c): IntegerConnection => {
    const { values, maxCount } = real[c]!;
    const width = values.length / unit.length;
    const own = new Int8Array(values.length);
    values.forEach((value, i) => {
      const step = unit[Math.floor(i / width)]! * 2 ** shifts[c]!;
      own[i] = rounded(value / step, -max, max);
      wrong += (own[i]! * step - value) ** 2;
      all += value ** 2;
    });
    weights[name] = own;
    const isDelayed = isLast && from !== 'input';
    const delay = isDelayed ? Math.max(connection.delay, setting.target.outputDelay) : connection.delay;
    return { name, from, delay, current: 0, shift: shifts[c]!, maxCount, projection };
  });
  return { described, weights, weightError: all === 0 ? 0 : Math.sqrt(wrong / all) };
}

/** Decays of the currents; a model without currents gets the shortest that the target has. */
function currentDecays(rules: IntegerRules, { alpha }: NeuronNumbers, neurons: number) {
  const exact = alpha ?? new Float64Array(neurons);
  const shortest = shortestCurrent(rules);
  const { parameters, factors } = decayParameters(
    rules.currentDecay,
    exact.map((factor) => Math.max(factor, shortest)),
  );
  return { parameters, factors, error: alpha === undefined ? 0 : largestDifference(factors, exact) };
}

/** How much of an input arrives in v through the current of the target, for one that arrives in the model. */
function arrivals(rules: IntegerRules, { alpha }: NeuronNumbers, factors: Float64Array): Float64Array {
  const shortest = shortestCurrent(rules);
  return factors.map((factor, j) => {
    const exact = alpha?.[j] ?? 0;
    // A current that the target cannot end so soon: the sums over time are compared, f / (1 - f) for 1 / (1 - alpha).
    if (exact < shortest) return (factor / (1 - factor)) * (1 - exact);
    // Where a current decays before it is used, less of it arrives.
    return rules.currentOrder === 'add-decay-use' ? factor : 1;
  });
}

/** The parameters that come nearest to factors per step, and what they give. */
function decayParameters(
  decay: IntegerDecay,
  exactFactors: Float64Array,
): { parameters: Int32Array; factors: Float64Array; error: number } {
  const parameters = Int32Array.from(exactFactors, (factor) => {
    if (decay.kind === 'none') return 0;
    if (decay.kind === 'multiplier')
      return rounded(factor * 2 ** decay.fractionBits, 0, 2 ** decay.fractionBits);
    return factor >= 1 ? 15 : rounded(-log2(1 - factor), 0, 15);
  });
  const factors = Float64Array.from(parameters, (parameter) => {
    if (decay.kind === 'none') return 1;
    return decay.kind === 'multiplier' ? parameter / 2 ** decay.fractionBits : 1 - 2 ** -parameter;
  });
  return { parameters, factors, error: largestDifference(factors, exactFactors) };
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i]!)), 0);
}

/** Weights with the gain of their neurons and the value of a count of their source. */
function realWeights(
  { from, values: model }: ChainConnection,
  { scaleOf, counts }: LayerContext,
  gains: Float64Array,
  groups: number,
) {
  const width = model.length / groups;
  const common = scaleOf(from);
  const values = model.map((value, i) => value * common * gains[Math.floor(i / width)]!);
  return { values, maxCount: counts.get(from) ?? 1 };
}

/** The sum of the biases of all projections. */
function biasOf(connections: readonly ChainConnection[], neurons: number): Float64Array {
  const out = new Float64Array(neurons);
  for (const { bias } of connections) {
    if (bias === undefined) continue;
    const pixels = neurons / bias.length;
    for (let j = 0; j < neurons; j++) out[j]! += bias[Math.floor(j / pixels)]!;
  }
  return out;
}
