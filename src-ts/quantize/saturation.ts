/** What data saturate in an integer network. */
import { isKind } from '../checks/typed.ts';
import type { IntegerDescription } from './description.ts';
import type { IntegerInput } from './integer-input.ts';
import type { IntegerRules } from './rules.ts';

/** The result of {@link IntegerNetwork.saturation}: shares from 0 to 1. */
export interface IntegerSaturation {
  /** Fraction of the input values above the largest count, to which they are clipped. */
  readonly input: number;
  readonly layers: readonly {
    readonly name: string;
    /** Fraction of the values of v, after each step, at a limit of their bits. */
    readonly v: number;
    /** The same for the synaptic currents; 0 without currents. */
    readonly currents: number;
  }[];
}

type Recordings = Readonly<Record<string, Uint8Array | Int32Array>>;

/** Names of what {@link saturated} reads. */
export function saturatedStates({ layers }: IntegerDescription): string[] {
  return layers.flatMap(({ name, rules }) => [
    `${name}.v`,
    ...(rules.currents > 0 ? [`${name}.currents`] : []),
  ]);
}

/** Shares of the states of a layer that are at a limit, in recordings of runs. */
export function saturated(name: string, rules: IntegerRules, runs: readonly Recordings[]) {
  return {
    v: limited(rules, rules.vBits, runs, `${name}.v`),
    currents: limited(rules, rules.currentBits, runs, `${name}.currents`),
  };
}

function limited({ range }: IntegerRules, bits: number, runs: readonly Recordings[], name: string): number {
  const max = 2 ** (bits - 1) - 1;
  const lowest = range === 'symmetric' ? -max : -max - 1;
  let [atLimit, all] = [0, 0];
  for (const recordings of runs) {
    const values = recordings[name] ?? new Int32Array(0);
    for (const value of values) if (value === max || value === lowest) atLimit++;
    all += values.length;
  }
  return all === 0 ? 0 : atLimit / all;
}

/** The share of an input's values that are clipped. */
export function clippedShare({ x }: IntegerInput, { input }: IntegerDescription): number {
  const { maxCount, scale = 1 } = input;
  const unit = isKind(x, Float32Array) || isKind(x, Float64Array) ? scale : 1;
  let clipped = 0;
  for (const value of x) if (Math.abs(Math.floor(value / unit + 0.5)) > maxCount) clipped++;
  return x.length === 0 ? 0 : clipped / x.length;
}
