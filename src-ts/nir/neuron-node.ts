/** A NIR neuron that is lowered to populations. */

import { invalid } from '../checks/check.ts';
import type { DynamicsSpec, Neuron } from '../neurons/neuron-node.ts';
import type { NirConventions } from './conventions.ts';
import { unsupportedNir } from './errors.ts';
import type { FieldTypes } from './field-type.ts';
import { type NirNode, numbersOf } from './graph.ts';

/** The fields of neurons that spike. */
export const spikeFields: FieldTypes = {
  v_threshold: { kind: 'finite' },
  v_reset: { kind: 'finite', optional: true },
};

/** The conventions of neurons that spike and reset. */
export const spikeConventions = [
  'reset',
  'resetTiming',
  'start',
  'compare',
  'spikes',
  'thresholdScale',
] as const satisfies readonly (keyof NirConventions)[];

/** The conventions of neurons with a leak. */
export const leakConventions = [
  'membrane',
  'inputGain',
  'tauScale',
] as const satisfies readonly (keyof NirConventions)[];

/** One number for all neurons, or one for each. */
export type Numbers = number | readonly number[];

/** Populations in series within one step. */
export interface LoweredNeuron {
  /** From the input to the output. The last has the name of the node, the others have a suffix. */
  readonly stages: readonly DynamicsSpec[];
  /** Whether a time constant is shorter than a step of forward Euler. */
  readonly unstable?: true;
  readonly warnings?: readonly string[];
}

/** Populations in series. */
export function lowered(...stages: Neuron[]): LoweredNeuron {
  return { stages: stages.map(({ dynamics }) => dynamics) };
}

/** The values of a field, or a single number if all are equal. */
function compact(values: readonly number[]): Numbers {
  return values.every((x) => x === values[0]) ? values[0]! : values;
}

/** Applies a function to each neuron's values; a single number or a list of length 1 applies to all neurons. */
export function each(of: (...xs: number[]) => number, ...operands: Numbers[]): Numbers {
  const length = Math.max(1, ...operands.map((one) => (typeof one === 'number' ? 1 : one.length)));
  const at = (one: Numbers, i: number) => (typeof one === 'number' ? one : one[one.length === 1 ? 0 : i]!);
  return compact(Array.from({ length }, (_, i) => of(...operands.map((one) => at(one, i)))));
}

export const some = (values: Numbers, test: (x: number) => boolean) =>
  typeof values === 'number' ? test(values) : values.some(test);

/** A node, its conventions and its place in the graph. */
export class NeuronNode {
  readonly path: string;
  readonly spiking: boolean;
  readonly conventions: NirConventions;
  /** ms */
  readonly dt: number;
  /** Whether it is on a cycle. */
  readonly recurrent: boolean;
  readonly #node: NirNode;

  constructor(
    path: string,
    node: NirNode,
    spiking: boolean,
    { conventions, dt, recurrent }: { conventions: NirConventions; dt: number; recurrent: boolean },
  ) {
    this.path = path;
    this.#node = node;
    this.spiking = spiking;
    this.conventions = conventions;
    this.dt = dt;
    this.recurrent = recurrent;
  }

  readonly get = (key: string): Numbers | undefined => {
    const values = numbersOf(this.#node, key);
    return values === undefined ? undefined : compact(values);
  };

  /** A time constant in ms. */
  ms(key: string): Numbers | undefined {
    const tau = this.get(key);
    return tau === undefined ? undefined : each((s) => s * this.conventions.tauScale * 1000, tau);
  }

  /**
   * The options of a neuron that spikes; `levels` are those of a neuron with several spikes per step, and absent for others.
   *
   * @param synaptic - whether it has a synaptic current
   */
  spikes(synaptic: boolean) {
    const { compare, reset, resetTiming, thresholdScale, maxSpikes, ...conventions } = this.conventions;
    const vThreshold = each((x) => x * thresholdScale, this.get('v_threshold') ?? 1);
    const vReset = this.get('v_reset') ?? 0;
    const several = conventions.spikes === 'several' && this.spiking;
    if (several && (reset !== 'subtract' || resetTiming !== 'same-step'))
      invalid(
        'conventions.spikes',
        'several',
        "'one' unless reset is 'subtract' and resetTiming is 'same-step'",
      );
    if (several && some(vThreshold, (x) => x <= 0))
      throw unsupportedNir(`several spikes per step of ${this.path}, because its v_threshold is not above 0`);
    // In snnTorch, recurrent neurons and neurons with a synaptic current ignore the input of the step that sets v to v_reset.
    const drops = reset === 'value' && resetTiming === 'next-step' && (this.recurrent || synaptic);
    const fire = {
      vThreshold,
      vReset,
      reset,
      resetTiming,
      compare,
      ...(conventions.start === 'reset' ? { vInit: vReset } : {}),
      ...(drops ? { zeroKeepsInput: false } : {}),
    } as const;
    return { fire, levels: several ? { vThreshold, compare, levels: maxSpikes } : undefined };
  }
}
