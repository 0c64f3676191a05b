import type { WeightScale } from './scales.ts';
import type { TargetRules } from './target-rules.ts';

/** Options with the rules of their target. */
export interface Setting {
  readonly target: TargetRules;
  readonly weightBits: number;
  /** Bits of states: those to use, and the most where the range needs more. */
  readonly vBits: readonly [number, number];
  readonly currentBits: readonly [number, number];
  /** Whether a range beyond these bits makes the weights coarser. */
  readonly coarsens: { readonly vBits: boolean; readonly currentBits: boolean };
  readonly scale: WeightScale;
}
