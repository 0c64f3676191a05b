/** The rules of the layers of an integer network. The engine checks them. */

/**
 * The decay of a state in one step; each neuron has its own parameter.
 * - `shift`: x - (x >> shift), with an arithmetic shift. With `atLeastOne`, a value that would not change moves by 1 towards 0.
 * - `multiplier`: x factor / 2^fractionBits, rounded; a factor is a whole number from 0 to 2^fractionBits.
 */
export type IntegerDecay =
  | { readonly kind: 'none' }
  | { readonly kind: 'shift'; readonly atLeastOne: boolean }
  | {
      readonly kind: 'multiplier';
      readonly fractionBits: number;
      readonly rounding: 'floor' | 'nearest' | 'toward-zero';
    };

/** All rules of a layer. */
export interface IntegerRules {
  /** Bits of a weight, 2 to 8; two's complement. */
  readonly weightBits: number;
  /** Bits of v, 8 to 24. */
  readonly vBits: number;
  /** Bits of a synaptic current, 8 to 24. */
  readonly currentBits: number;
  /** `twos-complement`: -2^(bits - 1) to 2^(bits - 1) - 1; `symmetric`: without the lowest number. */
  readonly range: 'twos-complement' | 'symmetric';
  /** Synaptic currents of a neuron, 0 to 8. With 0, input is added to v. */
  readonly currents: number;
  /** The order in which a current decays, receives the input of the step and is added to v. */
  readonly currentOrder: 'decay-add-use' | 'add-decay-use' | 'add-use-decay' | 'use-decay-add';
  /**
   * `sum`: the sum of the inputs of a step is exact, and the state saturates once. `each-addition`: a current saturates after every addition, in the
   * order of the connections and, within each, of the source neurons. (n equal additions are one addition of n times the weight.)
   */
  readonly saturation: 'sum' | 'each-addition';
  readonly vDecay: IntegerDecay;
  readonly currentDecay: IntegerDecay;
  /** The comparison of v with the threshold that makes a spike. */
  readonly compare: '>' | '>=';
  /** Spikes of a neuron in a step, 1 to 255; more than 1 only with `reset: 'subtract'`. At the limit, v keeps the remainder. */
  readonly maxSpikes: number;
  /** The effect of a spike on v: subtract the threshold (once for each spike), set v to `vReset`, or none. */
  readonly reset: 'subtract' | 'value' | 'none';
  /** `next-step`: together with the decay of the next step, so that the v of a step is the value before the reset. */
  readonly resetTiming: 'same-step' | 'next-step';
  /** For a reset that subtracts in the next step: whether the amount decays with v. */
  readonly resetScale: 'threshold' | 'beta-threshold';
  /** Whether the layer spikes; otherwise v is the output. */
  readonly spiking: boolean;
}

/** Frozen copies of rules with some replaced. */
export function withRules(rules: IntegerRules, changes: Partial<IntegerRules> = {}): IntegerRules {
  return Object.freeze({ ...rules, ...changes });
}
