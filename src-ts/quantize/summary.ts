/** Sizes and ranges of an integer network, for people and for `inspect`. */
import type { IntegerDescription, IntegerTensors } from './description.ts';

/** One layer in {@link IntegerSummary}. */
export interface IntegerLayerSummary {
  readonly name: string;
  readonly neurons: number;
  readonly spiking: boolean;
  readonly weightBits: number;
  readonly vBits: number;
  /** Bits of a current; 0 if there is none. */
  readonly currentBits: number;
  readonly currents: number;
  readonly weights: number;
  /** Weights that are not 0. */
  readonly synapses: number;
  /** Smallest and largest threshold. */
  readonly threshold: readonly [number, number];
  readonly connections: readonly { readonly name: string; readonly from: string; readonly shift: number }[];
}

/** The result of {@link IntegerNetwork.summary}. */
export interface IntegerSummary {
  readonly target: string;
  readonly inputs: number;
  readonly layers: readonly IntegerLayerSummary[];
  /** Bytes of the weights at their number of bits. */
  readonly weightBytes: number;
}

export function summaryOf(description: IntegerDescription, tensors: IntegerTensors): IntegerSummary {
  let bits = 0;
  const layers = description.layers.map(({ name, neurons, rules, connections }) => {
    const weights = connections.map((connection) => tensors.weights[connection.name]!);
    const count = weights.reduce((sum, { length }) => sum + length, 0);
    bits += count * rules.weightBits;
    const { threshold } = tensors.parameters[name]!;
    return {
      name,
      neurons,
      spiking: rules.spiking,
      weightBits: rules.weightBits,
      vBits: rules.vBits,
      currentBits: rules.currents === 0 ? 0 : rules.currentBits,
      currents: rules.currents,
      weights: count,
      synapses: weights.reduce(
        (sum, array) => sum + array.reduce((n, weight) => n + (weight === 0 ? 0 : 1), 0),
        0,
      ),
      threshold: threshold.reduce<[number, number]>(
        ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
        [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
      ),
      connections: connections.map(({ name, from, shift }) => ({ name, from, shift })),
    };
  });
  return {
    target: description.target,
    inputs: description.input.size,
    layers,
    weightBytes: Math.ceil(bits / 8),
  };
}
