import type { WeightScale } from './scales.ts';
import type { TargetRules } from './targets.ts';

/** Options with the rules of their target. */
export interface Setting {
  readonly target: TargetRules;
  readonly weightBits: number;
  /** Bits of states: those to use, and the most where the range needs more. */
  readonly vBits: readonly [number, number];
  readonly currentBits: readonly [number, number];
  readonly scale: WeightScale;
}
