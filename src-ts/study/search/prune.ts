// Pruners, which end a trial early by its reports, as plain frozen nodes. Every kind except `none` also ends a trial at
// a report that is not finite. With several objectives, a report is a list with one number each.
import { node } from './node.ts';

/** Options of every pruner that compares trials. */
export interface PruneOptions {
  /** Steps before the first decision. Default 0. */
  readonly warmup?: number;
  /** Steps from one decision to the next. Default 1. */
  readonly interval?: number;
  /**
   * Declares that a report is one number with this direction, whatever the objectives are. Default: reports are like
   * the study's values, in number and direction.
   */
  readonly direction?: 'minimize' | 'maximize';
}

/** Never ends a trial. */
export interface NoPruning {
  readonly kind: 'none';
}

/** Ends a trial only at a report that is not finite: the default of a study. */
export interface NonFinitePruning {
  readonly kind: 'non-finite';
}

/**
 * Ends a trial whose best report so far is worse than the median of the reports of complete trials at the same step.
 */
export interface MedianPruning extends PruneOptions {
  readonly kind: 'median';
  /** Complete trials before the first decision. Default 5. */
  readonly startup?: number;
  /** The percentage of trials, the best first, to which a trial must belong. Default 50: the median. */
  readonly percentile?: number;
}

/** Ends a trial whose report is out of bounds. */
export interface ThresholdPruning extends Omit<PruneOptions, 'direction'> {
  readonly kind: 'threshold';
  /** With several objectives a list. Default none. */
  readonly lower?: number | readonly number[];
  /** With several objectives a list. Default none. */
  readonly upper?: number | readonly number[];
}

/**
 * Asynchronous successive halving: at the steps `minSteps · reduction^k`, the best 1 / `reduction` of the trials
 * continue.
 */
export interface AshaPruning extends Pick<PruneOptions, 'direction'> {
  readonly kind: 'asha';
  /** Steps of the first rung. Default 1. */
  readonly minSteps?: number;
  /** The reduction factor. Default 4. */
  readonly reduction?: number;
  /** Trials at a rung before any of them is ended there. Default 1. */
  readonly startup?: number;
}

/** Several brackets of successive halving: the first bracket ends trials early, the last one not at all. */
export interface HyperbandPruning extends Pick<PruneOptions, 'direction'> {
  readonly kind: 'hyperband';
  /** Steps of a full trial. */
  readonly maxSteps: number;
  /** Steps of the first rung of the first bracket. Default 1. */
  readonly minSteps?: number;
  /** The reduction factor. Default 3. */
  readonly reduction?: number;
}

/** Ends a trial if any of several pruners does. */
export interface AnyPruning {
  readonly kind: 'any';
  readonly of: readonly Prune[];
}

/** A pruner, which ends trials early. */
export type Prune =
  | NoPruning
  | NonFinitePruning
  | MedianPruning
  | ThresholdPruning
  | AshaPruning
  | HyperbandPruning
  | AnyPruning;

/** The options of a node. */
export type OptionsOf<P> = Omit<P, 'kind'>;

const comparing = ['warmup', 'interval'] as const;

/** {@link NoPruning}. */
export function none(): NoPruning {
  return node('prune', 'none', {}, []);
}

/** {@link NonFinitePruning}. */
export function nonFinite(): NonFinitePruning {
  return node('prune', 'non-finite', {}, []);
}

/** {@link MedianPruning}: D. Golovin et al., KDD 2017. */
export function median(options?: OptionsOf<MedianPruning>): MedianPruning {
  return node('prune', 'median', options, [...comparing, 'direction', 'startup', 'percentile']);
}

/** {@link ThresholdPruning}. */
export function threshold(options: OptionsOf<ThresholdPruning>): ThresholdPruning {
  return node('prune', 'threshold', options, [...comparing, 'lower', 'upper']);
}

/** {@link AshaPruning}: L. Li et al., MLSys 2020; of several objectives R. Schmucker et al., arXiv:2106.12639. */
export function asha(options?: OptionsOf<AshaPruning>): AshaPruning {
  return node('prune', 'asha', options, ['direction', 'minSteps', 'reduction', 'startup']);
}

/** {@link HyperbandPruning}: L. Li et al., J. Mach. Learn. Res. 18, 2018. */
export function hyperband(options: OptionsOf<HyperbandPruning>): HyperbandPruning {
  return node('prune', 'hyperband', options, ['direction', 'maxSteps', 'minSteps', 'reduction']);
}

/** {@link AnyPruning}. */
export function any(...of: readonly Prune[]): AnyPruning {
  return Object.freeze({ kind: 'any', of });
}
